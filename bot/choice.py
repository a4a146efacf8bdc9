"""Which assistant answers in a conversation: pinned by the operator, chosen by people, or the default one."""

import logging
from dataclasses import dataclass
from typing import Literal

from bot.assistants import Assistant
from bot.core import Core
from bot.messages import Author
from bot.places import within

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Choice:
    """The assistant of a conversation, and who decided that."""

    assistant: Assistant
    by: Literal["operator", "people", "default"]


async def choice(core: Core, conversation: str) -> Choice:
    """What is pinned goes first, then what is chosen; of each, what is nearest."""
    around = within(conversation, await core.choices.channel(conversation))
    pinned = next((core.pins[place] for place in around if place in core.pins), "")
    if assistant := _existing(core, pinned, conversation):
        return Choice(assistant, "operator")
    chosen = await core.choices.chosen(around)
    if assistant := _existing(core, chosen, conversation):
        return Choice(assistant, "people")
    # Its file may be gone meanwhile; some assistant always is there.
    default = core.assistants.get(core.default) or next(iter(core.assistants.values()))
    return Choice(default, "default")


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody is shown who wants to choose."""

    now: Choice
    assistants: tuple[Assistant, ...]  # that they may use


async def offer(core: Core, conversation: str, author: Author) -> Offer:
    """Who answers in a conversation, and who else could for this person. Raises PlatformError."""
    person = await core.adapter(conversation).person(author)
    allowed = [a for a in core.assistants.values() if not core.policy.barred(a, author, person)]
    return Offer(await choice(core, conversation), tuple(allowed))


def _existing(core: Core, name: str, conversation: str) -> Assistant | None:
    if name and name not in core.assistants:
        logger.warning("%s: there is no assistant %s any more; another one answers", conversation, name)
    return core.assistants.get(name)
