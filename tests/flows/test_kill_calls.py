"""Killed at any checkpoint of a turn with functions and a server's tool, Maru does nothing twice."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.assistants import Assistant
from bot.files import Files
from bot.functions import Function, Result
from bot.mcp import McpServer
from bot.messages import Press
from bot.openai.sse import Json
from bot.ports import Declaration
from bot.turns import Turn
from tests.fakes.clock import ManualClock
from tests.fakes.doom import Doom
from tests.fakes.openai import Answer, Asks, Consults, FakeMcp, FakeOpenAI, Play, Says
from tests.fakes.openai.talk import engine_for
from tests.fakes.square import ANN
from tests.flows.conftest import Life, World

URL = "https://tracker.example/mcp"
SERVERS = (McpServer(label="tracker", url=URL),)
FIRST = Play(
    (
        Says("I look and pay."),
        Asks("look", '{"at": "one"}', "call_look"),
        Asks("pay", '{"at": "two"}', "call_pay"),
        Consults("tracker", "create", '{"title": "Leak"}'),
    )
)
ENOUGH = 30  # checkpoints; there are fewer


def thinks(context: list[Json]) -> Play:
    """As a model does: it goes by what it sees."""
    answered = any(item["type"] == "mcp_approval_response" for item in context)
    return Answer("All done.") if answered else FIRST


class Till:
    """Functions that remember what they were asked."""

    def __init__(self) -> None:
        self.done: list[object] = []

    async def run(self, given: Mapping[str, object], _: Turn) -> Result:
        self.done.append(given["at"])
        return Result(f"done {given['at']}")

    def functions(self) -> dict[str, Function]:
        return {
            "look": Function(Declaration("look", "Looks.", "{}", strict=False), self.run),
            "pay": Function(Declaration("pay", "Pays.", "{}", strict=False), self.run, approval=True),
        }


async def says_yes(maru: Life, world: World) -> None:
    """Ann allows whatever she is asked, as soon as she reads it, and again when she is asked again."""
    said: set[str] = set()
    while True:
        for record in await maru.store.archive.records("square:main"):
            for question in record.turn.draft.questions:
                if question.call.id not in said and world.square.posts:
                    press = Press("square:main", record.turn.id, "approve", ANN, question.call.id)
                    if (await maru.receive(press)).new:
                        said.add(question.call.id)
        await asyncio.sleep(0.005)


async def finished(maru: Life, world: World) -> None:
    await world.square.until_posted("All done.")
    await maru.dispatcher.idle()


@pytest.mark.timeout(110)
@pytest.mark.parametrize("after", [False, True], ids=["before it is stored", "after it was stored"])
@pytest.mark.parametrize("mode", ["hosted", "local"])
async def test_at_every_checkpoint(tmp_path: Path, mode: str, after: bool) -> None:
    """Each function runs at most once, a server's tool once where responses last, and all is told once."""
    for number in range(1, ENOUGH):
        folder = tmp_path / str(number)
        folder.mkdir()
        if not await killed(folder, Doom(number, after), hosted=mode == "hosted"):
            assert number > 8  # so many checkpoints such a turn has at least
            return
    raise AssertionError("a turn without end")


async def killed(folder: Path, doom: Doom, *, hosted: bool) -> bool:
    """Lead one turn in two lives; False when the first one saw its end."""
    till = Till()
    async with FakeOpenAI(hosted=hosted) as fake:
        fake.model.lacks -= {"mcp"}
        tracker = fake.mcp.all[URL] = FakeMcp({"create": lambda given: f"created {given['title']}"})
        fake.responses.thinks = thinks
        world = World(folder, clock=ManualClock())
        world.thinks = lambda store: engine_for(
            fake, store, folder, world.clock, files=Files(folder / "files")
        )
        world.functions, world.doom = till.functions(), doom
        world.maru = Assistant(name="maru", instructions="Be kind.", functions=("look", "pay"), mcp=SERVERS)
        async with world.doomed_life() as maru, asyncio.TaskGroup() as group:
            yes = group.create_task(says_yes(maru, world))
            await maru.receive(world.square.message("look and pay"))
            over = group.create_task(finished(maru, world))
            come = group.create_task(doom.come.wait())
            await asyncio.wait([over, come], return_when=asyncio.FIRST_COMPLETED)
            fake.down = True  # what a dead process would not send any more
            for task in (yes, over, come):
                task.cancel()
        fake.down, world.doom = False, None
        async with world.life() as maru, asyncio.TaskGroup() as group:
            yes = group.create_task(says_yes(maru, world))
            await world.later("All done.")
            await maru.dispatcher.idle()
            yes.cancel()
        assert "".join(world.square.texts()).count("All done.") == 1
        # A response of a local thread cannot be found again: it is asked for once more.
        assert tracker.called[: None if hosted else 1] == [("create", {"title": "Leak"})]
        assert len(tracker.called) <= 2
        seen = list(fake.responses.all.values())[-1].context
        told = {i["call_id"]: i["output"] for i in seen if i["type"] == "function_call_output"}
        for call, what in (("call_look", "one"), ("call_pay", "two")):
            assert till.done.count(what) <= 1
            # Whether one that had begun did its work, nobody knows: that is what the model is told.
            assert (told[call] == f"done {what}" and what in till.done) or "Interrupted" in told[call]
        return doom.come.is_set()
