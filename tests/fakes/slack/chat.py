"""chat.*: posting, editing and deleting, with every limit on texts."""

from tests.fakes.slack.blocks import MARKDOWN, check_message
from tests.fakes.slack.calls import Call
from tests.fakes.slack.events import Events
from tests.fakes.slack.shown import show_message
from tests.fakes.slack.wire import Json, SlackError, invalid
from tests.fakes.slack.world import Channel, Message, World

POSTED = 40_000
UPDATED = 4_000
METADATA = 16_384


def content(call: Call) -> tuple[str, bool, list[Json]]:
    """The text, whether it is Markdown, and the blocks; refused when there is nothing or too much."""
    given = call.arguments
    text, markdown = call.text("text"), call.text("markdown_text")
    if markdown and (text or given.get("blocks")):
        raise SlackError("markdown_text_conflict")
    if len(markdown) > MARKDOWN:
        raise SlackError("msg_too_long")
    blocks = check_message(given["blocks"]) if given.get("blocks") else []
    if not text.strip() and not markdown.strip() and not blocks and not given.get("attachments"):
        raise SlackError("no_text")
    return (markdown, True, blocks) if markdown else (text, False, blocks)


def metadata(call: Call) -> Json:
    """The metadata of a message, if it is right."""
    given = call.arguments.get("metadata") or {}
    if not isinstance(given, dict):
        raise SlackError("invalid_metadata_format")
    if given and (not given.get("event_type") or not isinstance(given.get("event_payload"), dict)):
        raise SlackError("invalid_metadata_schema")
    if len(str(given)) > METADATA:
        raise SlackError("metadata_too_large")
    return given


def may_write(call: Call, channel: Channel) -> None:
    """Maru writes where it is a member."""
    if channel.archived:
        raise SlackError("is_archived")
    if call.team.bot_user not in channel.members:
        raise SlackError("not_in_channel")


def thread_of(call: Call, channel: Channel) -> str:
    """The thread's first message; a reply's own ts stands for its thread, a deleted one for nothing."""
    ts = call.text("thread_ts")
    if not ts:
        return ""
    parent = channel.messages.get(ts)
    if parent is None and not channel.thread(ts):
        raise SlackError(
            "thread_not_found" if call.method == "conversations.replies" else "invalid_thread_ts"
        )
    return parent.thread_ts or ts if parent else ts


