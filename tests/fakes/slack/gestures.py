"""Presses, commands, shortcuts, modals: what must be answered within three seconds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fakes.slack.chat import respond_to
from tests.fakes.slack.delivery import Kind
from tests.fakes.slack.rendered import elements, label
from tests.fakes.slack.shown import show_message
from tests.fakes.slack.wire import Json, SlackError
from tests.fakes.slack.world import Channel, Message, Team

if TYPE_CHECKING:
    from tests.fakes.slack.people import Person
    from tests.fakes.slack.server import FakeSlack

RESPONSE_LIFE = 1800.0
RESPONSE_USES = 5


@dataclass
class ResponseUrl:
    """Where the app may answer a gesture: five times, for half an hour."""

    channel: Channel
    user: str
    bot: str
    since: float
    uses: int = 0
    original: Message | None = None


class Gestures:
    """Builds the payloads and asks the app."""

    def __init__(self, slack: "FakeSlack") -> None:
        self.slack = slack
        self.world = slack.world
        self.complaints: list[tuple[str, str]] = []  # (user, what Slack told them about the app)
        self._responses: dict[str, ResponseUrl] = {}

    async def press(self, person: "Person", message: Message, action_id: str, value: str) -> Json | None:
        found = [one for one in elements(message.blocks) if one.get("action_id") == action_id]
        if not found:
            raise AssertionError(f"There is no {action_id} under {message.text!r}")
        channel = self.world.channels[message.channel]
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": bool(message.only_for),
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = self._payload(person, "block_actions", channel) | {
            "container": container,
            "channel": {"id": channel.id, "name": channel.name or "directmessage"},
            "state": {"values": {}},
            "response_url": self._response_url(person, channel, message),
            "actions": [self._action(message.blocks, found[0], value)],
        }
        if not message.only_for:
            payload["message"] = show_message(self.world, message, self.slack.url, metadata=True)
        return await self._ask(person, "interactive", payload)

    async def press_at_home(self, person: "Person", action_id: str) -> Json | None:
        view = self.slack.sessions.homes[person.id]
        found = [one for one in elements(view["blocks"]) if one.get("action_id") == action_id]
        if not found:
            raise AssertionError(f"There is no {action_id} at home")
        payload = self._payload(person, "block_actions") | {
            "container": {"type": "view", "view_id": view["id"]},
            "view": view,
            "actions": [self._action(view["blocks"], found[0], "")],
        }
        return await self._ask(person, "interactive", payload)

    def _action(self, blocks: list[Json], element: Json, value: str) -> Json:
        block = next(block for block in blocks if element in elements(block))
        action: Json = {
            "action_id": element["action_id"],
            "block_id": block.get("block_id", "b1"),
            "type": element["type"],
            "action_ts": f"{self.world.clock.now():.6f}",
        }
        if value or "value" in element:
            action["value"] = value or element["value"]
        if label(element) and element["type"] == "button":
            action["text"] = element["text"]
        return action

    async def command(self, person: "Person", line: str, channel: Channel) -> Json | None:
        command, _, text = line.partition(" ")
        if command not in self.slack.app.commands:
            self.complaints.append((person.id, f"{command} is not a valid command."))
            return None
        team = self._team(person, channel)
        payload: Json = {
            "token": "verification",
            "team_id": team.id,
            "team_domain": team.name.lower(),
            "channel_id": channel.id,
            "channel_name": channel.name or "directmessage",
            "user_id": person.id,
            "user_name": person.user.name.lower(),
            "command": command,
            "text": text,
            "api_app_id": self.slack.app.id,
            "is_enterprise_install": str(team.org_install).lower(),
            "response_url": self._response_url(person, channel),
            "trigger_id": self.slack.sessions.trigger(person.id),
        }
        if team.enterprise:
            payload |= {"enterprise_id": team.enterprise, "enterprise_name": "Acme Holding"}
        answered = await self._ask(person, "slash_commands", payload)
        if answered and (answered.get("text") or answered.get("blocks")):
            respond_to(self.slack.chat, channel, person.id, team.bot_user, answered)
        return answered

    async def shortcut(self, person: "Person", message: Message, callback_id: str) -> Json | None:
        channel = self.world.channels[message.channel]
        payload = self._payload(person, "message_action", channel) | {
            "callback_id": callback_id,
            "action_ts": f"{self.world.clock.now():.6f}",
            "message_ts": message.ts,
            "channel": {"id": channel.id, "name": channel.name or "directmessage"},
            "message": show_message(self.world, message, self.slack.url),
            "response_url": self._response_url(person, channel),
        }
        return await self._ask(person, "interactive", payload)

    async def submit(self, person: "Person", values: Json, callback_id: str) -> Json | None:
        own = [
            view
            for view in self.slack.sessions.views.values()
            if view["_user"] == person.id
            and view["type"] == "modal"
            and callback_id in ("", view["callback_id"])
        ]
        if not own:
            raise AssertionError(f"{person.user.name} has no open modal")
        view = {name: value for name, value in own[-1].items() if name != "_user"}
        view["state"] = {"values": values}
        payload = self._payload(person, "view_submission") | {"view": view, "response_urls": []}
        answered = await self._ask(person, "interactive", payload)
        if answered == {}:
            del self.slack.sessions.views[view["id"]]
        return answered

    def stop(self, person: "Person", thread: Message) -> None:
        channel = self.world.channels[thread.channel]
        root = thread.thread_ts or thread.ts
        streaming = [m for m in channel.thread(root) if m.stream is not None and m.stream.live]
        for message in streaming:
            self.slack.streams.press_stop(message)
        self._event(
            person,
            {
                "type": "agent_session_stopped",
                "channel": channel.id,
                "thread_ts": root,
                "user": person.id,
                "streaming_message_ts": [message.ts for message in streaming],
            },
            channel,
        )

    def open_app(self, person: "Person", tab: str) -> None:
        event: Json = {"type": "app_home_opened", "user": person.id, "channel": person.dm.id, "tab": tab}
        if tab == "home" and person.id in self.slack.sessions.homes:
            event["view"] = self.slack.sessions.homes[person.id]
        self._event(person, event, person.dm)

    def look(self, person: "Person", channel: Channel) -> None:
        entities = [{"type": "slack#/types/channel_id", "value": channel.id, "team_id": channel.team}]
        self._event(
            person,
            {
                "type": "app_context_changed",
                "user": person.id,
                "channel": person.dm.id,
                "context": {"entities": entities},
            },
            person.dm,
        )

    def _event(self, person: "Person", event: Json, channel: Channel) -> None:
        event["event_ts"] = f"{self.world.clock.now():.6f}"
        self.world.announce(self._team(person, channel), event, channel, person.user)

    def _team(self, person: "Person", channel: Channel | None = None) -> Team:
        return self.world.teams[channel.team if channel else person.user.team]

    def _payload(self, person: "Person", kind: str, channel: Channel | None = None) -> Json:
        team = self._team(person, channel)
        company = {"id": team.enterprise, "name": "Acme Holding"} if team.enterprise else None
        name = person.user.name.lower()
        return {
            "type": kind,
            "token": "verification",
            "api_app_id": self.slack.app.id,
            "user": {"id": person.id, "username": name, "name": name, "team_id": person.user.team},
            "team": {"id": team.id, "domain": team.name.lower()},
            "enterprise": company,
            "is_enterprise_install": team.org_install,
            "trigger_id": self.slack.sessions.trigger(person.id),
        }

    async def _ask(self, person: "Person", kind: Kind, payload: Json) -> Json | None:
        answered = await self.slack.delivery.ask(kind, payload)
        if answered is None:
            self.complaints.append((person.id, "Maru did not respond."))
        return answered

    # -- response_url --------------------------------------------------------------------------

    def _response_url(self, person: "Person", channel: Channel, original: Message | None = None) -> str:
        name = f"{self.world.random.getrandbits(64):016x}"
        bot = self._team(person, channel).bot_user
        self._responses[name] = ResponseUrl(
            channel, person.id, bot, self.world.clock.now(), original=original
        )
        return f"{self.slack.url}/respond/{name}"

    def respond(self, name: str, body: Json) -> Json:
        """What the app posts to a `response_url`."""
        found = self._responses.get(name)
        if found is None or found.since + RESPONSE_LIFE <= self.world.clock.now():
            raise SlackError("expired_url", status=404)
        if found.uses >= RESPONSE_USES:
            raise SlackError("used_url", status=404)
        found.uses += 1
        original = found.original
        if original is not None and (body.get("replace_original") or body.get("delete_original")):
            return self._replace(original, body)
        return respond_to(self.slack.chat, found.channel, found.user, found.bot, body)

    def _replace(self, original: Message, body: Json) -> Json:
        if body.get("delete_original"):
            if original.only_for:
                self.world.ephemeral.remove(original)
            else:
                self.world.channels[original.channel].messages.pop(original.ts, None)
        else:
            original.text, original.blocks = body.get("text", ""), body.get("blocks") or []
            original.markdown = False
        self.world.touch()
        return {}
