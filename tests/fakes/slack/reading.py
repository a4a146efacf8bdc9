"""conversations.*, users.* and what else is only read."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from tests.fakes.slack.calls import PREFIXES, Call
from tests.fakes.slack.events import Events
from tests.fakes.slack.shown import show_channel, show_message, show_user
from tests.fakes.slack.wire import Json, SlackError
from tests.fakes.slack.world import Channel, Message, User, World

KINDS = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
Item = TypeVar("Item")


class Reading:
    """The methods; each takes a call and gives the answer's members."""

    def __init__(self, world: World, events: Events) -> None:
        self.world = world
        self.events = events
        self.most = 999  # messages of a page; 15 for an app that is sold outside the Marketplace

    def test(self, call: Call) -> Json:
        team = call.team
        return {
            "url": f"https://{team.name.lower()}.slack.com/",
            "team": team.name,
            "user": self.world.users[team.bot_user].name.lower(),
            "team_id": team.id,
            "user_id": team.bot_user,
            "bot_id": team.bot_id,
            "is_enterprise_install": team.org_install,
        } | ({"enterprise_id": team.enterprise} if team.enterprise else {})

    def history(self, call: Call) -> Json:
        """Newest first, without replies (but with those also sent to the channel)."""
        channel = self._inside(call)
        shown = [m for m in channel.messages.values() if not m.thread_ts or m.subtype == "thread_broadcast"]
        return self._messages(call, self._between(call, shown)[::-1])

    def replies(self, call: Call) -> Json:
        """The first message, then its replies, oldest first."""
        channel = self._inside(call)
        thread = channel.thread(call.text("ts"))
        if not thread:
            raise SlackError("thread_not_found")
        return self._messages(call, [thread[0], *self._between(call, thread[1:])])

    def _inside(self, call: Call) -> Channel:
        channel = call.channel()
        if call.team.bot_user not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def _between(self, call: Call, messages: list[Message]) -> list[Message]:
        oldest, latest = call.text("oldest") or "0", call.text("latest") or "9999999999"
        try:
            first, last = float(oldest), float(latest)
        except ValueError as error:
            raise SlackError("invalid_ts_oldest") from error
        edges = (oldest, latest) if call.arguments.get("inclusive") else ()
        return [m for m in messages if first < float(m.ts) < last or m.ts in edges]

    def _messages(self, call: Call, messages: list[Message]) -> Json:
        found, more = self._page(call, messages, min(100, self.most), self.most)
        wanted = bool(call.arguments.get("include_all_metadata"))
        shown = [show_message(self.world, m, self.events.url, metadata=wanted) for m in found]
        return {"messages": shown, "has_more": bool(more["next_cursor"]), "response_metadata": more}

    def _page(
        self, call: Call, items: Sequence[Item], default: int = 100, most: int = 1000
    ) -> tuple[list[Item], Json]:
        """One page, and the cursor to the next; an item may be added meanwhile, as everywhere."""
        cursor = call.text("cursor")
        if cursor and not cursor.startswith("next:"):
            raise SlackError("invalid_cursor")
        start = int(cursor.removeprefix("next:") or 0)
        end = start + min(call.arguments.get("limit") or default, most)
        return list(items[start:end]), {"next_cursor": f"next:{end}" if end < len(items) else ""}

    def channel(self, call: Call) -> Json:
        channel = call.channel()
        shown = show_channel(channel, call.team)
        if call.arguments.get("include_num_members"):
            shown["num_members"] = len(channel.members)
        if call.arguments.get("include_locale"):
            shown["locale"] = "en-US"
        return {"channel": shown}

    def members(self, call: Call) -> Json:
        channel = call.channel()
        found, more = self._page(call, sorted(channel.members))
        return {"members": found, "response_metadata": more}

    def channels(self, call: Call) -> Json:
        """conversations.list: every public channel, and what Maru is in."""
        return self._list(call, lambda channel: channel.kind == "public" or self._has(call, channel))

    def own_channels(self, call: Call) -> Json:
        """users.conversations: what Maru (or the named person, as far as Maru sees it) is in."""
        user = call.text("user") or call.team.bot_user
        return self._list(call, lambda channel: user in channel.members and self._sees(call, channel))

    def _list(self, call: Call, wanted: Callable[[Channel], bool]) -> Json:
        kinds = (call.text("types") or "public_channel").split(",")
        if not set(kinds) <= set(KINDS):
            raise SlackError("invalid_types")
        for kind in kinds:
            call.need(f"{PREFIXES[KINDS[kind]]}:read")
        chosen = {KINDS[kind] for kind in kinds}
        self._need_team(call)
        found = [
            channel
            for channel in self.world.channels.values()
            if call.team.id in (channel.team, *channel.shared_with)
            and channel.kind in chosen
            and wanted(channel)
            and not (channel.archived and call.arguments.get("exclude_archived"))
        ]
        some, more = self._page(call, found)
        return {"channels": [show_channel(channel, call.team) for channel in some], "response_metadata": more}

    def _need_team(self, call: Call) -> None:
        """An organisation's token is asked in which of its workspaces."""
        if call.token.enterprise and not call.text("team_id"):
            raise SlackError("missing_argument")

    def _has(self, call: Call, channel: Channel) -> bool:
        return call.team.bot_user in channel.members

    def _sees(self, call: Call, channel: Channel) -> bool:
        return channel.kind == "public" or self._has(call, channel)

    def open(self, call: Call) -> Json:
        if name := call.text("channel"):
            return {"channel": {"id": self.world.channel(name, call.team.id).id}, "already_open": True}
        users = {name for name in call.text("users").split(",") if name}
        if not users:
            raise SlackError("users_list_not_supplied")
        for name in users:
            if self.world.user(name).kind == "deleted":
                raise SlackError("user_disabled")
        kind = "im" if len(users) == 1 else "mpim"
        call.need("im:write" if kind == "im" else "mpim:write")
        channel = self.world.open(
            call.team.id, users | {call.team.bot_user}, "im" if kind == "im" else "mpim"
        )
        whole = show_channel(channel, call.team) if call.arguments.get("return_im") else {"id": channel.id}
        return {"channel": whole}

    def join(self, call: Call) -> Json:
        channel = self.world.channel(call.text("channel"), call.team.id)
        if channel.kind != "public":
            raise SlackError("method_not_supported_for_channel_type")
        channel.members.add(call.team.bot_user)
        return {"channel": show_channel(channel, call.team)}

    def user(self, call: Call) -> Json:
        return {"user": self._show(call, self.world.user(call.text("user")))}

    def groups(self, call: Call) -> Json:
        users = bool(call.arguments.get("include_users"))
        shown = [
            {
                "id": group.id,
                "team_id": group.team,
                "handle": group.name,
                "name": group.name,
                "date_delete": 0,
            }
            | ({"users": sorted(group.members)} if users else {})
            for group in self.world.groups.values()
            if group.team == call.team.id
        ]
        return {"usergroups": shown}

    def users(self, call: Call) -> Json:
        self._need_team(call)
        found, more = self._page(call, [u for u in self.world.users.values() if u.team == call.team.id])
        return {"members": [self._show(call, user) for user in found], "response_metadata": more}

    def _show(self, call: Call, user: User) -> Json:
        locale = bool(call.arguments.get("include_locale"))
        return show_user(self.world, user, locale=locale, seen_from=call.team.id)

    def bot(self, call: Call) -> Json:
        for user in self.world.users.values():
            if user.bot_id and user.bot_id == call.text("bot"):
                shown = {"id": user.bot_id, "deleted": False, "name": user.name, "user_id": user.id}
                maru = any(user.id == team.bot_user for team in self.world.teams.values())
                return {"bot": shown | {"updated": 1, "app_id": "A1" if maru else "A2"}}
        raise SlackError("bot_not_found")

    def team(self, call: Call) -> Json:
        team = self.world.teams.get(call.text("team") or call.team.id, call.team)
        shown: Json = {"id": team.id, "name": team.name, "domain": team.name.lower()}
        return {"team": shown | ({"enterprise_id": team.enterprise} if team.enterprise else {})}
