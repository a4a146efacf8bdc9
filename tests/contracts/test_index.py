"""What every index promises; and what the local one promises besides, for it ranks by words of ours."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.knowledge.ports import Document, Index, Section
from bot.texts import Language
from storage.sqlite.database import Database
from storage.sqlite.index import SqliteIndex
from storage.sqlite.schema import migrate
from tests.fakes.openai import FakeOpenAI
from tests.fakes.openai.shelf import shelved


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[Index]:
    """An index in a database of its own."""
    database = await Database.connect(folder / "index.db")
    try:
        await migrate(database)
        yield SqliteIndex(database)
    finally:
        await database.close()


@asynccontextmanager
async def vector_stores(folder: Path) -> AsyncIterator[Index]:
    """Vector stores at a service of their own."""
    async with FakeOpenAI() as fake, shelved(folder, fake) as (index, _):
        yield index


Opener = Callable[[Path], AbstractAsyncContextManager[Index]]
LOCAL: list[Opener] = [sqlite]
OPENERS: list[Opener] = [*LOCAL, vector_stores]


@pytest.fixture(params=OPENERS, ids=lambda opener: opener.__name__)
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Index]:
    """Each implementation in turn, empty."""
    async with request.param(tmp_path) as opened:
        yield opened


@pytest.fixture(params=LOCAL, ids=lambda opener: opener.__name__)
async def local(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Index]:
    """Each implementation that ranks here, in turn, empty."""
    async with request.param(tmp_path) as opened:
        yield opened


def document(
    path: str, *texts: str, language: Language = "en", title: str = "", digest: str = "1"
) -> Document:
    sections = tuple(Section(place=f"Part {number}", text=text) for number, text in enumerate(texts, 1))
    url = f"https://example.com/{path}"
    return Document(path, digest, title or path, language, sections, url, owner="Mina")


async def paths(index: Index, query: str, *collections: str) -> list[str]:
    return [passage.path for passage in await index.search(query, collections or ("docs",), 5)]


async def test_a_passage_comes_back_whole(index: Index) -> None:
    """Everything needed to quote and to link a passage is in it."""
    text = "Trips are booked by **Mina**.\n\n```sh\nbook --now\n```"
    await index.replace("docs", document("travel.md", "Nothing here.", text, title="Travel"))
    (passage,) = await index.search("Who books trips?", ["docs"], 1)
    assert (passage.collection, passage.path, passage.number) == ("docs", "travel.md", 1)
    assert (passage.title, passage.place, passage.language) == ("Travel", "Part 2", "en")
    assert (passage.url, passage.owner) == ("https://example.com/travel.md", "Mina")
    assert passage.text == text
    assert 0 < passage.score <= 1


async def test_a_replaced_document_is_found_by_its_new_words_alone(index: Index) -> None:
    """Replacing leaves nothing of the old text."""
    await index.replace("docs", document("a.md", "The printer is on floor three.", digest="old"))
    await index.replace("docs", document("a.md", "The scanner is on floor four.", digest="new"))
    assert "printer" not in str(await index.search("printer", ["docs"], 5))
    assert await paths(index, "scanner") == ["a.md"]
    assert [listing.digest for listing in await index.documents("docs")] == ["new"]


async def test_a_removed_document_is_gone(index: Index) -> None:
    """Nothing of it is found or listed; removing it again is no error."""
    await index.replace("docs", document("a.md", "The printer is on floor three."))
    await index.replace("docs", document("b.md", "Lunch is at noon."))
    await index.remove("docs", "a.md")
    await index.remove("docs", "a.md")
    assert "a.md" not in await paths(index, "printer")
    assert [listing.path for listing in await index.documents("docs")] == ["b.md"]


async def test_collections_are_apart(index: Index) -> None:
    """The same path in two collections is two documents, and a search sees only those it names."""
    await index.replace("open", document("a.md", "The printer is on floor three."))
    await index.replace("secret", document("a.md", "The printer costs a fortune."))
    (passage,) = await index.search("printer", ["open"], 5)
    assert passage.text == "The printer is on floor three."
    assert len(await index.search("printer", ["open", "secret"], 5)) == 2
    assert await index.search("printer", [], 5) == []
    await index.remove("open", "a.md")
    assert len(await index.search("printer", ["open", "secret"], 5)) == 1


async def test_collections_are_known_as_long_as_they_have_documents(index: Index) -> None:
    """Each once, in order."""
    assert await index.collections() == []
    for collection in ("b", "a"):
        await index.replace(collection, document("1.md", "The printer is on floor three."))
        await index.replace(collection, document("2.md", "Lunch is at noon."))
    assert await index.collections() == ["a", "b"]
    await index.remove("a", "1.md")
    await index.remove("a", "2.md")
    assert await index.collections() == ["b"]


async def test_what_others_may_not_see_takes_no_room_from_what_they_may(local: Index) -> None:
    """Many better passages in a collection that is not asked hide nothing."""
    await local.replace("secret", document("s.md", *["The printer, the printer, the printer."] * 300))
    await local.replace(
        "open", document("a.md", "Among many other things there is a printer on floor three.")
    )
    assert await paths(local, "printer", "open") == ["a.md"]


@pytest.mark.parametrize("query", ["휴가", "휴가는 어떻게 써요?", "연차휴가 신청", "연차 휴가"])
async def test_korean_words_are_found_inside_longer_ones(local: Index, query: str) -> None:
    """With endings, as part of a compound, and as a compound written apart."""
    await local.replace(
        "docs", document("leave.md", "연차휴가를 쓰려면 일주일 전에 알려 주세요.", language="ko")
    )
    await local.replace("docs", document("lunch.md", "점심은 열두 시에 먹어요.", language="ko"))
    assert (await paths(local, query))[:1] == ["leave.md"]


@pytest.mark.parametrize("query", ["connections", "How do I connect it?", "Connecting…", "CONNECTED!"])
async def test_english_words_are_found_in_every_form(local: Index, query: str) -> None:
    """Endings and capitals make no difference."""
    await local.replace("docs", document("a.md", "First you connect the cable."))
    await local.replace("docs", document("b.md", "Lunch is at noon."))
    assert await paths(local, query) == ["a.md"]


async def test_names_are_found_in_the_other_script(local: Index) -> None:
    """Slack is 슬랙, whoever asks."""
    await local.replace("docs", document("en.md", "Slack needs a token."))
    await local.replace("docs", document("ko.md", "디스코드에는 초대 링크가 필요해요.", language="ko"))
    assert await paths(local, "슬랙") == ["en.md"]
    assert await paths(local, "Discord") == ["ko.md"]


async def test_the_language_of_the_question_comes_first(local: Index) -> None:
    """Of two passages that fit equally, the one a person can read is the first."""
    await local.replace("docs", document("en.md", "The Slack token begins with xoxb.", title="Slack"))
    await local.replace(
        "docs", document("ko.md", "슬랙 토큰은 xoxb로 시작해요.", language="ko", title="슬랙")
    )
    assert await paths(local, "슬랙 토큰은 뭘로 시작해?") == ["ko.md", "en.md"]
    assert await paths(local, "What does the Slack token begin with?") == ["en.md", "ko.md"]


async def test_a_heading_says_more_than_a_mention(local: Index) -> None:
    """The document about a thing comes before those that mention it."""
    for number in range(5):
        await local.replace(
            "docs", document(f"{number}.md", f"Meeting {number}: the budget came up briefly.")
        )
    await local.replace("docs", document("budget.md", "Everyone has 500 a year.", title="The budget"))
    assert (await paths(local, "budget"))[0] == "budget.md"


async def test_rare_words_say_more_than_common_ones(local: Index) -> None:
    """How a question is put does not decide what is found."""
    for number in range(30):
        await local.replace(
            "docs", document(f"{number}.md", "How do I do what I want to do? I do it how I want.")
        )
    await local.replace("docs", document("vpn.md", "The VPN is set up by Jun."))
    assert (await paths(local, "How do I set up what I want: the VPN?"))[0] == "vpn.md"


async def test_what_nobody_wrote_about_is_not_found(local: Index) -> None:
    """Or its score says how little of the question was found."""
    await local.replace("docs", document("a.md", "The printer is on floor three."))
    assert await paths(local, "vacation policy") == []
    assert await paths(local, "") == []
    found = await local.search("Which floor has the best vacation policy for penguins?", ["docs"], 5)
    assert all(passage.score < 0.3 for passage in found)


async def test_the_limit_is_kept(index: Index) -> None:
    """No more than asked for, the best first."""
    await index.replace("docs", document("a.md", *(f"Printer number {number}." for number in range(50))))
    found = await index.search("printer", ["docs"], 7)
    assert len(found) == 7
    assert [passage.score for passage in found] == sorted((p.score for p in found), reverse=True)
    assert await index.search("printer", ["docs"], 0) == []


async def test_many_passages_with_the_same_words_are_no_obstacle(local: Index) -> None:
    """The one that has both words is found among thousands that have either."""
    await local.replace("docs", document("a.md", *["The printer hums."] * 3_000))
    await local.replace("docs", document("b.md", *["The cellar is dark."] * 3_000))
    await local.replace("docs", document("c.md", "The printer moved to the cellar."))
    assert (await paths(local, "Is the printer in the cellar?"))[0] == "c.md"


ODD = [
    '"',
    '""" OR 1',
    "NEAR(a b)",
    "title: x",
    "a AND NOT b",
    "NOT",
    "* ^ - + : ( ) { }",
    "printer\0NUL",
    "'; DROP TABLE passages; --",
    "\ud83d\ude00 🙂🇰🇷",
    "한\u0000글",
    "ｐｒｉｎｔｅｒ",
    "日本語の検索",
    "ภาษาไทย",
    "שלום עולם",
    "हिन्दी",
    "a" * 100_000,
    "printer " * 20_000,
]


