"""Messages written and rewritten by the app, with all that Discord refuses."""

import re

from tests.fakes.discord import components
from tests.fakes.discord.calls import REQUEST_LIMIT, Call
from tests.fakes.discord.pings import mention
from tests.fakes.discord.shown import show_event
from tests.fakes.discord.wire import DiscordError, Json, invalid, made_at
from tests.fakes.discord.world import (
    COMPONENTS_V2,
    EPHEMERAL,
    SUPPRESS_EMBEDS,
    Attachment,
    Channel,
    Message,
    World,
)

MOST = 2000
NONCE_LIFE = 180.0  # "the past few minutes"
OLD = 3600.0
OLD_EDITS = 3
DEFAULT_FILE_LIMIT = 10 * 2**20
WRITABLE = SUPPRESS_EMBEDS | COMPONENTS_V2 | EPHEMERAL | 1 << 12  # and silent
KNOWN = frozenset(
    {"content", "nonce", "tts", "embeds", "allowed_mentions", "message_reference", "components", "flags"}
    | {"sticker_ids", "attachments", "enforce_nonce", "poll", "username", "avatar_url"}
)
LINK = re.compile(r"(?<!<)https?://[^\s<>]+(?!\S*>)")


class Posting:
    """What all ways to write a message have in common."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.most_bytes = REQUEST_LIMIT  # of a file, whatever a guild's limit says
        self._nonces: dict[tuple[str, str], Message] = {}

    def post(self, channel: Channel, call: Call, body: Json | None = None) -> Message:
        """A message by Maru; the same nonce with `enforce_nonce` gives the same message."""
        body = call.body if body is None else body
        nonce = str(body.get("nonce") or "")
        if len(nonce) > 25:
            raise invalid("nonce", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
        before = self._nonces.get((channel.id, nonce)) if nonce else None
        recent = before is not None and made_at(before.id) + NONCE_LIFE > self.world.clock.now()
        if before is not None and recent and body.get("enforce_nonce"):
            return before
        message = self.make(channel, body, call)
        message.nonce = nonce
        if nonce:
            self._nonces[channel.id, nonce] = message
        self.place(channel, message)
        return message

    def make(self, channel: Channel, body: Json, call: Call) -> Message:
        """Checked, with its mentions; not yet in the channel."""
        unknown = set(body) - KNOWN
        if unknown:
            raise invalid(min(unknown), "UNKNOWN_FIELD", "There is no such field")
        flags = body.get("flags") or 0
        if flags & ~WRITABLE:
            raise invalid("flags", "FLAGS_INVALID", "These flags cannot be set")
        message = Message(self.world.ids(), channel.id, self.world.maru.id, flags=flags)
        message.content = body.get("content") or ""
        message.embeds = body.get("embeds") or []
        message.components = body.get("components") or []
        message.attachments = self._files(channel, body, call, [])
        if reference := body.get("message_reference"):
            message.reference, message.kind = str(reference["message_id"]), 19
            if message.reference not in channel.messages:
                if reference.get("fail_if_not_exists", True):
                    raise invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
                message.reference, message.kind = "", 0
        self.check(message)
        mention(self.world, message, body.get("allowed_mentions"))
        return message

    def place(self, channel: Channel, message: Message) -> None:
        """Now people see it."""
        if channel.archived:
            channel.archived = False  # writing into a thread wakes it
        channel.typed.clear()
        channel.messages[message.id] = message
        self.announce("MESSAGE_CREATE", message)

    def edit(self, channel: Channel, message: Message, call: Call, body: Json | None = None) -> Message:
        body = call.body if body is None else body
        unknown = set(body) - KNOWN
        if unknown:
            raise invalid(min(unknown), "UNKNOWN_FIELD", "There is no such field")
        if made_at(message.id) + OLD < self.world.clock.now() and not message.webhook:
            message.old_edits += 1
            if message.old_edits > OLD_EDITS:
                raise DiscordError(
                    429,
                    30046,
                    "Maximum number of edits to messages older than 1 hour reached. Try again later.",
                )
        flags = message.flags if body.get("flags") is None else body["flags"] | message.flags & COMPONENTS_V2
        after = Message(message.id, message.channel, message.author, flags=flags)
        after.content = (body["content"] or "") if "content" in body else message.content
        after.embeds = (body["embeds"] or []) if "embeds" in body else message.embeds
        after.components = (body["components"] or []) if "components" in body else message.components
        after.attachments = self._files(channel, body, call, message.attachments)
        self.check(after)
        message.history.append(message.content)
        message.content, message.embeds, message.components = after.content, after.embeds, after.components
        message.flags, message.attachments = after.flags, after.attachments
        message.edited = self.world.clock.now()
        mention(self.world, message, body.get("allowed_mentions"), sounds=False)
        self.announce("MESSAGE_UPDATE", message)
        return message

    def delete(self, channel: Channel, message: Message) -> None:
        channel.messages.pop(message.id, None)
        payload: Json = {"id": message.id, "channel_id": channel.id}
        if channel.guild:
            payload["guild_id"] = channel.guild
        if not message.only_for:
            self.world.announce("MESSAGE_DELETE", payload, channel)
        self.world.touch()

    def announce(self, event: str, message: Message) -> None:
        """Tell the gateway; an ephemeral message is nobody's event."""
        if not message.only_for:
            channel = self.world.channels[message.channel]
            self.world.announce(event, show_event(self.world, message, content=True), channel)
        self.world.touch()

    def check(self, message: Message) -> None:
        """Raise what Discord says about a message like this."""
        if len(message.content) > MOST:
            raise invalid("content", "BASE_TYPE_MAX_LENGTH", f"Must be {MOST} or fewer in length.")
        if message.flags & COMPONENTS_V2 and (message.content or message.embeds):
            raise invalid("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "Not with V2")
        components.check(message.components, message.flags)
        if len(message.embeds) > 10 or sum(_length(embed) for embed in message.embeds) > 6000:
            raise invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")
        v2 = message.flags & COMPONENTS_V2 and message.components
        if not message.content.strip() and not message.embeds and not message.attachments and not v2:
            raise DiscordError(400, 50006, "Cannot send an empty message")

    def _files(self, channel: Channel, body: Json, call: Call, before: list[Attachment]) -> list[Attachment]:
        listed = body.get("attachments")
        if listed is None:
            kept, names = list(before), {}
        else:
            ids = {str(one["id"]) for one in listed}
            kept = [one for one in before if one.id in ids]
            names = {str(one["id"]): one for one in listed}
        guild = self.world.guilds.get(channel.guild)
        limit = guild.file_limit if guild else DEFAULT_FILE_LIMIT
        for number, (name, content, media_type) in call.files.items():
            if len(content) > min(limit, self.most_bytes):
                raise DiscordError(413, 40005, "Request entity too large")
            told = names.get(number, {})
            kept.append(
                Attachment(
                    self.world.ids(),
                    told.get("filename") or name,
                    content,
                    media_type,
                    told.get("description") or "",
                )
            )
        if len(kept) > 10:
            raise invalid("attachments", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
        return kept


def previews(message: Message) -> list[str]:
    """The addresses that Discord's servers fetch at once to show what is behind them."""
    return [] if message.flags & SUPPRESS_EMBEDS else LINK.findall(message.content)


def _length(embed: Json) -> int:
    texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    texts += [text for one in embed.get("fields") or [] for text in (one["name"], one["value"])]
    return sum(len(text or "") for text in texts)
