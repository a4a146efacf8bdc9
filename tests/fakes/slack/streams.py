"""chat.startStream, appendStream and stopStream, with their short lives."""

from tests.fakes.slack.blocks import MARKDOWN, check_message
from tests.fakes.slack.calls import Call
from tests.fakes.slack.chat import Chat, may_write, metadata, thread_of
from tests.fakes.slack.sessions import STATUSES as SESSION
from tests.fakes.slack.sessions import Sessions
from tests.fakes.slack.shown import show_message
from tests.fakes.slack.wire import Json, SlackError, dump, invalid
from tests.fakes.slack.world import Channel, Message, Stream, World

LIFE = 300.0  # seconds, however steadily it is appended to
CUMULATIVE = 12_000  # characters of a whole stream, task updates as JSON included
STATUSES = ("pending", "in_progress", "complete", "error")
TASK = {"type", "id", "title", "status", "details", "output", "sources"}


class Streams:
    """A stream dies by age without a word: what comes after is refused, and the message stays as it was."""

    def __init__(self, world: World, chat: Chat, sessions: Sessions) -> None:
        self.world = world
        self.sessions = sessions
        self.chat = chat
        self.life = LIFE

    def start(self, call: Call) -> Json:
        channel = call.channel()
        may_write(call, channel)
        if channel.kind != "im":
            for name in ("recipient_user_id", "recipient_team_id"):
                if not call.text(name):
                    raise SlackError(f"missing_{name.removesuffix('_id')}_id")
            self.world.user(call.text("recipient_user_id"))
        if call.text("task_display_mode") not in ("", "timeline", "plan"):
            raise invalid("task_display_mode")
        message = Message(
            channel=channel.id,
            ts=self.world.next_ts(channel),
            user=call.team.bot_user,
            bot_id=call.team.bot_id,
            thread_ts=thread_of(call, channel),
            markdown=True,
            stream=Stream(self.world.clock.now()),
            streamed=True,
            unfurls=True,  # there is no argument against it
        )
        self._grow(message, call)
        channel.messages[message.ts] = message
        self.chat.events.posted(message)
        return {"channel": channel.id, "ts": message.ts}

    def append(self, call: Call) -> Json:
        channel, message = self._live(call)
        if not call.text("markdown_text") and not call.arguments.get("chunks"):
            raise SlackError("no_text")
        self._grow(message, call)
        self.chat.events.noticed(message)
        return {"channel": channel.id, "ts": message.ts}

    def stop(self, call: Call) -> Json:
        channel, message = self._live(call)
        blocks = check_message(call.arguments["blocks"]) if call.arguments.get("blocks") else []
        kept = metadata(call)
        if call.text("session_status") not in ("", *SESSION):
            raise SlackError("invalid_status")
        before = show_message(self.world, message, self.chat.events.url, in_event=True)
        self._grow(message, call)
        message.blocks += blocks
        message.metadata = kept or message.metadata
        assert message.stream is not None
        message.stream.live = False
        if status := call.text("session_status"):
            self.sessions.keep((channel.id, message.thread_ts), status)
        self.chat.events.changed(message, before)
        self.chat.events.noticed(message)
        shown = show_message(self.world, message, self.chat.events.url, metadata=True)
        return {"channel": channel.id, "ts": message.ts, "message": shown}

    def press_stop(self, message: Message) -> None:
        """A person stopped it: the app hears of it at its next append."""
        if message.stream is not None:
            message.stream.stopped_by_user = True

    def _live(self, call: Call) -> tuple[Channel, Message]:
        channel = call.channel()
        message = self.world.message(channel, call.text("ts"))
        if message.user != call.team.bot_user:
            raise SlackError("message_not_owned_by_app")
        stream = message.stream
        if stream is None or not stream.live:
            raise SlackError("message_not_in_streaming_state")
        if stream.started + self.life <= self.world.clock.now():
            stream.live = False
            raise SlackError("message_not_in_streaming_state")
        if stream.stopped_by_user and call.method == "chat.appendStream":
            raise SlackError("stopped_by_user")
        return channel, message

    def _grow(self, message: Message, call: Call) -> None:
        """Add text and chunks, all or nothing."""
        stream = message.stream
        assert stream is not None
        text = call.text("markdown_text")
        if len(text) > MARKDOWN:
            raise SlackError("msg_too_long")
        chunks = call.arguments.get("chunks") or []
        if text and chunks:
            raise SlackError("invalid_chunks")
        for chunk in chunks:
            _check(chunk)
        words = text + "".join(chunk["text"] for chunk in chunks if chunk["type"] == "markdown_text")
        others = [chunk for chunk in chunks if chunk["type"] != "markdown_text"]
        grown = stream.characters + len(words) + sum(len(dump(chunk)) for chunk in others)
        if grown > CUMULATIVE:
            raise SlackError("msg_too_long")
        blocks = [block for chunk in others if chunk["type"] == "blocks" for block in chunk["blocks"]]
        if blocks:
            check_message(message.blocks + blocks)
        stream.characters = grown
        message.text += words
        message.blocks += blocks
        for chunk in others:
            if chunk["type"] == "task_update":
                stream.tasks[chunk["id"]] = stream.tasks.get(chunk["id"], {}) | chunk
            elif chunk["type"] == "plan_update":
                stream.plan = chunk["title"]


def _check(chunk: object) -> None:
    if not isinstance(chunk, dict):
        raise SlackError("invalid_chunks")
    match chunk.get("type"):
        case "markdown_text":
            right = isinstance(chunk.get("text"), str) and bool(chunk["text"])
        case "task_update":
            known = set(chunk) <= TASK
            right = known and bool(chunk.get("id")) and bool(chunk.get("title")) and _status(chunk)
        case "plan_update":
            right = bool(chunk.get("title"))
        case "blocks":
            right = isinstance(chunk.get("blocks"), list)
        case _:
            right = False
    if not right:
        raise SlackError("invalid_chunks", response_metadata={"messages": [f"[ERROR] {dump(chunk)[:200]}"]})


def _status(chunk: Json) -> bool:
    return chunk.get("status", "pending") in STATUSES
