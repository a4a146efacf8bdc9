"""Maru's own sentences around an answer, the same on every platform."""

import json
import re

from bot.events import Activity
from bot.texts import Language, say
from bot.turns import Draft, Question

ARGUMENT_CHARS = 500


def closing(draft: Draft, reference: str, language: Language) -> list[str]:
    """The sentences to show below an answer, or instead of one; none while more may come.

    `reference` is the short id by which an operator finds the turn in the log.
    """
    sentences = [say(f"note_{draft.note}", language)] if draft.note else []
    match draft.end:
        case "failed":
            why = say(f"why_{draft.reason or 'bug'}", language)
            sentences.append(say("apology", language, why=why, reference=reference))
        case "stopped":
            sentences.append(say("stopped", language))
        case "done" if not (draft.text.strip() or draft.files or draft.notices):
            sentences.append(say("empty_answer", language, reference=reference))
        case "refused" if not draft.notices:
            sentences.append(say("refused_person", language))
    return [*sentences, *draft.notices] if draft.end else list(draft.notices)


def activity(doing: Activity, language: Language) -> str:
    """What is being done right now, as a short line."""
    return say(f"activity_{doing.kind}", language, subject=doing.subject)


def fenced(code: str) -> str:
    """A piece of Python as Markdown, whatever stands in it."""
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}python\n{code.rstrip()}\n{fence}"


def question_sentence(asked: Question, language: Language, quote: str = "") -> str:
    """What a person is asked to decide, without the arguments; names stand between `quote`."""
    names = {"name": asked.call.name, "server": asked.call.server, "asker": asked.asker}
    # In backticks, names of people and servers can be no markup and nobody's mention.
    quoted = {key: f"{quote}{name.replace('`', '')}{quote}" for key, name in names.items()}
    if asked.call.server:
        key = "question_server_for" if asked.asker else "question_server"
    else:
        key = "question_for" if asked.asker else "question"
    return say(key, language, **quoted)


def question(asked: Question, language: Language) -> str:
    """What a person is asked to decide, as Markdown."""
    sentence = question_sentence(asked, language, "`")
    try:
        arguments = json.dumps(json.loads(asked.call.arguments), ensure_ascii=False, indent=2)
    except ValueError:
        arguments = asked.call.arguments
    shown = arguments[:ARGUMENT_CHARS].replace("```", "")
    # Whoever decides has to know that there is more.
    more = f"\n… (+{len(arguments) - ARGUMENT_CHARS:,})" if len(arguments) > ARGUMENT_CHARS else ""
    return f"{sentence}\n```json\n{shown}{more}\n```"
