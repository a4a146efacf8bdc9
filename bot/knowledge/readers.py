"""Reads files into documents: one reader for each kind of file, by the ending of its name."""

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from bot.errors import DocumentRefused
from bot.knowledge.ports import Document, Section
from bot.knowledge.sections import of_markdown, of_text
from bot.texts import Language

FORM = "1"  # raise it when what is made of the same bytes changes: then everything is indexed anew
LINES = 50_000  # of Markdown that is read as such; what is longer is no page, and is read as mere text

Reader = Callable[[str, bytes], tuple[Mapping[str, str], list[Section]]]
"""From a path and bytes to what the file says about itself (title, url, language) and its sections."""


def read(path: str, content: bytes) -> Document:
    """The document in a file. Raises DocumentRefused that says why there is none."""
    about, sections = READERS[ending(path)](path, content)
    if not sections:
        raise DocumentRefused("has no text.")
    language = about.get("language", "")[:2].lower()
    return Document(
        path=path,
        digest=digest(content),
        title=about.get("title") or PurePosixPath(path).stem,
        language="ko" if language == "ko" else "en" if language else _language(sections),
        sections=tuple(sections),
        url=about.get("url", ""),
    )


def digest(content: bytes) -> str:
    """What tells whether a file must be read again."""
    return f"{FORM}:{hashlib.sha256(content).hexdigest()}"


def ending(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def markdown(path: str, content: bytes) -> tuple[Mapping[str, str], list[Section]]:
    if content.count(b"\n") > LINES:
        return text(path, content)
    front, title, sections = of_markdown(_text(content))
    about = dict(re.findall(r"""^(title|url|language):[ \t]*["']?(.*?)["']?[ \t]*$""", front, re.MULTILINE))
    return {"title": title} | {key: value for key, value in about.items() if value}, sections


def text(path: str, content: bytes) -> tuple[Mapping[str, str], list[Section]]:
    return {"title": PurePosixPath(path).stem}, of_text(_text(content))


READERS: Mapping[str, Reader] = {".md": markdown, ".markdown": markdown, ".txt": text, ".text": text}


def _text(content: bytes) -> str:
    """Bytes as text, in the encodings that Korean and English teams really have."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in content:
        raise DocumentRefused("is not text, whatever its name says.")
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
    raise DocumentRefused("is not text, whatever its name says; if it is, save it as UTF-8.")


def _language(sections: list[Section]) -> Language:
    beginning = " ".join(section.text for section in sections[:8])
    letters = len(re.findall(r"[^\W\d_]", beginning))
    hangul = len(re.findall("[\uac00-\ud7a3]", beginning))
    return "ko" if hangul * 5 > letters else "en"
