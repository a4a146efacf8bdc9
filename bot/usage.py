"""What was spent, told to people: the `usage` command, and the sums of `maru usage`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.clock import Clock
from bot.events import Usage
from bot.ports import Ledger, Spent
from bot.prices import TOOLS, Cost, Prices, cost, summed
from bot.stored import DAY, Kept
from bot.texts import Language, say

DAYS = 30  # that are looked back on, unless somebody asks for another time

KEYS: Mapping[str, Callable[[Spent], str]] = {
    "conversation": lambda spent: spent.conversation,
    "person": lambda spent: spent.author,
    "assistant": lambda spent: spent.assistant,
    "model": lambda spent: spent.usage.model,
    "turn": lambda spent: f"T{spent.turn}",
}
TOKENS = (
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "picture_text_tokens",
    "picture_image_tokens",
    "picture_output_tokens",
)
LEAST, MANY = 0.001, 100  # GB × days: less is not worth its digits, of more the whole ones count
STORAGE = "(storage)"  # the line of what lies there, where it belongs to nobody of those asked for


@dataclass(frozen=True, slots=True)
class Line:
    """What one conversation, person, assistant or model used and cost."""

    name: str
    usage: Usage  # its model is the last one
    cost: Cost
    gb_days: float = 0.0  # of what lay at the model service for it


def lines(prices: Prices, spent: Iterable[Spent], by: str, stored: Iterable[Kept] = ()) -> list[Line]:
    """Summed up by one of KEYS, dearest first."""
    found: dict[str, Line] = {}
    for thing in stored:
        name = thing.owner if by == "conversation" else STORAGE
        known = found.get(name, Line(name, Usage(""), Cost()))
        found[name] = replace(known, cost=known.cost + thing.cost, gb_days=known.gb_days + thing.gb_days)
    for entry in spent:
        name = KEYS[by](entry)
        known = found.get(name, Line(name, Usage(""), Cost()))
        found[name] = replace(
            known, usage=added(known.usage, entry.usage), cost=known.cost + cost(prices, entry)
        )
    return sorted(found.values(), key=lambda line: (-line.cost.dollars, line.name))


def added(one: Usage, other: Usage) -> Usage:
    return replace(
        other, **{count: getattr(one, count) + getattr(other, count) for count in (*TOKENS, *TOOLS)}
    )


def report(
    prices: Prices,
    spent: Sequence[Spent],
    conversation: str,
    author: str,
    language: Language,
    *,
    stored: Sequence[Kept] = (),
) -> str:
    """What a person is told who asks in a conversation."""
    here = [entry for entry in spent if entry.conversation == conversation]
    lying = [thing for thing in stored if thing.owner == conversation]
    own = [entry for entry in spent if entry.author == author]
    text = say(
        "usage",
        language,
        days=DAYS,
        date=prices.date.isoformat(),
        conversation=_told(prices, here, language, lying),
        person=_told(prices, own, language),
    ).strip()
    if unpriced := (summed(prices, [*here, *own]) + _lying(lying)).unpriced:
        text += "\n\n" + say("usage_unpriced", language, names=", ".join(sorted(unpriced)))
    return text


def _lying(stored: Iterable[Kept]) -> Cost:
    return sum((thing.cost for thing in stored), Cost())


async def personal(ledger: Ledger, prices: Prices, clock: Clock, author: str, language: Language) -> str:
    """What a person used in the last DAYS, wherever they asked."""
    spent = await ledger.spent(clock.now() - DAYS * DAY, prices.long.above)
    return _told(prices, [entry for entry in spent if entry.author == author], language)


def _readable(gb_days: float) -> str:
    """A number as people write it, never with an exponent."""
    if gb_days < LEAST:
        return f"<{LEAST}"
    return f"{gb_days:,.0f}" if gb_days >= MANY else f"{gb_days:.3g}"


def _told(prices: Prices, spent: Sequence[Spent], language: Language, stored: Sequence[Kept] = ()) -> str:
    if not spent and not stored:
        return say("usage_nothing", language)
    total = Usage("")
    for entry in spent:
        total = added(total, entry.usage)
    tools = [
        say(f"used_{tool}", language, count=f"{getattr(total, tool):,}")
        for tool in TOOLS
        if getattr(total, tool)
    ]
    if gb_days := sum(thing.gb_days for thing in stored):
        tools.append(say("used_storage", language, count=_readable(gb_days)))
    return say(
        "usage_of",
        language,
        amount=(summed(prices, spent) + _lying(stored)).amount,
        input=f"{total.input_tokens:,}",
        output=f"{total.output_tokens:,}",
        tools="".join(f", {tool}" for tool in tools),
    )
