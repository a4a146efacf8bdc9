"""The command line as people mistype it, and as other programs read it."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.fakes.processes import ROOT, run_maru


@pytest.mark.parametrize(
    ("command", "bounds"),
    [
        ("usage --days 1e300", "0 to 36500"),
        ("usage --days nan", "0 to 36500"),
        ("usage --days=-5", "0 to 36500"),
        ("knowledge search x --limit 0", "1 to 100"),
        ("knowledge search x --limit many", "1 to 100"),
        ("import threads places.json --limit 0", "1 to 2000"),
    ],
)
async def test_a_number_that_makes_no_sense_is_refused_with_its_bounds(
    tmp_path: Path, command: str, bounds: str
) -> None:
    status, said = await run_maru(tmp_path, {}, command)
    assert status
    assert said.endswith(f"does not fit. Give a number from {bounds}.\n")


@pytest.mark.parametrize("command", ["usage", "knowledge search reset"])
async def test_whoever_has_read_enough_is_told_nothing_more(tmp_path: Path, command: str) -> None:
    """As with `maru usage | head -1`."""
    unread, written = os.pipe()
    os.close(unread)
    maru = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot.cli", *command.split()),
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdout=written,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(written)
    _, complaint = await maru.communicate()
    assert (maru.returncode, complaint) == (141, b"")


async def test_an_option_of_slack_is_refused_for_discord(tmp_path: Path) -> None:
    status, said = await run_maru(tmp_path, {}, "setup discord --http")
    assert status
    assert said == "--http is for Slack. Leave it out, or run `maru setup slack --http`.\n"


async def test_the_help_of_a_command_says_what_it_is_for(tmp_path: Path) -> None:
    _, said = await run_maru(tmp_path, {}, "knowledge gaps --help")
    assert "List questions that the documents did not answer." in said


async def test_it_says_which_version_it_is(tmp_path: Path) -> None:
    status, said = await run_maru(tmp_path, {}, "--version")
    assert (status, said.split()[0]) == (0, "Maru")
    assert said.split()[1][0].isdigit()
