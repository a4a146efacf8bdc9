"""Carries out `knowledge …` in chat, where some people add, list and remove the team's documents."""

import logging
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.admission import person_of
from bot.core import Core
from bot.errors import DocumentRefused, FileRefused, KnowledgeBusy, KnowledgeError, PlatformUnreachable
from bot.events import File
from bot.files import human_size
from bot.knowledge.folder import largest
from bot.knowledge.naming import name_of
from bot.knowledge.readers import READERS, ending
from bot.messages import Attachment, Command
from bot.ports import Addition, Collection
from bot.texts import Language, say

logger = logging.getLogger(__name__)

LISTED = 30  # documents of a collection that are listed
# What stands behind the word `knowledge` or 지식. A collection's name is one word, a file's may be several.
ADD = re.compile(r"(?:add|추가)(?:\s+(?P<name>\S+))?", re.IGNORECASE)
LIST = re.compile(r"(?:list|목록)?", re.IGNORECASE)
REMOVE = re.compile(r"(?:remove|삭제)\s+(?P<name>\S+)(?:\s+(?P<file>\S.*))?", re.IGNORECASE)
WORD = re.compile(r"/?(?:knowledge|지식)(?:\s+|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done."""

    action: str  # "add", "list" or "remove"
    name: str = ""  # of a collection; empty: the built-in one
    file: str = ""  # empty: all of it


def asked(text: str, attachments: Sequence[Attachment] = ()) -> Asked | None:
    """What a command says, with or without its first word; None when it says something else."""
    rest = WORD.sub("", text.strip(), count=1).strip()
    for attachment in attachments:  # the terminal leaves their names in the text
        rest = rest.removesuffix(attachment.name).strip()
    if LIST.fullmatch(rest):
        return Asked("list")
    if found := ADD.fullmatch(rest):
        return Asked("add", found["name"] or "")
    if found := REMOVE.fullmatch(rest):
        return Asked("remove", found["name"], (found["file"] or "").strip())
    return None


def is_knowledge(text: str, attachments: Sequence[Attachment]) -> bool:
    """Whether a message is such a command; files belong to `add` alone."""
    if not WORD.match(text.strip()):
        return False
    found = asked(text, attachments)
    return found is not None and (found.action == "add" or not attachments)


class Librarian:
    """For administrators and people named in the settings."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def carry_out(self, command: Command, language: Language) -> str:
        """Do it; returns what to tell the person."""
        adapter = self._core.adapter(command.conversation)
        person = await person_of(self._core, adapter, command.author)
        if not {command.author.id, *person.groups} & set(self._core.librarians):
            return say("knowledge_refused", language, author=command.author.id)
        found = asked(command.argument, command.attachments)
        builtin = self._core.library.builtin
        if found is None:
            return say("knowledge_usage", language, default=builtin).strip()
        try:
            name = name_of(found.name or builtin)
        except KnowledgeError:
            return say("knowledge_name", language, name=found.name)
        try:
            return await self._do(command, found, name, language)
        except KnowledgeError as error:
            logger.warning("command %d: %s", command.id, error)
            return say("knowledge_away", language)

    async def _do(self, command: Command, found: Asked, name: str, language: Language) -> str:
        match found.action:
            case "add":
                return await self._add(command, name, language)
            case "remove":
                return await self._remove(command, name, found.file, language)
            case _:
                return await self._list(language)

    async def _list(self, language: Language) -> str:
        library = self._core.library
        lines = []
        for collection in await library.collections():
            documents = len(await library.documents([collection.name]))
            lines.append("- " + say("knowledge_listed", language, name=collection.name, documents=documents))
            additions = await library.additions(collection.name)
            lines += [
                "  - " + say("knowledge_by", language, file=f"`{added.path}`", author=added.author)
                for added in additions[:LISTED]
            ]
            lines += ["  - …"] if len(additions) > LISTED else []
        if not lines:
            return say("knowledge_none", language)
        return "\n".join((say("knowledge_list", language), "", *lines))

    async def _add(self, command: Command, name: str, language: Language) -> str:
        if not command.attachments:
            return say("knowledge_no_files", language, name=name)
        added, told = [], []
        for attachment in command.attachments:
            path = _path(attachment.name)
            if problem := await self._take(command, name, path, attachment, language):
                told.append(problem)
            else:
                added.append(f"`{path}`")
        if added:
            await self._note(command, f"add {name}: {len(added)} files")
            told.insert(0, say("knowledge_added", language, name=name, files=", ".join(added)))
            if not any(name in assistant.knowledge for assistant in self._core.assistants.values()):
                told.append(say("knowledge_unsearched", language, name=name))
        return "\n\n".join(told)

    async def _take(
        self, command: Command, name: str, path: str, attachment: Attachment, language: Language
    ) -> str:
        """Keep one file and index it; returns what to tell when it cannot be used."""
        try:
            file = await self._kept(command, path, attachment)
            await self._core.library.add(name, Addition(path, file, command.author.id))
        except FileRefused as error:
            limit = human_size(largest(path))
            return say(error.text, language, name=path, limit=limit, type=attachment.media_type or "?")
        except PlatformUnreachable as error:
            logger.warning("command %d: a file cannot be fetched: %s", command.id, error)
            return say("file_lost", language, name=path)
        except DocumentRefused as error:
            reason = say(error.text, language, **error.values)
            return say("knowledge_file", language, name=path, reason=reason)
        return ""

    async def _kept(self, command: Command, path: str, attachment: Attachment) -> File:
        if ending(path) not in READERS:
            raise DocumentRefused("document_kind", kinds=", ".join(READERS))
        if attachment.problem:
            raise FileRefused(attachment.problem, path)
        digest, size = attachment.digest, attachment.size
        if not digest and size <= largest(path):
            fetched = self._core.adapter(command.conversation).fetch(attachment)
            kept = await self._core.files.keep(fetched, largest(path), path)
            digest, size = kept.digest, kept.size
        if size > largest(path):
            raise FileRefused("file_too_large", path)
        return File(digest, path, attachment.media_type, size)

    async def _remove(self, command: Command, name: str, file: str, language: Language) -> str:
        library = self._core.library
        collections: dict[str, Collection] = {one.name: one for one in await library.collections()}
        if name not in collections:
            return say("knowledge_unknown", language, name=name)
        if file:
            path = _path(file)
            if not await library.drop(name, path):
                return say("knowledge_unknown_file", language, name=name, file=path)
            await self._note(command, f"remove {name}: a file")
            return say("knowledge_dropped", language, name=name, file=path)
        if collections[name].sources:
            return say("knowledge_sources", language, name=name)
        try:
            await library.remove(name)
        except KnowledgeBusy:
            return say("knowledge_busy", language, name=name)
        await self._note(command, f"remove {name}")
        return say("knowledge_removed", language, name=name)

    async def _note(self, command: Command, detail: str) -> None:
        await self._core.ledger.note("knowledge", command.conversation, command.author.id, detail)


def _path(name: str) -> str:
    """A file's name as a document's path: without folders, and as it is typed."""
    plain = "".join(char for char in unicodedata.normalize("NFC", name) if char.isprintable())
    return PurePosixPath(plain.replace("\\", "/").strip("` ")).name or "file"
