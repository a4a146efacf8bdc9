"""Who of a turn's people may ask: asked of the platform and the policy before any model call."""

import logging

from bot.choice import choice
from bot.core import Core
from bot.errors import PlatformError, PlatformUnreachable
from bot.messages import Author, Delete, Message, Person
from bot.ports import Adapter
from bot.texts import language_of, say
from bot.turns import Turn

logger = logging.getLogger(__name__)

WAIT = 5.0  # seconds before the platform is asked again who somebody is


async def admit(core: Core, adapter: Adapter, turn: Turn) -> tuple[Message, ...]:
    """The messages of those who may ask; the others are told that they may not, and theirs are dropped."""
    kept: list[Message] = []
    assistant = (await choice(core, turn.conversation)).assistant
    for message in turn.messages:
        author = message.author
        person = await person_of(core, adapter, author)
        refusal = core.policy.refusal(turn.conversation, author, person) or core.policy.barred(
            assistant, author, person
        )
        if not refusal:
            kept.append(message)
            continue
        logger.info("%s: refused %s, a %s", turn.reference, author.id, person.kind)
        if person.kind != "bot":
            language = language_of(message.text, person.locale or author.locale)
            try:
                await adapter.whisper(
                    turn.conversation, message.origin, say(refusal, language, name=assistant.name)
                )
            except PlatformError as error:
                logger.warning("%s: could not tell %s: %s", turn.reference, author.id, error)
        await core.inbox.receive(Delete(message.conversation, message.keys))
    return tuple(kept)


async def person_of(core: Core, adapter: Adapter, author: Author) -> Person:
    """Who somebody is: nobody is let in, or sent away, because the platform is down."""
    while True:
        try:
            return await adapter.person(author)
        except PlatformUnreachable as error:
            logger.warning("who %s is cannot be asked yet: %s", author.id, error)
            await core.clock.sleep(max(WAIT, error.after))
