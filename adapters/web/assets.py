"""The page itself: files of this package, read once, sent again only when they have changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources

from aiohttp import web

TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the page."""

    body: bytes
    media_type: str
    etag: str

    async def give(self, request: web.Request) -> web.StreamResponse:
        headers = {"ETag": f'"{self.etag}"', "Cache-Control": "no-cache"}
        if self.etag in {tag.value for tag in request.if_none_match or ()}:
            return web.Response(status=304, headers=headers)
        return web.Response(body=self.body, content_type=self.media_type, charset="utf-8", headers=headers)


def load() -> dict[str, Asset]:
    """Every file by its name."""
    folder = resources.files("adapters.web") / "page"
    found = {}
    for file in folder.iterdir():
        media_type = TYPES.get(f".{file.name.rpartition('.')[2]}")
        if media_type:
            body = file.read_bytes()
            found[file.name] = Asset(body, media_type, sha256(body).hexdigest()[:20])
    return found


def routes(assets: dict[str, Asset]) -> Sequence[web.RouteDef]:
    return [
        web.get("/", assets["index.html"].give),
        web.get("/c/{conversation}", assets["index.html"].give),
        web.get("/login", assets["login.html"].give),
        *(web.get(f"/page/{name}", asset.give) for name, asset in assets.items()),
    ]


def paths(assets: dict[str, Asset]) -> frozenset[str]:
    """What is no secret: the page without anything on it."""
    return frozenset(f"/page/{name}" for name in assets)
