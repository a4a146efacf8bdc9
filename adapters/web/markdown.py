"""Markdown as HTML that is safe to show, one piece per top-level block."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markdown_it.utils import EnvType

from adapters.web.rules import CLEANER, MARK, MARK_END, Links, parser
from bot.turns import Mark

# Text longer than this is shown as it is: parsing it would keep everybody else waiting.
LONGEST = 200_000  # characters

FOREIGN = str.maketrans({MARK: "\ufffd", MARK_END: "\ufffd"})

PARSER = parser(breaks=False)
LINED = parser(breaks=True)  # for what people type


@dataclass(frozen=True, slots=True)
class Block:
    """A top-level block of a text."""

    html: str
    line: int  # where its source begins
    kind: str  # markdown-it's name of its first token


def render(
    text: str, marks: Sequence[Mark] = (), *, links: Links | None = None, breaks: bool = False
) -> list[str]:
    """The HTML of a whole text, block by block."""
    if len(text) > LONGEST:
        return [plain(text)]
    source = with_marks(text, places(text, marks))
    return [block.html for block in blocks(source, links=links, breaks=breaks)]


def blocks(
    text: str, env: EnvType | None = None, *, links: Links | None = None, breaks: bool = False
) -> list[Block]:
    """The blocks of a text with its marks in it. `env` carries definitions from one part to the next."""
    source = text.replace("\r\n", " \n").replace("\r", "\n")
    env = {} if env is None else env
    env["links"] = links or {}
    md = LINED if breaks else PARSER
    tokens = md.parse(source, env)
    found: list[Block] = []
    first = 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            group = tokens[first : index + 1]
            html = md.renderer.render(group, md.options, env)
            found.append(Block(CLEANER.clean(html), group[0].map[0] if group[0].map else 0, group[0].type))
            first = index + 1
    return found


def plain(text: str) -> str:
    """The text as it is."""
    return f'<pre class="plain">{escape(text)}</pre>'


def places(text: str, marks: Sequence[Mark]) -> list[Mark]:
    """The marks that can stand in the text, right behind the words they belong to."""
    found = []
    for mark in marks:
        before = text[: mark.position].rstrip()
        if before.endswith("|"):
            before = before[:-1].rstrip()  # inside the last cell of a table
        last = before[before.rfind("\n") + 1 :].lstrip()
        if before and not last.startswith(("```", "~~~")):
            found.append(Mark(len(before), mark.number))
    return found


def with_marks(text: str, marks: Sequence[Mark], start: int = 0) -> str:
    """The text from `start` on, with the numbers of its sources in their places."""
    parts: list[str] = []
    for mark in marks:
        if mark.position >= start:
            parts += [text[start : mark.position].translate(FOREIGN), f"{MARK}{mark.number}{MARK_END}"]
            start = mark.position
    parts.append(text[start:].translate(FOREIGN))
    return "".join(parts)


def line_starts(text: str) -> list[int]:
    """Where each line of a text begins."""
    return [0, *(match.end() for match in re.finditer("\n", text))]
