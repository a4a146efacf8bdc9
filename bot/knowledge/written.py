"""Bytes as text, whatever encoding they are in."""

import re

from bot.errors import DocumentRefused


def decoded(content: bytes) -> str:
    """In the encodings that Korean and English teams really have. Raises DocumentRefused."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in content:
        raise DocumentRefused("document_not_text")
    else:
        encodings = ["utf-8-sig", "cp949"]
    for encoding in encodings:
        try:
            found = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if re.search(r"[\0-\x08\x0e-\x1a\x1c-\x1f]", found):
            break
        return found
    raise DocumentRefused("document_encoding")
