"""Writes a draft as Discord shows it; pure."""

from collections.abc import Callable
from itertools import chain

from adapters.discord.markup import dialect, label
from bot.text.links import addresses
from bot.texts import Language, language_of, say
from bot.turns import Draft, Turn
from bot.wording import activity, closing, marked, question

Render = Callable[[Draft], str]


def renderer(turn: Turn) -> Render:
    """Of a growing draft only what no later event changes, and a line of what is being done."""
    language = language_of(turn.messages[-1].text, turn.author.locale)
    brought = frozenset(chain.from_iterable(addresses(message.text) for message in turn.messages))

    def render(draft: Draft) -> str:
        known = brought | {source.url for source in draft.sources if source.url}
        known |= frozenset(chain.from_iterable(addresses(source.passage) for source in draft.sources))
        whole = bool(draft.end or draft.questions)
        length = len(draft.text) if whole else draft.settled
        text = dialect(marked(draft.text[:length], draft.marks), known).strip()
        if not whole:
            doing = f"-# {label(activity(draft.activity, language))}" if draft.activity else ""
            return "\n\n".join(part for part in (text, doing) if part)
        questions = [question(asked, language) for asked in draft.questions]
        if len(questions) > 1:
            questions = [f"**{number}.** {asked}" for number, asked in enumerate(questions, start=1)]
        sentences = closing(draft, turn.reference, language)
        return "\n\n".join(part for part in (text, _sources(draft, language), *questions, *sentences) if part)

    return render


def _sources(draft: Draft, language: Language) -> str:
    if not draft.sources:
        return ""
    lines = [f"-# {number}. {_source(draft, number)}" for number in range(1, len(draft.sources) + 1)]
    return "\n".join([f"**{say('discord_sources', language)}**", *lines])


def _source(draft: Draft, number: int) -> str:
    source = draft.sources[number - 1]
    named = addresses(source.title)
    if source.url:
        title = source.url if named or not source.title.strip() else f"[{label(source.title)}]({source.url})"
    else:
        title = label(source.title)
    return f"{title} – {label(source.place)}" if source.place else title
