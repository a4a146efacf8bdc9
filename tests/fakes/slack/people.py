"""People in Slack, and what they do."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.fakes.slack.shown import show_message
from tests.fakes.slack.wire import Json
from tests.fakes.slack.world import Channel, FileMode, Message, SharedFile, User

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack


class Person:
    """Somebody with a browser. What they do returns once Slack has it, not once the app has."""

    def __init__(self, slack: "FakeSlack", user: User) -> None:
        self.slack = slack
        self.world = slack.world
        self.user = user
        self.id = user.id

    @property
    def dm(self) -> Channel:
        """Their direct messages with Maru."""
        team = self.slack.world.teams.get(self.user.team, self.slack.team)
        return self.world.open(team.id, {self.id, team.bot_user}, "im")

    def file(
        self,
        name: str,
        content: bytes,
        media_type: str = "text/plain",
        *,
        mode: FileMode = "hosted",
        check: bool = False,
        elsewhere: bool = False,
    ) -> SharedFile:
        """A file to drop in with a message."""
        file = SharedFile(
            self.world.ids("F"),
            name,
            self.id,
            content,
            media_type,
            mode=mode,
            check=check,
            elsewhere=elsewhere,
            created=int(self.world.clock.now()),
        )
        self.world.files[file.id] = file
        return file

    async def says(
        self,
        where: Channel,
        text: str,
        *,
        thread: Message | str = "",
        files: Sequence[SharedFile] = (),
        subtype: str = "",
        twice: bool = False,
    ) -> Message:
        """Write a message; `twice`: the one gesture arrives as two messages with one `client_msg_id`."""
        if self.id not in where.members:
            raise AssertionError(f"{self.user.name} is not in {where.name or where.id}")
        parent = thread if isinstance(thread, str) else thread.thread_ts or thread.ts
        gesture = f"{self.world.random.getrandbits(128):032x}"
        for _ in range(2 if twice else 1):
            message = Message(
                channel=where.id,
                ts=self.world.next_ts(where),
                user=self.id,
                text=text,
                thread_ts=parent,
                subtype=subtype or ("file_share" if files else ""),
                files=list(files),
                bot_id=self.user.bot_id,
                client_msg_id="" if files or self.user.bot_id else gesture,
            )
            where.messages[message.ts] = message
            self.slack.events.posted(message)
        return message

    async def mentions_bot(
        self,
        where: Channel,
        text: str,
        *,
        thread: Message | str = "",
        files: Sequence[SharedFile] = (),
        twice: bool = False,
    ) -> Message:
        """Write `@Maru text`."""
        bot = self.world.teams[where.team].bot_user
        return await self.says(where, f"<@{bot}> {text}", thread=thread, files=files, twice=twice)

    async def writes(
        self, text: str, *, thread: Message | str = "", files: Sequence[SharedFile] = ()
    ) -> Message:
        """Write to Maru directly."""
        return await self.says(self.dm, text, thread=thread, files=files)

    async def edits(self, message: Message, text: str) -> None:
        before = show_message(self.world, message, self.slack.url, in_event=True)
        message.history.append(message.text)
        message.text = text
        message.edited = {"user": self.id, "ts": f"{self.world.clock.now():.6f}"}
        self.slack.events.changed(message, before)

    async def deletes(self, message: Message) -> None:
        self.slack.events.deleted(message)

    async def presses(self, message: Message, action_id: str, value: str = "") -> Json | None:
        """Press a button under a message; None: Slack showed that the app did not answer."""
        return await self.slack.gestures.press(self, message, action_id, value)

    async def presses_at_home(self, action_id: str) -> Json | None:
        """Press a button of the App Home."""
        return await self.slack.gestures.press_at_home(self, action_id)

    async def types_command(self, line: str, where: Channel | None = None) -> Json | None:
        """Type `/maru help`; there are no slash commands in threads."""
        return await self.slack.gestures.command(self, line, where or self.dm)

    async def uses_shortcut(self, message: Message, callback_id: str) -> Json | None:
        """Choose a message shortcut."""
        return await self.slack.gestures.shortcut(self, message, callback_id)

    async def submits(self, values: Json, callback_id: str = "") -> Json | None:
        """Send the modal that is open; `values` as Slack has them: block -> action -> state."""
        return await self.slack.gestures.submit(self, values, callback_id)

    async def presses_stop(self, thread: Message) -> None:
        """Slack's own stop button of an agent session."""
        self.slack.gestures.stop(self, thread)

    async def opens_home(self, tab: str = "home") -> None:
        """Open the app: its `home` or its `messages`."""
        self.slack.gestures.open_app(self, tab)

    async def looks_at(self, channel: Channel) -> None:
        """Look at something else, beside the agent."""
        self.slack.gestures.look(self, channel)
