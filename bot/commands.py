"""Commands: what the core does without a model. Adapters translate them, never implement them."""

import logging
from collections.abc import Awaitable, Callable

from bot.core import Core
from bot.errors import PlatformError
from bot.messages import Command, Incoming, Message, Press, Receipt, Stop
from bot.ports import Receive
from bot.texts import Language, language_of, say

logger = logging.getLogger(__name__)

# A message that is nothing but one of these is a command, with or without a slash.
WORDS = {
    "help": "help",
    "도움말": "help",
    "reset": "reset",
    "초기화": "reset",
    "forget": "forget",
    "삭제": "forget",
    "stop": "stop",
    "멈춰": "stop",
    "again": "again",
    "다시": "again",
}


def recognise(message: Message) -> Incoming:
    """The command that a message is, or the message itself."""
    name = WORDS.get(message.text.strip().removeprefix("/").lower())
    if name is None or message.attachments:
        return message
    return Command(
        conversation=message.conversation,
        key=message.keys[0],
        name=name,
        author=message.author,
        sent_at=message.sent_at,
        # So that "초기화" is answered in Korean.
        argument="" if message.text.isascii() else message.text.strip(),
        origin=message.origin,
    )


class Commands:
    """Carries commands out, each once, and whispers what became of it."""

    def __init__(self, core: Core, receive: Receive, idle: Callable[[str], Awaitable[None]]) -> None:
        self._core = core
        self._receive = receive
        self._idle = idle
        self._taken: set[int] = set()

    def take(self, command: Command) -> bool:
        """Whether it can be carried out here, and nobody has begun to."""
        if command.id in self._taken or command.conversation.partition(":")[0] not in self._core.adapters:
            return False
        self._taken.add(command.id)
        return True

    async def carry_out(self, command: Command) -> None:
        language = language_of(command.argument, command.author.locale)
        try:
            text = await self._do(command, language)
        except Exception:
            # Never silent: the person gets a sentence whose id stands in the log.
            logger.exception("command %d (%s) failed", command.id, command.name)
            text = say("apology", language, why=say("why_bug", language), reference=f"C{command.id}")
        if text:
            try:
                await self._core.adapter(command.conversation).whisper(
                    command.conversation, command.origin, text
                )
            except PlatformError as error:
                logger.warning("command %d (%s) could not be answered: %s", command.id, command.name, error)
        await self._core.inbox.command_done(command)
        self._taken.discard(command.id)

    async def _do(self, command: Command, language: Language) -> str:
        match command.name:
            case "help":
                return say("help", language).strip()
            case "reset":
                return await self._reset(command, language)
            case "forget":
                return await self._forget(command, language)
            case "stop":
                receipt = await self._receive(Stop(command.conversation, command.author))
                return _refusal(receipt, language)
            case "again":
                return await self._again(command, language)
        return say("unknown_command", language, name=command.name) + "\n\n" + say("help", language).strip()

    async def _reset(self, command: Command, language: Language) -> str:
        # The thread first: a turn that waits is then answered in the new one.
        closed = await self._core.threads.close(command.conversation)
        await self._receive(Stop(command.conversation, command.author))
        return say("reset_done" if closed else "reset_nothing", language)

    async def _again(self, command: Command, language: Language) -> str:
        records = await self._core.archive.records(command.conversation)
        if not records:
            return say("again_nothing", language)
        last = records[-1].turn.id
        receipt = await self._receive(Press(command.conversation, last, "again", command.author))
        return _refusal(receipt, language)

    async def _forget(self, command: Command, language: Language) -> str:
        core, conversation = self._core, command.conversation
        while (await self._receive(Stop(conversation, command.author))).stopped:
            await self._idle(conversation)
        remote = await core.remotes.remote(conversation)
        gone = await core.engine.forget(remote)
        await core.remotes.gone(gone)
        await core.files.delete(await core.file_rows.forget(conversation))
        count = await core.archive.forget(conversation)
        await core.ledger.note("forget", conversation, command.author.id, f"{count} messages")
        if left := len(remote) - len(gone):
            return say("forget_partly", language, count=count, left=left)
        return say("forget_done", language, count=count)


def _refusal(receipt: Receipt, language: Language) -> str:
    return say(receipt.refusal, language) if receipt.refusal else ""
