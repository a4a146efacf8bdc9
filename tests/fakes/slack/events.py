"""The events that a change makes, sent to the installations that see it."""

from tests.fakes.slack.pings import links, pings, written
from tests.fakes.slack.shown import show_message
from tests.fakes.slack.wire import Json
from tests.fakes.slack.world import Channel, Message, Team, World

CHANNEL_TYPES = {"public": "channel", "private": "group", "im": "im", "mpim": "mpim"}
TOMBSTONE = "This message was deleted."


class Events:
    """Announces what happened to messages, and notes what it did to people."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = ""
        self.pinged: list[tuple[str, str]] = []  # (channel, "<!channel>"): what Maru's messages did
        self.unfurled: list[str] = []  # addresses that Slack fetched for a message of Maru
        self._noted: dict[tuple[str, str], set[str]] = {}

    def posted(self, message: Message) -> None:
        """A new message; with the mention of a bot it is an `app_mention` as well."""
        channel = self.world.channels[message.channel]
        event = self._event(channel, message) | show_message(self.world, message, self.url, in_event=True)
        self._tell(channel, event, message.user)
        mentions = pings(message.text)
        for team in self._teams(channel):
            mentioned = f"<@{team.bot_user}>" in mentions and message.user != team.bot_user
            if mentioned and channel.kind != "im":
                # It may come without the files; the message has them for sure.
                left = ("channel_type", "subtype", "files")
                told = {name: value for name, value in event.items() if name not in left}
                author = self.world.users.get(message.user)
                self.world.announce(team, told | {"type": "app_mention"}, channel, author)
        self.noticed(message)

    def changed(self, message: Message, before: Json) -> None:
        """An edit, or an unfurl: the same event with the same text."""
        channel = self.world.channels[message.channel]
        now = show_message(self.world, message, self.url, in_event=True)
        event = self._event(channel, message) | {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "ts": self.world.next_ts(channel),
            "message": now,
            "previous_message": before,
        }
        event["event_ts"] = event["ts"]
        self._tell(channel, event, message.user)
        self.world.touch()

    def unfurl(self, message: Message) -> None:
        """A person's message got a preview: `message_changed` with the text as it was."""
        before = show_message(self.world, message, self.url, in_event=True)
        message.attachments = [{"id": 1, "from_url": link, "title": "A page"} for link in links(message.text)]
        self.changed(message, before)

    def deleted(self, message: Message) -> None:
        """A thread's first message leaves a tombstone, as long as there are replies."""
        channel = self.world.channels[message.channel]
        if any(reply.thread_ts == message.ts for reply in channel.messages.values()):
            before = show_message(self.world, message, self.url, in_event=True)
            stone = Message(channel.id, message.ts, "USLACKBOT", TOMBSTONE, subtype="tombstone")
            channel.messages[stone.ts] = stone
            self.changed(stone, before)
            return
        del channel.messages[message.ts]
        event = self._event(channel, message) | {
            "type": "message",
            "subtype": "message_deleted",
            "hidden": True,
            "ts": self.world.next_ts(channel),
            "deleted_ts": message.ts,
            "previous_message": show_message(self.world, message, self.url, in_event=True),
        }
        event["event_ts"] = event["ts"]
        self._tell(channel, event, message.user)
        self.world.touch()

    def noticed(self, message: Message, *more: str) -> None:
        """A message of Maru was shown: note whom it pings and what Slack fetches, each once."""
        message.changed_at = self.world.clock.now()
        if self.world.by_maru(message):
            known = self._noted.setdefault((message.channel, message.ts), set())
            for text in (*texts_of(message), *more):
                self.pinged += [(message.channel, ping) for ping in pings(text) if ping not in known]
                # The end of a stream may be half an address.
                if message.unfurls and not (message.stream and message.stream.live):
                    self.unfurled += [link for link in links(text) if link not in known]
                    known.update(links(text))
                known.update(pings(text))
        self.world.touch()

    def _event(self, channel: Channel, message: Message) -> Json:
        return {
            "channel": channel.id,
            "channel_type": CHANNEL_TYPES[channel.kind],
            "event_ts": message.ts,
        }

    def _tell(self, channel: Channel, event: Json, user: str) -> None:
        author = self.world.users.get(user)
        if author and author.team != channel.team:
            event = event | {"user_team": author.team, "source_team": author.team}
        for team in self._teams(channel):
            if team.bot_user in channel.members:
                self.world.announce(team, event, channel, author)

    def _teams(self, channel: Channel) -> list[Team]:
        return [
            team
            for team in self.world.teams.values()
            if team.installed
            and team.bot_user
            and (team.id == channel.team or team.id in channel.shared_with)
        ]


def texts_of(message: Message) -> list[str]:
    """All that is written in a message, its blocks included."""
    return [message.text, *written(message.blocks)]
