"""One conversation in the terminal: shows what comes, and reads on when nothing more is to be expected."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from adapters.console.client.keyboard import Keyboard
from adapters.console.client.line import Line, new_key
from adapters.console.client.output import Output
from adapters.console.protocol import Answer, Interrupted, Notice, Pressed, Received, Request
from bot.texts import Language, say
from bot.wording import question_sentence

FRAME = 0.05  # seconds between two looks of something that grows or moves

T = TypeVar("T")


class Left(Exception):
    """The person has had enough."""


class Gone(Exception):
    """Maru went away and did not come back."""


class Chat:
    """The `Listener` of a line. It watches while something is expected, and prompts while nothing is."""

    def __init__(self, line: Line, keyboard: Keyboard, output: Output, language: Language) -> None:
        self.line = line
        self.keyboard = keyboard
        self.output = output
        self.language = language
        self.failed = False  # something asked was not answered
        self.mine: dict[
            str, str
        ] = {}  # key -> text of what was written in this conversation, as far as known
        self.last_turn = 0
        self._open: dict[int, Answer | None] = {}  # turns not shown to their end
        self._expected: dict[str, str] = {}  # key of a command -> what to say after its notice
        self._notices: list[str] = []
        self._shown: set[str] = set()  # keys of messages that are on the screen
        self._decided: set[tuple[int, str]] = set()
        self._news = asyncio.Event()
        self._up = False
        self._gone = False
        self._interrupts = 0
        self._leaving = False
        self._stop: asyncio.Task[Received] | None = None

    # -- what happens ----------------------------------------------------------------------------

    def hear(self, message: Answer | Notice) -> None:
        match message:
            case Notice(key, text):
                self._notices += [text, *filter(None, [self._expected.pop(key, "")])]
                self._news.set()
            case Answer(turn) if turn > (self.line.seen or 0) and self._cares(message):
                # More text is no news: the next frame shows it.
                if self._open.get(turn) is None or message.draft.end or message.draft.questions:
                    self._news.set()
                self._open[turn] = message

    def _cares(self, answer: Answer) -> bool:
        """Whoever writes into a pipe wants the answers to that, and nothing else."""
        known = answer.turn in self._open or any(asked.key in self.mine for asked in answer.asked)
        return self.keyboard.interactive or known

    def connection(self, *, up: bool) -> None:
        self._up = up
        self._news.set()

    def gone(self) -> None:
        """The line was given up."""
        self._gone = True
        self._news.set()

    def interrupt(self) -> None:
        """Ctrl-C while nothing is being read."""
        self._interrupts += 1
        self._news.set()

    def hang_up(self) -> None:
        """Leave as soon as possible, whatever is going on."""
        self._leaving = True
        self._news.set()

    # -- what is asked of Maru -------------------------------------------------------------------

    async def ask(self, request: Request) -> Received:
        """Send a request. An answer that it leads to is shown by the next `catch_up`."""
        asking = asyncio.create_task(self.line.ask(request))
        try:
            await self._pause(asking)
            while not asking.done():
                self.output.wait(say("console_sending" if self._up else "console_away", self.language))
                await self._pause(asking)
                self._leave_if(self._leaving or self._interrupts > 0)
        finally:
            asking.cancel()
        received = asking.result()
        if received.problem:
            self.tell_problem(received.problem)
        elif received.turn > (self.line.seen or 0) and not isinstance(request, Interrupted):
            self._open.setdefault(received.turn, None)
        return received

    def expect(self, key: str, then: str = "") -> None:
        """A notice about `key` will come; `then` is said after it."""
        self._expected[key] = then

    def unexpect(self, key: str) -> None:
        self._expected.pop(key, None)

    def asked(self, key: str, text: str, files: tuple[str, ...] = ()) -> None:
        """Show what somebody wrote, once."""
        self.mine[key] = text
        if key not in self._shown:
            self._shown.add(key)
            self.keyboard.remember(text)
            self.output.asked(text, files)

    def tell_problem(self, text: str) -> None:
        self.failed = True
        self.output.tell(text)

    # -- watching --------------------------------------------------------------------------------

    async def catch_up(self) -> None:
        """Show everything, until nothing more is to be expected. Raises Left and Gone."""
        while True:
            self._news.clear()
            if self._gone:
                raise Gone
            self._leave_if(self._leaving)
            while self._notices:
                self.output.tell(self._notices.pop(0))
            if not self._up:
                self.output.wait(say("console_away", self.language))
            elif self._open:
                turn = min(self._open)
                if await self._watch(turn, self._open[turn]):
                    continue
            elif self._expected:
                self.output.wait(say("activity_thinking", self.language))
            else:
                self._interrupts, self._stop = 0, None
                self.output.rest()
                return
            await self._pause()
            self._obey()

    async def _watch(self, turn: int, answer: Answer | None) -> bool:
        """Show one state of a turn. True when there is more to do at once."""
        if answer is None:
            self.output.wait(say("activity_thinking", self.language))
            return False
        for asked in answer.asked:
            self.asked(asked.key, asked.text, asked.files)
        self.output.show(answer, stopping=self._stop is not None)
        if answer.draft.end:
            self._end(turn)
            self.failed = self.failed or answer.draft.end == "failed"
            return True
        return await self._decide(answer)

    def _end(self, turn: int) -> None:
        del self._open[turn]
        self.line.seen = self.last_turn = turn
        self._interrupts, self._stop = 0, None

    async def _decide(self, answer: Answer) -> bool:
        """Ask the person what the answer waits for."""
        for question in answer.draft.questions:
            call = question.call
            if (answer.turn, call.id) in self._decided:
                continue
            self.output.tell(say("console_wants", answer.language, name=call.name, arguments=call.arguments))
            yes = await self._unless_news(self.keyboard.confirm(question_sentence(question, answer.language)))
            if yes is None:
                return True
            self._decided.add((answer.turn, call.id))
            self.output.asked(say("console_yes" if yes else "console_no", answer.language), ())
            await self.ask(Pressed(new_key(), answer.turn, "approve" if yes else "decline", call.id))
            return True
        return False

    def _obey(self) -> None:
        """Ctrl-C stops what is going on; once more, and the person leaves."""
        if self._stop is not None and self._stop.done() and self._stop.result().problem:
            # There is nothing to stop any more, so nothing is to be expected either.
            self._open.clear()
            self._stop = None
        if self._interrupts == 0:
            return
        self._leave_if(self._interrupts > 1 or not self._up)
        if not self._open:
            self._expected.clear()
        elif self._stop is None:
            self._stop = asyncio.create_task(self.line.ask(Interrupted(new_key())))
            self._stop.add_done_callback(lambda _: self._news.set())

    # -- waiting ---------------------------------------------------------------------------------

    async def read(self, hint: str, text: str) -> str | None:
        """The next line; None when something happened meanwhile that is to be shown first."""
        return await self._unless_news(self.keyboard.read(hint, text))

    async def _unless_news(self, reading: Coroutine[Any, Any, T]) -> T | None:
        tasks = asyncio.create_task(reading), asyncio.create_task(self._news.wait())
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        return None if tasks[0].cancelled() else tasks[0].result()

    async def _pause(self, *tasks: asyncio.Task[Any]) -> None:
        """Wait for news, for one of the tasks, or for the next frame."""
        news = asyncio.create_task(self._news.wait())
        frame = FRAME if self.output.moving else None
        await asyncio.wait({news, *tasks}, timeout=frame, return_when=asyncio.FIRST_COMPLETED)
        news.cancel()
        self._news.clear()

    def _leave_if(self, enough: bool) -> None:
        if enough:
            raise Left
