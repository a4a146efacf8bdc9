"""Reads files into documents: one reader for each kind of file, by the ending of its name."""

import hashlib
import importlib
import logging
import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from bot.errors import DocumentRefused
from bot.knowledge.ports import Document, Section
from bot.knowledge.sections import of_markdown, of_text
from bot.knowledge.written import decoded
from bot.texts import Language

FORM = "4"  # raise it when what is made of the same bytes changes: then everything is indexed anew
ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
LINES = 50_000  # of Markdown that is read as such; what is longer is no page, and is read as mere text

log = logging.getLogger(__name__)

Reader = Callable[[str, bytes], tuple[Mapping[str, str], list[Section]]]
"""From a path and bytes to what the file says about itself (title, url, language, owner) and its sections."""


def read(path: str, content: bytes) -> Document:
    """The document in a file. Raises DocumentRefused that says why there is none."""
    about, sections = READERS[ending(path)](path, content)
    if not sections:
        raise DocumentRefused("document_no_text")
    language = about.get("language", "")[:2].lower()
    return Document(
        path=path,
        digest=digest(content),
        title=about.get("title") or PurePosixPath(path).stem,
        language="ko" if language == "ko" else "en" if language else _language(sections),
        sections=tuple(sections),
        url=about.get("url", ""),
        owner=about.get("owner", ""),
    )


def digest(content: bytes, address: str = "") -> str:
    """What tells whether a file must be read again: its bytes, and where people read it."""
    return f"{FORM}:{hashlib.sha256(content + address.encode()).hexdigest()}"


def ending(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def markdown(path: str, content: bytes) -> tuple[Mapping[str, str], list[Section]]:
    if content.count(b"\n") > LINES:
        return text(path, content)
    front, title, sections = of_markdown(decoded(content))
    about = dict(
        re.findall(r"""^(title|url|language|owner):[ \t]*["']?(.*?)["']?[ \t]*$""", front, re.MULTILINE)
    )
    if not ADDRESS.fullmatch(about.get("url", "")):
        about.pop("url", None)  # nobody can follow it, or it would do something else
    return {"title": title} | {key: value for key, value in about.items() if value}, sections


def text(path: str, content: bytes) -> tuple[Mapping[str, str], list[Section]]:
    return {"title": PurePosixPath(path).stem}, of_text(decoded(content))


def code(path: str, content: bytes) -> tuple[Mapping[str, str], list[Section]]:
    """The title is the path: names like main.py say nothing without their folder."""
    return {"title": path}, of_text(decoded(content))


def _rich(name: str) -> Reader:
    """A reader of `bot.knowledge.office`, whose libraries are loaded when they are needed."""

    def reader(path: str, content: bytes) -> tuple[Mapping[str, str], list[Section]]:
        try:
            found: tuple[Mapping[str, str], list[Section]] = getattr(
                importlib.import_module("bot.knowledge.office"), name
            )(content)
        except DocumentRefused:
            raise
        except Exception as error:
            # Bytes that nobody foresaw make these libraries raise nearly anything.
            log.info("%s could not be read", name, exc_info=error)
            raise DocumentRefused("document_broken", ending=ending(path)) from error
        return found

    return reader


CODE = (
    ".py .js .ts .tsx .jsx .java .kt .go .rs .c .h .cpp .hpp .cs .rb .php .swift .scala .sh .sql "
    ".yaml .yml .toml .json .ini .css .csv .tsv .log .rst"
)
READERS: Mapping[str, Reader] = {
    ".md": markdown,
    ".markdown": markdown,
    ".txt": text,
    ".text": text,
    ".pdf": _rich("pdf"),
    ".docx": _rich("word"),
    ".pptx": _rich("slides"),
    ".xlsx": _rich("sheets"),
    ".html": _rich("html"),
    ".htm": _rich("html"),
    **dict.fromkeys(CODE.split(), code),
}
PLAIN = frozenset({".md", ".markdown", ".txt", ".text", *CODE.split()})  # read by Maru's own code
PACKED = frozenset({".pdf", ".docx", ".pptx", ".xlsx"})  # much of their bytes is not text


def _language(sections: list[Section]) -> Language:
    beginning = " ".join(section.text for section in sections[:8])
    letters = len(re.findall(r"[^\W\d_]", beginning))
    hangul = len(re.findall("[\uac00-\ud7a3]", beginning))
    return "ko" if hangul * 5 > letters else "en"
