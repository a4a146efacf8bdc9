"""How fast 10,000 documents are indexed and 100,000 passages searched, and what memory that takes."""

import asyncio
import random
import re
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import numpy.typing as npt
import psutil

from bot.clock import SystemClock
from bot.knowledge.ports import Index
from bot.knowledge.readers import read
from bot.ports import Collection
from storage.sqlite.index import SqliteIndex
from storage.sqlite.store import Store
from storage.sqlite.vectors import SqliteVectors
from tests.bench.figures import Figures, percentiles
from tests.eval.sets import SETS, questions
from tests.fakes.people import message
from tests.fakes.shelf import shelf

DOCUMENTS = 10_000
SECTIONS = 10  # of a document, one passage each
SENTENCES = 6  # of a section, as in the documents that they are from
ROUNDS = 5  # in which every question is asked
SEED = 2_026
DIMENSIONS, BUNCHES = 1_024, 2_000  # of made-up vectors
PORTION = 500  # vectors kept together
ASKED, NEAREST = 200, 10


async def knowledge(folder: Path) -> Figures:
    """(f) Sync of a folder, searches, and what other conversations notice of them."""
    documents = folder / "documents"
    await asyncio.to_thread(write, documents, DOCUMENTS)
    async with shelf(folder, SystemClock()) as (store, library):
        index = SqliteIndex(store.database)
        await store.collections.put(Collection("bench", sources=(str(documents),)))
        before = _memory()
        syncing = asyncio.create_task(library.sync("bench"))
        begun, most = perf_counter(), before
        while not (await asyncio.wait([syncing], timeout=0.2))[0]:
            most = max(most, _memory())
        seconds = perf_counter() - begun
        report = syncing.result()
        assert report
        assert len(report.written) == DOCUMENTS
        figures = {
            "documents indexed per second": DOCUMENTS / seconds,
            "passages indexed per second": DOCUMENTS * SECTIONS / seconds,
            "memory before indexing, MB": before,
            "memory at most while indexing, MB": most,
        }
        asked = [question for question, _ in questions("real")]
        await _search(index, asked)
        taken = [seconds for _ in range(ROUNDS) for seconds in await _search(index, asked)]
        figures |= percentiles("search", taken)
        figures |= percentiles("search, processor time", await _search(index, asked, process_time))
        figures["memory after searching, MB"] = _memory()
        figures |= percentiles("message accepted while searching", await _accepts(store, index, asked))
        figures |= await _meaning(store, SqliteVectors(store.database))
    return figures


async def _search(index: Index, asked: list[str], clock: Callable[[], float] = perf_counter) -> list[float]:
    taken: list[float] = []
    for question in asked:
        begun = clock()
        await index.search(question, ["bench"], 6)
        taken.append(clock() - begun)
    return taken


async def _accepts(store: Store, index: Index, asked: list[str]) -> list[float]:
    searching = asyncio.create_task(_search(index, asked))
    taken: list[float] = []
    while not searching.done():
        number = len(taken)
        begun = perf_counter()
        await store.inbox.receive(
            message("hello", number, conversation=f"web:{number}", keys=(f"bench-{number}",))
        )
        taken.append(perf_counter() - begun)
        await asyncio.sleep(0.005)
    return taken


async def _meaning(store: Store, vectors: SqliteVectors) -> Figures:
    """Vectors as models make them: in bunches, and all of them on one side."""
    rng = np.random.default_rng(SEED)
    side = rng.normal(size=DIMENSIONS)
    bunches = rng.normal(size=(BUNCHES, DIMENSIONS))

    def made(number: int) -> npt.NDArray[np.float32]:
        found = side + bunches[rng.integers(BUNCHES, size=number)] + rng.normal(size=(number, DIMENSIONS))
        units: npt.NDArray[np.float32] = found / np.linalg.norm(found, axis=1, keepdims=True)
        return units.astype(np.float32)

    passages = await store.database.read(
        lambda connection: [row[0] for row in connection.execute("SELECT id FROM passages ORDER BY id")]
    )
    every = made(len(passages))
    begun = perf_counter()
    for at in range(0, len(passages), PORTION):
        portion = zip(passages[at : at + PORTION], every[at : at + PORTION].tolist(), strict=True)
        await vectors.keep("bench", dict(portion))
    kept = perf_counter() - begun
    asked = made(ASKED)
    before = _memory()
    begun = perf_counter()
    await vectors.nearest("bench", asked[0].tolist(), ["bench"], NEAREST)
    loaded = perf_counter() - begun
    taken, right = [], 0
    for one in asked:
        begun = perf_counter()
        found = await vectors.nearest("bench", one.tolist(), ["bench"], NEAREST)
        taken.append(perf_counter() - begun)
        exact = np.sort(every @ one)[-NEAREST:]
        right += sum(passage.score > exact[0] - 0.005 for passage in found)
    return {
        "vectors kept per second": len(passages) / kept,
        "vectors loaded after, s": loaded,
        "memory for vectors, MB": _memory() - before,
        **percentiles("nearest vectors", taken),
        "of the nearest ten found, %": 100 * right / ASKED / NEAREST,
    }


def write(folder: Path, number: int) -> None:
    """Documents whose sections are made of sentences of real documents, half of them in Korean."""
    chance = random.Random(SEED)
    sentences = {name: _sentences(root) for name, root in SETS["real"].folders.items()}
    folder.mkdir()
    for document in range(number):
        language = ("en", "ko")[document % 2]
        title, *headings = chance.sample(sentences[language], SECTIONS + 1)
        parts = [f"# {title[:60]}"]
        for heading in headings:
            parts += [f"## {heading[:60]}", " ".join(chance.choices(sentences[language], k=SENTENCES))]
        (folder / f"{document}.md").write_text("\n\n".join(parts), encoding="utf-8")


def _sentences(root: Path) -> list[str]:
    found = []
    for path in sorted(root.glob("*.md")):
        for section in read(path.name, path.read_bytes()).sections:
            found += [sentence.strip() for sentence in re.split(r"(?<=[.?!])\s+", section.text)]
    return [" ".join(sentence.split()) for sentence in found if 20 < len(sentence) < 200]


def _memory() -> float:
    return psutil.Process().memory_info().rss / 1e6
