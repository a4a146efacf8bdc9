"""Uploaded files."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from tests.fakes.openai.wire import ApiError, Ids, Json, page

PURPOSES = {"assistants", "batch", "fine-tune", "vision", "user_data", "evals"}
EXPIRY = range(3_600, 2_592_001)  # seconds


@dataclass(slots=True)
class Upload:
    """One uploaded file."""

    id: str
    name: str
    purpose: str
    data: bytes
    expires_at: int | None
    created_at: int

    def shown(self) -> Json:
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.data),
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "filename": self.name,
            "purpose": self.purpose,
            "status": "processed",
        }


class Uploads:
    """All files of the account."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.all: dict[str, Upload] = {}
        self.now: Callable[[], float] = time.time

    async def create(self, request: web.Request) -> Json:
        form = await request.post()
        unknown = set(form) - {"file", "purpose", "expires_after[anchor]", "expires_after[seconds]"}
        if unknown:
            raise ApiError(400, f"Unknown parameter: '{min(unknown)}'.", code="unknown_parameter")
        file, purpose = form.get("file"), form.get("purpose")
        if not isinstance(file, web.FileField):
            raise ApiError(400, "Missing required parameter: 'file'.", param="file")
        if purpose not in PURPOSES:
            raise ApiError(400, f"{purpose!r} is not one of {sorted(PURPOSES)}.", param="purpose")
        expires_at = None
        if "expires_after[seconds]" in form:
            seconds = int(str(form["expires_after[seconds]"]))
            if seconds not in EXPIRY or form.get("expires_after[anchor]") != "created_at":
                raise ApiError(400, "Invalid 'expires_after'.", param="expires_after")
            expires_at = int(time.time()) + seconds
        data = file.file.read()
        if not data:
            raise ApiError(400, "File is empty.", param="file")
        upload = Upload(
            self._ids("file").replace("_", "-"),
            file.filename,
            str(purpose),
            data,
            expires_at,
            int(self.now()),
        )
        self.all[upload.id] = upload
        return upload.shown()

    def list(self, query: dict[str, str]) -> Json:
        """The newest first."""
        shown = [upload.shown() for upload in reversed(self.all.values())]
        wanted = [upload for upload in shown if query.get("purpose", upload["purpose"]) == upload["purpose"]]
        return page(wanted, query)

    def get(self, id: str) -> Upload:  # noqa: A002 - the service calls it so
        if id not in self.all:
            raise ApiError(404, f"No such File object: {id}", param="id")
        return self.all[id]

    def delete(self, id: str) -> Json:  # noqa: A002 - the service calls it so
        self.get(id)
        del self.all[id]
        return {"id": id, "object": "file", "deleted": True}

    def check(self, ids: set[str]) -> None:
        """Every file that a request refers to must still be there."""
        for missing in sorted(ids - self.all.keys()):
            raise ApiError(404, f"File with ID '{missing}' not found.", param="input")
