"""Files that the model made: fetched and kept before anybody is told of them."""

import base64
import binascii
import logging
from dataclasses import replace

from bot.events import File, FileMade
from bot.files import FILE_BYTES, decide
from bot.openai.attached import HEAD
from bot.openai.citations import Written
from bot.openai.errors import ServiceError
from bot.openai.reading import Picture
from bot.openai.service import Service

logger = logging.getLogger(__name__)


async def keep(service: Service, made: Picture | Written) -> FileMade | None:
    """The file, once its bytes are kept. None when they cannot be had: that does not spoil the answer."""
    name = made.name
    try:
        if isinstance(made, Written):
            data = await service.client.container_file(made.container, made.file, FILE_BYTES)
        else:
            data = base64.b64decode(made.encoded, validate=True)
    except (ServiceError, binascii.Error) as error:
        logger.warning("%s, which the model made, cannot be had: %s", name, error)
        return None
    if not data:
        logger.warning("%s, which the model made, is empty or larger than %d bytes", name, FILE_BYTES)
        return None
    kept = await service.files.keep_bytes(data)
    verdict = decide(name, data[:HEAD], kept.size)
    file = File(kept.digest, name, verdict.media_type, kept.size)
    if verdict.kind == "image":
        file = replace(file, role="picture")
    return FileMade(file, made.link)
