"""Markdown as text: what of it is settled while it streams, and how it is split into messages."""

from bot.text.cjk import emphasis_cjk
from bot.text.settled import settled
from bot.text.split import split
from bot.text.storable import storable

__all__ = ["emphasis_cjk", "settled", "split", "storable"]
