"""Writes the model's Markdown in Discord's dialect: no pings, no pictures, no tables; pure."""

import re
from collections.abc import Collection

from adapters.discord.tables import table
from bot.text import emphasis_cjk
from bot.text.blocks import RULE
from bot.text.code import outside_code, plain_code
from bot.text.layout import Layout
from bot.text.links import tamed

ZERO_WIDTH_SPACE = "\u200b"
PING = re.compile(r"<(?=[@#/]|id:)")
EVERYBODY = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
DEEP_HEADING = re.compile(r"#{4,6}(?=[ \t])")
QUOTE = re.compile(r"[ \t]*>[ \t>]*")
TASK = re.compile(r"\A([ \t]*[-*+][ \t]+)\[([ xX])\](?=[ \t])")


def dialect(text: str, known: Collection[str]) -> str:
    """Markdown of the model as Discord may show it; `known` are the addresses that may be live links."""
    if not text:
        return ""
    laid_out = _blocks(plain_code(text))
    return emphasis_cjk(outside_code(outside_code(laid_out, lambda part: tamed(part, known)), _quiet))


def label(text: str) -> str:
    """A title of anybody's making as plain words in a line of Markdown."""
    words = " ".join(text.split()).replace("<", "‹").replace(">", "›")
    return EVERYBODY.sub("@" + ZERO_WIDTH_SPACE, re.sub(r"([\\`*_~\[\]()#|])", r"\\\1", words))


def _quiet(text: str) -> str:
    """Text in which nothing is a mention."""
    text = PING.sub("<" + ZERO_WIDTH_SPACE, text)
    return EVERYBODY.sub("@" + ZERO_WIDTH_SPACE, text)


def _blocks(text: str) -> str:
    """The text with those blocks rewritten that Discord does not know."""
    layout = Layout(text)
    tables = {found.start: found.end for found in layout.tables}
    pieces: list[str] = []
    done = 0
    for line in layout.lines:
        if line.start < done:
            continue
        words = text[line.start : line.end]
        if line.code:
            pieces.append(words)
        elif line.start in tables:
            done = tables[line.start]
            rows = text[line.start : done].rstrip("\n").split("\n")
            gap = "" if not pieces or pieces[-1].endswith("\n") else "\n"
            pieces.append(f"{gap}{table(rows)}" + ("\n" if text[:done].endswith("\n") else ""))
        else:
            pieces.append(_line(words))
    return "".join(pieces)


def _line(line: str) -> str:
    quote = QUOTE.match(line)
    inner = line[quote.end() :] if quote else line
    if inner.strip() and RULE.fullmatch(inner.rstrip("\n")) and len(inner.strip()) > 1:
        inner = "\n" if inner.endswith("\n") else ""
    inner = DEEP_HEADING.sub("###", inner, count=1) if DEEP_HEADING.match(inner) else inner
    inner = TASK.sub(lambda found: found[1] + ("☐" if found[2] == " " else "☑"), inner, count=1)
    # Discord quotes one level; three of these marks would quote the whole rest of a message.
    return f"> {inner}" if quote else inner
