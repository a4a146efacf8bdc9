"""What Slack allows, as data: sizes, and calls by method."""

from bot.pace import Rule
from bot.surface import Limits

# A Markdown block and a stream take 12,000 characters; what Slack counts besides text needs room.
LIMITS = Limits(message_chars=9_000, edit_interval=1.2, file_bytes=100_000_000, typing_interval=60.0)
PLAIN_CHARS = 3_900  # of `text`, where chat.update refuses more than 4,000
STREAM_CHARS = 11_000  # of a stream, with its steps
STREAM_SECONDS = 240.0  # Slack lets a stream live for 5 minutes; then its message goes on by edits
STREAMS = 18  # begun in a minute; Slack allows 20
EDITED_AT_ONCE = 8  # answers that grow by edits at the same time; more are posted whole

# https://docs.slack.dev/apis/web-api/rate-limits
MINUTE = 60.0


def _tier(calls: int, *methods: str) -> tuple[Rule, ...]:
    return tuple(Rule(frozenset({method}), "team", calls, MINUTE) for method in methods)


RULES = (
    Rule(frozenset({"chat.postMessage"}), "channel", 1, 1.05),
    *_tier(20, "chat.startStream", "chat.stopStream", "users.list", "usergroups.list"),
    *_tier(
        50,
        "chat.update",
        "chat.delete",
        "conversations.replies",
        "conversations.history",
        "users.conversations",
        "assistant.threads.setSuggestedPrompts",
    ),
    *_tier(
        100,
        "chat.appendStream",
        "chat.postEphemeral",
        "users.info",
        "files.info",
        "files.getUploadURLExternal",
        "files.completeUploadExternal",
        "views.publish",
    ),
    *_tier(300, "chat.postMessage", "assistant.threads.setStatus", "agents.sessions.setStatus"),
)
