"""Documents as people send them: long ones, whose facts stand on known pages."""

import io

import openpyxl
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

FILLER = "Minutes of a meeting, number {number}: the agenda was read, nobody objected, and tea was served."
FACT = "The penguin budget is 4711 euros."
FACT_PAGE = 57


def pdf(*pages: str, password: str = "") -> bytes:
    """A PDF with one line of text on each page; a page without text is blank."""
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for text in pages:
        page = writer.add_blank_page(300, 300)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        content = DecodedStreamObject()
        content.set_data(f"BT /F1 12 Tf 10 100 Td ({text}) Tj ET".encode() if text else b"")
        page[NameObject("/Contents")] = content
    writer.add_metadata({"/Title": "The  handbook"})
    if password:
        writer.encrypt(password, algorithm="AES-256")
    opened = io.BytesIO()
    writer.write(opened)
    return opened.getvalue()


def long_pdf() -> bytes:
    """Too long to be sent; FACT stands on page FACT_PAGE alone."""
    pages = [FILLER.format(number=number) * 12 for number in range(1, 101)]
    pages[FACT_PAGE - 1] = FACT
    return pdf(*pages)


def table() -> bytes:
    """An Excel file with FACT in a cell."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Remark"])
    sheet.append([FACT])
    opened = io.BytesIO()
    book.save(opened)
    return opened.getvalue()


def long_text() -> bytes:
    """Too long to be sent; FACT stands in its middle."""
    lines = [FILLER.format(number=number) for number in range(1, 1_201)]
    lines[600] = FACT
    return "\n\n".join(lines).encode()
