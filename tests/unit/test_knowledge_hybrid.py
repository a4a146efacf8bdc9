"""The search goes by words and by meaning, and by words alone while no server makes embeddings."""

import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.clock import Clock, SystemClock
from bot.environment import read
from bot.knowledge.hybrid import PAUSE, Hybrid, fused
from bot.knowledge.ports import Document, Passage, Section
from bot.openai.embeddings import OpenAIEmbedder
from bot.shelves import opened
from bot.texts import Language
from storage.sqlite.index import SqliteIndex
from storage.sqlite.store import Store
from storage.sqlite.vectors import SqliteVectors
from tests.fakes.clock import ManualClock
from tests.fakes.openai.server import KEY, FakeOpenAI
from tests.fakes.openai.wire import ApiError
from tests.fakes.processes import until

SMALL, LARGE = "text-embedding-3-small", "text-embedding-3-large"
EMBEDDINGS = "POST /v1/embeddings"


@pytest.fixture
async def openai() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as fake:
        yield fake


@asynccontextmanager
async def hybrid(
    folder: Path, openai: FakeOpenAI, model: str = SMALL, clock: Clock | None = None, key: str = KEY
) -> AsyncIterator[Hybrid]:
    """A search over the folder's database, its vectors from the fake."""
    store = await Store.open(folder / "maru.db", ManualClock())
    embedder = OpenAIEmbedder(api_key=key, base_url=openai.url, model=model)
    index = SqliteIndex(store.database)
    opened = Hybrid(index, SqliteVectors(store.database), embedder, clock or SystemClock())
    try:
        yield opened
    finally:
        await opened.close()
        await store.close()


def document(path: str, *texts: str) -> Document:
    return Document(path, "1", path, "en", tuple(Section("", text) for text in texts))


def embedded(openai: FakeOpenAI, model: str = SMALL) -> list[str]:
    """The texts that were embedded, without questions."""
    texts = [text for asked, texts in openai.embeddings.asked for text in texts if asked == model]
    return [text for text in texts if " › " in text]


async def paths(index: Hybrid, query: str, *collections: str) -> list[str]:
    return [passage.path for passage in await index.search(query, collections or ("docs",), 5)]


async def test_a_passage_is_found_by_what_is_like_its_words(tmp_path: Path, openai: FakeOpenAI) -> None:
    """Nothing of "unprintably" is a word of the document; its letters are near all the same."""
    async with hybrid(tmp_path, openai) as index:
        await index.replace("docs", document("a.md", "Printable printers print prints."))
        await index.replace("docs", document("b.md", "Lunch is at noon."))
        await index.filled()
        assert (await paths(index, "unprintably printished"))[:1] == ["a.md"]


async def test_each_passage_is_embedded_once_and_by_title_and_place(
    tmp_path: Path, openai: FakeOpenAI
) -> None:
    """Also over a restart; what changed is embedded anew, and what went is forgotten."""
    async with hybrid(tmp_path, openai) as index:
        for number in range(40):
            await index.replace("docs", document(f"{number}.md", f"Text {number}"))
        await index.filled()
        assert len(embedded(openai)) == 40
        assert "7.md › \nText 7" in embedded(openai)
    async with hybrid(tmp_path, openai) as index:
        index.fill()
        await index.filled()
        assert len(embedded(openai)) == 40
        await index.replace("docs", document("7.md", "Another text"))
        await index.remove("docs", "8.md")
        await index.filled()
        assert embedded(openai)[40:] == ["7.md › \nAnother text"]
        assert "8.md" not in await paths(index, "8.md › Text 8")


async def test_it_goes_on_where_it_was_stopped(tmp_path: Path, openai: FakeOpenAI) -> None:
    """What was embedded before the server went away is not embedded again."""
    openai.fails_next[EMBEDDINGS] = ApiError(503, "down", type="server_error")
    async with hybrid(tmp_path, openai) as index:
        await index.replace("docs", document("a.md", *(f"Text {number}" for number in range(50))))
        await index.filled()
        assert embedded(openai) == []
    async with hybrid(tmp_path, openai) as index:
        index.fill()
        await index.filled()
    assert sorted(embedded(openai)) == sorted(f"a.md › \nText {number}" for number in range(50))


