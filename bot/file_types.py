"""Decides what becomes of a file, by its content; its name only breaks ties."""

import codecs
import json
import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

import puremagic

from bot.errors import FileRefused

Kind = Literal["image", "document", "data"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a file is, and how the model gets it: as a picture, to read, or to work on with code."""

    kind: Kind
    media_type: str


OFFICE = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."

PDF = Verdict("document", "application/pdf")
DOCX = Verdict("document", OFFICE + "wordprocessingml.document")
PPTX = Verdict("document", OFFICE + "presentationml.presentation")
XLSX = Verdict("data", OFFICE + "spreadsheetml.sheet")
ODT = Verdict("document", ODF + "text")
ODS = Verdict("data", ODF + "spreadsheet")
RTF = Verdict("document", "application/rtf")
HTML = Verdict("document", "text/html")
MARKDOWN = Verdict("document", "text/markdown")
JSON = Verdict("document", "application/json")
TEXT = Verdict("document", "text/plain")
CSV = Verdict("data", "text/csv")
TSV = Verdict("data", "text/tab-separated-values")
ZIP = Verdict("data", "application/zip")
OLE = Verdict("data", "application/x-ole-storage")
UNKNOWN = Verdict("data", "application/octet-stream")
GIF = Verdict("image", "image/gif")
ANIMATED = Verdict("data", "image/gif")

SIGNATURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), Verdict("image", "image/png")),
    (re.compile(rb"\xff\xd8\xff"), Verdict("image", "image/jpeg")),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), Verdict("image", "image/webp")),
    (re.compile(rb".{0,1016}%PDF-\d", re.DOTALL), PDF),
    (re.compile(rb"\{\\rtf\d?"), RTF),
)

# What the first entries of a ZIP archive show, in this order.
ZIPPED = (
    (re.compile(rb"mimetypeapplication/vnd\.oasis\.opendocument\.text"), ODT),
    (re.compile(rb"mimetypeapplication/vnd\.oasis\.opendocument\.spreadsheet"), ODS),
    (re.compile(rb"mimetypeapplication/hwp\+zip"), Verdict("data", "application/hwp+zip")),
    (re.compile(rb"mimetypeapplication/epub\+zip"), Verdict("data", "application/epub+zip")),
    (re.compile(rb"PK\x03\x04.{26}word/", re.DOTALL), DOCX),
    (re.compile(rb"PK\x03\x04.{26}ppt/", re.DOTALL), PPTX),
    (re.compile(rb"PK\x03\x04.{26}xl/", re.DOTALL), XLSX),
)
# Office archives whose first entries do not tell, and the names of old Office files' streams (UTF-16).
ZIPPED_NAMES = {".docx": DOCX, ".pptx": PPTX, ".xlsx": XLSX, ".odt": ODT, ".ods": ODS}
COMPOUND = (
    ("WordDocument", ".doc", Verdict("document", "application/msword")),
    ("PowerPoint Document", ".ppt", Verdict("document", "application/vnd.ms-powerpoint")),
    ("Workbook", ".xls", Verdict("data", "application/vnd.ms-excel")),
    ("HwpSummaryInformation", ".hwp", Verdict("data", "application/x-hwp")),
)

# Text is what its name says, where its content does not say otherwise.
TEXT_NAMES = {
    ".csv": CSV,
    ".tsv": TSV,
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".json": JSON,
    ".html": HTML,
    ".htm": HTML,
    ".xml": Verdict("document", "text/xml"),
    ".css": Verdict("document", "text/css"),
    ".js": Verdict("document", "text/javascript"),
    ".mjs": Verdict("document", "text/javascript"),
    ".ts": Verdict("document", "application/typescript"),
    ".py": Verdict("document", "text/x-python"),
    ".sh": Verdict("document", "application/x-sh"),
    ".java": Verdict("document", "text/x-java"),
    ".c": Verdict("document", "text/x-c"),
    ".h": Verdict("document", "text/x-c"),
    ".cpp": Verdict("document", "text/x-c++"),
    ".cs": Verdict("document", "text/x-csharp"),
    ".go": Verdict("document", "text/x-golang"),
    ".rb": Verdict("document", "text/x-ruby"),
    ".rs": Verdict("document", "text/x-rust"),
    ".php": Verdict("document", "text/x-php"),
    ".tex": Verdict("document", "text/x-tex"),
}
PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
FOREIGN = re.compile(r"[^\x00-\x7f]")
HANGUL = re.compile(r"[\uac00-\ud7a3]")
SURE = 0.5  # of puremagic's confidence
HEAD = 8_192  # bytes from which `decide` tells what a file is
TEXT_BYTES = 5_000_000  # of a text that can be read; a longer one is data to work on
TEXTS = {TEXT.media_type, *(verdict.media_type for verdict in TEXT_NAMES.values())}


def decide(name: str, head: bytes, size: int) -> Verdict:
    """What a file is, from its first HEAD bytes and its size. Raises FileRefused when it is empty."""
    if size == 0:
        raise FileRefused("file_empty", name)
    suffix = PurePath(name).suffix.lower()
    for signature, verdict in SIGNATURES:
        if signature.match(head):
            return verdict
    if head.startswith((b"GIF87a", b"GIF89a")):
        return ANIMATED if _animated(head) else GIF
    if head.startswith(b"PK\x03\x04"):
        return _zipped(head, suffix)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound(head, suffix)
    if (text := _text(head, whole=len(head) >= size)) is not None:
        verdict = _readable(text, suffix, whole=len(head) >= size)
        return verdict if size <= TEXT_BYTES else Verdict("data", verdict.media_type)
    return _binary(head)


def readable(verdict: Verdict) -> bool:
    """Whether the model can read it as it is: pictures, documents, and tables that are text."""
    return verdict.kind != "data" or textual(verdict)


def textual(verdict: Verdict) -> bool:
    """Whether its bytes are text."""
    return verdict.media_type in TEXTS


def _zipped(head: bytes, suffix: str) -> Verdict:
    verdict = next((verdict for mark, verdict in ZIPPED if mark.search(head)), None)
    if verdict:
        return verdict
    office = b"[Content_Types].xml" in head or b"mimetype" in head
    return ZIPPED_NAMES.get(suffix, ZIP) if office else ZIP


def _compound(head: bytes, suffix: str) -> Verdict:
    for stream, _, verdict in COMPOUND:
        if stream.encode("utf-16-le") in head:
            return verdict
    return next((verdict for _, named, verdict in COMPOUND if named == suffix), OLE)


def _animated(head: bytes) -> bool:
    """Whether a GIF repeats, or shows a second picture within what is at hand."""
    return b"NETSCAPE2.0" in head or head.count(b"\x21\xf9\x04") > 1


def _text(head: bytes, *, whole: bool) -> str | None:
    """The bytes as text; None when they are something else."""
    marked = next((encoding for bom, encoding in BOMS if head.startswith(bom)), None)
    if marked:
        return _decoded(head, marked, whole=whole)
    text = _decoded(head, "utf-8", whole=whole)
    if text is None:
        text = _decoded(head, "cp949", whole=whole)
        # Almost any bytes are some letters of a two-byte encoding; Korean text is mostly Hangul.
        if text is not None and 2 * len(HANGUL.findall(text)) < len(FOREIGN.findall(text)):
            return None
    return text


def _decoded(head: bytes, encoding: str, *, whole: bool) -> str | None:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, final=whole)
    except UnicodeDecodeError:
        return None
    return None if CONTROL.search(text) else text


def _readable(text: str, suffix: str, *, whole: bool) -> Verdict:
    if PAGE.match(text):
        return HTML
    if suffix in TEXT_NAMES:
        return TEXT_NAMES[suffix]
    if whole and text.lstrip().startswith(("{", "[")):
        try:
            json.loads(text)
        except ValueError:
            return TEXT
        return JSON
    return TEXT


def _binary(head: bytes) -> Verdict:
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    sure = [match for match in found if match.mime_type and match.confidence >= SURE]
    return Verdict("data", sure[0].mime_type) if sure else UNKNOWN
