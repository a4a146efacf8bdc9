"""What was spent, told to people: the `usage` command, and the sums of `maru usage`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.events import Usage
from bot.ports import Spent
from bot.prices import TOOLS, Cost, Prices, cost, summed
from bot.texts import Language, say

DAYS = 30  # that are looked back on, unless somebody asks for another time
DAY = 86_400.0  # seconds

KEYS: Mapping[str, Callable[[Spent], str]] = {
    "conversation": lambda spent: spent.conversation,
    "person": lambda spent: spent.author,
    "assistant": lambda spent: spent.assistant,
    "model": lambda spent: spent.usage.model,
}


@dataclass(frozen=True, slots=True)
class Line:
    """What one conversation, person, assistant or model used and cost."""

    name: str
    usage: Usage  # its model is the last one
    cost: Cost


def lines(prices: Prices, spent: Iterable[Spent], by: str) -> list[Line]:
    """Summed up by one of KEYS, dearest first."""
    found: dict[str, Line] = {}
    for entry in spent:
        name = KEYS[by](entry)
        known = found.get(name, Line(name, Usage(""), Cost()))
        found[name] = Line(name, added(known.usage, entry.usage), known.cost + cost(prices, entry))
    return sorted(found.values(), key=lambda line: (-line.cost.dollars, line.name))


def added(one: Usage, other: Usage) -> Usage:
    return replace(
        other,
        input_tokens=one.input_tokens + other.input_tokens,
        cached_tokens=one.cached_tokens + other.cached_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        **{tool: getattr(one, tool) + getattr(other, tool) for tool in TOOLS},
    )


def report(prices: Prices, spent: Sequence[Spent], conversation: str, author: str, language: Language) -> str:
    """What a person is told who asks in a conversation."""
    here = [entry for entry in spent if entry.conversation == conversation]
    own = [entry for entry in spent if entry.author == author]
    text = say(
        "usage",
        language,
        days=DAYS,
        date=prices.date.isoformat(),
        conversation=_told(prices, here, language),
        person=_told(prices, own, language),
    ).strip()
    if unpriced := summed(prices, [*here, *own]).unpriced:
        text += "\n\n" + say("usage_unpriced", language, names=", ".join(sorted(unpriced)))
    return text


def _told(prices: Prices, spent: Sequence[Spent], language: Language) -> str:
    if not spent:
        return say("usage_nothing", language)
    total = Usage("")
    for entry in spent:
        total = added(total, entry.usage)
    tools = [
        say(f"used_{tool}", language, count=f"{getattr(total, tool):,}")
        for tool in TOOLS
        if getattr(total, tool)
    ]
    return say(
        "usage_of",
        language,
        amount=summed(prices, spent).amount,
        input=f"{total.input_tokens:,}",
        output=f"{total.output_tokens:,}",
        tools="".join(f", {tool}" for tool in tools),
    )
