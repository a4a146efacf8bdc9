"""Where conversations lie."""


def places(conversation: str) -> list[str]:
    """A conversation and what it lies in, nearest first: "slack:T1/C1/171.2", "slack:T1/C1", "slack:T1"."""
    parts = conversation.split("/")
    return ["/".join(parts[:end]) for end in range(len(parts), 0, -1)]
