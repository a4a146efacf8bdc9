"""What the service found in vector stores, as passages of our documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from bot.knowledge.ports import Passage, Upload
from bot.knowledge.terms import terms
from bot.openai.sse import Json
from bot.openai.uploaded import covered


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file, cut where the service cuts."""

    file: str
    text: str
    score: float

    @classmethod
    def of(cls, found: Json) -> Self:
        """As a search gives it back, or the model's own search."""
        content = found.get("content")
        text = "\n".join(part.get("text") or "" for part in content) if content else found.get("text") or ""
        return cls(str(found.get("file_id") or ""), str(text), float(found.get("score") or 0.0))


def passages(
    pieces: Sequence[Piece], known: Mapping[str, Upload], query: str, limit: int
) -> Sequence[Passage]:
    """The sections that the pieces are about, each once, the best piece first.

    Of a file that is not ours any more nothing is shown: it may still be found for a while.
    """
    found: dict[tuple[str, str, int], Passage] = {}
    for piece in sorted(pieces, key=lambda piece: -piece.score):
        upload = known.get(piece.file)
        if upload is None or not upload.ready:
            continue
        for number in covered(upload.document, piece.text, query):
            key = (upload.collection, upload.document.path, number)
            found.setdefault(key, _passage(upload, number, piece.score))
    return list(found.values())[:limit]


def nearest(words: str, found: Sequence[Passage]) -> Passage | None:
    """The passage that shares most words with a statement; of equal ones the best that was found."""
    said = set(terms(words).split())
    return max(
        found,
        key=lambda passage: len(said & set(terms(f"{passage.place} {passage.text}").split())),
        default=None,
    )


def _passage(upload: Upload, number: int, score: float) -> Passage:
    document = upload.document
    return Passage(
        collection=upload.collection,
        path=document.path,
        number=number,
        title=document.title,
        place=document.sections[number].place,
        text=document.sections[number].text,
        url=document.url,
        language=document.language,
        owner=document.owner,
        score=score,
    )
