"""The person's keyboard: lines with history and editing, and quiet between them."""

import asyncio
import os
import signal
import termios
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import AnyFormattedText
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import create_output
from prompt_toolkit.shortcuts import CompleteStyle

from adapters.console.client.typed import BEGINS_PATH, COMMANDS
from bot.texts import Language, say

YES = {"y", "yes", "네", "예", "응", "ㅛ"}  # ㅛ is the y of a Korean keyboard
PROMPT = "› "
NO = {"n", "no", "아니", "아니요", "아니오", "ㅜ"}


class Keyboard(Protocol):
    """A source of lines. Reading may be cancelled, and loses nothing then."""

    interactive: bool

    async def read(self, hint: str = "", text: str = "") -> str:
        """The next message or command, beginning with `text`. Raises EOFError when there is no more."""
        ...

    async def confirm(self, question: str) -> bool:
        """A yes or no. Raises EOFError when there is no more."""
        ...

    def left(self) -> str:
        """What was typed when the last reading was cancelled."""
        ...

    def remember(self, text: str) -> None:
        """Put something into the history that is reached with the arrow keys."""
        ...


class Terminal:
    """A person's keyboard."""

    interactive = True

    def __init__(self, language: Language) -> None:
        self._history = InMemoryHistory()
        self._left = ""
        self._language = language
        self._leaving = False  # Ctrl-C was pressed on an empty line
        output = create_output(always_prefer_tty=True)  # answers may go into a file, prompts may not
        self._session: PromptSession[str] = PromptSession(
            multiline=True,
            prompt_continuation="  ",
            key_bindings=self._bindings(),
            history=self._history,
            completer=_Completer(),
            complete_while_typing=False,
            complete_style=CompleteStyle.READLINE_LIKE,
            placeholder=self._placeholder,
            erase_when_done=True,
            output=output,
        )
        self._yes_or_no: PromptSession[str] = PromptSession(
            interrupt_exception=_Refused, erase_when_done=True, output=output
        )

    async def read(self, hint: str = "", text: str = "") -> str:
        self._leaving = False
        message: AnyFormattedText = [("ansibrightblack", hint), ("bold ansimagenta", PROMPT)]
        return await self._prompt(self._session, message, text)

    async def confirm(self, question: str) -> bool:
        message: AnyFormattedText = [("bold ansiyellow", f"{question} [y/n] ")]
        while True:
            try:
                answer = await self._prompt(self._yes_or_no, message)
            except _Refused:
                return False
            word = answer.strip().lower()
            if word in YES | NO:
                return word in YES

    async def _prompt(self, session: PromptSession[str], message: AnyFormattedText, text: str = "") -> str:
        prompting = asyncio.create_task(
            session.prompt_async(message, default=text, handle_sigint=False, set_exception_handler=False)
        )
        try:
            return await asyncio.shield(prompting)
        except asyncio.CancelledError:
            if session.app.future is None:  # it has not begun
                prompting.cancel()
            elif not session.app.future.done():
                session.app.exit(exception=_Cancelled)
            try:
                # A line that was sent at the very moment is not lost.
                return await prompting
            except _Cancelled:
                self._left = session.default_buffer.text
                raise asyncio.CancelledError from None

    def left(self) -> str:
        left, self._left = self._left, ""
        return left

    def remember(self, text: str) -> None:
        self._history.append_string(text)

    def _placeholder(self) -> AnyFormattedText:
        return [
            (
                "ansibrightblack",
                say("console_leave" if self._leaving else "console_placeholder", self._language),
            )
        ]

    def _bindings(self) -> KeyBindings:
        """Enter sends; Alt+Enter and a paste make new lines; Ctrl-C empties the line before it leaves."""
        bindings = KeyBindings()

        @bindings.add("enter")
        def _(event: KeyPressEvent) -> None:
            event.current_buffer.validate_and_handle()

        @bindings.add("escape", "enter")
        def _(event: KeyPressEvent) -> None:
            event.current_buffer.insert_text("\n")

        @bindings.add("c-c")
        def _(event: KeyPressEvent) -> None:
            # Somebody who wanted to stop an answer that had just ended must not be thrown out.
            if self._leaving and not event.current_buffer.text:
                event.app.exit(exception=EOFError)
            self._leaving = not event.current_buffer.text
            event.current_buffer.reset()

        return bindings


@contextmanager
def held(descriptor: int, interrupted: Callable[[], None], ended: Callable[[], None]) -> Iterator[None]:
    """Between prompts Ctrl-C calls `interrupted`, and what is typed waits, unseen, for the next prompt.

    A signal to end calls `ended`, so that the terminal can be given back as it was found.
    """
    loop = asyncio.get_running_loop()
    signals = {signal.SIGINT: interrupted, signal.SIGTERM: ended, signal.SIGHUP: ended}
    for number, heard in signals.items():
        loop.add_signal_handler(number, heard)
    before = termios.tcgetattr(descriptor) if os.isatty(descriptor) else None
    try:
        if before is not None:
            quiet = [*before]
            quiet[3] = before[3] & ~(termios.ECHO | termios.ICANON)
            termios.tcsetattr(descriptor, termios.TCSADRAIN, quiet)
        yield
    finally:
        if before is not None:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
        for number in signals:
            loop.remove_signal_handler(number)


class _Refused(Exception):
    """Ctrl-C instead of a yes or a no."""


class _Cancelled(Exception):
    """Nobody waits for this line any more."""


class _Completer(Completer):
    """Tab completes commands, and paths where they are looked for."""

    def __init__(self) -> None:
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        text = document.text_before_cursor
        word = text.rpartition(" ")[2].removeprefix("@")
        if text.startswith("/") and " " not in text:
            yield from (
                Completion(f"/{name}", -len(text)) for name in COMMANDS if f"/{name}".startswith(text)
            )
        if text.endswith(f"@{word}") or text.startswith(("/file ", "/save ")) or word.startswith(BEGINS_PATH):
            yield from self._paths.get_completions(Document(word), complete_event)
