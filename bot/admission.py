"""Who of a turn's people may ask: asked of the platform and the policy before any model call."""

import logging

from bot.core import Core
from bot.messages import Delete, Message
from bot.ports import Adapter
from bot.texts import language_of, say
from bot.turns import Turn

logger = logging.getLogger(__name__)


async def admit(core: Core, adapter: Adapter, turn: Turn) -> tuple[Message, ...]:
    """The messages of those who may ask; the others are told that they may not, and theirs are dropped."""
    kept: list[Message] = []
    for message in turn.messages:
        person = await adapter.person(message.author)
        if not (refusal := core.policy.refusal(person)):
            kept.append(message)
            continue
        logger.info("%s: refused %s, a %s", turn.reference, message.author.id, person.kind)
        if person.kind != "bot":
            language = language_of(message.text, person.locale or message.author.locale)
            await adapter.whisper(turn.conversation, message.origin, say(refusal, language))
        await core.inbox.receive(Delete(message.conversation, message.keys))
    return tuple(kept)
