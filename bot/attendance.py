"""Which conversations Maru takes part in: there it listens without being mentioned."""

from bot.messages import Edit, Receipt
from bot.ports import Archive, Record

REMEMBERED = 10_000  # conversations whose answer needs no look into the store


class Attendance:
    """Asked for each message that addresses nobody."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._known: dict[str, None] = {}  # the oldest first

    async def has(self, conversation: str) -> bool:
        """Whether somebody has talked with Maru there."""
        if conversation in self._known:
            return True
        if not await self._archive.known(conversation):
            return False
        self.add(conversation)
        return True

    async def had(self, conversation: str, position: str) -> bool:
        """Whether somebody had talked with Maru there before a position: for what is found later."""
        return "" < await self._archive.begun(conversation) < position

    def add(self, conversation: str) -> None:
        """Somebody talks with Maru there now."""
        if len(self._known) >= REMEMBERED:
            self._known.pop(next(iter(self._known)))
        self._known[conversation] = None

    async def answered_before(self, edit: Edit, receipt: Receipt) -> Record | None:
        """The turn to offer again: an edit came after the conversation's last answer, and is not in it."""
        if not (receipt.new and receipt.turn):
            return None
        records = await self._archive.records(edit.conversation, limit=1)
        if not records or records[-1].turn.id != receipt.turn:
            return None
        return records[-1] if records[-1].last and records[-1].outdated else None
