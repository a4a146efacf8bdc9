"""Keeps other sites out: which names we answer to, where a request comes from, what our page may do."""

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to
SAFE_METHODS = frozenset({"GET", "HEAD"})

# What is asked for by name in the address bar is nobody's but the person's own doing.
OWN_SITES = frozenset({"same-origin", "none"})

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types maru"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Names:
    """The host names that we answer to. A name that is not ours was pointed at us: DNS rebinding."""

    def __init__(self, host: str, public_url: str) -> None:
        public = urlsplit(public_url)
        self._names = LOOPBACK_NAMES | {host.lower(), (public.hostname or "").lower()} - {""}
        self._public = f"{public.scheme}://{public.netloc}".lower() if public.netloc else ""
        # Bound to every address we cannot know them all; but a name that leads astray is no IP address.
        self._any_address = host in WILDCARDS

    def ours(self, host: str) -> bool:
        name = (urlsplit(f"//{host}").hostname or "").lower()
        if name in self._names:
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return self._any_address

    def own_origin(self, origin: str, host: str) -> bool:
        """Whether a page that was served by us says so."""
        origin = origin.lower()
        return origin in {f"http://{host.lower()}", f"https://{host.lower()}"} or (
            origin == self._public != ""
        )


def guard(names: Names, outside: Iterable[str]) -> Middleware:
    """Refuses what another site sent, and sets the headers. `outside` are paths that guard themselves."""
    free = frozenset(outside)

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path not in free:
            if not hosted(request, names):
                raise web.HTTPMisdirectedRequest(text="This is not the address of this page.\n")
            if not from_us(request, names):
                raise web.HTTPForbidden(text="Other sites may not do this.\n")
        return await handler(request)

    return middleware


def hosted(request: web.Request, names: Names) -> bool:
    try:
        return names.ours(request.headers.get("Host", ""))
    except ValueError:
        return False


def from_us(request: web.Request, names: Names) -> bool:
    """Whether our own page, the person, or a program sent this; never a page of another site."""
    safe = request.method in SAFE_METHODS
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    mode, dest = request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest")
    if safe and (mode, dest) == ("navigate", "document"):
        # A link from elsewhere opens the page; what it opens cannot be read or framed there.
        return True
    if site is not None and site not in OWN_SITES:
        return False
    if origin is not None and not names.own_origin(origin, request.headers.get("Host", "")):
        return False
    # Every browser says where a change comes from.
    return safe or site is not None or origin is not None


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """A signal of the application: sets what is not set yet."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "Maru"
