"""Fetches the files that came in with a turn's messages, and decides what can be used."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from bot.core import Core
from bot.errors import FileRefused, PlatformUnreachable
from bot.files import FILE_BYTES, TURN_BYTES, decide, human_size, readable
from bot.messages import Attachment, Message
from bot.ports import Adapter
from bot.texts import Language, say

logger = logging.getLogger(__name__)

HEAD = 8_192  # bytes that tell what a file is


async def fetch(
    core: Core, adapter: Adapter, messages: Sequence[Message], *, python: bool
) -> tuple[Message, ...]:
    """The messages with every attachment kept, or with the reason why it cannot be used.

    With `python` every kind of file can be used.
    """
    room = TURN_BYTES
    fetched = []
    for message in messages:
        attachments = []
        for attachment in message.attachments:
            file = await _one(core, adapter, message, attachment, python=python)
            if not file.problem and file.size > room:
                file = replace(file, problem="files_too_large")
            room -= 0 if file.problem else file.size
            attachments.append(file)
        if tuple(attachments) != message.attachments:
            await core.inbox.fetched(message, attachments)
        fetched.append(replace(message, attachments=tuple(attachments)))
    return tuple(fetched)


async def _one(
    core: Core, adapter: Adapter, message: Message, file: Attachment, *, python: bool
) -> Attachment:
    if file.problem:
        return file
    try:
        if not file.digest:
            kept = await core.files.keep(adapter.fetch(file), FILE_BYTES, file.name)
            file = replace(file, digest=kept.digest, size=kept.size)
        verdict = decide(file.name, await core.files.head(file.digest, HEAD), file.size)
    except FileRefused as error:
        logger.info("message %d: an attachment is refused: %s", message.id, error.text)
        return replace(file, problem=error.text)
    except PlatformUnreachable as error:
        logger.warning("message %d: an attachment cannot be fetched: %s", message.id, error)
        return replace(file, problem="file_lost")
    problem = "" if python or readable(verdict) else "file_unusable"
    return replace(file, media_type=verdict.media_type, problem=problem)


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
