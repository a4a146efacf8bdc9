"""The application's commands and what it may do at start."""

import re

from tests.fakes.discord.calls import Call
from tests.fakes.discord.shown import show_user
from tests.fakes.discord.starts import Starts
from tests.fakes.discord.wire import Json, invalid
from tests.fakes.discord.world import World

NAME = re.compile(r"^[-_'\w]{1,32}$")
CHAT, USER, MESSAGE = 1, 2, 3
MOST = {CHAT: 100, USER: 15, MESSAGE: 15}


class Commands:
    """Each public method is one route."""

    def __init__(self, world: World, starts: Starts) -> None:
        self.world = world
        self.starts = starts

    def user(self, call: Call) -> Json:
        return show_user(self.world.maru)

    def application(self, call: Call) -> Json:
        return {
            "id": self.world.application,
            "name": "Maru",
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "x",
            "owner": show_user(self.world.maru),
            "flags": self.world.application_flags,
            "icon": None,
            "rpc_origins": [],
            "summary": "",
            "team": None,
        }

    def gateway(self, call: Call) -> Json:
        address = self.world.url.replace("http:", "ws:") + "/gw/"
        return {"url": address, "shards": self.starts.shards, "session_start_limit": self.starts.told()}

    def listed(self, call: Call) -> list[Json]:
        return self.world.commands

    def replace(self, call: Call) -> list[Json]:
        """All of them at once; Discord keeps the ids of those whose names it knows."""
        wanted: list[Json] = call.body["_list"]
        names = [(one["name"], one.get("type", CHAT)) for one in wanted]
        if len(set(names)) < len(names):
            raise invalid("name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Command name is duplicated")
        for kind, most in MOST.items():
            if sum(one == kind for _, one in names) > most:
                raise invalid("type", "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        before = {(one["name"], one["type"]): one["id"] for one in self.world.commands}
        self.world.commands = [self._command(one, before) for one in wanted]
        self.world.touch()
        return self.world.commands

    def _command(self, one: Json, before: dict[tuple[str, int], str]) -> Json:
        kind = one.get("type", CHAT)
        if kind == CHAT:
            _check(one)
        elif one.get("description") or one.get("options"):
            raise invalid("description", "APPLICATION_COMMAND_CONTEXT_MENU", "Context menus have none")
        elif not 1 <= len(one["name"]) <= 32:
            raise invalid("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 32 in length.")
        return {
            "description": "",
            "options": [],
            **one,
            "id": before.get((one["name"], kind)) or self.world.ids(),
            "type": kind,
            "application_id": self.world.application,
            "version": self.world.ids(),
            "default_member_permissions": one.get("default_member_permissions"),
            "contexts": one.get("contexts"),
            "integration_types": one.get("integration_types") or [0],
        }


def _check(one: Json) -> None:
    """A slash command, or one of its options."""
    names = [one["name"], *(one.get("name_localizations") or {}).values()]
    if any(not NAME.match(name) or name != name.lower() for name in names):
        raise invalid("name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    told = [one.get("description") or "", *(one.get("description_localizations") or {}).values()]
    if any(not 1 <= len(text) <= 100 for text in told):
        raise invalid("description", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
    options = one.get("options") or []
    if len(options) > 25 or len(one.get("choices") or []) > 25:
        raise invalid("options", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    needed = [option.get("required", False) for option in options]
    if sorted(needed, reverse=True) != needed:
        raise invalid("options", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options go first")
    for option in options:
        _check(option)
