"""What an operator needs to set Slack up: the app's manifest for their installation."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from importlib import resources
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Way:
    """How an installation of Maru is connected to Slack."""

    public_url: str = ""  # where Slack and browsers reach the web server
    http: bool = False  # Slack calls it, instead of Socket Mode
    oauth: bool = False  # several workspaces install it
    org: bool = False  # so may whole organisations
    rotation: bool = False  # their tokens end after twelve hours; Slack never switches that off again

    @property
    def events_url(self) -> str:
        return f"{self.public_url.rstrip('/')}/slack/events"

    @property
    def redirect_url(self) -> str:
        return f"{self.public_url.rstrip('/')}/slack/oauth_redirect"

    @property
    def install_url(self) -> str:
        return f"{self.public_url.rstrip('/')}/slack/install"


def manifest(way: Way | None = None) -> Json:
    """The manifest to create the app from; without a way the one that ships, for Socket Mode."""
    text = resources.files("adapters.slack").joinpath("manifest.json").read_text(encoding="utf-8")
    found: Json = json.loads(text)
    if way is None:
        return found
    settings = found["settings"]
    if way.http:
        settings["socket_mode_enabled"] = False
        settings["event_subscriptions"]["request_url"] = way.events_url
        settings["interactivity"]["request_url"] = way.events_url
        for command in found["features"]["slash_commands"]:
            command["url"] = way.events_url
    if way.oauth:
        found["oauth_config"]["redirect_urls"] = [way.redirect_url]
    settings["org_deploy_enabled"], settings["token_rotation_enabled"] = way.org, way.rotation
    return found


def missing_scopes(granted: Collection[str]) -> list[str]:
    """The scopes of the manifest that a token lacks; Slack lists a token's in `x-oauth-scopes`."""
    wanted: list[str] = manifest()["oauth_config"]["scopes"]["bot"]
    return [scope for scope in wanted if scope not in granted]


def differences(app: Json, way: Way) -> list[str]:
    """What an app lacks that its manifest should have, and where to put it right; more is no harm."""
    wanted = manifest(way)
    found: list[str] = []
    scopes = _lacking(app, wanted, "oauth_config", "scopes", "bot")
    events = _lacking(app, wanted, "settings", "event_subscriptions", "bot_events")
    if scopes:
        found.append(f"OAuth & Permissions: add the bot scopes {scopes}, and install the app again.")
    if events:
        found.append(f"Event Subscriptions: subscribe to the bot events {events}.")
    if redirects := _lacking(app, wanted, "oauth_config", "redirect_urls"):
        found.append(f"OAuth & Permissions: add the redirect address {redirects}.")
    for where, path in SWITCHES.items():
        right, there = _at(wanted, *path), _at(app, *path)
        if right is not None and right != there:
            found.append(f"{where}: should be {_shown(right)}, and is {_shown(there)}.")
    if not _at(app, "features", "agent_view"):
        found.append("Agents: declare the app an agent; without that it shows no status and no suggestions.")
    found += [
        f"{where}: {name} is missing."
        for where, names, key in LISTS
        for name in _unnamed(app, wanted, names, key)
    ]
    return found


SWITCHES: dict[str, tuple[str, ...]] = {
    "Socket Mode": ("settings", "socket_mode_enabled"),
    "Interactivity & Shortcuts": ("settings", "interactivity", "is_enabled"),
    "Interactivity & Shortcuts, Request URL": ("settings", "interactivity", "request_url"),
    "Event Subscriptions, Request URL": ("settings", "event_subscriptions", "request_url"),
    "App Home, Messages Tab": ("features", "app_home", "messages_tab_enabled"),
    "App Home, Messages Tab, read only": ("features", "app_home", "messages_tab_read_only_enabled"),
    "App Home, Home Tab": ("features", "app_home", "home_tab_enabled"),
}
LISTS = (
    ("Slash Commands", "slash_commands", "command"),
    ("Interactivity & Shortcuts", "shortcuts", "callback_id"),
)


def _shown(value: object) -> str:
    return "on" if value is True else str(value or "off")


def _at(found: Json, *path: str) -> Any:
    value: Any = found
    for name in path:
        value = (value or {}).get(name)
    return value


def _lacking(app: Json, wanted: Json, *path: str) -> str:
    has = set(_at(app, *path) or ())
    return ", ".join(name for name in _at(wanted, *path) or () if name not in has)


def _unnamed(app: Json, wanted: Json, names: str, key: str) -> list[str]:
    has = {str(one.get(key)) for one in _at(app, "features", names) or ()}
    return [str(one[key]) for one in _at(wanted, "features", names) if str(one[key]) not in has]
