"""How each piece of Markdown becomes HTML, and what of it may reach a page."""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from adapters.web.emphasis import cjk_emphasis
from adapters.web.highlight import CLASSES, highlight
from adapters.web.linking import short_linkify

# A source's number inside the text, while it is being parsed; characters that mean nothing anywhere else.
MARK, MARK_END = "\ue000", "\ue001"
MARKS = re.compile(f"{MARK}([0-9]+){MARK_END}")

ALERTS = {f"markdown-alert-{kind}" for kind in ("note", "tip", "important", "warning", "caution")}
TAGS = (
    "a blockquote br button code del div em h1 h2 h3 h4 h5 h6 hr input li ol p pre s span strong "
    "table tbody td th thead tr ul"
)

CLEANER = nh3.Cleaner(
    tags=set(TAGS.split()),
    attributes={
        "a": {"href", "download"},
        "button": {"type", "data-source"},
        "input": {"type", "checked", "disabled"},
        "ol": {"start"},
        "pre": {"data-language"},
    },
    tag_attribute_values={"a": {"target": {"_blank"}}},
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
    link_rel="noopener noreferrer nofollow",
    url_schemes={"http", "https", "mailto", "tel"},
    url_relative=lambda url: url if url.startswith("/files/") else None,
)

Links = Mapping[str, str]
"""Address in the text -> digest of the kept file it stands for."""

Rule = Callable[[Token, Links], str]


def file_address(digest: str, name: str) -> str:
    """Where the page finds a kept file."""
    return f"/files/{digest}/{quote(name, safe='')}"


def parse_mark(state: StateInline, silent: bool) -> bool:
    """The number of a source, as an inline token."""
    match = MARKS.match(state.src, state.pos)
    if not match:
        return False
    if not silent:
        state.push("mark", "button", 0).content = match[1]
    state.pos = match.end()
    return True


def mark(token: Token, _links: Links) -> str:
    return f'<button type="button" class="mark" data-source="{token.content}">{token.content}</button>'


def fence(token: Token, _links: Links) -> str:
    language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
    return f"{code_start(language)}{highlight(MARKS.sub('', token.content), language)}</code></pre>\n"


def code_start(language: str) -> str:
    """What stands before the lines of a block of code."""
    return f'<pre class="code" data-language="{escape(language[:30])}"><code>'


def code_inline(token: Token, _links: Links) -> str:
    return f"<code>{escape(MARKS.sub('', token.content), quote=False)}</code>"


def link_open(token: Token, links: Links) -> str:
    return opening(str(token.attrGet("href") or ""), links)


def image(token: Token, links: Links) -> str:
    """A link: nothing is loaded from where the text says, or its author would learn who reads it."""
    address = str(token.attrGet("src") or "")
    label = escape(MARKS.sub("", token.content or name_in(address)), quote=False)
    return f"{opening(address, links)}{label}</a>"


def opening(address: str, links: Links) -> str:
    if digest := links.get(address):
        return f'<a href="{file_address(digest, name_in(address))}" download="">'
    return f'<a href="{escape(MARKS.sub("", address))}" target="_blank">'


def cell(token: Token, _links: Links) -> str:
    style = str(token.attrGet("style") or "").removeprefix("text-align:")
    return f'<{token.tag} class="{style}">' if style else f"<{token.tag}>"


def name_in(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2] or "file"


RULES: dict[str, Rule] = {
    "mark": mark,
    "fence": fence,
    "code_block": fence,
    "code_inline": code_inline,
    "link_open": link_open,
    "image": image,
    "th_open": cell,
    "td_open": cell,
    "table_open": lambda _token, _links: '<div class="table"><table>\n',
    "table_close": lambda _token, _links: "</table></div>\n",
}


def parser(*, breaks: bool) -> MarkdownIt:
    """GitHub's Markdown without HTML; `breaks` makes each new line one."""
    md = MarkdownIt(
        "gfm-like2",
        # "3~5일, 7~9일" is no deletion.
        {"html": False, "breaks": breaks, "strikethrough_single_tilde": False},
    )
    md.inline.add_terminator_char(MARK)
    md.inline.ruler.before("linkify", "mark", parse_mark)
    cjk_emphasis(md, MARK)
    short_linkify(md)
    for name, rule in RULES.items():
        md.add_render_rule(name, _as_method(rule))
    return md


def _as_method(rule: Rule) -> Callable[..., str]:
    """In the form in which markdown-it calls it."""

    def method(_renderer: Any, tokens: list[Token], index: int, _options: Any, env: Any) -> str:
        return rule(tokens[index], env["links"])

    return method
