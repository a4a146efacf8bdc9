"""What a person reads: messages as they look, with their files and buttons."""

import re
from dataclasses import dataclass, field

from tests.fakes.slack.wire import Json
from tests.fakes.slack.world import Message, World

_REFERENCE = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")


@dataclass(frozen=True)
class Seen:
    """A message as it looks."""

    ts: str
    author: str
    text: str
    thread_ts: str = ""
    files: tuple[str, ...] = ()
    buttons: dict[str, str] = field(default_factory=dict)  # action_id -> what is written on it
    tasks: tuple[str, ...] = ()  # "in_progress: Searching the handbook"
    streaming: bool = False
    edited: bool = False
    only_for: str = ""
    changed_at: float = 0.0


def render(world: World, message: Message) -> Seen:
    stream = message.stream
    # Blocks stand for the text, except in a stream, where they come after it.
    texts = [] if message.blocks and not message.streamed else [_plain(world, message.text, message.markdown)]
    texts += flatten(world, message.blocks)
    author = world.users.get(message.user)
    return Seen(
        ts=message.ts,
        author=author.name if author else message.user,
        text="\n".join(text for text in texts if text),
        thread_ts=message.thread_ts,
        files=tuple(file.name for file in message.files),
        buttons={str(b.get("action_id")): label(b) for b in elements(message.blocks)},
        tasks=tuple(f"{t['status']}: {t['title']}" for t in stream.tasks.values()) if stream else (),
        streaming=bool(stream and stream.live),
        edited=message.edited is not None,
        only_for=message.only_for,
        changed_at=message.changed_at,
    )


def elements(value: object) -> list[Json]:
    """Everything that can be pressed in blocks."""
    if isinstance(value, list):
        return [found for inner in value for found in elements(inner)]
    if not isinstance(value, dict):
        return []
    own = [value] if "action_id" in value else []
    return own + [found for inner in value.values() for found in elements(inner)]


def label(element: Json) -> str:
    """What is written on a button."""
    if element.get("type") == "feedback_buttons":
        return " / ".join(element[f"{side}_button"]["text"]["text"] for side in ("positive", "negative"))
    text = element.get("text")
    return str(text.get("text", "")) if isinstance(text, dict) else ""


def flatten(world: World, value: object) -> list[str]:
    """The lines of text in blocks, buttons left out."""
    if isinstance(value, list):
        return [line for inner in value for line in flatten(world, inner)]
    if not isinstance(value, dict):
        return []
    kind = value.get("type")
    if kind == "markdown":
        return [str(value["text"])]
    if kind in ("plain_text", "mrkdwn"):
        return [_plain(world, str(value["text"]), kind == "plain_text")]
    if kind == "table":
        return [" | ".join(" ".join(flatten(world, cell)) for cell in row) for row in value["rows"]]
    if kind in ("raw_text", "raw_number"):
        return [str(value.get("text", value.get("value", "")))]
    if kind in ("rich_text_section", "rich_text_preformatted", "rich_text_quote"):
        return ["".join(_rich(world, part) for part in value.get("elements", []))]
    if kind in ("actions", "context_actions", "button", "feedback_buttons"):
        return []
    if kind == "task_card":
        return [f"{value.get('status')}: {value.get('title')}"]
    return [line for inner in value.values() for line in flatten(world, inner)]


def _rich(world: World, part: Json) -> str:
    match part.get("type"):
        case "link":
            return str(part.get("text") or part["url"])
        case "user":
            return _name(world, str(part["user_id"]))
        case "emoji":
            return f":{part['name']}:"
        case "broadcast":
            return f"@{part['range']}"
        case _:
            return str(part.get("text", ""))


def _plain(world: World, text: str, markdown: bool) -> str:
    """Mrkdwn with its references resolved; Markdown is left as it was written."""
    if markdown:
        return text

    def resolve(found: re.Match[str]) -> str:
        sign, target, shown = found.groups()
        if sign == "@":
            return _name(world, target)
        if sign == "#":
            return "#" + (world.channels[target].name if target in world.channels else shown or target)
        if sign == "!":
            return shown or f"@{target}"
        return shown or target

    return _REFERENCE.sub(resolve, text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _name(world: World, user: str) -> str:
    return "@" + (world.users[user].name if user in world.users else user)
