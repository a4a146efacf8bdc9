"""What was told to one person alone; kept for a while, but not stored."""

from collections import OrderedDict, deque

from adapters.web.view import JSON, rendered

EACH = 5  # kept for a conversation
CONVERSATIONS = 200


class Notices:
    """By conversation and person."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, deque[tuple[str, JSON]]] = OrderedDict()
        self._count = 0

    def add(self, conversation: str, person: str, text: str, after: int) -> JSON:
        """Keep a notice, to be shown behind the turn `after`."""
        self._count += 1
        notice = {"id": self._count, "after": after, "html": "".join(rendered(text, (), ()))}
        self._kept.setdefault(conversation, deque(maxlen=EACH)).append((person, notice))
        self._kept.move_to_end(conversation)
        if len(self._kept) > CONVERSATIONS:
            self._kept.popitem(last=False)
        return notice

    def of(self, conversation: str, person: str) -> list[JSON]:
        return [notice for whom, notice in self._kept.get(conversation, ()) if whom == person]
