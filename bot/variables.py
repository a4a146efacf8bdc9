"""The variables that settings are read from: those of the environment over those of `.env`."""

import logging
import os
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.errors import SettingsError

# It warns of lines that it cannot read, without their file; `unreadable` names both.
logging.getLogger("dotenv").setLevel(logging.ERROR)


def variables(environment: Mapping[str, str] | None = None, dotenv: Path | None = None) -> dict[str, str]:
    """All of them. Raises SettingsError when `.env` is no text."""
    written = dotenv_values(stream=StringIO(_text(dotenv)))
    return {
        **{name: value for name, value in written.items() if value is not None},
        **(environment if environment is not None else os.environ),
    }


def unreadable(dotenv: Path | None = None) -> list[str]:
    """What is wrong with the lines of `.env`. Raises SettingsError when it is no text."""
    return [
        f"{dotenv or '.env'}: line {line.original.line} cannot be read. Write it as NAME=value, or remove it."
        for line in parse_stream(StringIO(_text(dotenv)))
        if line.error or (line.key and line.value is None)
    ]


def _text(dotenv: Path | None) -> str:
    path = dotenv or Path(".env")
    try:
        return path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            [f"{path}: cannot be read ({error}). Save it as UTF-8, where Maru may read it."]
        ) from error
