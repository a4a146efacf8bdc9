"""Addresses that stand in a text become links, but not in paragraphs so long that finding them takes seconds.

Both of markdown-it's rules look again and again at what they have seen: a hundred thousand characters of
nothing but `://` would stop everything else for a minute.
"""

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_core import linkify as linkify_words
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.linkify import linkify as linkify_here

LONGEST = 3_000  # characters of a paragraph


def short_linkify(md: MarkdownIt) -> None:
    """Replace the rules; links that are written as Markdown are always links."""
    md.inline.ruler.at("linkify", _here)
    md.core.ruler.at("linkify", _words)


def _here(state: StateInline, silent: bool) -> bool:
    return len(state.src) <= LONGEST and linkify_here(state, silent)


def _words(state: StateCore) -> None:
    tokens = state.tokens
    state.tokens = [token for token in tokens if len(token.content) <= LONGEST]
    linkify_words(state)
    state.tokens = tokens
