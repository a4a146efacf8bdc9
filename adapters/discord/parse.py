"""Turns Discord's messages into the common events that the core knows; pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import discord

from adapters.discord.mentions import mentioned, to_markdown
from adapters.discord.options import NOWHERE, Channels
from adapters.discord.places import ASKED, DIRECT, Origin, Place, author_id, ref_by_token, ref_of
from bot.messages import Attachment, Author, Delete, Edit, Message

SPOKEN = {discord.MessageType.default, discord.MessageType.reply}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message, and whether it is for Maru."""

    message: Message
    addressed: bool  # it mentions Maru, answers it, or nobody else is there
    follow_up: bool  # it is for Maru if Maru takes part in its thread


def parse(message: discord.Message, bot: str, forums: Channels = NOWHERE) -> Spoken | None:
    """What a message says; None when it says nothing to Maru, whose user is `bot`.

    In `forums`, whoever begins a post speaks to Maru.
    """
    if not from_person(message, bot):
        return None
    text, attachments = text_of(message, bot), attachments_of(message)
    forum = _forum_of(message)
    asked = (
        any(str(user.id) == bot for user in message.mentions)
        or _answers(message, bot)
        or (forum is not None and forum.id in forums)
    )
    if not text and not attachments and not asked:
        return None
    place = place_of_message(message, bot)
    user = str(message.author.id)
    return Spoken(
        Message(
            conversation=place.conversation,
            keys=(key(message.id),),
            position=position(message.id),
            author=Author(author_id(user), message.author.display_name),
            text=text,
            sent_at=message.created_at.timestamp(),
            attachments=attachments,
            origin=Origin(
                channel=str(message.channel.id),
                message=str(message.id),
                user=user,
                guild="" if place.direct else place.guild,
            ).dump(),
            private=place.direct,
            channel="" if place.direct else around(message.channel, message.channel.id, place.guild),
        ),
        addressed=asked or place.direct,
        follow_up=isinstance(message.channel, discord.Thread) and not _addresses_others(message, bot),
    )


def edited(message: discord.Message, bot: str) -> Edit | None:
    """The new text of a message; None for what Discord changes by itself, such as link previews."""
    if not from_person(message, bot) or message.edited_at is None:
        return None
    place = place_of_message(message, bot)
    return Edit(place.conversation, (key(message.id),), text_of(message, bot), message.edited_at.timestamp())


def deleted(message: int, channel: int, guild: int | None) -> Delete:
    return Delete(Place(str(guild or DIRECT), str(channel)).conversation, (key(message),))


def key(message: int) -> str:
    return f"discord:{message}"


def position(snowflake: int) -> str:
    """Discord's own order, as text that sorts."""
    return f"{snowflake:020d}"


def from_person(message: discord.Message, bot: str) -> bool:
    """Whether a person wrote it: no program, no webhook, not Discord itself, not Maru."""
    return (
        message.type in SPOKEN
        and message.webhook_id is None
        and not message.author.bot
        and not message.author.system
        and str(message.author.id) != bot
    )


def text_of(message: discord.Message, bot: str) -> str:
    """What a message says, with names and, where it begins a post, its title; forwarded words are quoted."""
    names = names_of(message)
    pieces = [f"**{message.channel}**"] if _forum_of(message) else []
    pieces += [to_markdown(message.content, names, bot)]
    pieces += [
        "> " + to_markdown(forwarded.content, names, "").replace("\n", "\n> ")
        for forwarded in message.message_snapshots
    ]
    pieces += [f"[sticker: {sticker.name}]" for sticker in message.stickers]
    return "\n\n".join(piece for piece in pieces if piece.strip("> \n"))


def names_of(message: discord.Message) -> dict[str, str]:
    """What the mentions of a message stand for, as far as it is known."""
    names = {f"@{user.id}": user.display_name for user in message.mentions}
    names |= {f"@&{role.id}": role.name for role in message.role_mentions}
    names |= {f"#{channel.id}": channel.name for channel in message.channel_mentions}
    return names


def attachments_of(message: discord.Message) -> tuple[Attachment, ...]:
    """The files of a message, also of what it forwards."""
    found = [*message.attachments, *(file for one in message.message_snapshots for file in one.attachments)]
    at = {"channel": str(message.channel.id), "message": str(message.id)}
    return tuple(attachment(file.to_dict(), at) for file in found)


def attachment(file: Mapping[str, Any], at: Mapping[str, str]) -> Attachment:
    """A file; the message `at` which it hangs knows a new address when this one has expired."""
    return Attachment(
        name=str(file.get("filename") or file["id"]),
        size=int(file.get("size") or 0),
        media_type=str(file.get("content_type") or "").partition(";")[0],
        source=json.dumps({**at, "id": str(file["id"]), "url": str(file["url"])}),
    )


def place_of_message(message: discord.Message, bot: str) -> Place:
    """The conversation that a message belongs to."""
    channel = str(message.channel.id)
    guild = guild_of(message)
    if guild == DIRECT:
        return Place(DIRECT, channel)
    if isinstance(message.channel, discord.Thread):
        return Place(guild, channel)
    answer = replied(message)
    if answer is not None and str(answer.author.id) == bot and (known := continued(answer, guild)):
        return known
    # A thread has the id of the message that it is made from.
    return Place(guild, str(message.id))


def around(channel: object, number: int | None, guild: str) -> str:
    """The channel that a channel or thread of this number is, or lies in, as a place."""
    return Place(
        guild, str(channel.parent_id if isinstance(channel, discord.Thread) else number)
    ).conversation


def guild_of(message: discord.Message) -> str:
    """The server of a message; nothing but a DM channel is outside of all of them."""
    if isinstance(message.channel, discord.DMChannel):
        return DIRECT
    if message.guild is not None:
        return str(message.guild.id)
    return str(getattr(message.channel, "guild_id", None) or 0)


def continued(answer: discord.Message, guild: str) -> Place | None:
    """The conversation that an answer of Maru outside of threads belongs to."""
    channel = str(answer.channel.id)
    if answer.interaction_metadata:
        if answer.flags.ephemeral:
            return Place(guild, channel, str(answer.interaction_metadata.user.id))
        return Place(guild, channel, f"{ASKED}{answer.interaction_metadata.id}")
    if answer.reference and answer.reference.message_id:
        return Place(guild, str(answer.reference.message_id))
    return None


def _forum_of(message: discord.Message) -> discord.ForumChannel | None:
    """The forum in which a message begins a post."""
    post = message.channel
    if not isinstance(post, discord.Thread) or post.id != message.id:
        return None
    return post.parent if isinstance(post.parent, discord.ForumChannel) else None


def refs_of(message: discord.Message) -> tuple[str, ...]:
    """What a message of Maru may be called in the store, or that which it replies to."""
    answered = message.reference.message_id if message.reference else None
    numbers = [str(number) for number in (message.id, answered) if number]
    return tuple(
        ref for number in numbers for ref in (ref_of(str(message.channel.id), number), ref_by_token(number))
    )


def replied(message: discord.Message) -> discord.Message | None:
    """The message that this one answers, when Discord shows it."""
    found = message.reference.resolved if message.reference else None
    return found if isinstance(found, discord.Message) else None


def _answers(message: discord.Message, bot: str) -> bool:
    found = replied(message)
    return found is not None and str(found.author.id) == bot


def _addresses_others(message: discord.Message, bot: str) -> bool:
    """Whether it is meant for somebody else: it mentions them, or answers them."""
    answered = replied(message)
    if answered is not None and str(answered.author.id) not in (bot, str(message.author.id)):
        return True
    return bool(mentioned(message.content) - {f"@{bot}"})
