"""REST for channels, threads, direct messages and what was said in them."""

from tests.fakes.discord.calls import Call
from tests.fakes.discord.posting import Posting
from tests.fakes.discord.shown import readable, show_channel, show_guild, show_message, show_user
from tests.fakes.discord.wire import DiscordError, Json, invalid
from tests.fakes.discord.world import Channel, ChannelKind, Message, World


class Channels:
    """Each method is one route."""

    def __init__(self, world: World, posting: Posting) -> None:
        self.world = world
        self.posting = posting

    def get(self, call: Call) -> Json:
        channel = self.world.channel(call.path["channel"])
        self.world.demand(channel)
        return show_channel(self.world, channel)

    def change(self, call: Call) -> Json:
        """A thread is opened, closed or renamed."""
        channel = self.world.channel(call.path["channel"])
        self.world.demand(channel)
        if channel.locked and "locked" not in call.body:
            raise DiscordError(403, 160005, "Thread is locked")
        channel.archived = call.body.get("archived", channel.archived)
        channel.name = call.body.get("name", channel.name)
        self.world.announce("THREAD_UPDATE", show_channel(self.world, channel), channel)
        return show_channel(self.world, channel)

    def guild(self, call: Call) -> Json:
        guild = self.world.guilds.get(call.path["guild"])
        if guild is None or not guild.bot:
            raise DiscordError(404, 10004, "Unknown Guild")
        return show_guild(self.world, guild)

    def active_threads(self, call: Call) -> Json:
        self.guild(call)
        own = [one for one in self.world.channels.values() if one.guild == call.path["guild"] and one.thread]
        return {"threads": [show_channel(self.world, one) for one in own if not one.archived], "members": []}

    def user(self, call: Call) -> Json:
        if call.path["user"] not in self.world.users:
            raise DiscordError(404, 10013, "Unknown User")
        return show_user(self.world.users[call.path["user"]])

    def open_dm(self, call: Call) -> Json:
        user = self.world.users.get(str(call.body["recipient_id"]))
        if user is None:
            raise DiscordError(400, 50033, "Invalid Recipient(s)")
        return show_channel(self.world, self.world.open_dm(user.id))

    def typing(self, call: Call) -> None:
        channel = self._writable(call)
        channel.typed.append(self.world.clock.now())
        self.world.touch()

    # -- messages ------------------------------------------------------------------------------

    def _writable(self, call: Call) -> Channel:
        channel = self.world.channel(call.path["channel"])
        self.world.demand(channel, "send_in_threads" if channel.thread else "send")
        if channel.locked:
            raise DiscordError(403, 160005, "Thread is locked")
        if channel.kind == "forum":
            raise DiscordError(400, 50008, "Cannot send messages in a non-text channel")
        if channel.kind == "dm" and any(self.world.users[user].closed for user in channel.recipients):
            raise DiscordError(403, 50007, "Cannot send messages to this user")
        return channel

    def post(self, call: Call) -> Json:
        channel = self._writable(call)
        if call.files:
            self.world.demand(channel, "attach")
        if call.body.get("message_reference") and "history" in self.world.denied(channel):
            raise DiscordError(403, 160002, "Cannot reply without permission to read message history")
        return show_message(self.world, self.posting.post(channel, call))

    def _own(self, call: Call) -> tuple[Channel, Message]:
        channel = self.world.channel(call.path["channel"])
        self.world.demand(channel)
        message = self.world.message(channel, call.path["message"])
        if message.only_for:
            raise DiscordError(404, 10008, "Unknown Message")
        if channel.archived:
            raise DiscordError(400, 50083, "Thread is archived")
        return channel, message

    def edit(self, call: Call) -> Json:
        channel, message = self._own(call)
        if message.author != self.world.maru.id:
            raise DiscordError(403, 50005, "Cannot edit a message authored by another user")
        return show_message(self.world, self.posting.edit(channel, message, call))

    def delete(self, call: Call) -> None:
        channel, message = self._own(call)
        if message.author != self.world.maru.id:
            raise DiscordError(403, 50013, "Missing Permissions")
        self.posting.delete(channel, message)

    def message(self, call: Call) -> Json:
        channel = self.world.channel(call.path["channel"])
        self.world.demand(channel, "history")
        found = self.world.message(channel, call.path["message"])
        if found.only_for:
            raise DiscordError(404, 10008, "Unknown Message")
        return self._seen(found)

    def history(self, call: Call) -> list[Json]:
        """Newest first, at most 100, at one side of a message or around it."""
        channel = self.world.channel(call.path["channel"])
        self.world.demand(channel, "history")
        limit = int(call.query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise invalid("limit", "NUMBER_TYPE_MAX", "int value should be less than or equal to 100.")
        every = sorted(
            (one for one in channel.messages.values() if not one.only_for), key=lambda one: int(one.id)
        )
        if after := call.query.get("after"):
            chosen = [one for one in every if int(one.id) > int(after)][:limit]
        elif around := call.query.get("around"):
            earlier = [one for one in every if int(one.id) <= int(around)][-(limit // 2) - 1 :]
            later = [one for one in every if int(one.id) > int(around)]
            chosen = (earlier + later)[:limit]
        else:
            before = int(call.query.get("before", 1 << 63))
            chosen = [one for one in every if int(one.id) < before][-limit:]
        return [self._seen(one) for one in reversed(chosen)]

    def _seen(self, message: Message) -> Json:
        content = self.world.content_allowed or readable(self.world, message)
        return show_message(self.world, message, content=content)

    # -- threads -------------------------------------------------------------------------------

    def thread_of(self, call: Call) -> Json:
        """A thread has the id of the message that it begins at."""
        channel = self.world.channel(call.path["channel"])
        self.world.demand(channel, "threads")
        message = self.world.message(channel, call.path["message"])
        if channel.kind not in ("text", "news"):
            raise DiscordError(400, 50024, "Cannot execute action on this channel type")
        if message.id in self.world.channels:
            raise DiscordError(400, 160004, "A thread has already been created for this message")
        message.flags |= 1 << 5
        return show_channel(self.world, self._make(channel, message.id, call))

    def thread(self, call: Call) -> Json:
        """One of a text channel without a message, or a forum's post, whose first message comes along."""
        channel = self.world.channel(call.path["channel"])
        self.world.demand(channel, "threads")
        first: Json | None = call.body.get("message")
        if channel.kind == "forum":
            if channel.demands_tag and not call.body.get("applied_tags"):
                raise DiscordError(400, 40067, "A tag is required to create a forum post in this channel")
            if first is None:
                raise invalid("message", "BASE_TYPE_REQUIRED", "This field is required")
        thread = self._make(channel, self.world.ids(), call)
        shown = show_channel(self.world, thread)
        if first is not None:
            message = self.posting.make(thread, first, call)
            message.id = thread.id
            self.posting.place(thread, message)
            shown["message"] = show_message(self.world, message)
        return shown

    def _make(self, channel: Channel, id_: str, call: Call) -> Channel:
        name = call.body.get("name") or ""
        if not 1 <= len(name) <= 100:
            raise invalid("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
        if call.body.get("auto_archive_duration") not in (None, 60, 1440, 4320, 10080):
            raise invalid("auto_archive_duration", "BASE_TYPE_CHOICES", "One of 60, 1440, 4320, 10080")
        active = sum(
            one.thread and not one.archived and one.guild == channel.guild
            for one in self.world.channels.values()
        )
        if active >= self.world.most_threads:
            raise DiscordError(400, 160006, "Maximum number of active threads reached")
        private = call.body.get("type") == 12
        kind: ChannelKind = (
            "private_thread" if private else "news_thread" if channel.kind == "news" else "public_thread"
        )
        thread = Channel(id_, kind, channel.guild, name, channel.id)
        thread.owner = self.world.maru.id
        self.world.channels[id_] = thread
        self.world.announce(
            "THREAD_CREATE", show_channel(self.world, thread) | {"newly_created": True}, thread
        )
        self.world.touch()
        return thread
