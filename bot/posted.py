"""The messages of one answer on a platform, changed one call at a time and never lost track of."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import FileRefused, PlatformGone
from bot.events import File
from bot.files import human_size
from bot.ports import Part, Parts
from bot.surface import Limits, Surface
from bot.texts import Language, say

logger = logging.getLogger(__name__)

FIRST_FILES = 1_000  # from this number on parts are files; texts come nowhere near


@dataclass(slots=True)
class _Slot:
    """A message that is posted, or about to be."""

    number: int
    ref: str  # empty while nobody knows that it is posted
    text: str  # for files: what it holds, one file a line
    sure: bool  # people see exactly `text`


class Posted:
    """What is posted of a turn. Each call of a method makes at most one change on the platform.

    Whatever happens in between (an error, a kill), the next call goes on from there: a message is noted as
    intended before it is posted, and looked for before it is posted again.
    """

    def __init__(self, turn: int, surface: Surface, parts: Parts, limits: Limits, language: Language) -> None:
        self.lost = 0  # messages that somebody else deleted
        self._turn, self._surface, self._parts = turn, surface, parts
        self._limits, self._language = limits, language
        self._texts: list[_Slot] = []
        self._files: list[_Slot] = []
        self._next_text, self._next_file = (
            1,
            FIRST_FILES,
        )  # numbers: none is used twice, not even of a lost message
        self._loaded = False
        self._resumed = False  # somebody has posted for this turn before

    @property
    def visible(self) -> bool:
        """Whether people see some text."""
        return any(slot.ref for slot in self._texts)

    async def approach(self, texts: Sequence[str], *, exact: bool) -> bool:
        """Bring the messages one change closer to `texts`; False when there is nothing left to change.

        Unless `exact`, a message is not made to show less of the same text, and none is taken away: the text
        may be about to come again.
        """
        await self._load()
        for index, text in enumerate(texts):
            if index == len(self._texts):
                await self._begin(self._texts, self._next_text, text, ())
                return True
            slot = self._texts[index]
            if not slot.ref:
                await self._go_on(slot, text, ())
                return True
            if (exact and not slot.sure) or (slot.text != text and (exact or not slot.text.startswith(text))):
                await self._edit(slot, text)
                return True
        if exact and len(self._texts) > len(texts):
            await self._remove(self._texts, self._texts[-1])
            return True
        return False

    async def deliver(self, files: Sequence[File]) -> bool:
        """Post the next message of files; False when all are there."""
        await self._load()
        wanted = {_line(file): file for file in files}
        for slot in self._files:
            held = [wanted[line] for line in slot.text.splitlines() if line in wanted]
            if not held:
                await self._remove(self._files, slot)
                return True
            if not slot.ref:
                await self._go_on(slot, slot.text, held)
                return True
        posted = {line for slot in self._files for line in slot.text.splitlines()}
        missing = self._first_message([file for line, file in wanted.items() if line not in posted])
        if missing:
            await self._begin(self._files, self._next_file, "\n".join(map(_line, missing)), missing)
        return bool(missing)

    async def _load(self) -> None:
        if self._loaded:
            return
        for part in sorted(await self._parts.parts(self._turn), key=lambda part: part.number):
            # Whoever noted it may have died between a change and its note.
            slot = _Slot(part.number, part.ref, part.text, sure=False)
            self._add(self._files if part.number >= FIRST_FILES else self._texts, slot)
            self._resumed = True
        self._loaded = True

    def _add(self, slots: list[_Slot], slot: _Slot) -> None:
        slots.append(slot)
        if slots is self._files:
            self._next_file = slot.number + 1
        else:
            self._next_text = slot.number + 1

    async def _begin(self, slots: list[_Slot], number: int, text: str, files: Sequence[File]) -> None:
        # A number that was used and forgotten by somebody before could bring back what was posted then.
        slot = _Slot(number, "", text, sure=not self._resumed)
        await self._note(slot)
        self._add(slots, slot)
        await self._post(slot, files)

    async def _go_on(self, slot: _Slot, text: str, files: Sequence[File]) -> None:
        """Find out what became of an intended message; post it when nothing did."""
        slot.sure = False
        ref = await self._surface.find(slot.number, self._key(slot))
        if ref is not None:
            slot.ref = ref
            await self._note(slot)
            return
        slot.text = text
        await self._note(slot)
        await self._post(slot, files)

    async def _post(self, slot: _Slot, files: Sequence[File]) -> None:
        key = self._key(slot)
        if not files:
            slot.ref = await self._surface.post(slot.number, key, slot.text, ())
        else:
            fitting = [file for file in files if file.size <= self._limits.file_bytes]
            text = self._sentences("file_too_large_to_post", [file for file in files if file not in fitting])
            try:
                slot.ref = await self._surface.post(slot.number, key, text, fitting)
            except FileRefused as error:
                logger.warning("T%d: files cannot be posted: %s", self._turn, error)
                slot.ref = await self._surface.post(
                    slot.number, key, self._sentences("file_not_posted", files), ()
                )
        await self._note(slot)

    async def _edit(self, slot: _Slot, text: str) -> None:
        slot.sure = False
        try:
            await self._surface.edit(slot.ref, text)
        except PlatformGone:
            await self._lose(slot)
            return
        slot.text, slot.sure = text, True
        await self._note(slot)

    async def _lose(self, slot: _Slot) -> None:
        """A message was deleted by somebody: those after it move up, and the last is posted anew."""
        logger.info("T%d: message %d was deleted by somebody", self._turn, slot.number)
        self.lost += 1
        await self._parts.drop(self._turn, slot.number)
        self._texts.remove(slot)

    async def _remove(self, slots: list[_Slot], slot: _Slot) -> None:
        ref = slot.ref or await self._surface.find(slot.number, self._key(slot))
        if ref:
            try:
                await self._surface.delete(ref)
            except PlatformGone:
                logger.debug("T%d: message %d is gone already", self._turn, slot.number)
        await self._parts.drop(self._turn, slot.number)
        slots.remove(slot)

    async def _note(self, slot: _Slot) -> None:
        await self._parts.put(self._turn, Part(slot.number, slot.ref, slot.text))

    def _key(self, slot: _Slot) -> str:
        return f"T{self._turn}-{slot.number}"

    def _first_message(self, files: Sequence[File]) -> list[File]:
        """As many files as one message takes; those that are too large for it are only named."""
        taken: list[File] = []
        size = 0
        for file in files:
            size += file.size if file.size <= self._limits.file_bytes else 0
            if taken and (len(taken) == self._limits.message_files or size > self._limits.message_file_bytes):
                break
            taken.append(file)
        return taken

    def _sentences(self, text: str, files: Sequence[File]) -> str:
        limit = human_size(self._limits.file_bytes)
        return "\n".join(say(text, self._language, name=file.name, limit=limit) for file in files)


def _line(file: File) -> str:
    return f"{file.digest} {file.name}"
