"""What an operator needs to set Slack up: the app's manifest, and what a token still lacks."""

import json
from collections.abc import Collection
from importlib import resources
from typing import Any


def manifest(public_url: str = "") -> dict[str, Any]:
    """The manifest to create the app from: for Socket Mode, or for HTTP at a public address."""
    text = resources.files("adapters.slack").joinpath("manifest.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    if public_url:
        address = f"{public_url.rstrip('/')}/slack/events"
        settings = found["settings"]
        settings["socket_mode_enabled"] = False
        settings["event_subscriptions"]["request_url"] = address
        settings["interactivity"]["request_url"] = address
        for command in found["features"]["slash_commands"]:
            command["url"] = address
    return found


def missing_scopes(granted: Collection[str]) -> list[str]:
    """The scopes of the manifest that a token lacks; Slack lists a token's in `x-oauth-scopes`."""
    wanted: list[str] = manifest()["oauth_config"]["scopes"]["bot"]
    return [scope for scope in wanted if scope not in granted]
