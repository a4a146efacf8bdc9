"""Commands, menus, buttons and modals: what the app must acknowledge within three seconds."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.fakes.discord.components import buttons
from tests.fakes.discord.interactions import FIRST, MODAL
from tests.fakes.discord.shown import show_attachment, show_channel, show_event, show_member, show_user
from tests.fakes.discord.wire import Json
from tests.fakes.discord.world import EVERYTHING, Attachment, Channel, Interaction, Message, User

if TYPE_CHECKING:
    from tests.fakes.discord.server import FakeDiscord

COMMAND, COMPONENT, SUBMIT = 2, 3, 5


class Gestures:
    """Builds the payloads, tells the app, and waits as long as Discord does."""

    def __init__(self, discord: "FakeDiscord") -> None:
        self.discord = discord
        self.world = discord.world
        self.complaints: list[tuple[str, str]] = []  # (user, what Discord told them about the app)

    async def command(self, user: User, name: str, where: Channel, options: Json) -> Interaction:
        command = await self._command(name, 1)
        known = {option["name"]: option for option in command["options"]}
        if missing := set(options) - set(known):
            raise AssertionError(f"/{name} has no option {min(missing)}")
        needed = {one for one, option in known.items() if option.get("required")}
        if needed - set(options):
            raise AssertionError(f"/{name} demands {min(needed - set(options))}")
        data: Json = {"id": command["id"], "name": name, "type": 1, "options": [], "resolved": {}}
        for one, value in options.items():
            chosen = value
            if isinstance(value, Attachment):
                self.discord.cdn.attachments[value.id] = value
                shown = show_attachment(self.world, value) | {"ephemeral": True}
                data["resolved"].setdefault("attachments", {})[value.id] = shown
                chosen = value.id
            data["options"].append({"name": one, "type": known[one]["type"], "value": chosen})
        return await self._ask(user, COMMAND, where, data)

    async def menu(self, user: User, name: str, message: Message) -> Interaction:
        command = await self._command(name, 3)
        where = self.world.channels[message.channel]
        shown = show_event(self.world, message, content=True)  # the target comes with its content
        data: Json = {"id": command["id"], "name": name, "type": 3, "target_id": message.id}
        data["resolved"] = {"messages": {message.id: shown}}
        return await self._ask(user, COMMAND, where, data)

    async def press(self, user: User, message: Message, which: str) -> Interaction:
        found = [
            one for one in buttons(message.components) if which in (one.get("custom_id"), one.get("label"))
        ]
        if not found:
            labels = [one.get("label") for one in buttons(message.components)]
            raise AssertionError(f"There is no {which} under {message.content!r}, but {labels}")
        if found[0].get("disabled") or "custom_id" not in found[0]:
            raise AssertionError(f"{which} cannot be pressed")
        if message.only_for not in ("", user.id):
            raise AssertionError(f"{user.name} does not see this")
        data = {"custom_id": found[0]["custom_id"], "component_type": 2}
        where = self.world.channels[message.channel]
        return await self._ask(user, COMPONENT, where, data, message)

    async def submit(self, user: User, opened: Interaction, values: dict[str, str]) -> Interaction:
        """Send the modal that an interaction opened; `values` by the fields' custom ids."""
        if opened.answered != MODAL or opened.modal is None:
            raise AssertionError("No modal was opened")
        fields = [
            {"type": 1, "components": [{"type": 4, "custom_id": name, "value": value}]}
            for name, value in values.items()
        ]
        data = {"custom_id": opened.modal["custom_id"], "components": fields}
        return await self._ask(user, SUBMIT, self.world.channels[opened.channel], data)

    async def _command(self, name: str, kind: int) -> Json:
        """One that is registered; an app that has just started gets a moment for that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST):
                await self.world.until(lambda: self.world.commands)
        for command in self.world.commands:
            names = {command["name"], *(command.get("name_localizations") or {}).values()}
            if name in names and command["type"] == kind:
                return command
        raise AssertionError(
            f"There is no command {name}, but {[one['name'] for one in self.world.commands]}"
        )

    async def _ask(
        self, user: User, kind: int, where: Channel, data: Json, message: Message | None = None
    ) -> Interaction:
        guild = self.world.guilds.get(where.guild)
        made = Interaction(
            id=self.world.ids(), token=f"token{self.world.ids()}", user=user.id, channel=where.id,
            made=self.world.clock.now(), kind=kind, guild=where.guild, message=message.id if message else "",
            foreign=bool(guild and not guild.bot) or where.kind == "group",
        )  # fmt: skip
        self.world.interactions[made.id] = made
        self.world.announce("INTERACTION_CREATE", self._payload(made, user, where, data, message), where)
        try:
            async with asyncio.timeout(FIRST):
                await self.world.until(lambda: made.acknowledged)
        except TimeoutError:
            self.complaints.append((user.id, "The application did not respond"))
        return made

    def _payload(
        self, made: Interaction, user: User, where: Channel, data: Json, message: Message | None
    ) -> Json:
        guild = self.world.guilds.get(where.guild)
        owners = {"0": where.guild or "0"} if not made.foreign else {"1": user.id}
        payload: Json = {
            "id": made.id,
            "application_id": self.world.application,
            "type": made.kind,
            "data": data,
            "token": made.token,
            "version": 1,
            "channel_id": where.id,
            "channel": show_channel(self.world, where) | {"permissions": str(EVERYTHING)},
            "locale": user.locale,
            "app_permissions": str(EVERYTHING),
            "entitlements": [],
            "authorizing_integration_owners": owners,
            "context": 0 if guild else 1 if where.kind == "dm" else 2,
            "attachment_size_limit": guild.file_limit if guild else 10 * 2**20,
        }
        if message is not None:
            payload["message"] = show_event(self.world, message, content=True)
        if guild is None:
            return payload | {"user": show_user(user)}
        member = show_member(user, guild) | {"user": show_user(user), "permissions": str(EVERYTHING)}
        part = {"id": guild.id, "locale": guild.locale, "features": []}
        return payload | {
            "guild_id": guild.id, "guild": part, "guild_locale": guild.locale, "member": member
        }  # fmt: skip
