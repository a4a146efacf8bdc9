"""Makes an answer safe and right in Slack: no pings, no links that nobody brought up; pure."""

import re
from collections.abc import Collection
from urllib.parse import quote

from bot.text import emphasis_cjk
from bot.text.code import outside_code, plain_code
from bot.text.links import tamed

ZERO_WIDTH_SPACE = "\u200b"
PING = re.compile(r"<(?=[@!#])")
EVERYBODY = re.compile(r"(?<!\w)@(?=(?:channel|everyone|here)\b)", re.IGNORECASE)

AWKWARD = re.compile(r"[\s<>()|`\\\u200b]")


def dialect(text: str, known: Collection[str]) -> str:
    """Markdown of the model as Slack may show it; `known` are the addresses that may be live links."""

    def safe(part: str) -> str:
        return quiet(tamed(part, known, domains=True))

    return emphasis_cjk(outside_code(plain_code(text, blocks=True), safe))


def quiet(text: str) -> str:
    """Text in which nothing is a mention."""
    return EVERYBODY.sub("@" + ZERO_WIDTH_SPACE, PING.sub("<" + ZERO_WIDTH_SPACE, text))


def label(text: str) -> str:
    """A title of anybody's making as plain words in a line of Markdown."""
    words = quiet(" ".join(text.split()).replace("<", "‹").replace(">", "›"))
    return re.sub(r"([\\`*_~\[\]()#>|!])", r"\\\1", words)


def target(address: str) -> str:
    """An address as a link of Markdown holds it, whatever is in it."""
    return AWKWARD.sub(lambda found: quote(found[0], safe=""), address)


def escape(text: str) -> str:
    """Text for mrkdwn: nothing in it is a mention or a link of Slack's own kind."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def to_mrkdwn(text: str) -> str:
    """Simple Markdown of ours for places that take no Markdown: `response_url` and sections."""
    text = re.sub(r"^[-*] ", "• ", escape(text), flags=re.MULTILINE)
    return re.sub(r"\*\*(.+?)\*\*", r"*\1*", text)