class Chat:
    """The methods; each takes a call and gives the answer's members."""

    def __init__(self, world: World, events: Events) -> None:
        self.world = world
        self.events = events

    def post(self, call: Call) -> Json:
        channel = self._target(call)
        may_write(call, channel)
        text, markdown, blocks = content(call)
        warning = {"response_metadata": {"warnings": ["message_truncated"]}} if len(text) > POSTED else {}
        message = Message(
            channel=channel.id,
            ts=self.world.next_ts(channel),
            user=call.team.bot_user,
            bot_id=call.team.bot_id,
            text=text[:POSTED],
            markdown=markdown,
            thread_ts=thread_of(call, channel),
            blocks=blocks,
            attachments=call.arguments.get("attachments") or [],
            metadata=metadata(call),
            # Media unfurls unless it is told not to.
            unfurls=call.arguments.get("unfurl_media", True) or call.arguments.get("unfurl_links", False),
        )
        channel.messages[message.ts] = message
        self.events.posted(message)
        shown = show_message(self.world, message, self.events.url, metadata=True)
        return {"channel": channel.id, "ts": message.ts, "message": shown} | warning

    def _target(self, call: Call) -> Channel:
        """The channel; the id of a person stands for the DM with them."""
        name = call.text("channel")
        if name in self.world.users:
            return self.world.open(call.team.id, {name, call.team.bot_user}, "im")
        return call.channel()

    def update(self, call: Call) -> Json:
        channel = call.channel()
        message = self.own(call, channel, "cant_update_message")
        if message.stream is not None and message.stream.live:
            raise SlackError("streaming_state_conflict")
        if len(call.text("text")) > UPDATED:
            raise SlackError("msg_too_long")
        if call.arguments.get("blocks") == [] and not call.text("text"):
            raise SlackError("no_text")
        text, markdown, blocks = content(call)
        before = show_message(self.world, message, self.events.url, in_event=True)
        message.history.append(message.text)
        message.text, message.markdown = text, markdown
        # Blocks that are not given stay away once the text is replaced.
        message.blocks = blocks
        if "metadata" in call.arguments:
            message.metadata = metadata(call)
        message.edited = {"user": call.team.bot_user, "ts": f"{self.world.clock.now():.6f}"}
        message.stream, message.streamed = None, False
        self.events.changed(message, before)
        self.events.noticed(message)
        return {"channel": channel.id, "ts": message.ts, "text": text, "message": before | {"text": text}}

    def own(self, call: Call, channel: Channel, refusal: str) -> Message:
        message = self.world.message(channel, call.text("ts"))
        if message.user != call.team.bot_user:
            raise SlackError(refusal)
        return message

    def delete(self, call: Call) -> Json:
        channel = call.channel()
        message = self.own(call, channel, "cant_delete_message")
        self.events.deleted(message)
        return {"channel": channel.id, "ts": message.ts}

    def post_ephemeral(self, call: Call) -> Json:
        channel = call.channel()
        may_write(call, channel)
        text, markdown, blocks = content(call)
        reader = call.text("user")
        if reader not in channel.members:
            raise SlackError("user_not_in_channel")
        if len(text) > POSTED:
            raise SlackError("msg_too_long")
        ts = self.whisper(
            call.team.bot_user, channel, reader, text=text, thread=thread_of(call, channel), blocks=blocks
        )
        self.world.ephemeral[-1].markdown = markdown
        self.world.ephemeral[-1].bot_id = call.team.bot_id
        return {"message_ts": ts}

    def whisper(
        self, bot: str, channel: Channel, reader: str, *, text: str, thread: str, blocks: list[Json]
    ) -> str:
        """What only one person sees; it cannot be edited or read back."""
        ts = self.world.next_ts(channel)
        message = Message(channel.id, ts, bot, text=text, thread_ts=thread, blocks=blocks, only_for=reader)
        self.world.ephemeral.append(message)
        self.world.touch()
        return ts

    def permalink(self, call: Call) -> Json:
        channel = call.channel()
        message = self.world.message(channel, call.text("message_ts"))
        number = message.ts.replace(".", "")
        return {
            "channel": channel.id,
            "permalink": f"https://{call.team.name.lower()}.slack.com/archives/{channel.id}/p{number}",
        }

    def react(self, call: Call) -> Json:
        channel = call.channel()
        message = self.world.message(channel, call.text("timestamp"))
        users = message.reactions.setdefault(call.text("name"), [])
        if call.team.bot_user in users:
            raise SlackError("already_reacted")
        users.append(call.team.bot_user)
        self.world.touch()
        return {}

    def unreact(self, call: Call) -> Json:
        channel = call.channel()
        message = self.world.message(channel, call.text("timestamp"))
        users = message.reactions.get(call.text("name"), [])
        if call.team.bot_user not in users:
            raise SlackError("no_reaction")
        users.remove(call.team.bot_user)
        if not users:
            del message.reactions[call.text("name")]
        self.world.touch()
        return {}


def respond_to(chat: Chat, channel: Channel, user: str, bot: str, body: Json) -> Json:
    """A post to a `response_url`: an ephemeral message unless it says otherwise; mrkdwn alone."""
    unknown = set(body) - {
        "text", "blocks", "attachments", "response_type", "replace_original", "delete_original",
        "thread_ts", "unfurl_links", "unfurl_media", "metadata", "mrkdwn",
    }  # fmt: skip
    if "markdown_text" in unknown or not (
        body.get("text") or body.get("blocks") or body.get("delete_original")
    ):
        raise SlackError("no_text", status=404)
    if unknown:
        raise invalid(*(f"unknown argument: {name}" for name in sorted(unknown)))
    text = body.get("text", "")
    blocks = check_message(body["blocks"]) if body.get("blocks") else []
    if body.get("response_type", "ephemeral") == "in_channel":
        message = Message(
            channel.id,
            chat.world.next_ts(channel),
            bot,
            text=text,
            thread_ts=body.get("thread_ts", ""),
            blocks=blocks,
            bot_id=chat.world.users[bot].bot_id,
            unfurls=body.get("unfurl_media", True),
        )
        channel.messages[message.ts] = message
        chat.events.posted(message)
    elif not body.get("delete_original"):
        chat.whisper(bot, channel, user, text=text, thread=body.get("thread_ts", ""), blocks=blocks)
    return {}
