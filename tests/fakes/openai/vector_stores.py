"""Vector stores: batches that take their time, lists that lag, and deletions that are not seen at once."""

import operator
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from openai.types.vector_store_create_params import VectorStoreCreateParams
from openai.types.vector_store_search_params import VectorStoreSearchParams
from openai.types.vector_stores.file_batch_create_params import FileBatchCreateParams

from tests.fakes.openai.uploads import Upload, Uploads
from tests.fakes.openai.validate import Shape
from tests.fakes.openai.wire import ApiError, Ids, Json, page, read_json

STORE = Shape(VectorStoreCreateParams)
BATCH = Shape(FileBatchCreateParams)
SEARCH = Shape(VectorStoreSearchParams)
MOST_FILES = 2_000  # of a batch
PIECE, OVERLAP = 3_200, 1_600  # characters: 800 tokens, of which 400 stand in the next piece too
SUPPORTED = re.compile(r"\.(md|txt|pdf|docx|doc|pptx|html|json|py|c|cpp|cs|css|go|java|js|php|rb|sh|tex|ts)$")
MOST_ATTRIBUTES, LONGEST_KEY, LONGEST_VALUE = 16, 64, 512


@dataclass(slots=True)
class StoredFile:
    """A file in a store."""

    id: str
    text: str
    attributes: Json
    name: str
    created_at: int
    status: str = "in_progress"
    error: Json | None = None
    lingers: int = -1  # searches in which it is still found after it was taken out; -1: it is there

    def shown(self, store: str) -> Json:
        return {
            "id": self.id,
            "object": "vector_store.file",
            "usage_bytes": 2 * len(self.text.encode()) if self.status == "completed" else 0,
            "created_at": self.created_at,
            "vector_store_id": store,
            "status": self.status,
            "last_error": self.error,
            "attributes": self.attributes,
        }


@dataclass(slots=True)
class Batch:
    """Files that are indexed together."""

    id: str
    files: list[StoredFile]
    left: int  # looks at it until it is done
    lag: int  # looks at its list in which the last file is missing


@dataclass(slots=True)
class Store:
    """One vector store."""

    id: str
    name: str
    metadata: Json
    created_at: int
    status: str = "completed"
    files: dict[str, StoredFile] = field(default_factory=dict)
    gone: list[StoredFile] = field(default_factory=list)  # taken out, and still found for a while
    batches: dict[str, Batch] = field(default_factory=dict)

    def shown(self) -> Json:
        counts = {
            status: sum(file.status == status for file in self.files.values())
            for status in ("in_progress", "completed", "cancelled", "failed")
        }
        return {
            "id": self.id,
            "object": "vector_store",
            "created_at": self.created_at,
            "name": self.name,
            "metadata": self.metadata,
            "status": self.status,
            "usage_bytes": sum(file.shown("")["usage_bytes"] for file in self.files.values()),
            "file_counts": {**counts, "total": len(self.files)},
            "last_active_at": self.created_at,
        }


