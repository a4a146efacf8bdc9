"""Who may ask: decided when a turn is claimed, before any model call."""

from bot.messages import Person


class Policy:
    """The rules of this installation."""

    def __init__(self, *, guests: bool = False, outsiders: bool = False) -> None:
        self._allowed = {"member", *(["guest"] if guests else []), *(["outsider"] if outsiders else [])}

    def refusal(self, person: Person) -> str:
        """Key of the text for somebody who may not ask; empty when they may. Bots are never answered."""
        return "" if person.kind in self._allowed else "refused_person"
