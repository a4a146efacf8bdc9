"""What settings may look like; each type reads what an operator wrote, and says what to write instead."""

import re
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import BeforeValidator, SecretStr

from bot.places import identified

LAST_PORT = 65_535
PLACE = re.compile(r"slack:[A-Z0-9]+(/[A-Z0-9]+)?|discord:\d+")


def _address(value: object) -> tuple[str, int] | None:
    if value == "off":
        return None
    if isinstance(value, tuple):
        return value
    host, colon, port = str(value).rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > LAST_PORT:
        raise ValueError("give it as HOST:PORT, such as 127.0.0.1:8765, or as off")
    return host.strip("[]"), int(port)


def _database(value: object) -> Path:
    if isinstance(value, Path):
        return value
    parts = urlsplit(str(value))
    if parts.scheme != "sqlite" or parts.netloc or parts.path.strip("/") in {"", ":memory:"}:
        raise ValueError("give it as sqlite:///relative/path.db or sqlite:////absolute/path.db")
    return Path(unquote(parts.path[1:]))


def _http(value: object) -> object:
    if value and not _reachable(str(value), {"http", "https"}):
        raise ValueError("give it as an address that begins with http:// or https://")
    return value


def _socket(value: object) -> object:
    if not _reachable(str(value), {"ws", "wss"}):
        raise ValueError("give it as an address that begins with ws:// or wss://")
    return value


def _reachable(address: str, schemes: set[str]) -> bool:
    """Whether it names a host, and a port that there can be."""
    try:
        parts = urlsplit(address)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # the port is none
        return False


def _key(value: object) -> object:
    # It travels in a header, which takes nothing else.
    if isinstance(value, str) and not re.fullmatch(r"[!-~]*", value.strip()):
        raise ValueError("a key has no spaces and no letters with accents; copy it again")
    return value


def _folder(value: object) -> object:
    if isinstance(value, str) and not Path(value).is_dir():
        raise ValueError("there is no such folder; create it, or unset this")
    return value


def _file(value: object) -> object:
    if isinstance(value, str) and not Path(value).is_file():
        raise ValueError("there is no such file; create it, or unset this")
    return value


def _pins(value: object) -> object:
    if not isinstance(value, str):
        return value
    pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
    if not all(identified(place.strip()) and name.strip() for place, _, name in pairs):
        raise ValueError("give it as place=assistant, with commas: slack:T1/C1=weather,discord:G1/C1=travel")
    return {place.strip(): name.strip() for place, _, name in pairs}


def _places(value: object) -> object:
    names = _names(value)
    if isinstance(names, tuple) and not all(PLACE.fullmatch(name) for name in names):
        raise ValueError("give it as platform:id with commas, such as slack:T0123456789,discord:1234")
    return names


def _names(value: object) -> object:
    return (
        tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value
    )


def _authors(value: object) -> object:
    names = _names(value)
    if isinstance(names, tuple) and not all(identified(name) for name in names):
        raise ValueError("give ids with their platform and commas, such as slack:T1/U1,discord:42")
    return names


def _channels(value: object) -> object:
    names = _names(value)
    if isinstance(names, tuple) and not all(name == "all" or name.isdecimal() for name in names):
        raise ValueError("give the channels' ids with commas (right-click one, Copy Channel ID), or all")
    return names


def _shards(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(\d+)(?:-(\d+))?/(\d+)", value)
    first, last, count = (int(number or found[1]) for number in found.groups()) if found else (0, 0, 0)
    if not first <= last < count:
        raise ValueError("give it as FIRST-LAST/ALL, such as 0-3/16: they are counted from 0")
    return first, last, count


Address = Annotated[tuple[str, int] | None, BeforeValidator(_address)]
Database = Annotated[Path, BeforeValidator(_database)]
Key = Annotated[SecretStr | None, BeforeValidator(_key)]
Url = Annotated[str, BeforeValidator(_http)]
Socket = Annotated[str, BeforeValidator(_socket)]
Folder = Annotated[Path | None, BeforeValidator(_folder)]
File = Annotated[Path | None, BeforeValidator(_file)]
Pins = Annotated[dict[str, str], BeforeValidator(_pins)]
Places = Annotated[tuple[str, ...], BeforeValidator(_places)]
Authors = Annotated[tuple[str, ...], BeforeValidator(_authors)]
Channels = Annotated[tuple[str, ...], BeforeValidator(_channels)]
Shards = Annotated[tuple[int, int, int] | None, BeforeValidator(_shards)]
