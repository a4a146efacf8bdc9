"""A request as the routes see it: its JSON body and the files that came with it."""

import json
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

from tests.fakes.discord.wire import DiscordError, Json, invalid

REQUEST_LIMIT = 25 * 2**20


@dataclass
class Call:
    """What was asked, with its route's parts as attributes of `path`."""

    method: str
    path: dict[str, str]
    query: dict[str, str]
    body: Json = field(default_factory=dict)
    files: dict[str, tuple[str, bytes, str]] = field(default_factory=dict)  # number -> name, content, type


async def read(request: web.Request) -> Call:
    call = Call(request.method, dict(request.match_info), dict(request.query))
    if not request.can_read_body:
        return call
    if request.content_type == "multipart/form-data":
        await _read_parts(request, call)
    elif request.content_type == "application/json":
        call.body = _parse(await request.read())
    else:
        raise DiscordError(
            400, 50035, "Expected \"Content-Type\" header to be one of {'application/json', …}"
        )
    return call


async def _read_parts(request: web.Request, call: Call) -> None:
    total = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise invalid("files", "MULTIPART", "Nested parts")
        content = bytes(await part.read())
        total += len(content)
        name = part.name or ""
        if name == "payload_json":
            call.body = _parse(content)
        elif name.startswith("files[") and name.endswith("]"):
            media_type = part.headers.get("Content-Type", "application/octet-stream")
            call.files[name[6:-1]] = (part.filename or "file", content, media_type)
        else:
            raise invalid(name, "UNKNOWN_FIELD", "There is no such field")
    if total > REQUEST_LIMIT:
        raise DiscordError(413, 40005, "Request entity too large")


def _parse(content: bytes) -> Json:
    try:
        parsed = json.loads(content)
    except ValueError as error:
        raise DiscordError(400, 50109, "The request body contains invalid JSON.") from error
    return parsed if isinstance(parsed, dict) else {"_list": parsed}
