"""Assistants as the Assistants API returned them, read from a file."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import MovingError

Json = dict[str, Any]


class Part(BaseModel):
    """A part of it; what is not read here is left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class OldFunction(Part):
    """A function that it could call."""

    name: str = Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")
    description: str | None = None
    parameters: Json | None = None


class OldTool(Part):
    """A tool that it had. The first version of the API called file_search `retrieval`."""

    type: str
    function: OldFunction | None = None


class InterpreterFiles(Part):
    """What its Python could read."""

    file_ids: list[str] | None = None


class SearchStores(Part):
    """What it searched."""

    vector_store_ids: list[str] | None = None


class ToolResources(Part):
    """What its tools worked with."""

    code_interpreter: InterpreterFiles | None = None
    file_search: SearchStores | None = None


class OldAssistant(Part):
    """One assistant, in the second version of the API or in the first."""

    id: str = Field(pattern=r"[A-Za-z0-9]")
    name: str | None = None
    description: str | None = None
    instructions: str | None = None
    model: str
    tools: list[OldTool] = []
    tool_resources: ToolResources | None = None
    file_ids: list[str] | None = None  # the first version's
    temperature: float | None = None
    top_p: float | None = None
    response_format: Json | str | None = None
    reasoning_effort: str | None = None
    metadata: dict[str, str] | None = None


def read(path: Path) -> list[OldAssistant]:
    """The assistants of a file: one, a list as the API gave it, or an array.

    Raises MovingError with the place and the remedy.
    """
    found = _listed(parsed(path), path)
    assistants: list[OldAssistant] = []
    problems: list[str] = []
    for place, value in found:
        try:
            assistants.append(OldAssistant.model_validate(value))
        except ValidationError as error:
            problems += [
                f"{path}: {'.'.join([place, *map(str, problem['loc'])]).strip('.')}: {problem['msg']}."
                for problem in error.errors()
            ]
    if problems:
        raise MovingError(
            "\n".join([*problems, "Give the assistant as the old API returned it, or mend these places."])
        )
    return assistants


def parsed(path: Path) -> object:
    """The JSON of a file, with nothing in it that cannot be written. Raises MovingError with the place."""
    try:
        value: object = json.loads(path.read_text(encoding="utf-8-sig"))
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        raise MovingError(f"{path}: holds half a character, {half}. Write all of it, or none.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise MovingError(f"{path}: cannot be read ({error}). Name a JSON file in UTF-8.") from error
    except json.JSONDecodeError as error:
        raise MovingError(
            f"{path}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}. Mend that place."
        ) from error
    except RecursionError as error:
        raise MovingError(f"{path}: nested too deeply to be an assistant. Name another file.") from error
    except ValueError as error:
        raise MovingError(f"{path}: holds a number of thousands of digits. Mend that place.") from error
    return value


def _listed(value: object, path: Path) -> list[tuple[str, object]]:
    """Each assistant with its place in the file."""
    match value:
        case {"object": "list", "data": list(entries)}:
            within = "data"
        case list(entries):
            within = ""
        case {"object": "assistant"}:
            return [("", value)]
        case {"object": str(kind)}:
            raise MovingError(f"{path}: this is a {kind}, not an assistant. Name a file with an assistant.")
        case dict():
            return [("", value)]
        case _:
            raise MovingError(f"{path}: there is no JSON object. Name a file with an assistant.")
    if not entries:
        raise MovingError(f"{path}: the list is empty. Name a file with an assistant.")
    return [(f"{within}[{number}]", entry) for number, entry in enumerate(entries)]
