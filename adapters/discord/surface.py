"""Where the answer of one turn is posted in Discord."""

import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from hashlib import sha256
from typing import Any, NoReturn

import discord
from discord.http import Route

from adapters.discord.codes import (
    ARCHIVED,
    FILE_TOO_LARGE,
    LOCKED,
    NO_MORE_FOLLOW_UPS,
    NO_REPLY,
    NOT_PERMITTED,
    OLD_EDITS,
    code_of,
)
from adapters.discord.link import DiscordRefused, Link
from adapters.discord.places import BY_TOKEN, ref_by_token, ref_of
from adapters.discord.target import Target
from adapters.discord.uploads import sender
from bot.errors import FileRefused, PlatformError, PlatformGone
from bot.events import File
from bot.pace import Priority
from bot.texts import Language, say

logger = logging.getLogger(__name__)

Json = dict[str, Any]
Rows = list[Json]

SUPPRESS_EMBEDS, EPHEMERAL = 1 << 2, 1 << 6
NONCE_CHARS = 25
LOOKED_AT = 100  # messages, for one that may have been posted
HOOK = "/webhooks/{application}/{token}"


class DiscordSurface:
    """The `Surface` of one turn. A ref is `CHANNEL/MESSAGE`; `@MESSAGE` is an answer to an interaction."""

    def __init__(
        self,
        *,
        link: Link,
        target: Target,
        life: str,
        growing: Rows,
        known: Callable[[], Awaitable[Collection[str]]],
    ) -> None:
        """`life` sets this turn apart from all others; `growing` are the buttons while it is written.

        `known` tells the refs of what is noted as posted.
        """
        self._link, self._target, self._life, self._growing = link, target, life, growing
        self._known = known
        self._last, self._buttons = "", growing  # the last text, once it is known, and what stands under it
        self._final = False
        self._under: dict[str, Rows] = {}  # ref -> the buttons under it

    def ending(self, last: str, buttons: Rows) -> None:
        """From now on messages are made as they stay; `buttons` stand under the one that says `last`."""
        self._final, self._last, self._buttons = True, last, buttons

    async def post(self, number: int, key: str, text: str, files: Sequence[File]) -> str:
        buttons = [] if files else self._wanted(text)
        body: Json = {"content": text, "flags": SUPPRESS_EMBEDS, "components": buttons}
        try:
            ref = await self._answer(number, body, files) or await self._write(key, body, files)
        except PlatformError as error:
            if files and code_of(error) in (FILE_TOO_LARGE, NOT_PERMITTED):
                raise FileRefused("file_not_posted", files[0].name, str(error)) from error
            raise
        self._under[ref] = buttons
        return ref

    async def edit(self, ref: str, text: str) -> None:
        buttons = self._wanted(text)
        body = {"content": text, "flags": SUPPRESS_EMBEDS, "components": buttons}
        try:
            await self._change("PATCH", "edit", ref, body | _quiet())
        except PlatformError as error:
            if code_of(error) != OLD_EDITS:
                raise
            await self._give_up(ref, str(error))
        except KeyError as error:
            # discord.py looks for it in every 429, but this one says no time: it will stay so.
            if error.args != ("retry_after",):
                raise
            await self._give_up(ref, "429 without a time")
        self._under[ref] = buttons

    async def _give_up(self, ref: str, why: str) -> NoReturn:
        """A message is too old to be changed: what it says is posted anew."""
        await self.delete(ref)
        raise PlatformGone(why)

    async def delete(self, ref: str) -> None:
        await self._change("DELETE", "delete", ref, None)

    async def find(self, number: int, key: str) -> str | None:
        if await self._target.interaction():
            if self._target.fills(number):
                return None  # the original message is filled again
            channel = self._target.elsewhere
            if not channel:
                return None  # nobody but the person can look
        else:
            channel, _ = await self._target.channel()
        nonce, known = self._nonce(key), await self._known()
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=int(channel))
        try:
            found: list[Json] = await self._call(
                "history", channel, lambda client: client.http.request(route, params={"limit": LOOKED_AT})
            )
        except (PlatformGone, DiscordRefused) as error:
            logger.info("what was posted is not to be read: %s", error)
            return None  # the nonce keeps it from being posted twice for some minutes
        for one in found:
            if one["author"]["id"] != self._link.user:
                continue
            if str(one.get("nonce")) == nonce:
                return ref_of(channel, one["id"])
            # What answers an interaction has no nonce, but says which one: at most one of them is not known.
            if self._target.answered_by(one, number) and ref_by_token(one["id"]) not in known:
                return ref_by_token(one["id"])
        return None

    async def withdraw(self, language: Language) -> bool:
        """Go on in the channel of a thread that takes nothing from Maru, with a line that says so."""
        thread = await self._target.withdraw()
        if thread:
            line = say("discord_withdrawn", language, thread=f"<#{thread}>")
            await self._write("withdrawn", {"content": line, "flags": SUPPRESS_EMBEDS}, ())
        return bool(thread)

    async def typing(self) -> None:
        channel = self._target.nearby
        if channel:
            route = Route("POST", "/channels/{channel_id}/typing", channel_id=int(channel))
            await self._link.call(
                "typing", channel, Priority.COURTESY, lambda client: client.http.request(route)
            )

    async def leave(self, rows: Rows) -> None:
        """Put other buttons under the last message that answers the interaction, while that takes them."""
        self._growing = rows
        posted = [ref for ref in self._under if ref.startswith(BY_TOKEN)]
        if posted:
            await self._change("PATCH", "edit", posted[-1], {"components": rows})
        elif (interaction := await self._target.interaction()) and self._target.fills(1):
            about: Json = {"application": int(interaction.application), "token": interaction.token}
            route = Route("PATCH", HOOK + "/messages/@original", **about)
            body = {"components": rows}
            await self._call("webhook", interaction.id, lambda client: client.http.request(route, json=body))

    async def close(self, texts: Sequence[tuple[str, str]]) -> None:
        """Make every message (ref, text) of a finished answer carry the buttons that it should."""
        for ref, text in texts:
            if self._under.get(ref, []) != self._wanted(text):
                await self.edit(ref, text)

    def _wanted(self, text: str) -> Rows:
        if not self._final:
            return self._growing
        return self._buttons if text == self._last else []

    def _nonce(self, key: str) -> str:
        return sha256(f"{self._life} {key}".encode()).hexdigest()[:NONCE_CHARS]

    async def _answer(self, number: int, body: Json, files: Sequence[File]) -> str:
        """Answer the interaction; empty when there is none that takes it."""
        interaction = await self._target.interaction()
        if interaction is None:
            return ""
        about: Json = {"application": int(interaction.application), "token": interaction.token}
        body = body | _quiet()
        if self._target.fills(number):
            route = Route("PATCH", HOOK + "/messages/@original", **about)
        else:
            route = Route("POST", HOOK, **about)
            body["flags"] |= EPHEMERAL if self._target.private else 0
        try:
            message = await self._send("webhook", interaction.id, route, body, files)
        except (PlatformGone, DiscordRefused) as error:
            if code_of(error) == FILE_TOO_LARGE:
                raise
            logger.info("an interaction takes no answer any more: %s", error)
            if code_of(error) != NO_MORE_FOLLOW_UPS:  # then it still takes edits
                self._target.over()
            return ""
        return ref_by_token(message["id"])

    async def _write(self, key: str, body: Json, files: Sequence[File]) -> str:
        """Post in a channel."""
        channel, answered = await self._target.channel()
        asked = bool(answered) and answered == self._target.asked
        body = body | {"nonce": self._nonce(key), "enforce_nonce": True} | _quiet(replied=asked)
        if answered:
            body["message_reference"] = {"message_id": answered, "fail_if_not_exists": False}
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=int(channel))
        try:
            message = await self._send("post", channel, route, body, files)
        except PlatformGone as error:
            if not answered or code_of(error) not in (NO_REPLY, NOT_PERMITTED):
                raise
            # Replying takes one permission more than writing: to read the history.
            body.pop("message_reference")
            message = await self._send("post", channel, route, body, files)
        return ref_of(channel, message["id"])

    async def _send(self, method: str, channel: str, route: Route, body: Json, files: Sequence[File]) -> Json:
        make = await sender(route, body, files, self._link.files)
        sent: Json = await self._call(method, channel, make)
        return sent

    async def _change(self, verb: str, method: str, ref: str, body: Json | None) -> None:
        """Edit or delete a message, by the interaction's token while that is good."""
        more: Json = {} if body is None else {"json": body}
        if ref.startswith(BY_TOKEN):
            message = ref.removeprefix(BY_TOKEN)
            if interaction := await self._target.interaction():
                route = Route(
                    verb,
                    HOOK + "/messages/{message_id}",
                    application=int(interaction.application),
                    token=interaction.token,
                    message_id=int(message),
                )
                await self._call("webhook", interaction.id, lambda client: client.http.request(route, **more))
                return
            channel = self._target.elsewhere
            if not channel:
                raise PlatformGone("the interaction is over, and only it could change this message")
        else:
            channel, _, message = ref.partition("/")
        where: Json = {"channel_id": int(channel), "message_id": int(message)}
        route = Route(verb, "/channels/{channel_id}/messages/{message_id}", **where)
        await self._call(method, channel, lambda client: client.http.request(route, **more))

    async def _call(
        self, method: str, channel: str, make: Callable[[discord.AutoShardedClient], Awaitable[Any]]
    ) -> Any:
        """Ask Discord; a thread that fell asleep is woken first."""
        priority = Priority.EDIT if method == "edit" and not self._final else Priority.FINAL
        try:
            return await self._link.call(method, channel, priority, make)
        except (DiscordRefused, PlatformGone) as error:
            if code_of(error) == LOCKED:
                raise PlatformGone(str(error)) from error
            if code_of(error) != ARCHIVED:
                raise
            route = Route("PATCH", "/channels/{channel_id}", channel_id=int(channel))
            awake = {"archived": False}
            await self._link.call(
                "channel", channel, priority, lambda client: client.http.request(route, json=awake)
            )
            return await self._link.call(method, channel, priority, make)


def _quiet(*, replied: bool = False) -> Json:
    """Nobody is pinged but, with `replied`, the author of the message that is replied to."""
    return {"allowed_mentions": {"parse": [], "replied_user": replied}}
