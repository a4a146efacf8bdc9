"""What `maru doctor` finds out about one part of an installation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A part, and what is to be said of it; each sentence for an operator, never with a secret."""

    name: str
    problems: tuple[str, ...] = ()  # what to set right, and how
    notes: tuple[str, ...] = ()  # what is well to know
    on: bool = True  # False: it is not switched on, and so neither well nor not
