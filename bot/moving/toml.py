"""An assistant as the text of its file."""

import json
import re
from collections.abc import Iterator

from bot.assistants import Assistant

HEAD = """\
# Moved in from the Assistants API: {origin}. Change it as you like, after docs/assistants.md.

"""
CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f]"
)  # what TOML has only escaped; a new line and a tab may stand


def written(assistant: Assistant, origin: str) -> str:
    """TOML that reads back as the same assistant; what is as it would be anyway is left out."""
    shown = "".join(char for char in " ".join(origin.split()) if char.isprintable())
    return HEAD.format(origin=shown) + "\n".join(_lines(assistant)) + "\n"


def _lines(assistant: Assistant) -> Iterator[str]:
    unset = Assistant(name=assistant.name, instructions=assistant.instructions)
    yield f"name = {_text(assistant.name)}"
    for field in ("description", "model", "effort", "tools", "functions", "knowledge"):
        value = getattr(assistant, field)
        if value != getattr(unset, field):
            yield f"{field} = {_text(value) if isinstance(value, str) else _texts(value)}"
    yield f'\ninstructions = """\n{_paragraphs(assistant.instructions)}\n"""'


def _text(value: str) -> str:
    """JSON's strings are TOML's, but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _texts(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _paragraphs(value: str) -> str:
    escaped = value.replace("\r\n", "\n").replace("\\", "\\\\").replace('"""', '""\\"')
    escaped = CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped)
    return escaped[:-1] + '\\"' if escaped.endswith('"') else escaped
