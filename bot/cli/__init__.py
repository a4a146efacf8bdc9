"""The program `maru`: its commands, and how they end."""

import argparse
import os
import sys
from collections.abc import Mapping
from importlib.metadata import version

from bot.cli import assistants, chat, doctor, importing, knowledge, run, setup, usage
from bot.cli.parser import Commands, Subcommand
from bot.environment import read
from bot.errors import MaruError, SettingsError

DESCRIPTION = "Maru, a team assistant for Slack, Discord, the web and the terminal."
WRONG = 2  # exit status when something has to be set right first
UNREAD = 141  # exit status when nobody reads on, as of every program that is ended by that

COMMANDS: Mapping[str, Subcommand] = {
    "run": run,
    "chat": chat,
    "doctor": doctor,
    "setup": setup,
    "assistants": assistants,
    "knowledge": knowledge,
    "import": importing,
    "usage": usage,
}


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    options = program().parse_args(arguments)
    try:
        status = COMMANDS[options.command or "run"].run(read(), options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read what was printed, such as `head`, has enough. What is left goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except SettingsError as error:
        print("Maru cannot start with these settings:", file=sys.stderr)
        for problem in error.problems:
            print(f"  - {problem}", file=sys.stderr)
        return WRONG
    except MaruError as error:
        print(error, file=sys.stderr)
        return WRONG
    except ExceptionGroup as group:
        # Parts that run side by side fail as a group, also when only one of them did.
        explained, bugs = group.split(MaruError)
        if bugs or not explained:
            raise
        print(*_leaves(explained), sep="\n", file=sys.stderr)
        return WRONG
    return status


def _leaves(group: ExceptionGroup[MaruError]) -> list[MaruError]:
    return [
        leaf
        for error in group.exceptions
        for leaf in (_leaves(error) if isinstance(error, ExceptionGroup) else [error])
    ]


def program() -> argparse.ArgumentParser:
    """What can be typed."""
    parser = argparse.ArgumentParser(prog="maru", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"Maru {version('maru')}")
    commands = Commands(parser, "command", "commands", required=False)
    for command in COMMANDS.values():
        command.add(commands)
    return parser
