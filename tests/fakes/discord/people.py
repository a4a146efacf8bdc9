"""People in Discord, and what they do."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.fakes.discord.pings import mention
from tests.fakes.discord.shown import show_channel
from tests.fakes.discord.world import Attachment, Channel, ChannelKind, Interaction, Message, User

if TYPE_CHECKING:
    from tests.fakes.discord.server import FakeDiscord


class Person:
    """Somebody with a client. What they write is said once Discord has it; gestures wait for the app."""

    def __init__(self, discord: "FakeDiscord", user: User) -> None:
        self.discord = discord
        self.world = discord.world
        self.user = user
        self.id = user.id

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def dm(self) -> Channel:
        """Their direct messages with Maru."""
        return self.world.open_dm(self.id)

    def file(self, name: str, content: bytes, media_type: str = "text/plain") -> Attachment:
        """A file to drop in with a message."""
        return Attachment(self.world.ids(), name, content, media_type)

    async def says(
        self,
        where: Channel,
        text: str,
        *,
        reply_to: Message | None = None,
        ping: bool = True,
        files: Sequence[Attachment] = (),
        kind: int = 0,
        webhook: bool = False,
    ) -> Message:
        """Write a message; `ping`: a reply notifies; `kind`: a system message's; `webhook`: not by hand."""
        message = Message(self.world.ids(), where.id, self.id, text, kind, attachments=list(files))
        if webhook:
            message.webhook = "77"
        if reply_to is not None:
            message.reference, message.kind = reply_to.id, 19
        allowed = {"parse": ["users", "roles", "everyone"], "replied_user": ping}
        mention(self.world, message, allowed)
        where.messages[message.id] = message
        if where.archived:
            where.archived = False
            self.world.announce("THREAD_UPDATE", show_channel(self.world, where), where)
        self.discord.posting.announce("MESSAGE_CREATE", message)
        return message

    async def mentions_bot(
        self,
        where: Channel,
        text: str,
        *,
        reply_to: Message | None = None,
        files: Sequence[Attachment] = (),
    ) -> Message:
        """Write `@Maru text`."""
        return await self.says(where, f"<@{self.world.maru.id}> {text}", reply_to=reply_to, files=files)

    async def replies(self, message: Message, text: str, *, ping: bool = True) -> Message:
        return await self.says(self.world.channels[message.channel], text, reply_to=message, ping=ping)

    async def writes(self, text: str, *, files: Sequence[Attachment] = ()) -> Message:
        """Write to Maru directly."""
        return await self.says(self.dm, text, files=files)

    async def posts(
        self, forum: Channel, title: str, text: str, *, files: Sequence[Attachment] = ()
    ) -> Channel:
        """Begin a post of a forum: a thread whose first message has its id."""
        thread = self.thread(forum, title)
        message = Message(thread.id, thread.id, self.id, text, attachments=list(files))
        mention(self.world, message, None)
        thread.messages[message.id] = message
        self.discord.posting.announce("MESSAGE_CREATE", message)
        return thread

    def thread(
        self, where: Channel, name: str, *, of: Message | None = None, private: bool = False
    ) -> Channel:
        """Open a thread, from a message or by itself; Maru is in it, also when it is private."""
        kind: ChannelKind = "private_thread" if private else "public_thread"
        thread = Channel(of.id if of else self.world.ids(), kind, where.guild, name, where.id)
        thread.owner = self.id
        self.world.channels[thread.id] = thread
        shown = show_channel(self.world, thread) | {"newly_created": True}
        self.world.announce("THREAD_CREATE", shown, thread)
        return thread

    def archives(self, thread: Channel, *, locked: bool = False) -> None:
        """Close a thread, as Discord does by itself after a while; a locked one Maru cannot open."""
        thread.archived, thread.locked = True, locked
        self.world.announce("THREAD_UPDATE", show_channel(self.world, thread), thread)

    async def edits(self, message: Message, text: str) -> None:
        message.history.append(message.content)
        message.content, message.edited = text, self.world.clock.now()
        mention(self.world, message, None, sounds=False)
        self.discord.posting.announce("MESSAGE_UPDATE", message)

    async def deletes(self, *messages: Message) -> None:
        """Delete a message, or as a moderator several of a channel at once."""
        channel = self.world.channels[messages[0].channel]
        if len(messages) == 1:
            self.discord.posting.delete(channel, messages[0])
            return
        for message in messages:
            del channel.messages[message.id]
        ids = [message.id for message in messages]
        payload = {"ids": ids, "channel_id": channel.id, "guild_id": channel.guild}
        self.world.announce("MESSAGE_DELETE_BULK", payload, channel)

    async def uses_command(self, name: str, where: Channel | None = None, **options: object) -> Interaction:
        """Use `/name option:value`; returns when the app acknowledged, or Discord gave up on it."""
        return await self.discord.gestures.command(self.user, name, where or self.dm, dict(options))

    async def uses_menu(self, name: str, message: Message) -> Interaction:
        """Choose an entry of a message's Apps menu."""
        return await self.discord.gestures.menu(self.user, name, message)

    async def presses(self, message: Message, which: str) -> Interaction:
        """Press a button, by its label or custom id."""
        return await self.discord.gestures.press(self.user, message, which)

    async def submits(self, opened: Interaction, **values: str) -> Interaction:
        """Send the modal that an interaction opened."""
        return await self.discord.gestures.submit(self.user, opened, values)
