"""What the team should write next: questions that the documents did not answer, each once."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.ports import Gap


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that was left open, once or several times."""

    question: str  # as it was asked last
    why: str  # as of then
    collections: tuple[str, ...]  # all that were searched for it
    asked_at: float  # seconds since the epoch: the last time
    times: int


def merged(gaps: Iterable[Gap]) -> Sequence[OpenQuestion]:
    """Newest first; two that differ in case, spaces and punctuation alone are the same."""
    found: dict[str, list[Gap]] = {}
    for gap in gaps:
        found.setdefault(_plain(gap.question), []).append(gap)
    asked = []
    for same in found.values():
        last = max(same, key=lambda gap: gap.asked_at)
        collections = tuple(sorted({name for gap in same for name in gap.collections}))
        asked.append(OpenQuestion(last.question, last.why, collections, last.asked_at, len(same)))
    return sorted(asked, key=lambda one: -one.asked_at)


def _plain(question: str) -> str:
    text = unicodedata.normalize("NFKC", question).casefold()
    return " ".join(re.findall(r"\w+", text)) or text
