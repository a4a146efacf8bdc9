"""Files that the model made: fetched and kept before anybody is told of them, each once."""

import base64
import binascii
import logging
from dataclasses import replace
from pathlib import PurePath

from bot.events import File, FileMade, Notice, Preview
from bot.file_types import HEAD
from bot.files import FILE_BYTES, decide, human_size
from bot.openai.citations import Written
from bot.openai.errors import ServiceError
from bot.openai.reading import Reading
from bot.openai.service import Service
from bot.openai.signs import Picture
from bot.openai.sse import Json
from bot.texts import language_of, say
from bot.turns import Turn

logger = logging.getLogger(__name__)

MOST_FILES = 20  # that are fetched of one step without being named in its text


class Makings:
    """The files of one step."""

    def __init__(self, service: Service, turn: Turn) -> None:
        self._service = service
        self._since = turn.created_at
        self._language = language_of(turn.messages[-1].text, turn.author.locale)
        self._files = {file.digest: file for file in turn.draft.files}

    async def take(self, made: Picture | Written) -> FileMade | Preview | Notice | None:
        """The file, once its bytes are kept. That they cannot be had does not spoil the answer: it is told.

        The same bytes under another name are the same file: a chart is listed twice by the service.
        """
        try:
            if isinstance(made, Written):
                data = await self._service.client.container_file(made.container, made.file, FILE_BYTES)
                self._service.containers.held(made.container).told.add(made.file)
            else:
                data = base64.b64decode(made.encoded, validate=True)
        except (ServiceError, binascii.Error) as error:
            logger.warning("%s, which the model made, cannot be had: %s", made.name, error)
            return self._lost(made)
        if data is None:
            limit = human_size(FILE_BYTES)
            return Notice(say("made_too_large", self._language, name=made.name, limit=limit))
        if not data:
            logger.warning("%s, which the model made, is empty", made.name)
            return None
        kept = await self._service.files.keep_bytes(data)
        verdict = decide(made.name, data[:HEAD], kept.size)
        file = File(kept.digest, made.name, verdict.media_type, kept.size)
        file = replace(file, role="picture") if verdict.kind == "image" else file
        if isinstance(made, Picture):
            if not made.whole:
                return Preview(file)
            file = replace(file, alt=made.alt)
        return FileMade(self._files.setdefault(kept.digest, file), made.link)

    def _lost(self, made: Picture | Written) -> Notice | None:
        """An unfinished picture that nobody sees is no loss."""
        if isinstance(made, Picture) and not made.whole:
            return None
        return Notice(say("made_lost", self._language, name=made.name))

    async def rest(self, reading: Reading) -> list[FileMade | Preview | Notice]:
        """The files that the model's Python wrote in this response, and its text names nowhere."""
        if reading.status == "cancelled":
            return []
        found = []
        for container in sorted(reading.containers):
            for file in await self._unnamed(container, reading.created or self._since):
                path = str(file["path"])
                name = PurePath(path).name
                if made := await self.take(Written(container, str(file["id"]), name, f"sandbox:{path}")):
                    found.append(made)
        return found

    async def _unnamed(self, container: str, since: float) -> list[Json]:
        """What was written since then and nobody got yet, oldest first; nameless doubles come last."""
        try:
            listed = await self._service.client.container_files(container)
        except ServiceError as error:
            logger.warning("%s: its files cannot be listed: %s", container, error)
            return []
        told = self._service.containers.held(container).told
        new = [
            file
            for file in reversed(listed)
            if file.get("source") == "assistant"
            and file["id"] not in told
            and int(file.get("created_at") or 0) >= int(since)
        ]
        new.sort(key=lambda file: PurePath(str(file["path"])).name.startswith("cfile_"))
        return new[:MOST_FILES]
