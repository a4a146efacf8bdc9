"""Turns commands, the menu entry and presses into what the core knows; pure."""

from collections.abc import Mapping
from typing import Any

import discord

from adapters.discord.buttons import pressed
from adapters.discord.commands import ABOUT_THIS, ASK, CORE, FOLLOWED
from adapters.discord.mentions import to_markdown
from adapters.discord.parse import around, attachment, continued, position
from adapters.discord.places import ASKED, DIRECT, Interaction, Origin, Place, author_id
from bot.messages import Attachment, Author, Command, Message, Press
from bot.texts import language_of, say

VALID = 14 * 60.0  # seconds a token is used; Discord takes it for 15 minutes


def parse_interaction(interaction: discord.Interaction) -> Message | Command | Press | None:
    """What an interaction asks for; None for one that is not ours."""
    found: Mapping[str, Any] = interaction.data or {}
    match interaction.type, found.get("name"):
        case discord.InteractionType.application_command, name if name == ASK:
            return _asked(interaction, found)
        case discord.InteractionType.application_command, name if name == ABOUT_THIS:
            return _about_this(interaction, found)
        case discord.InteractionType.application_command, str(name) if name in CORE:
            return Command(
                place_of_interaction(interaction, private=True).conversation,
                key(interaction),
                name,
                author_of(interaction),
                interaction.created_at.timestamp(),
                argument=str(options_of(found).get(FOLLOWED.get(name, "")) or "").strip(),
                origin=origin_of_interaction(interaction, private=True).dump(),
                attachments=_files(found),
            )
        case discord.InteractionType.component, _:
            return pressed(
                str(found.get("custom_id") or ""),
                conversation=place_of_press(interaction).conversation,
                key=key(interaction),
                author=author_of(interaction),
                origin=origin_of_interaction(interaction, private=True).dump(),
                now=interaction.created_at.timestamp(),
            )
    return None


def is_private(interaction: discord.Interaction) -> bool:
    """Whether an answer should be seen by the person alone; a DM is so anyway."""
    if _direct(interaction):
        return False
    return bool(options_of(interaction.data or {}).get("private"))


def options_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """What a person filled in behind a command."""
    return {option["name"]: option["value"] for option in found.get("options") or ()}


def key(interaction: discord.Interaction) -> str:
    return f"discord:interaction/{interaction.id}"


def author_of(interaction: discord.Interaction) -> Author:
    user = interaction.user
    return Author(author_id(user.id), user.display_name, str(interaction.locale))


def place_of_interaction(interaction: discord.Interaction, *, private: bool) -> Place:
    """The conversation that a command belongs to: that of its thread or DM, else one of its own."""
    channel, guild = str(interaction.channel_id), str(interaction.guild_id or DIRECT)
    if _direct(interaction):
        return Place(guild, channel)
    thread = isinstance(interaction.channel, discord.Thread) and _member(interaction)
    if thread and not is_private(interaction):
        return Place(guild, channel)
    return Place(guild, channel, str(interaction.user.id) if private else f"{ASKED}{interaction.id}")


def place_of_press(interaction: discord.Interaction) -> Place:
    """The conversation of the answer that a button stands under."""
    channel, guild = str(interaction.channel_id), str(interaction.guild_id or DIRECT)
    answer = interaction.message
    threaded = _direct(interaction) or isinstance(interaction.channel, discord.Thread)
    if answer is None or (threaded and not answer.flags.ephemeral):
        return Place(guild, channel)
    return continued(answer, guild) or Place(guild, channel)


def origin_of_interaction(interaction: discord.Interaction, *, private: bool) -> Origin:
    return Origin(
        channel=str(interaction.channel_id),
        user=str(interaction.user.id),
        guild=str(interaction.guild_id or ""),
        private=private,
        member=_member(interaction),
        interaction=Interaction(
            str(interaction.id),
            interaction.token,
            str(interaction.application_id),
            interaction.created_at.timestamp() + VALID,
            file_bytes=interaction.filesize_limit,
            press=interaction.type is discord.InteractionType.component,
        ),
    )


def _direct(interaction: discord.Interaction) -> bool:
    """Whether it is Maru's own DM with the person, and not one of theirs with somebody else."""
    return interaction.guild_id is None and not interaction.context.private_channel


def _member(interaction: discord.Interaction) -> bool:
    """Whether Maru may write there, and not only answer."""
    return interaction.is_guild_integration() if interaction.guild_id else _direct(interaction)


def _asked(interaction: discord.Interaction, found: Mapping[str, Any]) -> Message:
    options = options_of(found)
    private = is_private(interaction)
    return _message(
        interaction,
        str(options.get("prompt") or "").strip(),
        private=private,
        attachments=_files(found),
    )


def _files(found: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """The files that came with a command."""
    files = (found.get("resolved") or {}).get("attachments") or {}
    return tuple(attachment(file, {}) for file in files.values())


def _about_this(interaction: discord.Interaction, found: Mapping[str, Any]) -> Message | None:
    """A question about the message that somebody chose from its menu."""
    chosen = ((found.get("resolved") or {}).get("messages") or {}).get(str(found.get("target_id")))
    if chosen is None:
        return None
    names = {f"@{user['id']}": user.get("global_name") or user["username"] for user in chosen["mentions"]}
    quoted = to_markdown(str(chosen["content"]), names, "").replace("\n", "\n> ")
    language = language_of("", str(interaction.locale))
    at = {"channel": str(interaction.channel_id), "message": str(chosen["id"])}
    return _message(
        interaction,
        f"{say('discord_about_this', language)}\n\n> {quoted}",
        private=False,
        attachments=tuple(attachment(file, at) for file in chosen["attachments"]),
    )


def _message(
    interaction: discord.Interaction, text: str, *, private: bool, attachments: tuple[Attachment, ...]
) -> Message:
    return Message(
        conversation=place_of_interaction(interaction, private=private).conversation,
        keys=(key(interaction),),
        position=position(interaction.id),
        author=author_of(interaction),
        text=text,
        sent_at=interaction.created_at.timestamp(),
        attachments=attachments,
        origin=origin_of_interaction(interaction, private=private).dump(),
        private=private or _direct(interaction),
        channel=around(interaction.channel, interaction.channel_id, str(interaction.guild_id))
        if interaction.guild_id
        else "",
    )
