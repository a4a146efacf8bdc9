"""The function by which a model searches the team's documents."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.assistants import Assistant
from bot.events import Source
from bot.functions import SEARCH, Function, Result
from bot.knowledge.library import Library
from bot.knowledge.marks import Shown
from bot.knowledge.ports import Passage
from bot.ports import Declaration, Searches
from bot.turns import Turn

PASSAGES = 6  # that the model is shown for each search
NAMES, NAME_LENGTH = 20, 100  # of the conversation's files that the model is told, and their characters

TEAM = (
    "Search the team's documents. Use it before answering anything about the team, its rules, its work or "
    "Maru itself, also in a conversation where you searched before. "
)
FILES = (
    "Search the files of this conversation that are too long to be shown. Use it before answering anything "
    "that they may be about: you know of them only what it finds. The files: {names}. "
)
FILES_TOO = (
    "The same search also looks into the files of this conversation that are too long to be shown: {names}. "
)
HOW = (
    "Ask in the words of the question; when nothing fits, try other words once, or the other language of the "
    "team (English, Korean). Directly after each statement that comes from a passage write that passage's "
    "mark exactly as it is given, such as 【k1a2b3c4d】, and nothing else about where it comes from: the "
    "people see a number there, and a list of the sources. Never invent a mark. When the passages do not "
    "answer the question, say that the documents do not answer it instead of guessing."
)
NOTHING = (
    "Nothing was found. Unless a search with other words finds it, say that the documents do not answer it."
)
NOWHERE = (
    "No documents may be searched in this conversation. Say so, and that they may be limited to other "
    "channels or people."
)
ASK = "When the passages do not answer the question, say so and offer whom to ask: {owners}."

DECLARATION = Declaration(
    SEARCH,
    TEAM + HOW,
    json.dumps(
        {
            "type": "object",
            "properties": {"query": {"type": "string", "description": "What to look for, as a question."}},
            "required": ["query"],
            "additionalProperties": False,
        }
    ),
)


def search_knowledge(
    library: Library,
    searches: Searches,
    shown: Shown,
    collections: Callable[[Turn], Awaitable[Sequence[str]]],
) -> Function:
    """The function over a library; `collections` says which of them a turn may search."""

    async def run(arguments: Mapping[str, object], turn: Turn) -> Result:
        query = str(arguments.get("query") or "").strip()
        if not query:
            raise ValueError("query is empty; say what to look for.")
        own = turn.conversation if turn.documents else ""
        names = await collections(turn)
        found = await library.search(query, PASSAGES, names, own)
        owners = await library.owners(names, found)
        # Before the model is told: what it knows from there must be known here.
        await searches.note(turn.id, found_in(names, found))
        passages = [shown.told(turn.conversation, source_of(passage)) for passage in found]
        told: dict[str, object] = {"passages": passages}
        if not passages:
            told["note"] = NOTHING if names or own else NOWHERE
        if owners:
            told["if_unanswered"] = ASK.format(owners="; ".join(owners))
        return Result(json.dumps(told, ensure_ascii=False))

    return Function(DECLARATION, run, described=_described)


def _described(assistant: Assistant, turn: Turn) -> str:
    """What the model is told of the search: also which files of the conversation it looks into."""
    # Names are people's words: quoted, they are nothing but names.
    names = ", ".join(json.dumps(name[:NAME_LENGTH], ensure_ascii=False) for name in turn.documents[-NAMES:])
    files = (FILES_TOO if assistant.knowledge else FILES).format(names=names) if names else ""
    return (TEAM if assistant.knowledge else "") + files + HOW


def found_in(collections: Sequence[str], passages: Sequence[Passage]) -> dict[str, bool]:
    """Each collection that was searched, with whether something was found there."""
    return {name: any(passage.collection == name for passage in passages) for name in collections}


def source_of(passage: Passage) -> Source:
    """A passage as people see it below an answer."""
    return Source(
        key=f"{passage.collection}:{passage.path}#{passage.number}",
        title=passage.title,
        place=passage.place,
        url=passage.url,
        passage=passage.text,
    )
