"""Conversations whose messages are not taken up yet, because an earlier one may be on its way."""

from collections import Counter
from collections.abc import Callable, Collection


class Holds:
    """Adapters hold a conversation, the dispatcher leaves it alone.

    In memory alone: what is stored meanwhile is safe, and after a restart nothing is held.
    """

    def __init__(self) -> None:
        self.on_release: Callable[[], None] = lambda: None  # the dispatcher looks again
        self._held: Counter[str] = Counter()

    @property
    def conversations(self) -> Collection[str]:
        """Those that are held now."""
        return tuple(self._held)

    def hold(self, conversation: str) -> None:
        """Whoever holds it must release it, as often as it was held."""
        self._held[conversation] += 1

    def release(self, conversation: str) -> None:
        self._held[conversation] -= 1
        if not self._held[conversation]:
            del self._held[conversation]
            self.on_release()
