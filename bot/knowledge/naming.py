"""What collections and their documents may be called."""

import re
import unicodedata

from bot.errors import KnowledgeError

NAME = re.compile(r"\w[\w.-]{0,63}")


def name_of(text: str) -> str:
    """A collection's name as it is kept. Raises KnowledgeError."""
    name = unicodedata.normalize("NFC", text.strip()).lower()
    if not NAME.fullmatch(name):
        raise KnowledgeError(
            f"A collection cannot be called {text!r}. Take letters, digits, dots and hyphens, at most 64."
        )
    return name
