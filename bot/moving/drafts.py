"""A function of the old API as the draft of a Python function: its signature is written, its work is not."""

import json
import re
import textwrap
from collections.abc import Sequence

from bot.moving.assistants_api import OldFunction
from bot.moving.hints import Hints, class_name, python_name

IMPORTS = {
    "datetime": ("date", "datetime", "time"),
    "typing": ("Annotated", "Any", "Literal"),
    "uuid": ("UUID",),
    "pydantic": ("BaseModel", "Field"),
}
HEAD = '''\
"""{name}, which an assistant could call: OpenAI knew what it takes, and never what it does.

Maru leaves files alone whose names begin with _. Write what the function does, then take the _ away: from
then on every assistant that names it may call it. docs/assistants.md shows how.
"""
'''


def file_name(function: OldFunction) -> str:
    """Of a draft: the underscore keeps it from being called."""
    return f"_{python_name(function.name)}.py"


def draft(function: OldFunction) -> str:
    """A Python file whose function has the old schema in its types, and raises as long as nobody wrote it."""
    name = python_name(function.name)
    schema = function.parameters or {}
    hints = Hints(schema)
    parameters = hints.fields(schema, class_name(name))
    pieces = [
        "\n".join([f"class {owner}(BaseModel):", *(f"    {line}" for line in lines)])
        for owner, lines in hints.classes.items()
    ]
    doc = function.description or f"Say what {name} does: the model reads this."
    pieces.append(
        "\n".join(
            [
                _signature(name, parameters),
                f"    {_docstring(doc)}",
                f"    raise NotImplementedError({json.dumps(f'{name} is not written yet.')})",
            ]
        )
    )
    code = "\n\n\n".join(pieces)
    return "\n".join([HEAD.format(name=name), *_imports(code, later=bool(hints.classes)), f"\n{code}\n"])


def _signature(name: str, parameters: Sequence[str]) -> str:
    if not parameters:
        return f"def {name}() -> object:"
    return "\n".join([f"def {name}(", *(f"    {parameter}," for parameter in parameters), ") -> object:"])


def _imports(code: str, *, later: bool) -> list[str]:
    """Those that the code needs, in the usual groups; with `later` a class may name itself."""
    words = set(re.findall(r"\w+", code))
    wanted = {module: [name for name in names if name in words] for module, names in IMPORTS.items()}
    lines = {m: f"from {m} import {', '.join(names)}" for m, names in wanted.items() if names}
    own = [lines.pop("pydantic")] if "pydantic" in lines else []
    groups = [["from __future__ import annotations"] if later else [], [*lines.values()], own]
    return [line for group in groups if group for line in [*group, ""]]


def _docstring(text: str) -> str:
    cleaned = textwrap.dedent(text).strip().replace("\\", "\\\\").replace('"""', "'''")
    cleaned = re.sub(r"\n(?=.)", "\n    ", cleaned)
    return f'"""{cleaned} """' if cleaned.endswith('"') else f'"""{cleaned}"""'