@pytest.mark.parametrize("query", ODD, ids=range(len(ODD)))
async def test_odd_questions_are_only_words(index: Index, query: str) -> None:
    """Operators, quotes, every script and great length are neither errors nor commands."""
    await index.replace("docs", document("a.md", "The printer is on floor three."))
    await index.search(query, ["docs"], 5)
    assert await paths(index, "printer") == ["a.md"]


async def test_odd_names_are_kept(index: Index) -> None:
    """Names of files and collections are values, whatever is in them."""
    for path in ('it\'s "quoted".md', "한국어/파일 이름.md", "a\nb.md", "%_*.md"):
        await index.replace("d'o\"c", document(path, "The printer is on floor three."))
        assert path in await paths(index, "printer", "d'o\"c")
        await index.remove("d'o\"c", path)
        assert await index.documents("d'o\"c") == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200), query=st.text(max_size=200))
async def test_any_text_is_kept_and_any_question_answered(index: Index, text: str, query: str) -> None:
    """No text breaks the index, and a text is found by its own words."""
    text = text.encode(errors="ignore").decode()
    await index.replace("docs", document("a.md", text))
    await index.search(query, ["docs"], 5)
    found = await index.search(text, ["docs"], 5)
    assert [passage.text for passage in found] in ([text], [])
    if any(char.isascii() and char.isalnum() for char in text):
        assert found
