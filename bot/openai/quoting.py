"""Brackets that only Maru writes, and people's words and names without them: nobody can forge a header."""

import json

OPEN, CLOSE = "⟦", "⟧"
NAME_CHARS = 80


def plain(text: str) -> str:
    """Words without the brackets that are ours."""
    return text.replace(OPEN, "[").replace(CLOSE, "]")


def quoted(name: str) -> str:
    """A name as a quoted string on one line."""
    shown = "".join(char for char in " ".join(plain(name).split()) if char.isprintable())
    return json.dumps(shown[:NAME_CHARS], ensure_ascii=False)
