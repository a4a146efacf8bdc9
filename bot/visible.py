"""What of a growing answer may be shown as Markdown, and which of its links may be live."""

from collections.abc import Iterable
from itertools import chain

from bot.text.code import closed
from bot.text.links import addresses
from bot.turns import Draft, Mark, Turn


class Visible:
    """Of the drafts of one turn."""

    def __init__(self, turn: Turn) -> None:
        self._brought = frozenset(chain.from_iterable(addresses(message.text) for message in turn.messages))

    def text(self, draft: Draft) -> str:
        """With the numbers of its sources; of a growing draft only what no later event changes."""
        if draft.whole:
            return closed(marked(draft.text, draft.marks))
        return marked(draft.text[: draft.settled], draft.marks)

    def links(self, draft: Draft) -> frozenset[str]:
        """The addresses that people or its sources brought up: any other may carry a secret away."""
        sources = frozenset(source.url for source in draft.sources if source.url)
        quoted = chain.from_iterable(addresses(source.passage) for source in draft.sources)
        return self._brought.union(sources, quoted)


def marked(text: str, marks: Iterable[Mark]) -> str:
    """The text with the numbers of its sources where they belong; marks after its end are left out."""
    pieces: list[str] = []
    position = 0
    for mark in marks:
        if mark.position <= len(text):
            pieces += [text[position : mark.position], f" [{mark.number}]"]
            position = mark.position
    return "".join(pieces) + text[position:]
