"""Tools that the service runs itself: searching the web and drawing."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.assistants import Assistant
from bot.events import Activity, Completed, Preview
from bot.files import Files
from bot.openai.citations import plain
from bot.openai.sse import Json
from bot.turns import MOST_SOURCES
from tests.fakes.openai import Answer, Draws, FakeOpenAI, Play, Says, Searches
from tests.fakes.openai.talk import Talk, talking

BOTH = Assistant(name="maru", instructions="You are Maru.", tools=("web", "pictures"))
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


@pytest.fixture
async def talk(fake: FakeOpenAI, tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path, fake) as talk:
        talk.assistant = BOTH
        yield talk


def types(request: Json) -> list[str]:
    return [tool["type"] for tool in request.get("tools") or []]


async def test_only_what_an_assistant_may_use_is_sent(talk: Talk, fake: FakeOpenAI) -> None:
    await talk.ask("hello")
    talk.assistant = BOTH.model_copy(update={"tools": ("web",)})
    await talk.ask("hello again")
    assert [types(request) for request in fake.requests] == [
        ["web_search", "image_generation"],
        ["web_search"],
    ]


async def test_pages_of_the_web_are_sources_with_links(talk: Talk, fake: FakeOpenAI) -> None:
    """Each page once, however often it is cited."""
    text = "Seoul is sunny. Busan is too."
    pages: list[Json] = [
        {"type": "url_citation", "url": url, "title": title, "start_index": 0, "end_index": end}
        for url, title, end in (
            ("https://weather.example/seoul", "Seoul", 15),
            ("https://weather.example/busan", "Busan", len(text)),
            ("https://weather.example/seoul", "Seoul", len(text)),
        )
    ]
    fake.script(Play((Searches("weather"), Says(text, annotations=tuple(pages)))))
    told = await talk.ask("weather?")
    assert Activity("browsing") in told.events
    assert [(source.title, source.url) for source in told.turn.draft.sources] == [
        ("Seoul", "https://weather.example/seoul"),
        ("Busan", "https://weather.example/busan"),
    ]
    assert {mark.number for mark in told.turn.draft.marks} == {1, 2}


def page(text: str, span: str, url: str, title: str = "A page") -> Json:
    """An annotation of a part of a text."""
    start = text.index(span)
    return {
        "type": "url_citation",
        "url": url,
        "title": title,
        "start_index": start,
        "end_index": start + len(span),
    }


async def test_numbers_stand_where_they_belong_in_korean_too(talk: Talk, fake: FakeOpenAI) -> None:
    """Behind the words they are about, also in the second message of a step and after other words."""
    first, second = "먼저 찾아볼게요.", "서울은 맑아요. 부산은 흐려요. 😀 끝이에요."
    pages = (
        page(second, "서울은 맑아요.", "https://weather.example/seoul"),
        page(second, "부산은 흐려요.", "https://weather.example/busan"),
    )
    fake.script(Play((Says(first), Searches("날씨"), Says(second, annotations=pages))))
    told = await talk.ask("날씨?")
    assert told.text == f"{first}\n\n{second}"
    draft = told.turn.draft
    assert [(mark.number, draft.text[: mark.position].rsplit(" ", 1)[-1]) for mark in draft.marks] == [
        (1, "맑아요."),
        (2, "흐려요."),
    ]


async def test_a_link_that_stands_in_the_text_gets_no_number_besides(talk: Talk, fake: FakeOpenAI) -> None:
    """The page is listed once, whatever the service adds to its address."""
    url = "https://weather.example/seoul"
    counted = f"{url}?utm_source=openai"
    text = f"It is sunny ([weather.example]({counted})). Busan too."
    inline = page(text, f"([weather.example]({counted}))", counted, "Seoul")
    fake.script(Play((Searches("weather"), Says(text, annotations=(inline, page(text, "Busan too.", url))))))
    told = await talk.ask("weather?")
    assert [(source.title, source.url) for source in told.turn.draft.sources] == [("Seoul", counted)]
    assert [mark.number for mark in told.turn.draft.marks] == [1]


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://a.example/?utm_source=openai", "https://a.example/"),
        ("https://a.example/?utm_source=openai#top", "https://a.example/#top"),
        ("https://a.example/?q=1&utm_source=openai", "https://a.example/?q=1"),
        ("https://a.example/?utm_source=openai&q=1", "https://a.example/?q=1"),
        ("https://a.example/?q=utm_source", "https://a.example/?q=utm_source"),
    ],
)
def test_what_counts_visits_makes_no_other_source(url: str, same: str) -> None:
    assert plain(url) == same


async def test_an_answer_lists_no_more_sources_than_anybody_reads(talk: Talk, fake: FakeOpenAI) -> None:
    text = " ".join(f"fact{number}." for number in range(30))
    pages = tuple(page(text, f"fact{n}.", f"https://a.example/{n}") for n in range(30))
    fake.script(Play((Searches("facts"), Says(text, annotations=pages))))
    told = await talk.ask("facts?")
    assert len(told.turn.draft.sources) == MOST_SOURCES
    assert {mark.number for mark in told.turn.draft.marks} == set(range(1, MOST_SOURCES + 1))


async def test_a_drawing_is_a_picture_of_the_answer(talk: Talk, fake: FakeOpenAI, tmp_path: Path) -> None:
    fake.script(Play((Draws(PNG), Says("Here."))))
    told = await talk.ask("draw a cat")
    assert Activity("drawing") in told.events
    (picture,) = told.turn.draft.files
    assert (picture.role, picture.media_type) == ("picture", "image/png")
    assert await Files(tmp_path / "files").read(picture.digest) == PNG
    assert base64.b64encode(PNG).decode() not in str(told.last)


async def test_a_picture_is_shown_while_it_is_drawn_and_comes_once(
    talk: Talk, fake: FakeOpenAI, tmp_path: Path
) -> None:
    """Where the platform shows that; what is left is the whole picture, with what it shows."""
    talk.previews = True
    half, most = PNG + b"half", PNG + b"most"
    fake.script(Play((Draws(PNG, (half, most, b"never"), "A cat on a  wooden\nfloor."), Says("Here."))))
    told = await talk.ask("draw a cat")
    previews = [event.file for event in told.of(Preview)]
    assert [await Files(tmp_path / "files").read(file.digest) for file in previews] == [half, most]
    (picture,) = told.turn.draft.files
    assert picture.alt == "A cat on a wooden floor."
    assert told.turn.draft.preview is None
    assert fake.requests[0]["tools"][1] == {"type": "image_generation", "partial_images": 2}


async def test_a_preview_is_gone_when_the_answer_begins_anew(talk: Talk, fake: FakeOpenAI) -> None:
    talk.previews = True
    fake.script(Play((Draws(PNG, (PNG + b"half",)), Says("one two")), end="failed", after=1), Answer("No."))
    told = await talk.ask("draw a cat")
    assert told.of(Preview)
    assert (told.text, told.turn.draft.preview) == ("No.", None)


@pytest.mark.parametrize("missing", ["web_search", "image_generation"])
async def test_a_model_without_a_tool_answers_without_it(talk: Talk, fake: FakeOpenAI, missing: str) -> None:
    """It is refused once, and not sent again."""
    fake.model.lacks = {missing}
    assert (await talk.ask("hello")).text == "You said: hello"
    await talk.ask("hello again")
    assert [missing in types(request) for request in fake.requests] == [True, False, False]


async def test_several_who_ask_at_once_all_learn_that_a_tool_is_missing(talk: Talk, fake: FakeOpenAI) -> None:
    """What one of them was told, the others have asked for already."""
    fake.model.lacks = {"web_search", "image_generation"}
    for number in range(5):
        await talk.receive(talk.message(f"hello {number}", conversation=f"web:{number}"))
    turns = await talk.store.turns.claim(5, ["web"])
    told = await asyncio.gather(*(talk.lead(turn, retry=False) for turn in turns))
    assert sorted(one.text for one in told) == [f"You said: hello {number}" for number in range(5)]


async def test_searches_and_pictures_are_counted(talk: Talk, fake: FakeOpenAI) -> None:
    fake.script(Play((Searches("a"), Searches("b"), Draws(PNG), Says("Here."))))
    told = await talk.ask("look and draw")
    assert isinstance(told.last, Completed)
    assert told.last.usage is not None
    assert (told.last.usage.web_searches, told.last.usage.pictures) == (2, 1)
