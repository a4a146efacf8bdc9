"""Writes a draft as Discord shows it; pure."""

from collections.abc import Callable

from adapters.discord.markup import dialect, label
from bot.text.links import addresses
from bot.texts import Language, language_of, say
from bot.turns import Draft, Turn
from bot.visible import Visible
from bot.wording import activity, closing, question

Render = Callable[[Draft], str]


def renderer(turn: Turn) -> Render:
    """Of a growing draft only what no later event changes, and a line of what is being done."""
    language = language_of(turn.messages[-1].text, turn.author.locale)
    visible = Visible(turn)

    def render(draft: Draft) -> str:
        text = dialect(visible.text(draft), visible.links(draft)).strip()
        if not draft.whole:
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
