"""Code as HTML with classes for its colours."""

from functools import lru_cache
from html import escape

from pygments.formatters.html import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

# A lexer is a set of regular expressions over foreign text on the event loop: what is longer stays plain.
LONGEST = 30_000  # characters

CLASSES = frozenset(name for name in STANDARD_TYPES.values() if name)

FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


def highlight(code: str, language: str) -> str:
    """The code, escaped, with spans around what its language knows; plain where it is not known."""
    lexer = lexer_of(language.lower()) if language else None
    if lexer is None or len(code) > LONGEST:
        return escape(code)
    parts: list[str] = []
    FORMATTER.format(lexer.get_tokens(code), _Sink(parts))
    return "".join(parts)


@lru_cache(maxsize=200)
def lexer_of(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


class _Sink:
    """A file that keeps what is written to it."""

    def __init__(self, parts: list[str]) -> None:
        self.write = parts.append
