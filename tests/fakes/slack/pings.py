"""What a text does when it is shown: whom it pings, and which addresses are live links."""

import re
from collections.abc import Iterator

from tests.fakes.slack.wire import Json

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_PING = re.compile(r"<(?:!(?:channel|here|everyone)|!subteam\^\w+|@[UW]\w+)(?:\|[^>]*)?>")
_LINK = re.compile(r"(?:https?|ftp)://[^\s<>|)\]]+|mailto:[^\s<>|)\]]+")


def pings(text: str) -> list[str]:
    """The `<!channel>`s and `<@U…>`s outside code."""
    return [found.partition("|")[0].rstrip(">") + ">" for found in _PING.findall(_CODE.sub(" ", text))]


def links(text: str) -> list[str]:
    """The live links outside code; Slack makes one of any bare address."""
    return [found.rstrip(".,;:!?'\"*_~") for found in _LINK.findall(_CODE.sub(" ", text))]


def written(value: object) -> Iterator[str]:
    """Every piece of text in blocks, with rich text's mentions and links as text writes them."""
    if isinstance(value, list):
        for inner in value:
            yield from written(inner)
    elif isinstance(value, dict):
        yield from _rich(value)
        for name, inner in value.items():
            # Nobody follows a button's address until it is pressed.
            if isinstance(inner, (dict, list)) and value.get("type") != "rich_text_preformatted":
                yield from written(inner)
            elif name == "text" and isinstance(inner, str) and value.get("type") != "plain_text":
                yield inner


def _rich(part: Json) -> Iterator[str]:
    match part.get("type"):
        case "user":
            yield f"<@{part['user_id']}>"
        case "usergroup":
            yield f"<!subteam^{part['usergroup_id']}>"
        case "broadcast":
            yield f"<!{part['range']}>"
        case "link":
            yield str(part["url"])
