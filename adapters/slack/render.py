"""Writes a draft as Slack's Markdown; pure."""

from collections.abc import Callable
from itertools import chain

from adapters.slack.markup import dialect, label
from bot.text.links import addresses
from bot.texts import language_of, say
from bot.turns import Draft, Turn
from bot.wording import closing, marked, question

Render = Callable[[Draft], str]


def renderer(turn: Turn) -> Render:
    """Of a growing draft only what no later event changes, so that a stream can be appended to."""
    language = language_of(turn.messages[-1].text, turn.author.locale)
    brought = frozenset(chain.from_iterable(addresses(message.text) for message in turn.messages))

    def render(draft: Draft) -> str:
        known = brought | {source.url for source in draft.sources if source.url}
        known |= frozenset(chain.from_iterable(addresses(source.passage) for source in draft.sources))
        whole = bool(draft.end or draft.questions)
        length = len(draft.text) if whole else draft.settled
        text = dialect(marked(draft.text[:length], draft.marks), known)
        if not whole:
            return text.rstrip()
        lines = [f"{number}. {_source(draft, number)}" for number in range(1, len(draft.sources) + 1)]
        sources = "\n".join([f"**{say('slack_sources', language)}**", *lines]) if lines else ""
        questions = [question(asked, language) for asked in draft.questions]
        sentences = closing(draft, turn.reference, language)
        return "\n\n".join(part for part in (text.strip(), sources, *questions, *sentences) if part)

    return render


def _source(draft: Draft, number: int) -> str:
    source = draft.sources[number - 1]
    title = f"[{label(source.title)}]({source.url})" if source.url else label(source.title)
    return f"{title} – {label(source.place)}" if source.place else title
