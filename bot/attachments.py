"""Fetches the files that came in with a turn's messages, and decides what can be used."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from bot.core import Core
from bot.errors import FileRefused, PlatformUnreachable
from bot.file_types import HEAD
from bot.files import FILE_BYTES, TURN_BYTES, decide, human_size, readable
from bot.knowledge.ports import Document
from bot.messages import Attachment, Message
from bot.ports import Adapter
from bot.texts import Language, say

logger = logging.getLogger(__name__)


async def fetch(
    core: Core, adapter: Adapter, messages: Sequence[Message], *, python: bool
) -> tuple[Message, ...]:
    """The messages with every attachment kept, or with the reason why it cannot be used.

    With `python` every kind of file can be used. What is too long to be sent can be searched from then on.
    """
    room = TURN_BYTES
    fetched = []
    for message in messages:
        attachments = []
        documents = []
        for attachment in message.attachments:
            file, document = await _one(core, adapter, message, attachment, python=python)
            if not file.problem and file.size > room:
                file, document = replace(file, problem="files_too_large"), None
            room -= 0 if file.problem else file.size
            attachments.append(file)
            documents += [document] if document else []
        if tuple(attachments) != message.attachments:
            await core.inbox.fetched(message, attachments)
        for document in documents:
            await core.documents.keep(message.conversation, document)
        fetched.append(replace(message, attachments=tuple(attachments)))
    return tuple(fetched)


async def _one(
    core: Core, adapter: Adapter, message: Message, file: Attachment, *, python: bool
) -> tuple[Attachment, Document | None]:
    if file.problem:
        return file, None
    try:
        if not file.digest:
            kept = await core.files.keep(adapter.fetch(file), FILE_BYTES, file.name)
            file = replace(file, digest=kept.digest, size=kept.size)
        verdict = decide(file.name, await core.files.head(file.digest, HEAD), file.size)
    except FileRefused as error:
        logger.info("message %d: an attachment is refused: %s", message.id, error.text)
        return replace(file, problem=error.text), None
    except PlatformUnreachable as error:
        logger.warning("message %d: an attachment cannot be fetched: %s", message.id, error)
        return replace(file, problem="file_lost"), None
    file = replace(file, media_type=verdict.media_type)
    file, document = await core.documents.examine(file, verdict, python=python)
    usable = python or file.searched or readable(verdict)
    return (file if usable or file.problem else replace(file, problem="file_unusable")), document


def notices(messages: Sequence[Message], language: Language) -> tuple[str, ...]:
    """What to tell people about files that could not be used."""
    limits = {"file_too_large": FILE_BYTES, "files_too_large": TURN_BYTES}
    return tuple(
        say(
            file.problem,
            language,
            name=file.name,
            type=file.media_type or "?",
            limit=human_size(limits.get(file.problem, FILE_BYTES)),
        )
        for message in messages
        for file in message.attachments
        if file.problem
    )
