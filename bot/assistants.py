"""Assistants: named profiles read from files, one file each."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import AssistantError


class Assistant(BaseModel):
    """How Maru behaves in a conversation."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    description: str = Field(default="", max_length=500)
    instructions: str = Field(min_length=1)
    model: str = ""  # empty: MARU_MODEL
    effort: Literal["", "none", "minimal", "low", "medium", "high", "xhigh"] = ""
    functions: tuple[str, ...] = ()  # names of functions it may call
    tools: tuple[Literal["python", "web", "pictures"], ...] = ("python",)
    python: Literal["auto", "always"] = "auto"  # auto: once there are data files, or the model asks for it
    starters: tuple[str, ...] = ()  # prompts to begin with


def load(folder: Path) -> dict[str, Assistant]:
    """The assistants of a folder by name.

    Raises AssistantError that names every wrong file, where in it, and the remedy.
    """
    found: dict[str, Assistant] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            assistant = read(path)
        except AssistantError as error:
            problems.append(str(error))
            continue
        if assistant.name in found:
            problems.append(
                f"{path}: another file already defines {assistant.name!r}. Give this one a new name."
            )
        found[assistant.name] = assistant
    if not found and not problems:
        problems.append(
            f"{folder}: there is no assistant. Put a file like maru.toml there, or unset MARU_ASSISTANTS."
        )
    if problems:
        raise AssistantError("\n".join(problems))
    return found


def read(path: Path) -> Assistant:
    """One assistant; its name is the file's unless the file says another."""
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise AssistantError(f"{path}: cannot be read ({error}).") from error
    except tomllib.TOMLDecodeError as error:
        raise AssistantError(f"{path}: not valid TOML: {error}. Mend that place.") from error
    values.setdefault("name", path.stem)
    try:
        return Assistant.model_validate(values)
    except ValidationError as error:
        raise AssistantError(
            "\n".join(
                f"{path}:{line_of(text, str(problem['loc'][0]))}: "
                f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}."
                for problem in error.errors()
            )
        ) from error


def line_of(text: str, key: str) -> int:
    """The line on which a top-level key stands; 1 when it is missing."""
    lines = text.splitlines()
    return next((n for n, line in enumerate(lines, 1) if line.split("=")[0].strip() == key), 1)
