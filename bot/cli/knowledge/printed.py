"""Names and passages as they may be printed: whoever wrote them does not move the cursor."""

import re

# Control characters, and those that turn the direction of what follows.
MOVING = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printed(text: str) -> str:
    """A text as one line."""
    return MOVING.sub("�", text.expandtabs(4))