class VectorStores:
    """All of the account. `breaks` says which files cannot be indexed: a part of the name or text -> code."""

    def __init__(self, ids: Ids, uploads: Uploads) -> None:
        self._ids = ids
        self._uploads = uploads
        self.all: dict[str, Store] = {}
        self.breaks: dict[str, str] = {}
        self.looks = 2  # at a batch, until it is done
        self.lag = 1
        self.lingers = 1
        self.batches: list[int] = []  # how many files each batch had
        self.now: Callable[[], float] = time.time

    def routes(self) -> dict[tuple[str, str], Callable[[web.Request], Any]]:
        store = "/v1/vector_stores/{id}"
        return {
            ("POST", "/v1/vector_stores"): self.create,
            ("GET", "/v1/vector_stores"): self.listed,
            ("GET", store): self.retrieve,
            ("DELETE", store): self.delete,
            ("POST", f"{store}/search"): self.search,
            ("POST", f"{store}/file_batches"): self.add,
            ("GET", f"{store}/file_batches/{{batch}}"): self.batch,
            ("GET", f"{store}/file_batches/{{batch}}/files"): self.batched,
            ("GET", f"{store}/files"): self.files,
            ("GET", f"{store}/files/{{file}}"): self.file,
            ("DELETE", f"{store}/files/{{file}}"): self.take_out,
        }

    # -- what tests do -------------------------------------------------------------------------

    def expire(self, store: str) -> None:
        self.all[store].status = "expired"

    @property
    def paths(self) -> dict[str, list[str]]:
        """Name of each store -> the paths that can be found in it."""
        return {
            store.name: sorted(
                str(file.attributes["path"]) for file in store.files.values() if file.status == "completed"
            )
            for store in self.all.values()
        }

    # -- what the service does -----------------------------------------------------------------

    async def create(self, request: web.Request) -> Json:
        body = STORE.check(await read_json(request))
        made = Store(self._ids("vs"), body.get("name") or "", body.get("metadata") or {}, int(self.now()))
        self.all[made.id] = made
        return made.shown()

    async def listed(self, request: web.Request) -> Json:
        stores = sorted(self.all.values(), key=lambda store: store.id, reverse=True)
        return page([store.shown() for store in stores], dict(request.query))

    async def retrieve(self, request: web.Request) -> Json:
        return self._get(request).shown()

    async def delete(self, request: web.Request) -> Json:
        store = self._get(request)
        del self.all[store.id]
        return {"id": store.id, "object": "vector_store.deleted", "deleted": True}

    async def add(self, request: web.Request) -> Json:
        store = self._living(request)
        body = BATCH.check(await read_json(request))
        entries = body.get("files") or [{"file_id": file} for file in body.get("file_ids") or []]
        if ("files" in body) == ("file_ids" in body) or not 0 < len(entries) <= MOST_FILES:
            raise ApiError(400, "Exactly one of 'file_ids' and 'files' is required.", param="files")
        self._uploads.check({entry["file_id"] for entry in entries})
        files = [self._stored(self._uploads.get(entry["file_id"]), entry) for entry in entries]
        store.files |= {file.id: file for file in files}
        batch = Batch(self._ids("vsfb"), files, self.looks, self.lag)
        store.batches[batch.id] = batch
        self.batches.append(len(files))
        return self._shown(store, batch)

    def _stored(self, upload: Upload, entry: Json) -> StoredFile:
        attributes = entry.get("attributes") or {}
        if len(attributes) > MOST_ATTRIBUTES or any(
            len(key) > LONGEST_KEY or len(str(value)) > LONGEST_VALUE for key, value in attributes.items()
        ):
            raise ApiError(400, "Invalid 'attributes'.", param="attributes", code="invalid_value")
        if upload.purpose != "assistants":
            raise ApiError(400, f"File {upload.id} has the wrong purpose.", param="files")
        text = upload.data.decode(errors="replace")
        return StoredFile(upload.id, text, attributes, upload.name, int(self.now()))

    async def batch(self, request: web.Request) -> Json:
        store = self._get(request)
        batch = self._batch(store, request)
        batch.left -= 1
        if batch.left <= 0:
            for file in batch.files:
                self._finish(file)
        return self._shown(store, batch)

    def _finish(self, file: StoredFile) -> None:
        if file.status != "in_progress":
            return
        code = next((code for part, code in self.breaks.items() if part in file.name + file.text), "")
        if not SUPPORTED.search(file.name):
            code = "unsupported_file"
        elif not file.text.strip():
            code = "invalid_file"
        file.status = "failed" if code else "completed"
        file.error = {"code": code, "message": "It cannot be read."} if code else None

    async def batched(self, request: web.Request) -> Json:
        """Just after the end of a batch, its list does not have everything yet."""
        store = self._get(request)
        batch = self._batch(store, request)
        shown = batch.files[: -1 if batch.lag > 0 else None]
        batch.lag -= 1
        return page([file.shown(store.id) for file in shown], dict(request.query))

    async def files(self, request: web.Request) -> Json:
        store = self._living(request)
        return page([file.shown(store.id) for file in self._there(store)], dict(request.query))

    async def file(self, request: web.Request) -> Json:
        store = self._get(request)
        found = {file.id: file for file in self._there(store)}.get(request.match_info["file"])
        if found is None:
            raise ApiError(404, f"No file found with id '{request.match_info['file']}' in vector store.")
        return found.shown(store.id)

    async def take_out(self, request: web.Request) -> Json:
        store = self._get(request)
        file = store.files.pop(request.match_info["file"], None)
        if file is None:
            raise ApiError(404, f"No file found with id '{request.match_info['file']}' in vector store.")
        file.lingers = self.lingers
        store.gone.append(file)
        return {"id": file.id, "object": "vector_store.file.deleted", "deleted": True}

    async def search(self, request: web.Request) -> Json:
        store = self._living(request)
        body = SEARCH.check(await read_json(request))
        if not str(body["query"]).strip():
            raise ApiError(400, "Invalid 'query': it is empty.", param="query")
        most = body.get("max_num_results", 10)
        if not 1 <= most <= 50:
            raise ApiError(400, "Invalid 'max_num_results'.", param="max_num_results")
        data = [
            {**found, "content": [{"type": "text", "text": found["text"]}]}
            for found in self.found([store.id], str(body["query"]), most, body.get("filters"))
        ]
        for entry in data:
            del entry["text"]
        return {
            "object": "vector_store.search_results.page",
            "search_query": [body["query"]],
            "data": data,
            "has_more": False,
            "next_page": None,
        }

    def check(self, stores: Sequence[str]) -> None:
        """The stores that a response searches must be there."""
        for store in stores:
            if store not in self.all:
                raise ApiError(404, f"Vector store with id [{store}] not found.", param="tools")
            if self.all[store].status == "expired":
                raise ApiError(400, f"Vector store {store} is expired.", param="tools")

    def found(self, stores: Sequence[str], query: str, most: int, filters: Json | None = None) -> list[Json]:
        """The pieces that share most with a query; words that only resemble each other count too."""
        asked = shingles(query)
        found = []
        for store in (self.all[name] for name in stores):
            lingering = [file for file in store.gone if file.lingers > 0]
            for file in lingering:
                file.lingers -= 1
            for file in [*self._there(store), *lingering]:
                if file.status == "completed" and fits(file.attributes, filters):
                    found += [
                        {
                            "file_id": file.id,
                            "filename": file.name,
                            "score": len(asked & shingles(text)) / (len(asked) or 1),
                            "attributes": file.attributes,
                            "text": text,
                        }
                        for text in pieces(file.text)
                    ]
        fitting = [piece for piece in found if piece["score"]]
        return sorted(fitting, key=lambda piece: -float(str(piece["score"])))[:most]

    def _there(self, store: Store) -> Sequence[StoredFile]:
        """What was deleted as a File leaves its stores by itself."""
        for id_ in [id_ for id_ in store.files if id_ not in self._uploads.all]:
            file = store.files.pop(id_)
            file.lingers = self.lingers
            store.gone.append(file)
        return tuple(store.files.values())

    def _get(self, request: web.Request) -> Store:
        store = self.all.get(request.match_info["id"])
        if store is None:
            raise ApiError(404, f"Vector store with id [{request.match_info['id']}] not found.")
        return store

    def _living(self, request: web.Request) -> Store:
        store = self._get(request)
        if store.status == "expired":
            raise ApiError(400, f"Vector store {store.id} is expired.")
        return store

    @staticmethod
    def _batch(store: Store, request: web.Request) -> Batch:
        if request.match_info["batch"] not in store.batches:
            raise ApiError(404, f"No batch found with id '{request.match_info['batch']}'.")
        return store.batches[request.match_info["batch"]]

    @staticmethod
    def _shown(store: Store, batch: Batch) -> Json:
        statuses = [file.status for file in batch.files]
        counts = {name: statuses.count(name) for name in ("in_progress", "completed", "cancelled", "failed")}
        return {
            "id": batch.id,
            "object": "vector_store.files_batch",
            "created_at": store.created_at,
            "vector_store_id": store.id,
            "status": "in_progress" if counts["in_progress"] else "completed",
            "file_counts": {**counts, "total": len(statuses)},
        }


def fits(attributes: Json, filters: Json | None) -> bool:
    """Whether a file may be found; one that lacks the attribute fits no comparison."""
    if filters is None:
        return True
    kind = filters["type"]
    if kind in {"and", "or"}:
        return (all if kind == "and" else any)(fits(attributes, one) for one in filters["filters"])
    compare = {"eq": operator.eq, "ne": operator.ne, "gte": operator.ge, "lte": operator.le}[kind]
    key = filters["key"]
    return key in attributes and bool(compare(attributes[key], filters["value"]))


def pieces(text: str) -> list[str]:
    """A text as the service cuts it."""
    return [text[start : start + PIECE] for start in range(0, max(len(text) - OVERLAP, 1), PIECE - OVERLAP)]


def shingles(text: str) -> set[str]:
    """Short runs of letters: what makes two words resemble each other."""
    squeezed = re.sub(r"\s+", " ", text.lower())
    return {squeezed[at : at + 3].strip() for at in range(len(squeezed))} - {""}
