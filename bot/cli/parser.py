"""What a command of the program is: a module with these two functions."""

import argparse
from typing import Protocol

from bot.settings import Settings


class Commands(Protocol):
    """What argparse's subparsers do for a command; their own type is not public."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser:  # noqa: A002 - argparse's own name
        ...


class Subcommand(Protocol):
    """A module of this package."""

    def add(self, commands: Commands) -> None:
        """Describe it."""
        ...

    def run(self, settings: Settings, options: argparse.Namespace) -> int:
        """Do it; returns the exit status. Raises MaruError with what a person has to set right."""
        ...
