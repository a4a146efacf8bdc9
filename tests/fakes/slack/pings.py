"""What a text does when it is shown: whom it pings, and which addresses are live links."""

import re

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_PING = re.compile(r"<(?:!(?:channel|here|everyone)|!subteam\^\w+|@[UW]\w+)(?:\|[^>]*)?>")
_LINK = re.compile(r"(?:https?|ftp)://[^\s<>|)\]]+|mailto:[^\s<>|)\]]+")


def pings(text: str) -> list[str]:
    """The `<!channel>`s and `<@U…>`s outside code."""
    return [found.partition("|")[0].rstrip(">") + ">" for found in _PING.findall(_CODE.sub(" ", text))]


def links(text: str) -> list[str]:
    """The live links outside code; Slack makes one of any bare address."""
    return [found.rstrip(".,;:!?'\"*_~") for found in _LINK.findall(_CODE.sub(" ", text))]
