"""Commands: what the core does without a model. Adapters translate them, never implement them."""

import logging
import re
from collections.abc import Awaitable, Callable

from bot.admission import person_of
from bot.choice import offer
from bot.code_command import code
from bot.core import Core
from bot.errors import PlatformError, PlatformUnreachable, StoreError
from bot.librarian import Librarian, is_knowledge
from bot.messages import Command, Incoming, Message, Press, Receipt, Stop
from bot.ports import Receive
from bot.stored import DAY, kept
from bot.texts import Language, language_of, say
from bot.usage import DAYS, report

logger = logging.getLogger(__name__)

TELL_WAITS = (1.0, 5.0, 30.0)  # seconds between tries to tell what became of a command
DONE_WAIT = 5.0  # seconds between tries to mark a command as done

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
    "assistant": "assistant",
    "어시스턴트": "assistant",
    "usage": "usage",
    "사용량": "usage",
    "knowledge": "knowledge",
    "지식": "knowledge",
    "code": "code",
    "코드": "code",
}
# Followed by the name of an assistant. What may follow `knowledge` its own module says.
CHOICE = re.compile(r"/?(assistant|어시스턴트)\s+([a-z0-9][a-z0-9_-]{0,63})", re.IGNORECASE)


def recognise(message: Message) -> Incoming:
    """The command that a message is, or the message itself."""
    text = message.text.strip()
    chosen = CHOICE.fullmatch(text)
    knowledge = is_knowledge(text, message.attachments)
    name = "knowledge" if knowledge else "assistant" if chosen else WORDS.get(text.removeprefix("/").lower())
    if name is None or (message.attachments and not knowledge):
        return message
    return Command(
        conversation=message.conversation,
        key=message.keys[0],
        name=name,
        author=message.author,
        sent_at=message.sent_at,
        # So that "초기화" is answered in Korean.
        argument=text if knowledge or not text.isascii() else chosen[2] if chosen else "",
        origin=message.origin,
        attachments=message.attachments,
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
        # A name or number says nothing of the person's language.
        typed = "" if command.argument.isascii() else command.argument
        language = language_of(typed, command.author.locale)
        try:
            text = await self._refused(command, language) or await self._do(command, language)
        except Exception:
            # Never silent: the person gets a sentence whose id stands in the log.
            logger.exception("command %d (%s) failed", command.id, command.name)
            text = say("apology", language, why=say("why_bug", language), reference=f"C{command.id}")
        if text:
            await self._tell(command, text)
        await self._done(command)
        self._taken.discard(command.id)

    async def _refused(self, command: Command, language: Language) -> str:
        """Who may not ask there may not command either."""
        core, conversation, author = self._core, command.conversation, command.author
        person = await person_of(core, core.adapter(conversation), author)
        refusal = core.policy.refusal(conversation, author, person)
        return say(refusal, language) if refusal else ""

    async def _tell(self, command: Command, text: str) -> None:
        adapter = self._core.adapter(command.conversation)
        for wait in TELL_WAITS:
            try:
                await adapter.whisper(command.conversation, command.origin, text)
            except PlatformUnreachable as error:
                logger.warning("command %d (%s) is not answered yet: %s", command.id, command.name, error)
                await self._core.clock.sleep(max(wait, error.after))
            except PlatformError as error:
                logger.warning("command %d (%s) cannot be answered: %s", command.id, command.name, error)
                return
            except Exception:
                # It is done all the same: nobody wants it carried out again at the next start.
                logger.exception("command %d (%s) is not answered", command.id, command.name)
                return
            else:
                return

    async def _done(self, command: Command) -> None:
        """Whatever the disk does: a command is not carried out again at the next start."""
        while True:
            try:
                await self._core.inbox.command_done(command)
            except StoreError:
                logger.exception("command %d (%s) cannot be marked as done yet", command.id, command.name)
                await self._core.clock.sleep(DONE_WAIT)
            else:
                return

    async def _do(self, command: Command, language: Language) -> str:
        match command.name:
            case "help":
                return say("help", language).strip()
            case "reset":
                return await self._reset(command, language)
            case "forget":
                return await self._forget(command, language)
            case "stop":
                return _refusal(await self._stop(command), language)
            case "again":
                return await self._again(command, language)
            case "assistant":
                return await self._assistant(command, language)
            case "usage":
                return await self._usage(command, language)
            case "knowledge":
                return await Librarian(self._core).carry_out(command, language)
            case "code":
                return await code(self._core, command, language, self._idle)
        return say("unknown_command", language, name=command.name) + "\n\n" + say("help", language).strip()

    async def _reset(self, command: Command, language: Language) -> str:
        # The thread first: a turn that waits is then answered in the new one.
        closed = await self._core.threads.close(command.conversation)
        await self._stop(command)
        await self._core.documents.align(command.conversation)
        return say("reset_done" if closed else "reset_nothing", language)

    async def _again(self, command: Command, language: Language) -> str:
        records = await self._core.archive.records(command.conversation, limit=1)
        if not records:
            return say("again_nothing", language)
        last = int(command.argument) if command.argument.isdecimal() else records[-1].turn.id
        receipt = await self._receive(Press(command.conversation, last, "again", command.author))
        return _refusal(receipt, language)

    async def _assistant(self, command: Command, language: Language) -> str:
        """Show who answers here, or choose somebody else."""
        core, conversation = self._core, command.conversation
        offered = await offer(core, conversation, command.author)
        now, allowed = offered.now, offered.assistants
        words = [word for word in command.argument.split() if word not in WORDS]
        if now.by == "operator":
            return say("assistants_pinned", language, name=now.assistant.name)
        listed = "\n".join(f"- `{a.name}` – {a.description}" for a in allowed)
        if not words:
            shown = say("assistants_shown", language, name=now.assistant.name)
            return "\n\n".join((shown, say("assistants_list", language) + "\n" + listed))
        name = words[-1].lower()
        if name not in core.assistants:
            unknown = say("assistants_unknown", language, name=name)
            return "\n\n".join((unknown, say("assistants_list", language) + "\n" + listed))
        if core.assistants[name] not in allowed:
            return say("refused_assistant", language, name=name)
        if name == now.assistant.name:
            return say("assistants_same", language, name=name)
        await core.choices.choose(conversation, name)
        await core.ledger.note("assistant", conversation, command.author.id, name)
        return say("assistants_chosen", language, name=name)

    async def _usage(self, command: Command, language: Language) -> str:
        core = self._core
        now = core.clock.now()
        since = now - DAYS * DAY
        await core.ledger.measure()
        spent = await core.ledger.spent(since, core.prices.long.above)
        lying = kept(core.prices, await core.ledger.stored(since), since, now)
        return report(core.prices, spent, command.conversation, command.author.id, language, stored=lying)

    async def _stop(self, command: Command) -> Receipt:
        """Stop what was asked before the command; when nothing was, there is nothing to stop."""
        if not command.until:
            return Receipt(new=False, refusal="stop_nothing")
        return await self._receive(Stop(command.conversation, command.author, command.until))

    async def _forget(self, command: Command, language: Language) -> str:
        core, conversation = self._core, command.conversation
        # First the thread: what is asked from now on is no part of what is forgotten.
        await core.threads.close(conversation)
        while (await self._stop(command)).stopped:
            await self._idle(conversation)
        await self._idle(conversation)
        remote = await core.remotes.remote(conversation)
        # From here on they are swept, also when the service deletes nothing today.
        await core.remotes.unwanted(remote)
        count = await core.archive.forget(conversation, command.until)
        await core.documents.align(conversation)
        await core.files.delete(await core.file_rows.forget(conversation))
        gone = await core.engine.forget(remote)
        await core.remotes.gone(gone)
        await core.ledger.note("forget", conversation, command.author.id, f"{count} messages")
        if left := len(remote) - len(gone):
            return say("forget_partly", language, count=count, left=left)
        return say("forget_done", language, count=count)


def _refusal(receipt: Receipt, language: Language) -> str:
    return say(receipt.refusal, language) if receipt.refusal else ""
