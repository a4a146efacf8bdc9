"""The events that a change makes, sent to the installations that see it."""

from tests.fakes.slack.pings import links, pings
from tests.fakes.slack.shown import show_message
from tests.fakes.slack.wire import Json
from tests.fakes.slack.world import Channel, Message, Team, World

CHANNEL_TYPES = {"public": "channel", "private": "group", "im": "im", "mpim": "mpim"}


class Events:
    """Announces what happened to messages, and notes what it did to people."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = ""
        self.pinged: list[tuple[str, str]] = []  # (channel, "<!channel>"): what Maru's messages did
        self.unfurled: list[str] = []  # addresses that Slack fetched for a message of Maru

    def posted(self, message: Message) -> None:
        """A new message; with the mention of a bot it is an `app_mention` as well."""
        channel = self.world.channels[message.channel]
        event = self._event(channel, message) | show_message(self.world, message, self.url, in_event=True)
        self._tell(channel, event, message.user)
        mentions = pings(message.text)
        for team in self._teams(channel):
            if f"<@{team.bot_user}>" in mentions and channel.kind != "im" and not message.bot_id:
                told = {
                    name: value for name, value in event.items() if name not in ("channel_type", "subtype")
                }
                author = self.world.users.get(message.user)
                self.world.announce(team, told | {"type": "app_mention"}, channel, author)
        self.noticed(message, message.text)

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
        channel = self.world.channels[message.channel]
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

    def noticed(self, message: Message, text: str) -> None:
        """A text of Maru was shown: note whom it pings and what Slack fetches."""
        if message.bot_id:
            self.pinged += [(message.channel, ping) for ping in pings(text)]
            if message.unfurls:
                self.unfurled += links(text)
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
