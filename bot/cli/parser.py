"""What a command of the program is: a module with two functions; how it is described, and its numbers."""

import argparse
from collections.abc import Callable
from typing import Protocol, TypeVar

from bot.settings import Settings

Number = TypeVar("Number", int, float)


class Commands:
    """The commands of a parser. What a list says of one, its own help says too."""

    def __init__(self, parser: argparse.ArgumentParser, dest: str, title: str, *, required: bool) -> None:
        self._commands = parser.add_subparsers(dest=dest, title=title, required=required)

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser:  # noqa: A002 - argparse's own name
        return self._commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")


class Subcommand(Protocol):
    """A module of this package."""

    def add(self, commands: Commands) -> None:
        """Describe it."""
        ...

    def run(self, settings: Settings, options: argparse.Namespace) -> int:
        """Do it; returns the exit status. Raises MaruError with what a person has to set right."""
        ...


def within(kind: Callable[[str], Number], least: int, most: int) -> Callable[[str], Number]:
    """The type of an argument that is a number with bounds, which belong to it."""

    def read(text: str) -> Number:
        try:
            number = kind(text)
        except ValueError:
            number = None
        if number is None or not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text!r} does not fit. Give a number from {least} to {most}.")
        return number

    return read
