"""Makes an answer safe and right in Slack: no pings, no links that nobody brought up; pure."""

import re
from collections.abc import Collection

from bot.text import emphasis_cjk
from bot.text.links import outside_code, tamed

ZERO_WIDTH_SPACE = "\u200b"
PING = re.compile(r"<(?=[@!#])")


def dialect(text: str, known: Collection[str]) -> str:
    """Markdown of the model as Slack may show it; `known` are the addresses that may be live links."""
    quiet = outside_code(text, lambda part: PING.sub("<" + ZERO_WIDTH_SPACE, tamed(part, known)))
    return emphasis_cjk(quiet)


def label(text: str) -> str:
    """A title of anybody's making as plain words in a line of Markdown."""
    words = " ".join(text.split())
    return re.sub(r"([\\`*_~\[\]()#>|!])", r"\\\1", words.replace("<", "‹").replace(">", "›"))


def escape(text: str) -> str:
    """Text for mrkdwn: nothing in it is a mention or a link of Slack's own kind."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def to_mrkdwn(text: str) -> str:
    """Simple Markdown of ours for places that take no Markdown: `response_url` and sections."""
    text = re.sub(r"^[-*] ", "• ", escape(text), flags=re.MULTILINE)
    return re.sub(r"\*\*(.+?)\*\*", r"*\1*", text)
