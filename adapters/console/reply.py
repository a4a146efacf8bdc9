"""The answer of one turn, as the connected clients are told of it."""

from types import TracebackType
from typing import Self

from adapters.console.audience import Audience
from adapters.console.parse import key_of
from adapters.console.protocol import Answer, Asked
from bot.files import Files
from bot.texts import language_of
from bot.turns import Draft, Turn


class ConsoleReply:
    """The `Reply` port. A client that is not there reads the answer from the store when it comes."""

    def __init__(self, turn: Turn, audience: Audience, files: Files) -> None:
        self._turn = turn
        self._audience = audience
        self._files = files

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._audience.over(self._turn.id)

    def show(self, draft: Draft) -> None:
        self._audience.show(self._turn.conversation, answer_of(self._turn, draft, self._files))

    async def finish(self, draft: Draft) -> None:
        self.show(draft)


def answer_of(turn: Turn, draft: Draft, files: Files) -> Answer:
    """What clients are told of a turn."""
    return Answer(
        turn=turn.id,
        reference=turn.reference,
        asked=tuple(
            Asked(key_of(message), message.text, tuple(file.name for file in message.attachments))
            for message in turn.messages
        ),
        draft=draft,
        language=language_of(turn.messages[-1].text, turn.author.locale),
        paths=tuple(str(files.path(file.digest).absolute()) for file in draft.files),
    )
