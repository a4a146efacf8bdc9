"""What people see of Python: files go in with a message, and what is made comes back with the answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.assistants import Assistant
from bot.clock import Clock
from bot.files import Files
from bot.ports import Engine
from storage.sqlite.store import Store
from tests.fakes.house import House
from tests.fakes.openai import Asks, Calls, Computes, Draws, FakeOpenAI, Gate, Play, Says
from tests.fakes.openai.talk import engine_for
from tests.fakes.visitor import Visitor

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
)
PLOT = Play(
    (
        Computes("plot()", (("cfile_1", "chart.png", PNG), ("cfile_2", "sums.csv", b"sum\n3\n"))),
        Says("See [the sums](sandbox:/mnt/data/sums.csv)."),
    )
)


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as fake:
        yield fake


@pytest.fixture
async def house(tmp_path: Path, fake: FakeOpenAI) -> House:
    def engine(store: Store, files: Files, clock: Clock) -> Engine:
        return engine_for(fake, store, tmp_path, clock, files=files)

    return House(tmp_path, thinks=engine)


async def test_a_spreadsheet_goes_in_and_charts_come_out_also_after_its_container_expired(
    house: House, fake: FakeOpenAI
) -> None:
    """Nobody cites anything; the picture is inline, the link leads to the file, and nothing comes twice."""
    fake.script(PLOT, Play((Computes("more()", (("cfile_9", "more.txt", b"more"),)), Says("Once more."))))
    async with house.open() as home, Visitor(home.url) as ann, ann.watch("c1") as screen:
        _, kept = await ann.upload("sales.xlsx", b"PK\x03\x04" + b"\0" * 26 + b"xl/workbook.xml")
        await ann.send("c1", "Plot it", files=({"digest": kept["digest"], "name": "sales.xlsx"},))
        await screen.until_answered()
        files = screen.turns[1]["answer"]["files"]
        assert [(file["name"], file["picture"]) for file in files] == [
            ("chart.png", True),
            ("sums.csv", False),
        ]
        assert "sandbox:" not in screen.answers[0]
        (old,) = fake.containers.all
        fake.containers.expire(old)
        await ann.send("c1", "And now?")
        await screen.until_answered(2)
        assert [file["name"] for file in screen.turns[2]["answer"]["files"]] == ["more.txt"]
    new = fake.requests[-1]["tools"][-1]["container"]
    assert "sales.xlsx" in fake.containers.all[new].names("user")


async def test_the_model_switches_python_on_by_itself(house: House, fake: FakeOpenAI) -> None:
    fake.script(Calls(Asks("start_python")), PLOT)
    async with house.open() as home, Visitor(home.url) as ann, ann.watch("c1") as screen:
        await ann.send("c1", "Plot x squared")
        await screen.until_answered()
        assert [file["name"] for file in screen.turns[1]["answer"]["files"]] == ["chart.png", "sums.csv"]
    assert "The python tool is on now" in str(fake.requests[1]["input"])


async def test_a_picture_is_seen_while_it_is_drawn(house: House, fake: FakeOpenAI) -> None:
    """Its bytes are there for the page as long as it shows them; then the picture itself, once."""
    house.assistant = Assistant(name="maru", instructions="Draw.", tools=("pictures",))
    gate = Gate()
    fake.script(Play((Draws(PNG, (PNG + b"half",), "A cat."), Says("Here.")), hold=gate, held=1))
    async with house.open() as home, Visitor(home.url) as ann, ann.watch("c1") as screen:
        await ann.send("c1", "Draw a cat")
        await screen.until(lambda: screen.turns and screen.turns[1]["answer"].get("preview"))
        preview = screen.turns[1]["answer"]["preview"]
        async with ann.session.get(preview["url"]) as response:
            assert (response.status, await response.read()) == (200, PNG + b"half")
        gate.open()
        await screen.until_answered()
        answer = screen.turns[1]["answer"]
        assert answer["preview"] is None
        assert [(file["alt"], file["picture"]) for file in answer["files"]] == [("A cat.", True)]
        async with ann.session.get(preview["url"]) as response:
            assert response.status == 404


async def test_what_it_cost_is_told_to_whoever_asks(house: House, fake: FakeOpenAI) -> None:
    fake.script(Calls(Asks("start_python")), PLOT)
    async with house.open() as home, Visitor(home.url) as ann, ann.watch("c1") as screen:
        await ann.send("c1", "Plot x squared")
        await screen.until_answered()
        await ann.send("c1", "usage")
        await screen.until(lambda: any("Python sessions: 1" in str(notice) for notice in screen.notices))
