"""The functions of the team that the model may call."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.assistants import Assistant
from bot.authoring import TIME_LIMIT
from bot.clock import Clock
from bot.errors import ArgumentsRefused
from bot.events import Activity, Call, File, Outcome
from bot.ports import Declaration
from bot.python import START_PYTHON, started
from bot.turns import Question, Turn

logger = logging.getLogger(__name__)

SEARCH = "search_knowledge"  # comes with the knowledge of an assistant, or with long files
RESULT_CHARS = 100_000  # of a result: more would fill the model's memory, and be paid for in every turn
DECISION_TIME = 24 * 3600.0  # seconds a question waits; then the answer is no


@dataclass(frozen=True, slots=True)
class Result:
    """What a function gives back: text for the model, files for the people."""

    output: str
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """A function and how it may be used."""

    declaration: Declaration
    run: Callable[[Mapping[str, object], Turn], Awaitable[Result]]
    time_limit: float = TIME_LIMIT  # seconds
    approval: bool = False  # somebody has to say yes before each call
    deciders: tuple[str, ...] = ()  # author ids that may; empty: whoever asked in the turn
    described: Callable[[Assistant, Turn], str] | None = None  # its description, where turns differ in it


class Registry:
    """The `Functions` port over a set of functions."""

    def __init__(
        self,
        functions: Mapping[str, Function],
        clock: Clock,
        admins: Sequence[str] = (),
        own: Mapping[str, Function] | None = None,
    ) -> None:
        """`functions` are the team's and may change; `own` are Maru's, and go first.

        `admins` are author ids that may decide besides the people whom a function names.
        """
        self._team = functions
        self._own = {START_PYTHON.name: Function(START_PYTHON, _start_python), **(own or {})}
        self._admins = tuple(admins)
        self._clock = clock

    def declarations(self, assistant: Assistant, turn: Turn) -> tuple[Declaration, ...]:
        # Python is offered by the engine, which knows whether the service has it.
        allowed = self._allowed(assistant, turn)
        return tuple(
            replace(one.declaration, description=one.described(assistant, turn))
            if one.described
            else one.declaration
            for name, one in allowed.items()
            if name != START_PYTHON.name
        )

    def _allowed(self, assistant: Assistant, turn: Turn) -> dict[str, Function]:
        """What this assistant may call: a model may ask for anything, offered or not."""
        names = [*assistant.functions]
        names += [SEARCH] if assistant.knowledge or turn.documents else []
        names += [START_PYTHON.name] if "python" in assistant.tools else []
        found = ((name, self._own.get(name) or self._team.get(name)) for name in names)
        return {name: function for name, function in found if function}

    def question(self, call: Call, turn: Turn, assistant: Assistant) -> Question | None:
        if call.server:
            server = assistant.server(call.server)
            named = server.deciders if server and server.asks(call.name) else None
        else:
            function = self._allowed(assistant, turn).get(call.name)
            named = function.deciders if function and function.approval else None
        if named is None:
            return None
        asked = {message.author.id: message.author.name for message in turn.messages}
        deciders = (*(named or asked), *self._admins)
        return Question(call, self._clock.now() + DECISION_TIME, deciders, ", ".join(asked.values()))

    async def run(self, call: Call, turn: Turn, assistant: Assistant) -> Outcome:
        if call.server:
            # The server does it, once it is told that it may. Its assistant may have changed meanwhile.
            server = assistant.server(call.server)
            return Outcome(call.id, "done", "") if server and server.has(call.name) else declined(call)
        allowed = self._allowed(assistant, turn)
        function = allowed.get(call.name)
        if function is None:
            return _failed(call, f"There is no function {call.name!r}. There are: {sorted(allowed)}.")
        try:
            arguments = json.loads(call.arguments or "{}")
        except json.JSONDecodeError as error:
            return _failed(call, f"The arguments are not valid JSON: {error}.")
        if not isinstance(arguments, dict):
            return _failed(call, "The arguments must be a JSON object.")
        try:
            async with asyncio.timeout(function.time_limit):
                result = await function.run(arguments, turn)
        except TimeoutError:
            return _failed(call, f"It took longer than {function.time_limit:g} seconds and was given up.")
        except ArgumentsRefused as error:
            return _failed(call, str(error))
        except (Exception, SystemExit) as error:
            # The team's code may raise anything; the model is told, so that it can mend or explain it.
            logger.exception("function %s failed", call.name)
            return _failed(call, f"{type(error).__name__}: {error}")
        return Outcome(call.id, "done", shortened(result.output), result.files)


async def _start_python(arguments: Mapping[str, object], turn: Turn) -> Result:
    return Result(await started(arguments, turn))


def shortened(output: str) -> str:
    """A result that a model can read; it is told when there is more."""
    more = len(output) - RESULT_CHARS
    if more <= 0:
        return output
    return f"{output[:RESULT_CHARS]}\n[Cut here: {more:,} more characters. Ask for less at a time.]"


def activity(name: str, server: str = "") -> Activity:
    """What people see while a function, or a tool of a server, is at work."""
    if server:
        return Activity("asking", server)
    return Activity("searching") if name == SEARCH else Activity("function", name)


def _failed(call: Call, why: str) -> Outcome:
    return Outcome(call.id, "failed", json.dumps({"error": why}, ensure_ascii=False))


def declined(call: Call) -> Outcome:
    """Nobody said yes."""
    return Outcome(call.id, "declined", json.dumps({"error": "The people asked did not allow this call."}))


def interrupted(call: Call) -> Outcome:
    """It was running when Maru was cut short: nobody knows whether it did its work."""
    return Outcome(call.id, "interrupted", json.dumps({"error": "Interrupted; the result is unknown."}))