async def test_another_model_means_other_vectors(tmp_path: Path, openai: FakeOpenAI) -> None:
    """Those of the old one are not compared with."""
    for model in (SMALL, LARGE):
        async with hybrid(tmp_path, openai, model) as index:
            if model == SMALL:
                await index.replace("docs", document("a.md", "Printable printers print prints."))
            index.fill()
            await index.filled()
            assert await paths(index, "unprintably printished") == ["a.md"]
        assert embedded(openai, model) == ["a.md › \nPrintable printers print prints."]


async def test_without_the_server_words_alone_decide(
    tmp_path: Path, openai: FakeOpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once, without the words of anybody, and nobody waits for it."""
    caplog.set_level(logging.INFO)
    clock = ManualClock()
    async with hybrid(tmp_path, openai, clock=clock, key="wrong") as index:
        await index.replace("docs", document("a.md", "The printer is on floor three."))
        await index.filled()
        for _ in range(3):
            assert await paths(index, "printer") == ["a.md"]
        said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
        (line,) = said
        assert "words alone" in line
        assert "401" in line
        assert "printer" not in line
        assert openai.counts[EMBEDDINGS] == 1


async def test_a_server_that_is_back_is_used_again(tmp_path: Path, openai: FakeOpenAI) -> None:
    """A minute later, with what was missed meanwhile."""
    clock = ManualClock()
    openai.fails_next[EMBEDDINGS] = ApiError(500, "down", type="server_error")
    async with hybrid(tmp_path, openai, clock=clock) as index:
        await index.replace("docs", document("a.md", "Printable printers print prints."))
        await index.filled()
        assert await paths(index, "unprintably printished") == []
        await clock.until_asleep()
        await clock.advance(PAUSE)
        await index.filled()
        assert await paths(index, "unprintably printished") == ["a.md"]


async def test_a_rate_limit_is_waited_out(
    tmp_path: Path, openai: FakeOpenAI, caplog: pytest.LogCaptureFixture
) -> None:
    """As long as the service asks, and that is no reason for a warning."""
    clock = ManualClock()
    openai.fails_next[EMBEDDINGS] = ApiError(
        429, "Rate limit reached", code="rate_limit_exceeded", headers={"retry-after": "7"}
    )
    async with hybrid(tmp_path, openai, clock=clock) as index:
        await index.replace("docs", document("a.md", "The printer is on floor three."))
        await clock.until_asleep()
        await clock.advance(6.9)
        assert openai.counts[EMBEDDINGS] == 1
        await clock.advance(0.2)
        await index.filled()
        assert openai.counts[EMBEDDINGS] == 2
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_of_a_text_that_is_too_long_for_the_model_the_beginning_counts(
    tmp_path: Path, openai: FakeOpenAI
) -> None:
    """And the others are embedded whole; that is found out once."""
    openai.embeddings.longest = 1_300
    async with hybrid(tmp_path, openai) as index:
        await index.replace("docs", document("a.md", "Short.", "Printable printers print prints. " * 100))
        await index.filled()
        await index.replace("docs", document("b.md", "Words. " * 1_000))
        await index.filled()
        assert sorted(map(len, embedded(openai))) == [14, 827, 827]
        assert (await paths(index, "unprintably printished"))[:1] == ["a.md"]
    assert openai.counts[EMBEDDINGS] == 5


async def test_collections_stay_apart(tmp_path: Path, openai: FakeOpenAI) -> None:
    """Nearness opens no door; and many near passages elsewhere hide nothing here."""
    async with hybrid(tmp_path, openai) as index:
        await index.replace("secret", document("s.md", *["Printable printers print prints."] * 1_200))
        await index.replace("open", document("o.md", "Sprints are printed."))
        await index.filled()
        assert await paths(index, "unprintably printished", "open") == ["o.md"]
        assert set(await paths(index, "unprintably printished", "secret")) == {"s.md"}
        assert await paths(index, "unprintably printished", "other") == []


async def test_the_settings_switch_it_on(tmp_path: Path, openai: FakeOpenAI) -> None:
    """With the key of its own server; and what a sync changed is found by meaning soon after."""
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge" / "a.md").write_text("Printable printers print prints.", encoding="utf-8")
    settings = read(
        {
            "MARU_KNOWLEDGE": str(tmp_path / "knowledge"),
            "MARU_DATABASE_URL": f"sqlite:///{tmp_path}/maru.db",
            "MARU_EMBEDDINGS_MODEL": SMALL,
            "MARU_EMBEDDINGS_URL": openai.url,
            "MARU_EMBEDDINGS_KEY": KEY,
            "OPENAI_API_KEY": "sk-another",
        },
        tmp_path / ".env",
    )

    async def found() -> bool:
        return bool(await library.search("unprintably printished", 5, [library.builtin]))

    async with opened(settings, SystemClock()) as (_, library):
        await until(found)


def passage(number: int, score: float, language: Language = "en") -> Passage:
    return Passage("docs", "a.md", number, "A", "", f"text {number}", "", language, "", score)


@pytest.mark.parametrize(
    ("by_words", "by_meaning", "expected"),
    [
        ([1, 2, 3], [], [1, 2, 3]),
        ([1, 2], [3, 2], [2, 3, 1]),
        ([], [5, 6], [5, 6]),
        ([1, 2, 3], [1, 2, 3], [1, 2, 3]),
    ],
)
def test_ranks_are_fused(by_words: Sequence[int], by_meaning: Sequence[int], expected: list[int]) -> None:
    """What both find comes first; scores fall with ranks, and the best is that of the words."""
    words = [passage(number, 0.9 - place / 10) for place, number in enumerate(by_words)]
    found = fused(words, [passage(number, 0.5) for number in by_meaning], "en")
    assert [one.number for one in found] == expected
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert max(scores) == (0.9 if by_words else 0.0)


def test_the_language_of_the_question_is_a_little_ahead() -> None:
    """The nearest may be the same thing in another language; much nearer still comes first."""
    near = [passage(1, 0.9, "ko"), passage(2, 0.9, "en"), *(passage(number, 0.8) for number in range(3, 20))]
    assert [one.number for one in fused([], near, "en")][:3] == [2, 3, 4]
    assert 1 in [one.number for one in fused([], near, "en")][:10]
    assert fused([], near, "ko")[0].number == 1


@pytest.mark.parametrize("nonsense", [[], [float("nan")], ["x"], "AAAAAA==", 7], ids=str)
async def test_a_server_that_gives_no_vectors_is_one_that_is_away(
    tmp_path: Path, openai: FakeOpenAI, caplog: pytest.LogCaptureFixture, nonsense: object
) -> None:
    """Words alone decide then, and it is said why."""
    openai.embeddings.nonsense = nonsense
    async with hybrid(tmp_path, openai) as index:
        await index.replace("docs", document("a.md", "The printer is on floor three."))
        await index.filled()
        assert await paths(index, "printer") == ["a.md"]
    assert "text-embedding-3-small did not give vectors" in caplog.text


LOADING = """
import asyncio, sys, threading
from bot.errors import EmbeddingsUnavailable
from bot.openai.embeddings import OpenAIEmbedder

class Seen:
    beside = False

    def find_spec(self, name, *_):
        self.beside |= name == "openai" and threading.current_thread() is not threading.main_thread()

async def embed():
    embedder = OpenAIEmbedder(api_key="", base_url="http://127.0.0.1:9/v1", model="any")
    try:
        await embedder.embed(["hello"])
    except EmbeddingsUnavailable:
        await embedder.close()

sys.meta_path.insert(0, seen := Seen())
asyncio.run(embed())
sys.exit(not seen.beside)
"""


def test_the_sdk_is_loaded_beside_what_people_wait_for() -> None:
    """Importing it takes more than a second."""
    subprocess.run([sys.executable, "-c", LOADING], check=True)  # noqa: S603 - our own interpreter
