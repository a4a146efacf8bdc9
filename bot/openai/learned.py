"""What this process has learnt about the server it talks to."""

from dataclasses import dataclass, field

from bot.openai.sse import Json

# Characters of history that are sent at most; the next one is tried when a model says it is too long.
BUDGETS = (400_000, 80_000, 16_000, 0)
REMEMBERED = 1  # index of the smallest budget that one conversation may impose on the others


@dataclass(slots=True)
class Learned:
    """Nothing of it is stored: a restart learns it again with one refused request each."""

    hosted: bool | None  # None: not known yet
    containers: bool = True  # until the server says that it has none
    gone: set[str] = field(default_factory=set)  # vector stores that are not there any more
    _refused: dict[str, set[str]] = field(default_factory=dict)  # model -> parameters it does not take
    _level: dict[str, int] = field(default_factory=dict)  # model -> index into BUDGETS that fitted

    def refused(self, model: str, parameter: str) -> None:
        """Remember a parameter, or a type of tool, that the model's server does not take."""
        self._refused.setdefault(model, set()).add(parameter)

    def lost(self, stores: set[str]) -> bool:
        """Remember stores that are gone, until a sync has filled new ones; False when that was known."""
        new = stores - self.gone
        self.gone |= new
        return bool(new)

    def accepted(self, model: str, body: Json) -> Json:
        """The body without what the model's server does not take."""
        refused = self._refused.get(model, ())
        return {name: value for name, value in body.items() if name not in refused}

    def takes(self, model: str, parameter: str) -> bool:
        """Whether it was not refused yet; a tool's type counts as a parameter."""
        return parameter not in self._refused.get(model, ())

    def level(self, model: str) -> int:
        """The index of the budget to begin with."""
        return self._level.get(model, 0)

    def fitted(self, model: str, level: int) -> None:
        """So much history was taken, and more was not."""
        # Further down it was the question itself that is long: other conversations must not pay for it.
        self._level[model] = min(level, REMEMBERED)
