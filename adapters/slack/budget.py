"""How many answers of a workspace may stream or grow by edits at the same time."""

from collections import deque
from typing import Literal

from adapters.slack.limits import EDITED_AT_ONCE, MINUTE, STREAMS
from bot.clock import Clock
from bot.growth_limit import GrowthLimit

Way = Literal["stream", "edit", "whole"]
MISSING = {"feature_disabled", "unknown_method", "missing_scope", "not_allowed_token_type"}


class Budget:
    """Says how an answer may grow, so that none waits long for its end. One per workspace."""

    def __init__(self, clock: Clock, *, on: bool = True) -> None:
        self._clock, self._on = clock, on
        self._begun: deque[float] = deque()
        self._streaming = True
        self.edited = GrowthLimit(EDITED_AT_ONCE, on=on)

    def take(self) -> "Growth":
        """What a new answer may do; it has to be ended."""
        return Growth(self)

    def stream(self) -> bool:
        """Whether a stream may begin now; it then counts as begun."""
        now = self._clock.now()
        while self._begun and self._begun[0] <= now - MINUTE:
            self._begun.popleft()
        if not self._streaming or (self._on and len(self._begun) >= STREAMS):
            return False
        self._begun.append(now)
        return True

    def refused(self, code: str) -> None:
        """Slack did not begin a stream; where it never will it is not asked again."""
        if code in MISSING:
            self._streaming = False


class Growth:
    """How one answer grows: by a stream if there is one to be had, else by edits, else not at all."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._reserved = budget.stream()
        self.by: Way = "stream"
        if not self._reserved:
            self.fall()

    def stream(self) -> bool:
        """Whether the next message of the answer may be a stream."""
        if self._reserved:
            self._reserved = False
            return True
        if not self._budget.stream():
            return False
        self.end()
        self.by = "stream"
        return True

    def fall(self) -> None:
        """There is no stream, or not any more."""
        if self.by == "stream":
            self.by = "edit" if self._budget.edited.begin() else "whole"

    def refused(self, code: str) -> None:
        """Slack did not begin the stream."""
        self._budget.refused(code)
        self.fall()

    def end(self) -> None:
        """The answer does not grow any more."""
        if self.by == "edit":
            self._budget.edited.end()
        self.by = "whole"
