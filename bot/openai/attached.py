"""Files that people attached, as parts of their messages."""

import base64

from bot.errors import FileRefused
from bot.file_types import HEAD, TEXT_BYTES
from bot.files import Files, decide, readable
from bot.functions import SEARCH
from bot.messages import Attachment, Message
from bot.openai.client import Client
from bot.openai.quoting import CLOSE, OPEN, plain, quoted
from bot.openai.sse import Json
from bot.ports import Remote, Remotes


class Attached:
    """Uploads a file once for each conversation, or puts it inline where nothing is hosted."""

    def __init__(self, client: Client, files: Files, remotes: Remotes) -> None:
        self._client = client
        self._files = files
        self._remotes = remotes
        self._expired: set[str] = set()  # ids of uploads that are not there any more

    async def part(self, attachment: Attachment, message: Message, conversation: str) -> Json:
        """One attachment; `conversation` is the hosted one, empty for inline."""
        if attachment.problem or not attachment.digest:
            return note(attachment, "could not be taken along")
        if attachment.searched:
            return note(attachment, f"is too long to be shown: {SEARCH} looks into it")
        try:
            data = await self._files.read(attachment.digest)
        except FileRefused:
            return note(attachment, "is not kept any more")
        verdict = decide(attachment.name, data[:HEAD], len(data))
        if verdict.kind == "data" and await self._computes(message.conversation):
            return note(attachment, "is for the python tool, in /mnt/data")
        if not readable(verdict) or (verdict.kind == "data" and len(data) > TEXT_BYTES):
            return note(attachment, f"is {verdict.media_type}, which cannot be read here")
        picture = verdict.kind == "image"
        if conversation:
            file = await self._uploaded(attachment, message, data, picture=picture)
            if picture:
                return {"type": "input_image", "file_id": file, "detail": "auto"}
            return {"type": "input_file", "file_id": file}
        address = f"data:{verdict.media_type};base64,{base64.b64encode(data).decode()}"
        if picture:
            return {"type": "input_image", "image_url": address, "detail": "auto"}
        return {"type": "input_file", "filename": plain(attachment.name), "file_data": address}

    async def _computes(self, conversation: str) -> bool:
        """Whether the conversation has a container, into which its files are put."""
        return any(remote.kind == "container" for remote in await self._remotes.remote(conversation))

    async def expired(self, file: str, conversation: str) -> None:
        """The service has let go of an upload; the next use uploads it anew."""
        self._expired.add(file)
        known = await self._remotes.remote(conversation)
        await self._remotes.gone([remote for remote in known if remote.kind == "file" and remote.id == file])

    async def _uploaded(self, attachment: Attachment, message: Message, data: bytes, *, picture: bool) -> str:
        for remote in await self._remotes.remote(message.conversation):
            if (
                remote.kind == "file"
                and remote.digest == attachment.digest
                and remote.id not in self._expired
            ):
                return remote.id
        file = await self._client.upload(plain(attachment.name), data, picture=picture)
        made = Remote("file", file, message.conversation, message.author.id, attachment.digest)
        await self._remotes.made([made])
        return file


def note(attachment: Attachment, why: str) -> Json:
    """What the model is told of a file that it cannot see."""
    return {"type": "input_text", "text": f"{OPEN}file {quoted(attachment.name)} {why}{CLOSE}"}
