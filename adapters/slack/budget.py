"""How many answers of a workspace may stream or grow by edits at the same time."""

from collections import deque
from typing import Literal

from adapters.slack.limits import EDITED_AT_ONCE, MINUTE, STREAMS
from bot.clock import Clock
from bot.growing import Growing

Growth = Literal["stream", "edit", "whole"]
MISSING = {"feature_disabled", "unknown_method", "missing_scope", "not_allowed_token_type"}


class Budget:
    """Says how the next answer may grow, so that none waits long for its end. One per workspace."""

    def __init__(self, clock: Clock, *, on: bool = True) -> None:
        self._clock, self._on = clock, on
        self._begun: deque[float] = deque()
        self._streaming = True
        self._edited = Growing(EDITED_AT_ONCE, on=on)

    def take(self) -> Growth:
        """How an answer may grow; `give_back` when it is over."""
        now = self._clock.now()
        while self._begun and self._begun[0] <= now - MINUTE:
            self._begun.popleft()
        if self._streaming and (not self._on or len(self._begun) < STREAMS):
            self._begun.append(now)
            return "stream"
        return "edit" if self._edited.begin() else "whole"

    def give_back(self, growth: Growth) -> None:
        if growth == "edit":
            self._edited.end()

    def refused(self, code: str) -> None:
        """Slack did not begin a stream; where it never will it is not asked again."""
        if code in MISSING:
            self._streaming = False
