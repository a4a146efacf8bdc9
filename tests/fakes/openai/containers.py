"""Containers: they expire, know who wrote a file, and sometimes list one twice."""

import time
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

from tests.fakes.openai.running import Running
from tests.fakes.openai.script import Computes
from tests.fakes.openai.wire import ApiError, Ids, Json

IMPLICIT = "cntr_1"  # where Python runs when a request declares none: as the service does with `auto`


@dataclass(slots=True)
class ContainerFile:
    """One file in a container."""

    id: str
    name: str
    data: bytes
    source: Literal["user", "assistant"]
    created_at: int = field(default_factory=lambda: int(time.time()))


@dataclass(slots=True)
class Container:
    """One container."""

    id: str
    name: str = ""
    minutes: int = 20
    files: dict[str, ContainerFile] = field(default_factory=dict)

    def names(self, source: str) -> dict[str, bytes]:
        """What lies in it, by name."""
        return {file.name: file.data for file in self.files.values() if file.source == source}


class Containers:
    """All containers of the account; with `known=False` the server has never heard of any."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.known = True
        self.all: dict[str, Container] = {}
        self.dead: set[str] = set()

    def expire(self, id: str) -> None:  # noqa: A002 - the service calls it so
        """Let one die of old age: its files are lost, and every request that needs it fails."""
        self.dead.add(id)
        self.all[id].files.clear()

    def get(self, id: str) -> Container:  # noqa: A002 - the service calls it so
        self._heard_of()
        if id not in self.all:
            raise ApiError(404, f"Container with id '{id}' not found.")
        return self.all[id]

    def living(self, id: str) -> Container:  # noqa: A002 - the service calls it so
        container = self.get(id)
        if id in self.dead:
            raise ApiError(400, "Container is expired.")
        return container

    def check(self, body: Json) -> None:
        """The container that a request names must live."""
        for tool in body.get("tools") or []:
            if tool["type"] == "code_interpreter" and isinstance(tool["container"], str):
                self.living(tool["container"])

    def place(self, body: Json) -> str:
        """Where the Python of a response runs."""
        for tool in body.get("tools") or []:
            if tool["type"] == "code_interpreter" and isinstance(tool["container"], str):
                return str(tool["container"])
        return IMPLICIT

    def run(self, running: Running) -> None:
        """Files that a response's Python wrote appear in its container."""
        for output in running.play.outputs:
            if isinstance(output, Computes):
                place = self.place(running.body)
                files = self.all.setdefault(place, Container(place)).files
                files.update(
                    {id_: ContainerFile(id_, name, data, "assistant") for id_, name, data in output.files}
                )

    # -- requests ------------------------------------------------------------------------------

    def create(self, body: Json) -> Json:
        self._heard_of()
        unknown = set(body) - {"name", "expires_after", "memory_limit", "file_ids"}
        if unknown or not body.get("name"):
            raise ApiError(400, f"Invalid body: {sorted(unknown) or 'name'}.", code="invalid_value")
        expires = body.get("expires_after") or {"anchor": "last_active_at", "minutes": 20}
        if expires.get("anchor") != "last_active_at" or not 1 <= expires.get("minutes", 0) <= 20:
            raise ApiError(400, "Invalid 'expires_after'.", param="expires_after")
        container = Container(self._ids("cntr"), body["name"], expires["minutes"])
        self.all[container.id] = container
        return self.shown(container)

    def list_all(self, query: dict[str, str]) -> Json:
        self._heard_of()
        found = [self.shown(container) for container in self.all.values()][: int(query.get("limit", 20))]
        return {
            "object": "list",
            "data": found,
            "first_id": found[0]["id"] if found else None,
            "last_id": found[-1]["id"] if found else None,
            "has_more": len(found) < len(self.all),
        }

    def shown(self, container: Container) -> Json:
        return {
            "id": container.id,
            "object": "container",
            "created_at": int(time.time()),
            "last_active_at": int(time.time()),
            "status": "expired" if container.id in self.dead else "running",
            "expires_after": {"anchor": "last_active_at", "minutes": container.minutes},
            "memory_limit": "1g",
            "name": container.name,
        }

    def delete(self, id: str) -> Json:  # noqa: A002 - the service calls it so
        self.get(id)
        del self.all[id]
        return {"id": id, "object": "container.deleted", "deleted": True}

    def delete_file(self, id: str, file: str) -> Json:  # noqa: A002 - the service calls it so
        container = self.living(id)
        if file not in container.files:
            raise ApiError(404, f"Container file with id '{file}' not found.")
        del container.files[file]
        return {"id": file, "object": "container.file.deleted", "deleted": True}

    async def put(self, request: web.Request) -> Json:
        container = self.living(request.match_info["id"])
        form = await request.post()
        file = form.get("file")
        if not isinstance(file, web.FileField) or set(form) != {"file"}:
            raise ApiError(400, "Missing required parameter: 'file'.", param="file")
        made = ContainerFile(self._ids("cfile"), file.filename, file.file.read(), "user")
        container.files[made.id] = made
        return file_shown(container, made)

    def list(self, id: str, query: dict[str, str]) -> Json:  # noqa: A002 - the service calls it so
        container = self.living(id)
        files = [file_shown(container, file) for file in container.files.values()]
        if query.get("order", "desc") == "desc":
            files.reverse()
        limit = int(query.get("limit", 20))
        return {
            "object": "list",
            "data": files[:limit],
            "first_id": files[0]["id"] if files else None,
            "last_id": files[:limit][-1]["id"] if files else None,
            "has_more": len(files) > limit,
        }

    def content(self, id: str, file: str) -> bytes:  # noqa: A002 - the service calls it so
        container = self.living(id)
        if file not in container.files:
            raise ApiError(404, f"Container file with id '{file}' not found.")
        return container.files[file].data

    def _heard_of(self) -> None:
        if not self.known:
            raise ApiError(404, "Invalid URL (/v1/containers)")


def file_shown(container: Container, file: ContainerFile) -> Json:
    return {
        "id": file.id,
        "object": "container.file",
        "container_id": container.id,
        "path": f"/mnt/data/{file.name}",
        "bytes": len(file.data),
        "created_at": file.created_at,
        "source": file.source,
    }
