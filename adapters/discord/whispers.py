"""Tells one person something: for them alone where an interaction allows it, as a reply to them otherwise."""

import logging
from collections.abc import Sequence
from typing import Any

import discord
from discord.http import Route

from adapters.discord.link import DiscordRefused, Link
from adapters.discord.places import Interaction, Origin, Place
from bot.errors import PlatformGone
from bot.pace import Priority
from bot.text import split

logger = logging.getLogger(__name__)

Components = Sequence[dict[str, Any]]
CHARS = 2_000
SUPPRESS_EMBEDS, EPHEMERAL = 1 << 2, 1 << 6
QUIET: dict[str, Any] = {"allowed_mentions": {"parse": [], "replied_user": False}}


async def whisper(link: Link, place: Place, origin: Origin, text: str, components: Components = ()) -> None:
    """Raises PlatformUnreachable when another try may help."""
    for number, piece in enumerate(split(text, CHARS)):
        under = components if number == 0 else ()
        body = {"content": piece, "components": list(under), "flags": SUPPRESS_EMBEDS, **QUIET}
        interaction = origin.interaction
        if interaction and link.clock.now() < interaction.until:
            try:
                await _respond(link, interaction, body, private=origin.private, first=number == 0)
            except (PlatformGone, DiscordRefused) as error:
                logger.info("an interaction takes no answer any more: %s", error)
            else:
                continue
        await _reply(link, place, origin, body)


async def _respond(
    link: Link, interaction: Interaction, body: dict[str, Any], *, private: bool, first: bool
) -> None:
    if not await link.acknowledged(interaction.id):
        raise PlatformGone("the interaction was not acknowledged in time")
    about: dict[str, Any] = {"webhook_id": int(interaction.application), "webhook_token": interaction.token}
    original = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
    if first and not interaction.press:
        if private:
            await _request(link, Route("PATCH", original, **about), body)
            return
        # The first answer to what was taken in public would be public, too.
        await _request(link, Route("DELETE", original, **about), None)
    body = body | {"flags": body["flags"] | EPHEMERAL}
    await _request(link, Route("POST", "/webhooks/{webhook_id}/{webhook_token}", **about), body)


async def _request(link: Link, route: Route, body: dict[str, Any] | None) -> None:
    more: dict[str, Any] = {} if body is None else {"json": body}
    await link.call("interaction", "", Priority.FINAL, lambda client: client.http.request(route, **more))


async def _reply(link: Link, place: Place, origin: Origin, body: dict[str, Any]) -> None:
    """Where the person wrote; a message of the person alone when Maru may not write there."""
    if origin.private or not origin.member:
        await _direct(link, origin, body)
        return
    channel = origin.channel or place.channel
    if not channel.isdecimal():
        logger.info("nobody is named to whisper to in %s", place.conversation)
        return
    if origin.message:
        body = body | {"message_reference": {"message_id": origin.message, "fail_if_not_exists": False}}
    without = {name: value for name, value in body.items() if name != "message_reference"}
    # Replying takes one permission more than writing: to read the history.
    for one in (body, without) if origin.message else (body,):
        try:
            await _post(link, channel, one)
        except (PlatformGone, DiscordRefused) as error:
            logger.info("not to be whispered there: %s", error)
        else:
            return
    await _direct(link, origin, without)


async def _direct(link: Link, origin: Origin, body: dict[str, Any]) -> None:
    if not origin.user:
        return

    async def opened(client: discord.Client) -> str:
        user = discord.Object(int(origin.user))
        return str((await client.create_dm(user)).id)

    try:
        channel = await link.call("dm", "", Priority.FINAL, opened)
        await _post(link, channel, body)
    except (PlatformGone, DiscordRefused) as error:
        logger.info("somebody takes no direct messages: %s", error)


async def _post(link: Link, channel: str, body: dict[str, Any]) -> None:
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=int(channel))
    await link.call("post", channel, Priority.FINAL, lambda client: client.http.request(route, json=body))
