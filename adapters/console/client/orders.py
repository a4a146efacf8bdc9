"""Carries out what the person typed."""

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path

from adapters.console.client.chat import Chat, Left
from adapters.console.client.line import new_key
from adapters.console.client.shelf import Shelf, save
from adapters.console.client.typed import Order, Words, path_of, understand
from adapters.console.protocol import Commanded, Deleted, Edited, Interrupted, Pressed, Said
from bot.messages import Action
from bot.texts import Language, language_of, say

NUMBER = re.compile(r"(\d*)\s*(.*)", re.DOTALL)


@dataclass
class Orders:
    """Turns typed lines into requests; remembers what one line leaves for the next."""

    chat: Chat
    shelf: Shelf
    folder: Path  # where relative paths begin
    begin_with: str = ""  # the text of the next prompt
    _attached: list[Path] = field(default_factory=list)
    _editing: str = ""  # key of the message whose new text comes next

    @property
    def hint(self) -> str:
        """What the next prompt shows in front."""
        if self._editing:
            return say("console_editing", self._language)
        return " ".join(f"+{path.name}" for path in self._attached) + (" " if self._attached else "")

    @property
    def _language(self) -> Language:
        return self.chat.language

    async def carry_out(self, line: str) -> None:
        """Do what a line asks for. Raises Left."""
        if self._editing:
            key, self._editing = self._editing, ""
            if line.strip():
                await self._edit(key, line.strip())
            return
        match understand(line, self.folder):
            case Words(text, paths) if text or paths:
                await self._say(line, text, paths)
            case Order() as order:
                await self._order(order)

    async def _say(self, line: str, text: str, paths: tuple[Path, ...]) -> None:
        files = (*self._attached, *paths)
        said = Said(new_key(), text, tuple(str(path) for path in files))
        self.chat.asked(said.key, text, tuple(path.name for path in files))
        self.chat.expect(said.key)  # it may turn out to be a command
        received = await self.chat.ask(said)
        if received.problem or received.turn or not received.new:
            self.chat.unexpect(said.key)
        if received.problem:
            self.chat.mine.pop(said.key)
            self.begin_with = line.strip()
        self._attached.clear()

    async def _order(self, order: Order) -> None:
        match order.name:
            case "help" | "reset" | "forget" | "assistant" | "usage" | "knowledge" | "code":
                await self._command(order)
            case "stop":
                await self.chat.ask(Interrupted(new_key()))
            case "again":
                await self._press("again", "again_nothing")
            case "good":
                await self._press("helpful", "console_thanks")
            case "bad":
                await self._press("unhelpful", "console_thanks_anyway")
            case "edit":
                await self._begin_edit(order.argument)
            case "delete":
                await self._delete()
            case "file":
                self._attach(order.argument)
            case "save":
                await self._save(order.argument)
            case "quit" | "exit":
                raise Left
            case name:
                self.chat.tell_problem(say("console_unknown", self._language, name=name))

    async def _command(self, order: Order) -> None:
        key = new_key()
        language = language_of("" if order.typed.isascii() else order.typed, self._language)
        self.chat.expect(key, say("console_help", language) if order.name == "help" else "")
        received = await self.chat.ask(
            Commanded(key, order.name, order.argument if order.typed.isascii() else order.typed)
        )
        if received.problem or not received.new:
            self.chat.unexpect(key)
        elif order.name == "forget":
            self.chat.mine.clear()
            self.chat.last_turn = 0

    async def _press(self, action: Action, otherwise: str) -> None:
        """Press a button of the last answer; `otherwise` is what to say when no answer follows."""
        if not self.chat.last_turn:
            self.chat.tell_problem(say("console_nothing_yet", self._language))
            return
        received = await self.chat.ask(Pressed(new_key(), self.chat.last_turn, action))
        if not received.problem and action != "again":
            self.chat.output.tell(say(otherwise, self._language))

    async def _begin_edit(self, text: str) -> None:
        if not self.chat.mine:
            self.chat.tell_problem(say("console_nothing_yet", self._language))
            return
        key, before = list(self.chat.mine.items())[-1]
        if text:
            await self._edit(key, text)
        else:
            self._editing, self.begin_with = key, before

    async def _edit(self, key: str, text: str) -> None:
        """Change a message, and have it answered anew."""
        self.chat.output.asked(text, ())
        self.chat.mine[key] = text
        received = await self.chat.ask(Edited(new_key(), key, text))
        if received.new and self.chat.last_turn:
            await self.chat.ask(Pressed(new_key(), self.chat.last_turn, "again"))

    async def _delete(self) -> None:
        if not self.chat.mine:
            self.chat.tell_problem(say("console_nothing_yet", self._language))
            return
        key, text = self.chat.mine.popitem()
        received = await self.chat.ask(Deleted(new_key(), key))
        if not received.problem:
            self.chat.output.tell(say("console_deleted", self._language, text=" ".join(text.split())[:60]))

    def _attach(self, argument: str) -> None:
        path = path_of(argument, self.folder)
        if not argument or path.is_dir():
            self.chat.tell_problem(say("console_file_folder", self._language, name=path.name))
        elif not path.exists():
            self.chat.tell_problem(say("console_file_missing", self._language, name=path.name))
        else:
            self._attached.append(path)

    async def _save(self, argument: str) -> None:
        number, target = NUMBER.fullmatch(argument).groups()  # type: ignore[union-attr]  # it matches everything
        offer = self.shelf.find(number)
        if offer is None:
            self.chat.tell_problem(say("console_no_file", self._language))
            return
        try:
            path = await asyncio.to_thread(
                save, offer, path_of(target, self.folder) if target else self.folder
            )
        except OSError as error:
            why = error.strerror or str(error)
            self.chat.tell_problem(say("console_not_saved", self._language, name=offer.name, why=why))
        else:
            self.chat.output.tell(say("console_saved", self._language, path=path))
