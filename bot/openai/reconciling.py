"""Compares what lies in vector stores with our rows, and lets go of what only one side knows."""

import logging
import re
from http import HTTPStatus as Status
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from bot.clock import Clock
from bot.knowledge.ports import Uploads
from bot.openai.errors import ServiceError
from bot.ports import Remote, Remotes

if TYPE_CHECKING:
    from bot.openai.client import Client

MINE = "maru"  # the key under which a store says which installation made it
SETTLED = 3_600.0  # seconds after which nobody is still at work on a thing, and lists show it
UPLOADED = re.compile(r"\.[0-9a-f]{10}\.md$")  # ends the name of a file that some installation uploaded
NAME = 80  # characters of a file's name that are kept
NO_STORES = {Status.NOT_FOUND, Status.METHOD_NOT_ALLOWED, Status.NOT_IMPLEMENTED}

log = logging.getLogger(__name__)


def file_name(path: str, mark: str) -> str:
    """The name of a file that an installation uploads."""
    return f"{PurePosixPath(path).stem[:NAME] or 'document'}.{mark}.md"


class Reconciling:
    """Runs once."""

    def __init__(self, client: "Client", uploads: Uploads, remotes: Remotes, clock: Clock, mark: str) -> None:
        self._client = client
        self._uploads = uploads
        self._remotes = remotes
        self._mark = mark
        self._before = clock.now() - SETTLED

    async def run(self) -> None:
        """Orphans are named as such and deleted by whoever sweeps them; what is lost is let go of here."""
        try:
            for file in await self._uploads.pending(self._before):
                await self._uploads.discard(file)
            await self._unknown_stores()
            await self._unknown_files()
            for collection, store in (await self._uploads.stores()).items():
                await self._compare(collection, store)
        except ServiceError as error:
            if error.status not in NO_STORES:
                log.warning("the vector stores could not be compared: %s", error)

    async def _unknown_stores(self) -> None:
        found = [
            Remote("vector_store", str(store["id"]), "")
            async for store in self._client.vectors.stores()
            if (store.get("metadata") or {}).get(MINE) == self._mark and store["created_at"] < self._before
        ]
        known = set((await self._uploads.stores()).values())
        await self._remotes.made([remote for remote in found if remote.id not in known])

    async def _unknown_files(self) -> None:
        found = [
            Remote("file", str(file["id"]), "")
            async for file in self._client.vectors.uploads()
            if str(file["filename"]).endswith(f".{self._mark}.md") and file["created_at"] < self._before
        ]
        known = await self._uploads.known({remote.id for remote in found})
        await self._remotes.made([remote for remote in found if remote.id not in known])

    async def _compare(self, collection: str, store: str) -> None:
        """What of a store and of our rows of it the other side does not have."""
        rows = await self._uploads.listed(collection)
        try:
            there = {str(file["id"]): file async for file in self._client.vectors.files(store)}
        except ServiceError as error:
            if not (error.missing or error.store_gone):
                raise
            log.warning("the vector store of %s is gone at OpenAI; the next sync fills a new one", collection)
            await self._uploads.close(collection)
            return
        for file in there.keys() - {upload.file for upload in rows}:
            if there[file]["created_at"] < self._before:
                await self._client.vectors.take_out(store, file)
        for file in (upload.file for upload in rows if upload.ready):
            if file not in there and await self._missing(store, file):
                log.warning("%s: a document is gone at OpenAI; the next sync uploads it anew", collection)
                await self._uploads.discard(file)

    async def _missing(self, store: str, file: str) -> bool:
        """Asked for itself, because a list may be behind."""
        try:
            await self._client.vectors.file(store, file)
        except ServiceError as error:
            if not error.missing:
                raise
            return True
        return False
