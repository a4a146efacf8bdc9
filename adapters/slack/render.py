"""Writes a draft as Slack's Markdown; pure."""

import json
from collections.abc import Callable
from itertools import chain

from adapters.slack.markup import addresses, before, dialect, label, with_marks
from bot.texts import language_of, say
from bot.turns import Draft, Question, Turn
from bot.wording import closing

Render = Callable[[Draft], str]
ARGUMENT_CHARS = 500


def renderer(turn: Turn) -> Render:
    """Of a growing draft only what no later event changes, so that a stream can be appended to."""
    language = language_of(turn.messages[-1].text, turn.author.locale)
    asked = frozenset(chain.from_iterable(addresses(message.text) for message in turn.messages))

    def render(draft: Draft) -> str:
        known = asked | {source.url for source in draft.sources if source.url}
        known |= frozenset(chain.from_iterable(addresses(source.passage) for source in draft.sources))
        whole = bool(draft.end or draft.questions)
        length = len(draft.text) if whole else draft.settled
        text = dialect(with_marks(draft.text[:length], before(draft.marks, length)), known)
        if not whole:
            return text.rstrip()
        lines = [f"{number}. {_source(draft, number)}" for number in range(1, len(draft.sources) + 1)]
        sources = "\n".join([f"**{say('slack_sources', language)}**", *lines]) if lines else ""
        questions = [_question(question, language) for question in draft.questions]
        sentences = closing(draft, turn.reference, language)
        return "\n\n".join(part for part in (text.strip(), sources, *questions, *sentences) if part)

    return render


def _source(draft: Draft, number: int) -> str:
    source = draft.sources[number - 1]
    title = f"[{label(source.title)}]({source.url})" if source.url else label(source.title)
    return f"{title} – {label(source.place)}" if source.place else title


def _question(question: Question, language: str) -> str:
    asked = say("question", "ko" if language == "ko" else "en", name=f"`{question.call.name}`")
    try:
        arguments = json.dumps(json.loads(question.call.arguments), ensure_ascii=False, indent=2)
    except ValueError:
        arguments = question.call.arguments
    return f"{asked}\n```json\n{arguments[:ARGUMENT_CHARS].replace('```', '')}\n```"
