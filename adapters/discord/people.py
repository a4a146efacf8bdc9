"""Who people are in Discord, as far as Maru has met them."""

from adapters.discord.places import user_of
from bot.messages import Author, Person

MOST = 10_000  # people whose locale is remembered


class People:
    """Remembers the locales that interactions tell; messages tell none."""

    def __init__(self) -> None:
        self._locales: dict[str, str] = {}

    def met(self, author: Author) -> None:
        if not author.locale:
            return
        if len(self._locales) >= MOST:
            self._locales.pop(next(iter(self._locales)))
        self._locales[user_of(author.id)] = author.locale

    def person(self, author: Author) -> Person:
        """Whoever reaches Maru shares a server with it or has installed it: Discord has no guests."""
        return Person("member", author.locale or self._locales.get(user_of(author.id), ""))
