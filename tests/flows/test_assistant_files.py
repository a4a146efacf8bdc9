"""Files of assistants that are deleted, renamed and made while Maru runs, as people see it."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.openai import KEY, FakeOpenAI
from tests.fakes.processes import run_maru, start_maru, until
from tests.fakes.visitor import Visitor


@pytest.fixture
async def openai() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as fake:
        yield fake


class Team:
    """Somebody who asks, and somebody who changes the files."""

    def __init__(self, folder: Path, visitor: Visitor, openai: FakeOpenAI) -> None:
        self.folder, self.visitor, self.openai = folder, visitor, openai
        self.log = folder / "maru.log"
        self._asked = 0

    def write(self, name: str, instructions: str) -> None:
        (self.folder / "assistants" / f"{name}.toml").write_text(f'instructions = "{instructions}"\n')

    async def logged(self, text: str) -> None:
        async def there() -> bool:
            return text in self.log.read_text(encoding="utf-8")

        await until(there)

    async def answers(self, conversation: str) -> str:
        """The instructions with which a question there is answered now."""
        async with self.visitor.watch(conversation) as screen:
            before = len(screen.turns)
            await self.visitor.send(conversation, f"question {self._asked}")
            self._asked += 1
            await screen.until_answered(before + 1)
        return str(self.openai.requests[-1]["instructions"]).partition("\n")[0]


async def test_what_happens_to_files_happens_to_the_next_question(tmp_path: Path, openai: FakeOpenAI) -> None:
    folder = tmp_path / "assistants"
    folder.mkdir()
    (folder / "maru.toml").write_text('instructions = "I am maru."\n')
    (folder / "cook.toml").write_text('instructions = "I am cook."\n')
    maru, address = await start_maru(tmp_path, {"OPENAI_BASE_URL": openai.url, "OPENAI_API_KEY": KEY})
    async with Visitor(address) as visitor:
        team = Team(tmp_path, visitor, openai)
        assert await team.answers("main") == "I am maru."
        await visitor.command("kitchen", "assistant", "cook")
        await until(lambda: _chosen(visitor, "kitchen", "cook"))
        assert await team.answers("kitchen") == "I am cook."
        # Renamed: the conversation that had chosen it goes on with the default one, and says so in the log.
        (folder / "cook.toml").rename(folder / "chef.toml")
        await team.logged("was read again: chef, maru")
        assert await team.answers("kitchen") == "I am maru."
        await team.logged("web:kitchen: there is no assistant cook any more; another one answers")
        # Back under its name, the choice holds again.
        (folder / "chef.toml").rename(folder / "cook.toml")
        await team.logged("was read again: cook, maru")
        assert await team.answers("kitchen") == "I am cook."
        # The default one deleted: the first of the others answers; a new one answers at once.
        (folder / "maru.toml").unlink()
        await team.logged("was read again: cook\n")
        assert await team.answers("main") == "I am cook."
        team.write("maru", "I am new.")
        await until(lambda: _logs(team, "was read again: cook, maru", 2))
        assert await team.answers("main") == "I am new."
        # All deleted: there is nothing to go on with but what was there.
        for file in folder.iterdir():
            file.unlink()
        await team.logged("there is no assistant. Put a file like maru.toml there")
        assert await team.answers("main") == "I am new."
    assert await maru.end(signal.SIGTERM) == 0


async def _chosen(visitor: Visitor, conversation: str, name: str) -> bool:
    return bool((await visitor.get(f"/api/conversations/{conversation}/assistant"))["name"] == name)


async def _logs(team: Team, text: str, times: int) -> bool:
    return team.log.read_text(encoding="utf-8").count(text) >= times


async def test_a_channel_set_to_an_assistant_that_is_not_there_is_reported(tmp_path: Path) -> None:
    pins = {"MARU_CHANNELS": "web:general=clown"}
    status, said = await run_maru(tmp_path, pins, "doctor")
    assert (status, "web:general is set to clown, and there is no such assistant." in said) == (1, True)
    status, said = await run_maru(tmp_path, pins, "run")
    assert (status, "MARU_CHANNELS: there is no assistant clown. Name another." in said) == (2, True)
