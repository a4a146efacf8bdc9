"""Who may ask: decided when a turn is claimed, before any model call."""

from bot.allowed_places import AllowedPlaces
from bot.assistants import Assistant
from bot.messages import Author, Person


class Policy:
    """The rules of this installation."""

    def __init__(
        self, *, guests: bool = False, outsiders: bool = False, places: AllowedPlaces | None = None
    ) -> None:
        self._places = places or AllowedPlaces()
        self._allowed = {"member", *(["guest"] if guests else []), *(["outsider"] if outsiders else [])}

    def refusal(self, conversation: str, author: Author, person: Person) -> str:
        """Key of the text for somebody who may not ask there; empty when they may. Bots never may."""
        if person.kind not in self._allowed:
            return "refused_person"
        return "" if self._places.allow(conversation, author, person) else "refused_place"

    def barred(self, assistant: Assistant, author: Author, person: Person) -> str:
        """Key of the text for somebody who may not use this assistant; empty when they may."""
        allowed = set(assistant.access)
        return "refused_assistant" if allowed and not allowed & {author.id, *person.groups} else ""
