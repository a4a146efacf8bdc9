"""Which collections a turn may search."""

from bot.admission import person_of
from bot.assistants import Assistant
from bot.core import Core
from bot.knowledge.access import Audience, around, may_search
from bot.turns import Turn


async def scope(core: Core, turn: Turn, assistant: Assistant) -> tuple[str, ...]:
    """What a turn may search; one that has not begun loses what it may not know any more."""
    names = await searchable(core, turn, assistant)
    begun = turn.checkpoint.step or turn.checkpoint.response
    if not begun and await core.searches.withdraw(turn, names):
        # The old thread and what Python wrote down of it are swept from the service.
        made = await core.remotes.remote(turn.conversation)
        await core.remotes.unwanted([one for one in made if one.kind in {"conversation", "container"}])
    return names


async def searchable(core: Core, turn: Turn, assistant: Assistant) -> tuple[str, ...]:
    """The collections of an assistant that may be searched for everybody who reads a turn's answer."""
    named = [one for one in await core.library.collections() if one.name in assistant.knowledge]
    groups = any(one.readers for one in named)
    audience = await _audience(core, turn, groups=groups)
    return tuple(one.name for one in named if may_search(one, audience))


async def _audience(core: Core, turn: Turn, *, groups: bool) -> Audience:
    """Without `groups` the platform is not asked for those of the authors."""
    adapter = core.adapter(turn.conversation)
    authors: dict[str, frozenset[str]] = {}
    for author in {message.author.id: message.author for message in turn.messages}.values():
        theirs = (await person_of(core, adapter, author)).groups if groups else frozenset()
        authors[author.id] = frozenset({author.id, *theirs})
    return Audience(
        places=around(turn.conversation, *(message.channel for message in turn.messages)),
        private=all(message.private for message in turn.messages),
        authors=tuple(authors.values()),
    )
