"""From where bytes are fetched that a message names: a platform's own hosts alone."""

from collections.abc import Collection
from urllib.parse import urlsplit

from bot.settings import loopback


class Hosts:
    """The hosts of one platform."""

    def __init__(self, names: Collection[str], api_url: str) -> None:
        """A name that begins with a dot stands for itself and all below it.

        Where the platform's API is on this machine, as in tests, its files may be there, too.
        """
        self._names = tuple(names)
        self._here = loopback(urlsplit(api_url).hostname or "")

    def trusts(self, url: str) -> bool:
        """Whether bytes may be fetched from there."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        host = parts.hostname or ""
        if self._here and loopback(host):
            return True
        return (
            parts.scheme == "https"
            and "@" not in parts.netloc
            and any(
                host == name.removeprefix(".") or (name.startswith(".") and host.endswith(name))
                for name in self._names
            )
        )
