"""Reads PDF, Word, PowerPoint, Excel and HTML; loaded with the first such file, for the libraries are big."""

import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import docx
import openpyxl
import pptx
from bs4 import BeautifulSoup
from docx.table import Table
from docx.text.paragraph import Paragraph
from markdownify import MarkdownConverter
from pptx.shapes.group import GroupShape
from pypdf import PdfReader

from bot.errors import DocumentProtected, DocumentRefused
from bot.knowledge.ports import Section
from bot.knowledge.sections import LENGTH, cut, of_markdown
from bot.knowledge.written import decoded

if TYPE_CHECKING:
    from pptx.shapes.base import BaseShape

UNPACKED = 200_000_000  # bytes an Office file may hold: a small one can unpack to more than any memory
ROWS = 20_000  # of a sheet that are read
OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # a file of Office 97, which is also how newer ones with a password begin

Read = tuple[Mapping[str, str], list[Section]]


def pdf(content: bytes) -> Read:
    """The place of a section is its page."""
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise DocumentProtected("document_protected")
    sections = [
        section
        for number, page in enumerate(reader.pages, 1)
        for section in _pieces(f"p. {number}", page.extract_text())
    ]
    if not sections and len(reader.pages):
        raise DocumentRefused("document_scanned")
    return _about(reader.metadata.title if reader.metadata else ""), sections


def word(content: bytes) -> Read:
    """The place of a section is the headings that lead to it."""
    document = docx.Document(_unpackable(content))
    lines = [_block(block) for block in document.iter_inner_content()]
    _, title, sections = of_markdown("\n\n".join(filter(None, lines)))
    return _about(document.core_properties.title or title), sections


def slides(content: bytes) -> Read:
    """The place of a section is its slide."""
    deck = pptx.Presentation(_unpackable(content))
    sections: list[Section] = []
    for number, slide in enumerate(deck.slides, 1):
        texts = list(_words(slide.shapes))
        if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame):
            texts.append(notes.text)
        sections.extend(_pieces(f"slide {number}", "\n\n".join(filter(None, texts))))
    return _about(deck.core_properties.title), sections


def sheets(content: bytes) -> Read:
    """The place of a section is its sheet; each cell stands with the name of its column."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of styles and extensions that no text depends on
        book = openpyxl.load_workbook(_unpackable(content), read_only=True, data_only=True)
        try:
            sections = [
                section
                for sheet in book.worksheets
                for section in _pieces(
                    sheet.title, _table(sheet.iter_rows(max_row=ROWS, values_only=True)), "\n"
                )
            ]
        finally:
            book.close()
    return _about(book.properties.title), sections


def html(content: bytes) -> Read:
    """The place of a section is the headings that lead to it; scripts and navigation are left out."""
    page = BeautifulSoup(decoded(content), "html.parser")
    converter = _Html(heading_style="ATX", strip=["img"], code_language_callback=None)
    written: str = converter.convert_soup(page)
    _, heading, sections = of_markdown(written)
    return _about(heading or (page.title.get_text() if page.title else "")), sections


class _Html(MarkdownConverter):
    def _nothing(self, *_: object, **__: object) -> str:
        return ""

    convert_script = convert_style = convert_nav = convert_head = convert_template = convert_noscript = (
        _nothing
    )


def _about(title: str | None) -> Mapping[str, str]:
    return {"title": " ".join((title or "").split())}


def _pieces(place: str, text: str, between: str = "\n\n") -> Iterator[Section]:
    for piece in cut(text.replace("\r\n", "\n").replace("\x0b", between), LENGTH):
        yield Section(place, piece)


def _unpackable(content: bytes) -> io.BytesIO:
    if content.startswith(OLD_OFFICE):
        raise DocumentRefused("document_old_office")
    opened = io.BytesIO(content)
    with zipfile.ZipFile(opened) as packed:
        if sum(part.file_size for part in packed.infolist()) > UNPACKED:
            raise DocumentRefused("document_unpacks", most=UNPACKED)
    return opened


def _block(block: Paragraph | Table) -> str:
    if isinstance(block, Table):
        return "\n".join(" | ".join(cell.text.strip() for cell in row.cells) for row in block.rows)
    style = block.style.name if block.style and block.style.name else ""
    if style == "Title":
        return f"# {block.text}"
    if style.startswith("Heading ") and style[-1] in "12345":
        return f"#{'#' * int(style[-1])} {block.text}"
    return f"- {block.text}" if style.startswith("List") else block.text


def _words(shapes: "Iterable[BaseShape]") -> Iterator[str]:
    for shape in shapes:
        if isinstance(shape, GroupShape):
            yield from _words(shape.shapes)
        elif shape.has_text_frame:
            yield str(getattr(shape, "text_frame").text)  # noqa: B009 - only some of the classes have it
        elif shape.has_table:
            for row in getattr(shape, "table").rows:  # noqa: B009 - only some of the classes have it
                yield " | ".join(cell.text for cell in row.cells)


def _table(rows: Iterable[tuple[object, ...]]) -> str:
    names: tuple[object, ...] | None = None
    lines: list[str] = []
    for row in rows:
        if all(cell is None for cell in row):
            continue
        if names is None:
            names = row
            lines.append(" | ".join(str(cell) for cell in row if cell is not None))
            continue
        cells = [
            f"{name}: {cell}" if name is not None else str(cell)
            for name, cell in zip(names, row, strict=False)
            if cell is not None
        ]
        lines.append(" | ".join(cells))
    return "\n".join(lines)
