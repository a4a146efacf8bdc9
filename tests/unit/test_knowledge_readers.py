"""Files of every kind become documents whose sections say where they stand."""

import io
import zipfile
from collections.abc import Callable

import docx
import openpyxl
import pptx
import pytest
from pypdf import PdfReader, PdfWriter

from bot.errors import DocumentRefused
from bot.knowledge.office import UNPACKED
from bot.knowledge.readers import read
from tests.fakes.papers import pdf


def word() -> bytes:
    document = docx.Document()
    document.add_heading("Handbook", 0)
    document.add_heading("Leave", 1)
    document.add_paragraph("연차휴가는 15일이에요.")
    table = document.add_table(1, 2)
    table.rows[0].cells[0].text = "Owner"
    table.rows[0].cells[1].text = "Mina"
    return saved(document.save)


def slides() -> bytes:
    deck = pptx.Presentation()
    for text in ("Welcome", "The budget is 500"):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        title = slide.shapes.title
        assert title is not None
        title.text = text
    notes = deck.slides[1].notes_slide.notes_text_frame
    assert notes is not None
    notes.text = "Say it slowly."
    return saved(deck.save)


def sheets() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Phones"
    sheet.append(["Name", "Number"])
    sheet.append(["Mina", 4711])
    return saved(book.save)


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    save(file)
    return file.getvalue()


def sections(path: str, content: bytes) -> list[tuple[str, str]]:
    return [(section.place, section.text) for section in read(path, content).sections]


def test_a_pdf_is_cited_by_page() -> None:
    """Its title is the one it carries."""
    content = pdf("The printer is on floor three", "Lunch is at noon")
    assert sections("a.pdf", content) == [
        ("p. 1", "The printer is on floor three"),
        ("p. 2", "Lunch is at noon"),
    ]
    assert read("a.pdf", content).title == "The handbook"


def test_a_word_file_is_cited_by_heading() -> None:
    """Tables are read where they stand."""
    document = read("a.docx", word())
    assert (document.title, document.language) == ("Handbook", "ko")
    ((place, text),) = [(section.place, section.text) for section in document.sections]
    assert place == "Leave"
    assert text == "연차휴가는 15일이에요.\n\nOwner | Mina"


def test_a_presentation_is_cited_by_slide() -> None:
    """What the speaker noted belongs to the slide."""
    assert sections("a.pptx", slides()) == [
        ("slide 1", "Welcome"),
        ("slide 2", "The budget is 500\n\nSay it slowly."),
    ]


def test_a_workbook_is_cited_by_sheet() -> None:
    """A row can be understood without the first one."""
    assert sections("a.xlsx", sheets()) == [("Phones", "Name | Number\nName: Mina | Number: 4711")]


def test_a_web_page_is_cited_by_heading() -> None:
    """What is no text for people is left out."""
    page = (
        b"<html><head><title>T</title><style>p{}</style></head><body><nav>Menu</nav><h1>Handbook</h1>"
        b"<h2>Leave</h2><p>15 <b>days</b>.</p><script>alert(1)</script></body></html>"
    )
    document = read("a.html", page)
    assert document.title == "Handbook"
    assert sections("a.html", page) == [("Leave", "15 **days**.")]


def test_a_web_page_without_a_first_heading_has_the_title_of_its_window() -> None:
    """As pages of generators begin with their navigation; and no-break spaces are spaces."""
    page = (
        b"<html><head><title>Chapter 1</title></head><body><p>Next</p><h2>1.1.&nbsp;Leave</h2><p>15 days</p>"
    )
    document = read("a.html", page)
    assert document.title == "Chapter 1"
    assert [section.place for section in document.sections] == ["", "1.1. Leave"]


def test_code_is_named_by_its_path() -> None:
    """And not taken for Markdown."""
    document = read("app/main.py", b"# start\nrun()\n")
    assert (document.title, document.sections[0].text) == ("app/main.py", "# start\nrun()")


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("a.pdf", pdf("secret", password="x"), "protected by a password"),
        ("a.pdf", b"%PDF-1.7 and no more", "broken"),
        ("a.pdf", pdf("words")[:300], "broken"),
        ("a.pdf", pdf(""), "text recognition"),
        ("a.docx", b"PK\x03\x04 no archive", "broken"),
        ("a.docx", sheets(), "broken"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 512, "protected by a password"),
        ("a.pptx", b"", "broken"),
        ("a.md", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not text"),
        ("a.html", b"\x7fELF\0\0", "not text"),
        ("a.py", b"\xff\xfe\xff\xff\xff", "not text"),
    ],
)
def test_what_cannot_be_read_says_why(path: str, content: bytes, reason: str) -> None:
    """In words that tell what to do."""
    with pytest.raises(DocumentRefused, match=reason):
        read(path, content)


def test_a_pdf_that_only_forbids_printing_is_read() -> None:
    """Its password is empty: everybody may open it."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Lunch is at noon"))))
    writer.encrypt("", owner_password="boss", algorithm="AES-256")
    assert sections("a.pdf", saved(writer.write)) == [("p. 1", "Lunch is at noon")]


def test_an_archive_that_would_fill_the_memory_is_refused() -> None:
    """Before anything of it is unpacked."""
    file, megabyte = io.BytesIO(), b" " * 1_000_000
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
        packed.open("word/document.xml", "w") as part,
    ):
        for _ in range(UNPACKED // len(megabyte) + 1):
            part.write(megabyte)
    assert len(file.getvalue()) < 1_000_000
    with pytest.raises(DocumentRefused, match="unpacks to more than"):
        read("a.docx", file.getvalue())


def test_a_line_without_an_end_is_cut() -> None:
    """No section is too long to be quoted."""
    found = sections("a.txt", b"word " * 100_000)
    assert max(len(text) for _, text in found) <= 1_200
    assert sum(text.count("word") for _, text in found) >= 99_000
