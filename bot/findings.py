"""What `maru doctor` finds out about an installation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was looked at, and what to say of it: for an operator, and never with a secret."""

    name: str
    problems: tuple[str, ...] = ()  # what to set right, and how
    notes: tuple[str, ...] = ()  # what is well to know
    on: bool = True  # False: it is not switched on, and so neither well nor not
