"""assistant.threads.*, agents.sessions.* and views.*: what surrounds the messages of an agent."""

from dataclasses import dataclass, field

from tests.fakes.slack.app import App
from tests.fakes.slack.blocks import check_view
from tests.fakes.slack.calls import Call
from tests.fakes.slack.wire import Json, SlackError, invalid
from tests.fakes.slack.world import Channel, World

STATUS_LIFE = 120.0
TRIGGER_LIFE = 3.0
STATUSES = ("active", "processing", "suspended", "closed")
Place = tuple[str, str]  # channel, thread


@dataclass
class Session:
    """An agent session, once a status was set."""

    status: str
    title: str = ""
    initiator: str = ""
    history: list[str] = field(default_factory=list)


class Sessions:
    """The methods; each takes a call and gives the answer's members."""

    def __init__(self, world: World, app: App) -> None:
        self.world = world
        self.app = app
        self.sessions: dict[Place, Session] = {}
        self.prompts: dict[Place, list[Json]] = {}
        self.titles: dict[Place, str] = {}
        self.homes: dict[str, Json] = {}  # user -> the view
        self.views: dict[str, Json] = {}
        self.statuses: dict[Place, tuple[str, float, str]] = {}
        self._triggers: dict[str, tuple[str, float]] = {}

    def status(self, place: Place) -> str:
        """What stands under the conversation ("is thinking…"): two minutes, or until Maru writes there."""
        text, since, last = self.statuses.get(place, ("", 0.0, ""))
        thread = self.world.channels[place[0]].thread(place[1])
        written = any(self.world.by_maru(message) and message.ts > last for message in thread)
        return text if not written and since + STATUS_LIFE > self.world.clock.now() else ""

    def set_status(self, call: Call) -> Json:
        channel = self._channel(call)
        loading = call.arguments.get("loading_messages") or []
        if not isinstance(loading, list) or len(loading) > 10:
            raise invalid("no more than 10 items allowed: loading_messages")
        last = max(channel.messages, default="")
        self.statuses[self._place(call, channel)] = (call.text("status"), self.world.clock.now(), last)
        self.world.touch()
        return {}

    def set_prompts(self, call: Call) -> Json:
        if not self.app.agent:
            raise SlackError("not_agent_app")
        channel = self._channel(call)
        prompts = call.arguments["prompts"]
        if not isinstance(prompts, list) or not 1 <= len(prompts) <= 4:
            raise invalid("between 1 and 4 items allowed: prompts")
        for prompt in prompts:
            if set(prompt) != {"title", "message"} or not all(prompt.values()):
                raise invalid("a prompt has a title and a message")
        self.prompts[self._place(call, channel)] = prompts
        self.world.touch()
        return {}

    def set_title(self, call: Call) -> Json:
        channel = self._channel(call)
        if channel.kind != "im":
            raise SlackError("channel_not_found")
        self.titles[self._place(call, channel)] = call.text("title")
        self.world.touch()
        return {}

    def set_session(self, call: Call) -> Json:
        place = self._session_place(call)
        status = call.text("status")
        if status not in STATUSES:
            raise SlackError("invalid_status")
        if len(call.text("title")) > 200:
            raise invalid("must be less than 201 characters: title")
        self.keep(place, status, call.text("title"), call.text("initiator_user_id"))
        if status == "processing" and "agent_session_stopped" not in self.app.events:
            warning = "missing_agent_session_stopped_event_subscription"
            return {"warning": warning, "response_metadata": {"warnings": [warning]}}
        return {}

    def keep(self, place: Place, status: str, title: str = "", initiator: str = "") -> None:
        """Title and initiator count only when the session is new."""
        session = self.sessions.setdefault(place, Session(status, title, initiator))
        session.status = status
        session.history.append(status)
        self.world.touch()

    def rename(self, call: Call) -> Json:
        place = self._session_place(call)
        if place not in self.sessions:
            raise SlackError("session_not_found")
        if not 1 <= len(call.text("title")) <= 200:
            raise SlackError("invalid_name")
        self.sessions[place].title = call.text("title")
        self.world.touch()
        return {}

    def _session_place(self, call: Call) -> Place:
        if not self.app.agent:
            raise SlackError("not_authorized")
        channel = call.channel("channel_id")
        if call.team.bot_user not in channel.members:
            raise SlackError("not_authorized")
        if not call.text("thread_ts"):
            raise SlackError("thread_ts_required")
        return self._place(call, channel)

    def _channel(self, call: Call) -> Channel:
        channel = call.channel("channel_id")
        if call.team.bot_user not in channel.members:
            raise SlackError("channel_not_found")
        return channel

    def _place(self, call: Call, channel: Channel) -> Place:
        thread = call.text("thread_ts")
        if thread and not channel.thread(thread):
            raise SlackError("invalid_thread_ts")
        return channel.id, thread

    # -- views ---------------------------------------------------------------------------------

    def trigger(self, user: str) -> str:
        """A `trigger_id`: good once, for three seconds."""
        made = f"{len(self._triggers)}.{user}.trigger"
        self._triggers[made] = (user, self.world.clock.now())
        return made

    def open(self, call: Call) -> Json:
        name = call.text("trigger_id")
        if name not in self._triggers:
            raise SlackError("invalid_trigger_id")
        user, since = self._triggers[name]
        if not user:
            raise SlackError("exchanged_trigger_id")
        if since + TRIGGER_LIFE <= self.world.clock.now():
            raise SlackError("expired_trigger_id")
        self._triggers[name] = ("", since)
        return self._keep(call, user, ("modal",))

    def publish(self, call: Call) -> Json:
        user = self.world.user(call.text("user_id"))
        answer = self._keep(call, user.id, ("home",))
        self.homes[user.id] = answer["view"]
        self.world.touch()
        return answer

    def update(self, call: Call) -> Json:
        view = self.views.get(call.text("view_id"))
        if view is None:
            raise SlackError("not_found")
        if call.text("hash") not in ("", view["hash"]):
            raise SlackError("hash_conflict")
        view |= check_view(call.arguments["view"], ("modal", "home"))
        view["hash"] = f"{self.world.clock.now():.3f}.{len(self.views)}"
        self.world.touch()
        return {"view": view}

    def _keep(self, call: Call, user: str, kinds: tuple[str, ...]) -> Json:
        checked = check_view(call.arguments["view"], kinds)
        view = checked | {
            "id": self.world.ids("V"),
            "team_id": call.team.id,
            "app_id": self.app.id,
            "bot_id": call.team.bot_id,
            "hash": f"{self.world.clock.now():.3f}.{len(self.views)}",
            "state": {"values": {}},
            "private_metadata": checked.get("private_metadata", ""),
            "callback_id": checked.get("callback_id", ""),
            "_user": user,
        }
        self.views[view["id"]] = view
        self.world.touch()
        return {"view": {name: value for name, value in view.items() if name != "_user"}}
