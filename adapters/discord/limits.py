"""What Discord allows, as data: sizes, and calls by method."""

from bot.pace import Rule
from bot.surface import Limits

REQUEST_BYTES = 25 * 2**20 - 2**16  # with room for what a request carries besides its files
# Discord takes 2,000 code points; a few are left for what it may count otherwise.
LIMITS = Limits(
    message_chars=1_960,
    edit_interval=1.2,
    file_bytes=10 * 2**20,
    message_file_bytes=REQUEST_BYTES,
    typing_interval=8.0,  # Discord shows it for ten
)
GROWING_AT_ONCE = 16  # answers; with their edits they leave room in what Discord takes in a second

# Discord publishes none but the global one; these were observed.
RULES = (
    Rule(frozenset({"edit"}), "channel", 1, 1.05),
    Rule(frozenset({"post"}), "channel", 5, 5.2),
    Rule(frozenset({"typing"}), "channel", 5, 5.2),
    Rule(frozenset({"webhook"}), "channel", 5, 2.2),
    Rule(frozenset({"delete"}), "channel", 5, 1.1),
    Rule(frozenset({"history", "message"}), "channel", 5, 1.1),
    # 50 a second in all. Evenly spread: what is late on its way meets what was sent after it.
    Rule(frozenset(), "", 4, 0.1),
)
