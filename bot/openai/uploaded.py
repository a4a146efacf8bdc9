"""A document as the text that is uploaded, and from pieces that were found back to its sections."""

from bisect import bisect_right
from collections.abc import Sequence

from bot.knowledge.ports import Document, Section
from bot.knowledge.terms import terms

PROBE = 120  # characters by which a section is known again
FILE = "file"  # the attribute under which a file has its own id, for filters know attributes alone
HALF = 0.5  # of a section that a piece must hold to be about it; or of the piece, that the section fills


def written(document: Document) -> tuple[str, Sequence[int]]:
    """The text of a document in Markdown, and where each of its sections begins in it.

    Where a section stands is written above it, so that it is found by its headings too. The owner is in
    it, since the model that reads it is to offer whom to ask.
    """
    text = f"# {document.title}\n"
    if document.owner:
        text += f"\nOwner: {document.owner}\n"
    starts: list[int] = []
    place = ""
    for section in document.sections:
        if section.place and section.place != place:
            text += f"\n## {section.place}\n"
        place = section.place
        text += "\n"
        starts.append(len(text))
        text += f"{section.text}\n"
    return text, starts


def covered(document: Document, piece: str, query: str) -> Sequence[int]:
    """The numbers of the sections that a piece of the document is about, the best for a query first.

    None of them when the piece is not to be found in what was uploaded.
    """
    held = _held(document, piece.strip())
    asked = set(terms(query).split())
    shared = {number: _shared(document.sections[number], asked) for number in held}
    best = [number for number in held if shared[number]] or held[:1]
    return sorted(best, key=lambda number: -shared[number])


def _held(document: Document, piece: str) -> list[int]:
    text, starts = written(document)
    begin = text.find(piece) if piece else -1
    if begin >= 0:
        end = begin + len(piece)
        first = max(bisect_right(starts, begin) - 1, 0)
        return [
            number for number in range(first, len(starts)) if _about(document, starts, number, begin, end)
        ]
    # The service has laid it out anew: then by how its sections begin.
    squeezed = " ".join(piece.split())
    beginnings = [" ".join(section.text.split())[:PROBE] for section in document.sections]
    return [number for number, words in enumerate(beginnings) if words and words in squeezed]


def _about(document: Document, starts: Sequence[int], number: int, begin: int, end: int) -> bool:
    start = starts[number]
    length = len(document.sections[number].text)
    overlap = min(end, start + length) - max(begin, start)
    return overlap > 0 and overlap >= HALF * min(length, end - begin)


def _shared(section: Section, asked: set[str]) -> int:
    return len(asked & set(terms(f"{section.place} {section.text}").split()))
