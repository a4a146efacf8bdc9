"""Keeps the hosted copy of a thread equal to the store.

One mechanism for edit, delete, again, stop, poisoned and lost: what is still right at the beginning of the
copy stays; the rest is deleted and added again as plain messages, or, where that is too much, a new
conversation is filled.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.events import Item
from bot.openai.client import Client
from bot.openai.composer import CALLS, Composer, fitting, header, unanswered
from bot.openai.errors import NO_CONVERSATIONS, NOT_HOSTED, ServiceError
from bot.openai.quoting import OPEN, plain
from bot.openai.sse import Json
from bot.ports import Entry, Remote, Remotes, Thread, Threads
from bot.turns import Turn

logger = logging.getLogger(__name__)

MOST_ITEMS = 1_000  # a longer conversation is not searched but filled anew
MOST_DELETED = 20  # items; each is a request of its own
ANSWERS = {"function_call_output", "mcp_approval_response"}
ADDED_AT_ONCE = 20  # the most the service takes


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What can be done to hosted threads."""

    client: Client
    threads: Threads
    remotes: Remotes
    composer: Composer

    async def align(
        self, thread: Thread, entries: Sequence[Entry], remote: Sequence[Json], budget: int
    ) -> tuple[Thread, bool]:
        """Make the hosted copy, which holds `remote` now, equal to the entries. True when that changed it."""
        kept, place = prefix(entries, remote)
        wrong = remote[place:]
        if len(remote) >= MOST_ITEMS or len(wrong) > MOST_DELETED:
            return await self.refill(thread, entries, budget), True
        for item in reversed(wrong):
            await self.client.delete_item(thread.thread_id, item["id"])
        await self._add(thread, entries[kept:])
        logger.info(
            "%s: %d items deleted, %d turns added again", thread.conversation, len(wrong), len(entries) - kept
        )
        return thread, bool(wrong) or kept < len(entries)

    async def refill(self, thread: Thread, entries: Sequence[Entry], budget: int) -> Thread:
        """Give the thread a new conversation with the newest entries that fit.

        Raises ServiceError; its code is NO_CONVERSATIONS when the server has none.
        """
        old = thread.thread_id
        made = await self._made()
        await self.remotes.made([Remote("conversation", made, thread.conversation)])
        thread = await self.threads.bind(thread, made)
        await self._add(thread, fitting(entries, budget))
        if old:
            await self._drop(Remote("conversation", old, thread.conversation))
        return thread

    async def _made(self) -> str:
        try:
            return await self.client.create_conversation()
        except ServiceError as error:
            if error.status in NOT_HOSTED:
                raise ServiceError(error.status, NO_CONVERSATIONS) from error
            raise

    async def _add(self, thread: Thread, entries: Sequence[Entry]) -> None:
        """Add entries as plain messages, and remember under which ids."""
        rendered = [(entry, await self.composer.visible(entry, thread.thread_id)) for entry in entries]
        bodies = [body for _, items in rendered for body in items]
        added: list[Json] = []
        for start in range(0, len(bodies), ADDED_AT_ONCE):
            added += await self.client.add_items(thread.thread_id, bodies[start : start + ADDED_AT_ONCE])
        ids = iter(item["id"] for item in added)
        for entry, items in rendered:
            prior = {item.body for item in entry.items if item.kind == "prior"}
            copies = [copy(next(ids, ""), prior if place == 0 else set()) for place in range(len(items))]
            await self.threads.copied(thread, entry.turn, copies)

    async def _drop(self, remote: Remote) -> None:
        """Delete a conversation nobody needs; what fails now is found among the orphans later."""
        try:
            await self.client.delete(remote.kind, remote.id)
        except ServiceError as error:
            logger.info("%s: the old conversation could not be deleted yet: %s", remote.conversation, error)
            await self.remotes.unwanted([remote])
        else:
            await self.remotes.gone([remote])


def copy(id: str, prior: set[str]) -> Item:  # noqa: A002 - it is the service's word
    """What the store remembers of an item that was added again: what was said before Maru came, or its id."""
    return Item("prior", id, next(iter(prior))) if prior else Item("copy", id, "{}")


def prefix(entries: Sequence[Entry], remote: Sequence[Json]) -> tuple[int, int]:
    """How many entries stand at the beginning of a hosted copy just as they should, and where they end.

    An entry is recognised by the ids of what the model said in it; what people asked lies before that.
    """
    places = {item["id"]: place for place, item in enumerate(remote)}
    end = 0
    for number, entry in enumerate(entries):
        found = [places.get(item.remote_id, -1) for item in entry.items if item.remote_id]
        right = bool(found) and found == sorted(found) and found[0] >= end
        if entry.outdated or not right or unanswered(entry.items) or not asks(remote[end : found[-1]], entry):
            return number, end
        end = found[-1] + 1
    return len(entries), end


def asks(remote: Sequence[Json], entry: Entry) -> bool:
    """Whether just the messages of an entry are asked in these items, with their newest words."""
    mark = f"{OPEN}T{entry.turn} "
    found = [texts(item) for item in remote if item.get("role") == "user"]
    expected = [
        [header(entry.turn, message), *([plain(message.text)] if message.text.strip() else [])]
        for message in entry.messages
    ]
    # Notes on files, and what was said before Maru came, are not words of these people.
    asked = [[text for text in told if not text.startswith(f"{OPEN}file ")] for told in found]
    return [told for told in asked if told and told[0].startswith(mark)] == expected and all(
        told and told[0].startswith((mark, f"{OPEN}background")) for told in asked
    )


def texts(item: Json) -> list[str]:
    """The texts of a user item."""
    return [part["text"] for part in item.get("content") or [] if part.get("type") == "input_text"]


def answered(turn: Turn, remote: Sequence[Json]) -> list[Json]:
    """What the model said at the end of a hosted copy to this turn's running step, if it did.

    An attempt whose end nobody saw may have been completed all the same.
    """
    calls = {call.id for call in turn.checkpoint.calls}
    for place in range(len(remote) - 1, -1, -1):
        item = remote[place]
        if item["type"] in ANSWERS or item.get("role") == "user":
            ours = item.get(CALLS.get(item["type"], "")) in calls if calls else asked_in(item, turn)
            said = list(remote[place + 1 :])
            return said if ours and said and said[-1]["type"] != "reasoning" else []
    return []


def asked_in(item: Json, turn: Turn) -> bool:
    """Whether an item is the last message of a turn."""
    told = texts(item)
    return item.get("role") == "user" and bool(told) and told[0].startswith(f"{OPEN}T{turn.id} ")
