"""Sends a message with files."""

import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from io import BytesIO
from typing import Any

import discord
from discord.http import Route

from bot.events import File
from bot.files import Files

Json = dict[str, Any]
NAME_CHARS = 200


async def sender(
    route: Route, body: Json, files: Sequence[File], kept: Files
) -> Callable[[discord.Client], Awaitable[Json]]:
    """A call that posts a message, with the bytes of its files; it can be made again."""
    if not files:

        async def post(client: discord.Client) -> Json:
            posted: Json = await client.http.request(route, json=body)
            return posted

        return post
    contents = [await kept.read(file.digest) for file in files]

    async def upload(client: discord.Client) -> Json:
        with ExitStack() as opened:
            attached = [
                discord.File(opened.enter_context(BytesIO(content)), _name(file))
                for content, file in zip(contents, files, strict=True)
            ]
            about = [
                {"id": number, "filename": one.filename, "description": file.alt}
                for number, (one, file) in enumerate(zip(attached, files, strict=True))
                if file.alt
            ]
            said = body | ({"attachments": about} if about else {})
            form: list[Json] = [{"name": "payload_json", "value": json.dumps(said)}]
            form += [
                {
                    "name": f"files[{number}]",
                    "value": one.fp,
                    "filename": one.filename,
                    "content_type": file.media_type or "application/octet-stream",
                }
                for number, (one, file) in enumerate(zip(attached, files, strict=True))
            ]
            posted: Json = await client.http.request(route, form=form, files=attached)
            return posted

    return upload


def _name(file: File) -> str:
    return file.name.replace("/", "_")[-NAME_CHARS:] or "file"
