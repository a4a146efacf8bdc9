"""Fetches the files that came in with a message, and decides what can be used."""

import logging
from dataclasses import replace

from bot.core import Core
from bot.errors import FileRefused, PlatformUnreachable
from bot.files import FILE_BYTES, decide
from bot.messages import Attachment, Message
from bot.ports import Adapter

logger = logging.getLogger(__name__)

HEAD = 8_192  # bytes that tell what a file is


async def fetch(core: Core, adapter: Adapter, message: Message) -> Message:
    """The message with every attachment kept, or with the reason why it cannot be used."""
    if not message.attachments:
        return message
    attachments = tuple([await _one(core, adapter, message, file) for file in message.attachments])
    await core.inbox.fetched(message, attachments)
    return replace(message, attachments=attachments)


async def _one(core: Core, adapter: Adapter, message: Message, file: Attachment) -> Attachment:
    if file.digest or file.problem:
        return file
    try:
        kept = await core.files.keep(adapter.fetch(file), FILE_BYTES, file.name)
        head = await core.files.head(kept.digest, HEAD)
        verdict = decide(file.name, head, kept.size)
    except FileRefused as error:
        logger.info("message %d: %s", message.id, error)
        return replace(file, problem=error.text)
    except PlatformUnreachable as error:
        logger.warning("message %d: %s cannot be fetched: %s", message.id, file.name, error)
        return replace(file, problem="file_lost")
    return replace(file, digest=kept.digest, size=kept.size, media_type=verdict.media_type)
