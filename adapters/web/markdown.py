"""Markdown as HTML that is safe to show, one piece per top-level block."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from adapters.web.emphasis import cjk_emphasis
from adapters.web.highlight import CLASSES, highlight
from bot.turns import Mark

# A source's number inside the text, while it is being parsed; characters that mean nothing anywhere else.
MARK, MARK_END = "\ue000", "\ue001"
MARKS = re.compile(f"{MARK}([0-9]+){MARK_END}")
FOREIGN = str.maketrans({MARK: "\ufffd", MARK_END: "\ufffd"})

# Text longer than this is shown as it is: parsing it would keep everybody else waiting.
LONGEST = 200_000  # characters

ALERTS = {f"markdown-alert-{kind}" for kind in ("note", "tip", "important", "warning", "caution")}

CLEANER = nh3.Cleaner(
    tags={
        "a", "blockquote", "br", "button", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
        "input", "li", "ol", "p", "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
    },
    attributes={
        "a": {"href", "download"},
        "button": {"type", "data-source"},
        "input": {"type", "checked", "disabled"},
        "ol": {"start"},
        "pre": {"data-language"},
    },
    allowed_classes={
        "button": {"mark"},
        "div": {"markdown-alert", "table", *ALERTS},
        "li": {"task-list-item"},
        "p": {"markdown-alert-title"},
        "pre": {"code", "plain"},
        "span": set(CLASSES),
        "td": {"left", "center", "right"},
        "th": {"left", "center", "right"},
        "ul": {"contains-task-list"},
    },
    tag_attribute_values={"a": {"target": {"_blank"}}},
    link_rel="noopener noreferrer nofollow",
    url_schemes={"http", "https", "mailto", "tel"},
    url_relative=lambda url: url if url.startswith("/files/") else None,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """A top-level block of a text."""

    html: str
    line: int  # where its source begins
    kind: str  # markdown-it's name of its first token


def file_address(digest: str, name: str) -> str:
    """Where the page finds a kept file."""
    return f"/files/{digest}/{quote(name, safe='')}"


def blocks(
    text: str, env: EnvType | None = None, *, links: Mapping[str, str] | None = None, breaks: bool = False
) -> list[Block]:
    """The blocks of a text. Marks are already in it; `links` are addresses that stand for files."""
    source = text.replace("\r\n", " \n").replace("\r", "\n")
    env = {} if env is None else env
    env["links"] = links or {}
    parser = BROKEN if breaks else PARSER
    tokens = parser.parse(source, env)
    found: list[Block] = []
    first = 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            group = tokens[first : index + 1]
            html = parser.renderer.render(group, parser.options, env)
            line = group[0].map[0] if group[0].map else 0
            found.append(Block(CLEANER.clean(html), line, group[0].type))
            first = index + 1
    return found


def render(
    text: str, marks: Sequence[Mark] = (), *, links: Mapping[str, str] | None = None, breaks: bool = False
) -> list[str]:
    """The HTML of a whole text, block by block."""
    if len(text) > LONGEST:
        return [plain(text)]
    return [block.html for block in blocks(with_marks(text, places(text, marks)), links=links, breaks=breaks)]


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
    starts = [0]
    starts.extend(match.end() for match in re.finditer("\n", text))
    return starts


# -- rules -------------------------------------------------------------------------------------

Tokens = Sequence[Token]


def mark_rule(state: StateInline, silent: bool) -> bool:
    """The number of a source, as an inline token."""
    match = MARKS.match(state.src, state.pos)
    if not match:
        return False
    if not silent:
        state.push("mark", "button", 0).content = match[1]
    state.pos = match.end()
    return True


def mark_html(renderer: Any, tokens: Tokens, index: int, options: OptionsDict, env: EnvType) -> str:
    number = tokens[index].content
    return f'<button type="button" class="mark" data-source="{number}">{number}</button>'


def fence_html(renderer: Any, tokens: Tokens, index: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[index]
    return code_block(token.content, token.info.split(maxsplit=1)[0] if token.info.strip() else "")


def code_block(code: str, language: str) -> str:
    """Code with its language, to be cleaned."""
    code = MARKS.sub("", code)
    return f"{code_start(language)}{highlight(code, language)}</code></pre>\n"


def code_start(language: str) -> str:
    return f'<pre class="code" data-language="{escape(language[:30])}"><code>'


def code_inline_html(renderer: Any, tokens: Tokens, index: int, options: OptionsDict, env: EnvType) -> str:
    return f"<code>{escape(MARKS.sub('', tokens[index].content), quote=False)}</code>"


def link_open_html(renderer: Any, tokens: Tokens, index: int, options: OptionsDict, env: EnvType) -> str:
    address = str(tokens[index].attrGet("href") or "")
    digest = env["links"].get(address)
    if digest:
        return f'<a href="{file_address(digest, name_in(address))}" download="">'
    return foreign_link(MARKS.sub("", address))


def foreign_link(address: str) -> str:
    return f'<a href="{escape(address)}" target="_blank">'


def image_html(renderer: Any, tokens: Tokens, index: int, options: OptionsDict, env: EnvType) -> str:
    """A link: nothing is loaded from where the text says, or its author would learn who reads it."""
    token = tokens[index]
    address = str(token.attrGet("src") or "")
    label = escape(token.content or name_in(address) or address, quote=False)
    digest = env["links"].get(address)
    if digest:
        return f'<a href="{file_address(digest, name_in(address))}">{MARKS.sub("", label)}</a>'
    return f"{foreign_link(address)}{MARKS.sub('', label)}</a>"


def cell_html(renderer: Any, tokens: Tokens, index: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[index]
    style = str(token.attrGet("style") or "").removeprefix("text-align:")
    return f'<{token.tag} class="{style}">' if style else f"<{token.tag}>"


def name_in(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2] or "file"


def parser(*, breaks: bool) -> MarkdownIt:
    md = MarkdownIt(
        "gfm-like2",
        # "3~5일, 7~9일" is no deletion.
        {"html": False, "breaks": breaks, "strikethrough_single_tilde": False},
    )
    md.inline.add_terminator_char(MARK)
    md.inline.ruler.before("linkify", "mark", mark_rule)
    cjk_emphasis(md, MARK)
    for name, rule in (
        ("mark", mark_html),
        ("fence", fence_html),
        ("code_block", fence_html),
        ("code_inline", code_inline_html),
        ("link_open", link_open_html),
        ("image", image_html),
        ("th_open", cell_html),
        ("td_open", cell_html),
        ("table_open", lambda *_: '<div class="table"><table>\n'),
        ("table_close", lambda *_: "</table></div>\n"),
    ):
        md.add_render_rule(name, rule)
    return md


PARSER = parser(breaks=False)
BROKEN = parser(breaks=True)  # what people type: a new line is one
