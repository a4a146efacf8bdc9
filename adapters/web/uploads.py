"""Files on their way in and out: kept before a message names them, served to nobody else's page."""

import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from urllib.parse import quote

from aiohttp import web

from adapters.web.people import person_of
from adapters.web.problems import Problem
from adapters.web.view import file_json
from bot.errors import FileRefused
from bot.files import FILE_BYTES, Files, decide, human_size
from bot.messages import Attachment
from bot.ports import FileRows

DIGEST = re.compile(r"[0-9a-f]{64}")
LONGEST_NAME = 200  # characters
HEAD = 8_192  # bytes that tell what a file is
REMEMBERED = 10_000  # uploads whose message has not come yet
CHUNK = 256 * 1024  # bytes


class Uploads:
    """Takes files and gives them."""

    limit = FILE_BYTES

    def __init__(self, files: Files, rows: FileRows, prefix: str, shows: Callable[[str], bool]) -> None:
        """`shows` says whether a page shows bytes, by their digest, that no conversation owns yet."""
        self._files = files
        self._rows = rows
        self._prefix = prefix
        self._shows = shows
        self._fresh: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def take(self, request: web.Request) -> web.StreamResponse:
        """POST /api/files?name=…: the bytes are the body."""
        person, name = person_of(request), file_name(request.query.get("name", ""))
        if (request.content_length or 0) > self.limit:
            raise Problem(413, "file_too_large", name=name, limit=human_size(self.limit))
        try:
            kept = await self._files.keep(_chunks(request), self.limit, name)
        except FileRefused as error:
            raise Problem(422, error.text, name=name, limit=human_size(self.limit), type="") from error
        attachment = await self.attached({"digest": kept.digest, "name": name})
        self._fresh[person, kept.digest] = None
        if len(self._fresh) > REMEMBERED:
            self._fresh.popitem(last=False)
        return web.json_response(
            file_json(attachment.digest, attachment.name, attachment.media_type, attachment.size)
        )

    async def attached(self, file: object) -> Attachment:
        """What a message says of a file, looked at again: only the bytes count."""
        digest = str(file.get("digest", "")) if isinstance(file, dict) else ""
        name = file_name(str(file.get("name", ""))) if isinstance(file, dict) else ""
        if not DIGEST.fullmatch(digest) or not self._files.path(digest).is_file():
            raise Problem(409, "file_lost", name=name)
        size = self._files.path(digest).stat().st_size
        try:
            verdict = decide(name, await self._files.head(digest, HEAD), size)
        except FileRefused as error:
            raise Problem(
                422, error.text, name=name, limit=human_size(self.limit), type=kind_in(name)
            ) from error
        return Attachment(name=name, size=size, media_type=verdict.media_type, digest=digest)

    async def give(self, request: web.Request) -> web.StreamResponse:
        """GET /files/DIGEST/NAME."""
        digest, name = request.match_info["digest"], file_name(request.match_info["name"])
        if not DIGEST.fullmatch(digest) or not await self._may_have(request, digest):
            raise Problem(404, "web_gone")
        path = self._files.path(digest)
        if not path.is_file():
            raise Problem(404, "web_gone")
        media_type = picture_type(await self._files.head(digest, HEAD))
        response = web.FileResponse(path, chunk_size=CHUNK)
        response.headers.update(
            {
                "Cache-Control": "private, max-age=31536000, immutable",
                "Content-Disposition": disposition("inline" if media_type else "attachment", name),
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Content-Type": media_type or "application/octet-stream",
            }
        )
        return response

    async def _may_have(self, request: web.Request, digest: str) -> bool:
        """It is in a conversation, or an answer being written, or this person has just brought it."""
        if (person_of(request), digest) in self._fresh or self._shows(digest):
            return True
        return any(owner.startswith(self._prefix) for owner in await self._rows.owner(digest))


async def _chunks(request: web.Request) -> AsyncIterator[bytes]:
    async for chunk in request.content.iter_chunked(CHUNK):
        yield chunk


def file_name(name: str) -> str:
    """A name without folders and without characters that could mislead."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in bare if char.isprintable()).strip()[:LONGEST_NAME] or "file"


def kind_in(name: str) -> str:
    return name.rpartition(".")[2][:10] if "." in name else "?"


def picture_type(head: bytes) -> str:
    """The media type of a picture that browsers may show; empty for everything else."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return ""


def disposition(kind: str, name: str) -> str:
    """A header that says how to show a file and what to call it, in any script."""
    plain = "".join(char if char.isascii() and char not in '"\\' else "_" for char in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
