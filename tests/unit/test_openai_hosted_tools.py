"""Tools that the service runs itself: searching the web and drawing."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.assistants import Assistant
from bot.events import Activity, Completed, Preview
from bot.files import Files
from bot.openai.sse import Json
from tests.fakes.openai import Answer, Draws, FakeOpenAI, Play, Says, Searches
from tests.fakes.openai.talk import Talk, talking

BOTH = Assistant(name="maru", instructions="You are Maru.", tools=("web", "pictures"))
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as fake:
        yield fake


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


async def test_searches_and_pictures_are_counted(talk: Talk, fake: FakeOpenAI) -> None:
    fake.script(Play((Searches("a"), Searches("b"), Draws(PNG), Says("Here."))))
    told = await talk.ask("look and draw")
    assert isinstance(told.last, Completed)
    assert told.last.usage is not None
    assert (told.last.usage.web_searches, told.last.usage.pictures) == (2, 1)
