"""What a command of the program is: a module with these two functions; and the numbers it takes."""

import argparse
from collections.abc import Callable
from typing import Protocol, TypeVar

from bot.settings import Settings

Number = TypeVar("Number", int, float)


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
