"""Assistants: named profiles read from files, one file each."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bot.errors import AssistantError
from bot.mcp import McpServer
from bot.mistakes import remedy

SUFFIXES = (".toml", ".md")
FRONT = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)(.*)", re.DOTALL | re.MULTILINE)

Someone = Annotated[str, Field(pattern=r"^[a-z]+:\S+$")]
"""A person or a group, as their platform names them: "slack:T1/U1", "slack:T1/S1", "discord:G1/R1"."""


class Assistant(BaseModel):
    """How Maru behaves in a conversation."""

    # A secret that somebody wrote into the file must not come back in an error.
    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True
    )

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    description: str = Field(default="", max_length=500)
    instructions: str = Field(min_length=1)
    model: str = ""  # empty: MARU_MODEL
    effort: Literal["", "none", "minimal", "low", "medium", "high", "xhigh"] = ""
    functions: tuple[str, ...] = ()  # names of functions it may call
    tools: tuple[Literal["python", "web", "pictures"], ...] = ("python",)
    python: Literal["auto", "always"] = "auto"  # auto: once there are data files, or the model asks for it
    access: tuple[Someone, ...] = ()  # authors and groups that may use it; empty: everybody
    knowledge: tuple[str, ...] = ()  # names of collections it may search
    mcp: tuple[McpServer, ...] = ()  # servers whose tools it may use
    starters: tuple[str, ...] = ()  # prompts to begin with

    @field_validator("mcp")
    @classmethod
    def _apart(cls, servers: tuple[McpServer, ...]) -> tuple[McpServer, ...]:
        labels = [server.label for server in servers]
        if twice := sorted({label for label in labels if labels.count(label) > 1}):
            raise ValueError(f"two servers are called {', '.join(twice)}; give each a label of its own")
        return servers

    def server(self, label: str) -> McpServer | None:
        """The MCP server of that label; None when it has none."""
        return next((server for server in self.mcp if server.label == label), None)


def load(folder: Path) -> dict[str, Assistant]:
    """The assistants of a folder by name.

    Raises AssistantError that names every wrong file, where in it, and the remedy.
    """
    found: dict[str, Assistant] = {}
    problems: list[str] = []
    for path in sorted(path for path in folder.glob("[!_]*") if _is_one(path)):
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


def _is_one(path: Path) -> bool:
    """Whether a file is an assistant's. A README among them is for people."""
    return path.suffix in SUFFIXES and path.stem.lower() != "readme"


def read(path: Path) -> Assistant:
    """One assistant; its name is the file's unless the file says another."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AssistantError(f"{path}: cannot be read ({error}).") from error
    values = _markdown(path, text) if path.suffix == ".md" else _toml(path, text)
    values.setdefault("name", path.stem)
    try:
        return Assistant.model_validate(values)
    except ValidationError as error:
        raise AssistantError(
            "\n".join(
                f"{path}:{place(text, problem['loc'])}: "
                f"{'.'.join(map(str, problem['loc'][:3]))}: {remedy(problem)}."
                for problem in error.errors()
            )
        ) from error


def _toml(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise AssistantError(f"{path}: not valid TOML: {error}. Mend that place.") from error


def _markdown(path: Path, text: str) -> dict[str, Any]:
    """Front matter in YAML, and the instructions below it."""
    parts = FRONT.match(text)
    if not parts:
        raise AssistantError(
            f"{path}:1: no front matter. Begin the file with a line ---, settings such as description: …, "
            "and another line ---; the instructions stand below."
        )
    try:
        values = yaml.safe_load(parts[1])
    except (yaml.YAMLError, ValueError, AttributeError, RecursionError) as error:
        # A wrong date or number is no YAMLError.
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1  # counted from 0, and below the first ---
        why = getattr(error, "problem", None) or error
        raise AssistantError(f"{path}:{line}: not valid YAML: {why}. Mend that place.") from error
    if not isinstance(values, dict | None):
        raise AssistantError(f"{path}:2: the front matter must be lines such as description: Plans trips.")
    values = {str(key): value for key, value in (values or {}).items()}
    if "instructions" in values:
        line = line_of(text, "instructions")
        raise AssistantError(
            f"{path}:{line}: instructions: in a Markdown file they stand below the front matter."
        )
    return values | {"instructions": parts[2]}


def place(text: str, where: Sequence[str | int]) -> int:
    """The line of a value: of a key, or of a key in one of several tables."""
    key, *inside = where
    number = inside[0] if inside and isinstance(inside[0], int) else 0
    tables = list(re.finditer(rf"^\s*\[\[{re.escape(str(key))}\]\]", text, re.MULTILINE))
    if number >= len(tables):
        return line_of(text, str(key))
    table = tables[number]
    found = inside[1:] and re.compile(rf"^\s*{re.escape(str(inside[1]))}\s*=", re.MULTILINE).search(
        text, table.start()
    )
    # Spaces and empty lines before it belong to the match.
    return text.count("\n", 0, (found or table).end()) + 1


def line_of(text: str, key: str) -> int:
    """The line on which a top-level key stands; 1 when it is missing."""
    found = re.search(rf"^\s*(?:\[\[?)?{re.escape(key)}\s*[=:\].]", text, re.MULTILINE)
    return text.count("\n", 0, found.start() + len(found[0]) - len(found[0].lstrip())) + 1 if found else 1
