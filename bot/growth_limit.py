"""How many answers may grow before people's eyes at the same time; more are posted whole, and sooner."""


class GrowthLimit:
    """Asked before an answer is shown, until it may grow or is over."""

    def __init__(self, most: int, *, on: bool = True) -> None:
        """`on` says that the platform's limits are kept to."""
        self._most, self._on = most, on
        self._now = 0

    def begin(self) -> bool:
        """Whether one more may grow; then `end` when it is over."""
        if self._on and self._now >= self._most:
            return False
        self._now += 1
        return True

    def end(self) -> None:
        self._now -= 1
