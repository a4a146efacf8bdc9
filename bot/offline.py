"""The engine without a model: it quotes the knowledge, and says that it only does that."""

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Sequence

from bot.events import Activity, Citation, Completed, Event, Restarted, Source, Stopped, Text
from bot.knowledge.library import Library
from bot.knowledge.lookup import found_in, source_of
from bot.knowledge.ports import Listing, Passage
from bot.knowledge.sections import BETWEEN, cut
from bot.ports import Remote, Request, Searches
from bot.texts import Language, language_of, say
from bot.turns import Turn

QUOTES = 3
FITTING = 0.2  # score from which on a passage has to do with the question
NEARLY = 0.8  # part of the best one's score that the others must reach
FIRST_LENGTH, LENGTH = 900, 400  # characters of the first quote, and of the others
TITLES = 15  # of documents, when nothing fits

log = logging.getLogger(__name__)

Piece = str | Source
"""What an answer is made of: text, and the source of the text before it."""


class OfflineEngine:
    """The `Engine` port. Needs nothing but the library; makes nothing at a service."""

    def __init__(self, library: Library, searches: Searches) -> None:
        self._library = library
        self._searches = searches
        self._running: set[int] = set()
        self._cancelled: set[int] = set()

    async def step(self, request: Request) -> AsyncGenerator[Event, None]:
        turn = request.turn
        self._running.add(turn.id)
        try:
            yield Activity("searching")
            for piece in await self._answer(request):
                if isinstance(piece, Source):
                    yield Citation(piece)
                    continue
                for word in re.findall(r"\s*\S+|\s+$", piece):
                    if turn.id in self._cancelled:
                        yield Stopped()
                        return
                    yield Text(word)
                    # Other conversations must not wait until this one is written.
                    await asyncio.sleep(0)
            yield Stopped() if turn.id in self._cancelled else Completed()
        finally:
            self._running.discard(turn.id)
            self._cancelled.discard(turn.id)

    async def resume(self, request: Request) -> AsyncGenerator[Event, None]:
        # There is nothing to take up: the response was another engine's.
        yield Restarted()
        async for event in self.step(request):
            yield event

    async def cancel(self, turn: Turn) -> None:
        if turn.id in self._running:
            self._cancelled.add(turn.id)

    async def forget(self, remote: Sequence[Remote]) -> Sequence[Remote]:
        """Nothing is gone: what another engine made is deleted once a model is connected again."""
        if remote:
            log.warning("%d things made at OpenAI stay there until a key is set again", len(remote))
        return ()

    async def close(self) -> None:
        """There is nothing to close."""

    async def _answer(self, request: Request) -> list[Piece]:
        turn, collections = request.turn, request.collections
        asked = "\n".join(message.text for message in turn.messages)
        language = language_of(asked, turn.author.locale)
        near = await self._library.search(asked, QUOTES, collections, turn.conversation)
        found = _fitting(near)
        await self._searches.note(turn.id, found_in(collections, found))
        pieces: list[Piece]
        if found:
            pieces = [say("offline_found" if turn.first else "offline_found_again", language)]
            for passage, length in zip(found, (FIRST_LENGTH, *[LENGTH] * QUOTES), strict=False):
                pieces += _quote(passage, length)
        elif turn.documents and not asked.strip():
            pieces = [say("offline_attached", language, names=_names(turn.documents))]
        else:
            documents = await self._library.documents(collections)
            limited = bool(request.assistant.knowledge) and not collections
            pieces = [
                say("offline_nowhere", language)
                if limited
                else _nothing(documents, language, first=turn.first)
            ]
            if turn.documents:
                pieces.append("\n\n" + say("offline_attached_too", language, names=_names(turn.documents)))
            if owners := await self._library.owners(collections, near):
                pieces.append("\n\n" + say("offline_ask", language, owners=", ".join(owners)))
        files = [file for message in turn.messages for file in message.attachments]
        if any(not file.searched and not file.problem for file in files):
            pieces.append("\n\n" + say("offline_files", language))
        if turn.first:
            pieces.append("\n\n" + say("offline_connect", language))
        return pieces


def _fitting(passages: Sequence[Passage]) -> list[Passage]:
    """Those worth quoting: all in one language, and none much worse than the best."""
    return [
        passage
        for passage in passages
        if passage.score >= max(FITTING, NEARLY * passages[0].score)
        and passage.language == passages[0].language
    ]


def _quote(passage: Passage, length: int) -> list[Piece]:
    source = source_of(passage)
    # The mark stands at the heading: at the end it might end up in the quote's last line of code.
    heading = BETWEEN.join(filter(None, (passage.title, passage.place)))
    lines = _excerpt(passage.text, length).split("\n")
    return [f"\n\n> **{heading}**", source, "\n>\n" + "\n".join(f"> {line}".rstrip() for line in lines)]


def _excerpt(text: str, length: int) -> str:
    """The beginning of a passage, ending where a sentence, line or block does."""
    if len(text) <= length:
        return text
    kept = next(cut(text, length), "").split("\n")
    fences = [number for number, line in enumerate(kept) if line.lstrip().startswith(("```", "~~~"))]
    if len(fences) % 2:
        # An open fence would swallow everything after it; code that is cut short says little anyway.
        kept = kept[: fences[-1]] or [*kept, kept[0]]
    return "\n".join(kept).rstrip() + "\n\n…"


def _names(documents: Sequence[str]) -> str:
    more = [] if len(documents) <= TITLES else ["…"]
    return " · ".join([*documents[-TITLES:], *more])


def _nothing(documents: Sequence[Listing], language: Language, *, first: bool) -> str:
    if not documents:
        return say("offline_empty", language)
    near = [document for document in documents if document.language == language] or documents
    titles = list(dict.fromkeys(document.title for document in near))
    more = [] if len(titles) <= TITLES else ["…"]
    return (
        say("offline_nothing" if first else "offline_nothing_again", language)
        + "\n\n"
        + say("offline_documents", language, titles=" · ".join(titles[:TITLES] + more))
    )
