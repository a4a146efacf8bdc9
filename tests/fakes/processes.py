"""Maru and the fake OpenAI as processes of their own, as an operator starts them."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
READY = "Maru is ready: "
LOOK = 0.02  # seconds between two looks at another process


class Program:
    """A process that says on its first line that it is ready."""

    def __init__(self, process: asyncio.subprocess.Process, said: str) -> None:
        self.process = process
        self.said = said

    @property
    def pid(self) -> int:
        return self.process.pid

    async def end(self, how: signal.Signals) -> int:
        """Send a signal, and return the exit status once it is gone."""
        if self.process.returncode is None:
            self.process.send_signal(how)
        return await self.process.wait()


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **more}


async def run_maru(
    folder: Path, environment: Mapping[str, str], command: str | Sequence[str], said: str = ""
) -> tuple[int, str]:
    """A command of Maru from its start to its end; returns its status and all it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot.cli", *(command.split() if isinstance(command, str) else command)),
        cwd=folder,
        env=_environment({"MARU_WEB": "127.0.0.1:0", **environment}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate(said.encode())
    return process.returncode or 0, output.decode()


async def start(arguments: list[str], environment: Mapping[str, str], folder: Path, log: Path) -> Program:
    """Start a program of this checkout in a folder, with nothing else in its environment."""
    with log.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            cwd=folder,
            env=_environment(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
        )
    if process.stdout is None:
        raise AssertionError("it was started with a pipe")
    said = (await process.stdout.readline()).decode().strip()
    if not said:
        await process.wait()
        raise AssertionError(f"{arguments} ended with {process.returncode}: see {log}")
    return Program(process, said)


async def start_maru(folder: Path, environment: Mapping[str, str], port: int = 0) -> tuple[Program, str]:
    """`maru run` in a folder; returns it and the address of its web page."""
    settings = {"MARU_WEB": f"127.0.0.1:{port}", "MARU_PACE": "off", **environment}
    program = await start(["-m", "bot.cli", "run"], settings, folder, folder / "maru.log")
    return program, program.said.removeprefix(READY)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Return once something holds in another process, which cannot tell us when."""
    while not await condition():  # noqa: ASYNC110 - see above
        await asyncio.sleep(LOOK)


@asynccontextmanager
async def fake_openai(folder: Path, *options: str) -> AsyncIterator[str]:
    """The fake OpenAI; yields the address for OPENAI_BASE_URL."""
    program = await start(["-m", "tests.fakes.openai", *options], {}, folder, folder / "openai.log")
    try:
        yield program.said
    finally:
        await program.end(signal.SIGKILL)


@asynccontextmanager
async def fake_slack(folder: Path, *options: str) -> AsyncIterator[str]:
    """The fake Slack; yields the address for SLACK_API_URL."""
    program = await start(["-m", "tests.fakes.slack", *options], {}, folder, folder / "slack.log")
    try:
        yield program.said
    finally:
        await program.end(signal.SIGKILL)


@asynccontextmanager
async def fake_discord(folder: Path, *options: str) -> AsyncIterator[tuple[str, str]]:
    """The fake Discord; yields the addresses for DISCORD_API_URL and DISCORD_GATEWAY_URL."""
    program = await start(["-m", "tests.fakes.discord", *options], {}, folder, folder / "discord.log")
    try:
        api, gateway = program.said.split()
        yield api, gateway
    finally:
        await program.end(signal.SIGKILL)
