"""Who watches which conversation, and what they are sent when something there is new."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from adapters.web.asked import PREFIX
from adapters.web.notices import Notices
from adapters.web.pulse import Pulse, happened
from adapters.web.reply import WebReply, event
from adapters.web.view import JSON, record_json, stored_answer, summary_json
from adapters.web.watcher import Watcher
from bot.ports import Archive, Record

LIST_INTERVAL = 0.3  # seconds between two looks at the list of conversations
RECHECK = 0.5  # seconds until a running turn without a reply in this process is looked at again
TURNS = 40  # of a conversation, sent at once; earlier ones are asked for
CONVERSATIONS = 300  # in the list

UNFINISHED = frozenset({"waiting", "running", "answered"})


@dataclass(slots=True)
class Room:
    """A conversation that somebody watches."""

    watchers: set[Watcher] = field(default_factory=set)
    sent: dict[int, JSON] = field(default_factory=dict)  # turn -> what was sent of it, without a live answer
    first: int = 0  # the page may have turns before this one, which are not in `sent`
    last: int = 0  # newest turn
    recheck: asyncio.TimerHandle | None = None


class Hub:
    """One for each adapter."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._rooms: dict[str, Room] = {}
        self._watchers: set[Watcher] = set()
        self._replies: dict[int, WebReply] = {}
        self._pulse = Pulse(self._show)
        self._stale: set[str] = set()
        self._list: dict[str, JSON] = {}
        self._list_stale = False
        self._refresh_now = asyncio.Event()
        self._notices = Notices()

    # -- replies: the `Stage` port -------------------------------------------------------------

    def enter(self, reply: WebReply) -> None:
        turn = reply.turn
        self._replies[turn.id] = reply
        self._list_stale = True
        room = self._rooms.get(turn.conversation)
        if room is not None and turn.id not in room.sent:
            # All that is known of it is at hand; when the store has time, `_follow` sets right the rest.
            record = Record(turn, state="running", outdated=False, feedback="", last=True, thread=0)
            room.sent.pop(turn.again_of, None)
            room.sent[turn.id] = self._without_live_answer(record)
            room.last = turn.id
            told = {
                "first": room.first,
                "order": sorted(room.sent),
                "turns": [record_json(record, reply.whole())],
            }
            self._push(room.watchers, event("turns", told))

    def touch(self, reply: WebReply) -> None:
        if reply.turn.conversation in self._rooms:
            self._pulse.touch(reply)

    def finish(self, reply: WebReply) -> None:
        self._pulse.drop(reply)
        self._show(reply)

    def leave(self, reply: WebReply) -> None:
        self._pulse.drop(reply)
        self._replies.pop(reply.turn.id, None)
        self.changed(reply.turn.conversation)

    def shows(self, digest: str) -> bool:
        """Whether an answer that is not stored yet shows these bytes: nothing else names them."""
        return any(reply.shows(digest) for reply in self._replies.values())

    def _show(self, reply: WebReply) -> None:
        room = self._rooms.get(reply.turn.conversation)
        # Who watches is told of a new turn first; its text is in there.
        if room and reply.turn.id in room.sent and (change := reply.change()):
            self._push(room.watchers, event("text", change))

    # -- conversations -------------------------------------------------------------------------

    def changed(self, conversation: str) -> None:
        """Something other than the text of a reply is new there."""
        self._list_stale = True
        if conversation in self._rooms:
            self._stale.add(conversation)
        self._refresh_now.set()

    async def run(self) -> None:
        """Keep every page equal to what there is, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pulse.run())
            group.create_task(self._follow())

    async def _follow(self) -> None:
        """Read again what has changed, and tell those who watch."""
        loop = asyncio.get_running_loop()
        list_due = 0.0
        while True:
            wait = list_due - loop.time() if self._list_stale and self._watchers else float("inf")
            await happened(self._refresh_now, wait)
            self._refresh_now.clear()
            while self._stale:
                await self._refresh(self._stale.pop())
            if self._list_stale and self._watchers and loop.time() >= list_due:
                list_due = loop.time() + LIST_INTERVAL
                await self._refresh_list()

    async def _refresh(self, conversation: str) -> None:
        records = await self._archive.records(conversation, limit=TURNS + 1)
        room = self._rooms.get(conversation)
        if room is None:
            return
        if conversation in self._stale:
            return  # it changed while it was read: what was read may be older than what is shown
        self._publish(room, conversation, records)

    def _publish(self, room: Room, conversation: str, records: Sequence[Record]) -> None:
        shown = records[-TURNS:]
        sent = {record.turn.id: self._without_live_answer(record) for record in shown}
        changed = [
            self._turn(record, known=record.turn.id in room.sent)
            for record in shown
            if room.sent.get(record.turn.id) != sent[record.turn.id]
        ]
        room.first = shown[0].turn.id if len(records) > len(shown) else 0
        if changed or list(sent) != list(room.sent):
            told = {"first": room.first, "order": list(sent), "turns": changed}
            self._push(room.watchers, event("turns", told))
        room.sent = sent
        room.last = shown[-1].turn.id if shown else 0
        if room.recheck is not None:
            room.recheck.cancel()
            room.recheck = None
        unfinished = [record.turn.id for record in shown if record.state in UNFINISHED]
        if unfinished and not any(turn in self._replies for turn in unfinished):
            room.recheck = asyncio.get_running_loop().call_later(RECHECK, self._recheck, conversation)

    def _recheck(self, conversation: str) -> None:
        if conversation in self._rooms:
            self._stale.add(conversation)
            self._refresh_now.set()

    def _turn(self, record: Record, *, known: bool) -> JSON:
        """A turn for the page; an answer that it already follows is left out."""
        reply = self._replies.get(record.turn.id)
        if reply is None:
            return record_json(record, stored_answer(record.turn))
        self._show(reply)  # so that those who follow it already miss nothing
        return record_json(record, None if known else reply.whole())

    def _without_live_answer(self, record: Record) -> JSON:
        live = record.turn.id in self._replies
        return record_json(record, None if live else stored_answer(record.turn))

    async def _refresh_list(self) -> None:
        self._list_stale = False
        summaries = await self._archive.conversations(PREFIX, CONVERSATIONS)
        new = {summary.conversation: summary_json(summary) for summary in summaries}
        changed = [content for name, content in new.items() if self._list.get(name) != content]
        gone = [self._list[name]["id"] for name in self._list.keys() - new.keys()]
        self._list = new
        if changed or gone:
            self._push(self._watchers, event("conversations", {"changed": changed, "gone": gone}))

    async def earlier(self, conversation: str, before: int) -> JSON:
        """Turns before one that the page has."""
        records = await self._archive.records(conversation, limit=TURNS + 1, before=before)
        shown = records[-TURNS:]
        return {
            "turns": [self._turn(record, known=False) for record in shown],
            "earlier": len(records) > len(shown),
        }

    # -- watchers ------------------------------------------------------------------------------

    async def join(self, watcher: Watcher) -> None:
        """Send everything there is, and from then on what is new."""
        await self._refresh_list()
        while True:
            self._stale.discard(watcher.conversation)
            records = await self._archive.records(watcher.conversation, limit=TURNS + 1)
            if watcher.conversation not in self._stale:
                break
        room = self._rooms.setdefault(watcher.conversation, Room())
        self._publish(room, watcher.conversation, records)
        shown = records[-TURNS:]
        watcher.push(
            event(
                "everything",
                {
                    "conversation": watcher.conversation.removeprefix(PREFIX),
                    "me": watcher.person,
                    "conversations": list(self._list.values()),
                    "turns": [self._turn(record, known=False) for record in shown],
                    "earlier": len(records) > len(shown),
                    "notices": self._notices.of(watcher.conversation, watcher.person),
                },
            )
        )
        room.watchers.add(watcher)
        self._watchers.add(watcher)

    def part(self, watcher: Watcher) -> None:
        """It watches no more."""
        self._watchers.discard(watcher)
        room = self._rooms.get(watcher.conversation)
        if room is not None:
            room.watchers.discard(watcher)
            if not room.watchers:
                if room.recheck is not None:
                    room.recheck.cancel()
                del self._rooms[watcher.conversation]

    def close(self) -> None:
        """End every event stream now."""
        for watcher in self._watchers:
            watcher.close()

    def whisper(self, conversation: str, person: str, text: str) -> None:
        """Tell one person something in a conversation."""
        room = self._rooms.get(conversation)
        notice = self._notices.add(conversation, person, text, room.last if room else 0)
        watchers = room.watchers if room else ()
        self._push([watcher for watcher in watchers if watcher.person == person], event("notice", notice))
        self.changed(conversation)

    def _push(self, watchers: Iterable[Watcher], content: bytes) -> None:
        for watcher in watchers:
            watcher.push(content)
