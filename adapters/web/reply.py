"""The answer of one turn on the page: shown while somebody watches, exact at the end."""

import json
from types import TracebackType
from typing import Any, Protocol, Self

from adapters.web.growing import Growing
from adapters.web.view import JSON, answer_json, around_json
from bot.turns import Draft, Turn


class Stage(Protocol):
    """Where a reply is shown: the hub."""

    def enter(self, reply: "WebReply") -> None: ...

    def touch(self, reply: "WebReply") -> None:
        """Something of it is new."""
        ...

    def finish(self, reply: "WebReply") -> None:
        """Its draft is whole now."""
        ...

    def leave(self, reply: "WebReply") -> None: ...


class WebReply:
    """The `Reply` port."""

    def __init__(self, stage: Stage, turn: Turn) -> None:
        self.turn = turn
        self.due = 0.0  # loop time before which it is not shown again
        self._stage = stage
        self._draft = turn.draft
        self._growing = Growing()
        self._shown: Draft | None = None
        self._version = 0

    async def __aenter__(self) -> Self:
        self._stage.enter(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stage.leave(self)

    def show(self, draft: Draft) -> None:
        if draft.text and not self._draft.text:
            self.due = 0.0  # the first word does not wait
        self._draft = draft
        self._stage.touch(self)

    async def finish(self, draft: Draft) -> None:
        self._draft = draft
        self._stage.finish(self)

    def shows(self, digest: str) -> bool:
        """Whether these bytes are a file of the draft, or its unfinished picture."""
        preview = (self._draft.preview,) if self._draft.preview else ()
        return any(file.digest == digest for file in (*self._draft.files, *preview))

    def whole(self) -> JSON:
        """The answer as it stands; later changes follow from there."""
        self.change()
        return answer_json(self.turn, self._draft, self._growing.html, self._version)

    def change(self) -> JSON | None:
        """What is new since the last time this was asked; None when nothing is."""
        draft, shown = self._draft, self._shown
        if draft is shown:
            return None
        before = list(self._growing.html)
        self._growing.update(draft)
        edits = changes(before, self._growing.html)
        around = around_json(self.turn, draft) if shown is None or beside(draft) != beside(shown) else {}
        if shown and shown.code == draft.code:
            around.pop("code", None)  # it may be long, and what is being done changes often
        self._shown = draft
        if not edits and not around and len(before) == len(self._growing.html):
            return None
        self._version += 1
        return {
            "turn": self.turn.id,
            "version": self._version,
            "count": len(self._growing.html),
            "edits": edits,
            **around,
        }


def beside(draft: Draft) -> tuple[object, ...]:
    """Everything of a draft but its text and marks."""
    return (
        draft.activity,
        draft.code,
        draft.sources,
        draft.files,
        draft.preview,
        draft.questions,
        draft.end,
        draft.note,
        draft.notices,
    )


def changes(before: list[str], after: list[str]) -> list[tuple[int, int, str]]:
    """Which blocks differ: number, how much of the old one stays (as JavaScript counts), what follows it."""
    edits = []
    for number, html in enumerate(after):
        new = number >= len(before)
        old = "" if new else before[number]
        if old == html and not new:
            continue
        keep = same_start(old, html)
        edits.append((number, utf16(html[:keep]), html[keep:]))
    return edits


def same_start(one: str, other: str) -> int:
    """How many characters two texts begin with together, found by halving."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one.startswith(other[low:middle], low):
            low = middle
        else:
            high = middle - 1
    return low


def utf16(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def event(name: str, content: Any) -> bytes:
    """One server-sent event."""
    return (
        f"event: {name}\ndata: {json.dumps(content, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()
    )
