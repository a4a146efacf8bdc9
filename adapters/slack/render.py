"""Writes a draft as Slack's Markdown; pure."""

from collections.abc import Callable

from adapters.slack.markup import dialect, label, target
from bot.text.links import unlinked
from bot.texts import language_of, say
from bot.turns import Draft, Turn
from bot.visible import Visible
from bot.wording import closing, question

Render = Callable[[Draft], str]


def renderer(turn: Turn) -> Render:
    """Of a growing draft only what no later event changes, so that a stream can be appended to."""
    language = language_of(turn.messages[-1].text, turn.author.locale)
    visible = Visible(turn)

    def render(draft: Draft) -> str:
        text = dialect(visible.text(draft), visible.links(draft))
        if not draft.whole:
            return text.rstrip()
        lines = [f"{number}. {_source(draft, number)}" for number in range(1, len(draft.sources) + 1)]
        sources = "\n".join([f"**{say('slack_sources', language)}**", *lines]) if lines else ""
        questions = [question(asked, language) for asked in draft.questions]
        # Files in them are named as people, and the model, named them.
        sentences = [
            dialect(sentence, visible.links(draft)) for sentence in closing(draft, turn.reference, language)
        ]
        return "\n\n".join(part for part in (text.strip(), sources, *questions, *sentences) if part)

    return render


def _source(draft: Draft, number: int) -> str:
    source = draft.sources[number - 1]
    title = label(source.title)
    named = f"[{title}]({target(source.url)})" if source.url else unlinked(title)
    return f"{named} – {unlinked(label(source.place))}" if source.place else named
