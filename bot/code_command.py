"""The `code` command: shows the Python that the model ran for an answer."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from bot.core import Core
from bot.delivery import deliver
from bot.events import File, FileMade
from bot.messages import Command
from bot.texts import Language, say
from bot.turns import Turn
from bot.wording import fenced

LOOKED_BACK = 20  # turns among which the newest one with code is looked for
SHOWN = 1_500  # characters that fit a message everywhere; longer code comes as a file

Idle = Callable[[str], Awaitable[None]]


async def code(core: Core, command: Command, language: Language, idle: Idle) -> str:
    """What the person is told. Long code becomes a file of the answer it was run for.

    `idle` returns once no turn of a conversation is led.
    """
    records = await core.archive.records(command.conversation, limit=LOOKED_BACK)
    record = next((r for r in reversed(records) if r.turn.draft.end and r.turn.draft.code), None)
    if record is None:
        return say("code_nothing", language)
    turn = record.turn
    shown = "\n".join(map(fenced, turn.draft.code))
    # A fence within the code could not be told from its end on every platform.
    if len(shown) <= SHOWN and not any("```" in piece for piece in turn.draft.code):
        return say("code_shown", language, reference=turn.reference) + "\n" + shown
    if record.state == "answered":
        await idle(turn.conversation)  # it is being posted just now
    file = await _file(core, turn)
    turn = replace(turn, draft=turn.draft.apply(FileMade(file)))
    await core.archive.attach(turn, file)
    # The answer is what it was, and one file more: whatever was posted of that before stays.
    async with core.adapter(turn.conversation).reply(turn) as reply:
        await deliver(reply, turn, core.clock)
    return say("code_attached", language, reference=turn.reference, name=file.name)


async def _file(core: Core, turn: Turn) -> File:
    data = "\n\n".join(_numbered(turn.draft.code)).encode()
    kept = await core.files.keep_bytes(data)
    return File(kept.digest, f"code-{turn.reference}.py", "text/x-python", kept.size)


def _numbered(pieces: Iterable[str]) -> Iterable[str]:
    for number, piece in enumerate(pieces, 1):
        yield f"# {number}\n{piece.rstrip()}\n"
