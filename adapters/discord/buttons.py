"""The buttons under an answer, and what a press on one says; pure. They say all that a restart forgets."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

from bot.messages import Action, Author, Command, Press
from bot.texts import Language, say
from bot.turns import Draft, Question, Turn

Rows = list[dict[str, Any]]
PREFIX = "maru"
SHOW: Literal["show"] = "show"  # the adapter's own: the core knows nothing of tokens
ROW, BUTTON = 1, 2
GRAY, GREEN = 2, 3  # styles
ROWS = 5
DECISION_ROWS = ROWS - 1  # the last one is for "stop"


def running(turn: Turn, language: Language, *, leaving: bool = False) -> Rows:
    """Under an answer that grows; `leaving`: it can soon be changed no more, so the rest is for asking."""
    stop = _button("stop", turn.id, say("discord_stop", language))
    rest = _button(SHOW, turn.id, say("discord_show", language))
    return [_row([stop, rest] if leaving else [stop])]


def ended(turn: Turn, draft: Draft, language: Language) -> Rows:
    """Under what is there to stay: an answer, or questions that wait for a person."""
    if draft.questions:
        return [*_decisions(turn, draft.questions, language), *running(turn, language)]
    buttons = [_button("again", turn.id, say("discord_again", language))]
    if draft.end == "done":
        buttons = [
            _button("helpful", turn.id, say("discord_helpful", language)),
            _button("unhelpful", turn.id, say("discord_unhelpful", language)),
            *buttons,
        ]
    return [_row(buttons)]


def again(turn: int, language: Language) -> Rows:
    """Offers to answer an edited question again."""
    return [_row([_button("again", turn, say("discord_again", language))])]


def pressed(
    custom_id: str, *, conversation: str, key: str, author: Author, origin: str, now: float
) -> Press | Command | None:
    """What a press says; None for a button that is not ours."""
    prefix, _, rest = custom_id.partition(":")
    action, _, rest = rest.partition(":")
    turn, _, subject = rest.partition(":")
    if prefix != PREFIX or not turn.isdecimal():
        return None
    if action == "again":
        # It costs a model call, so it is asked as a command: those are held to the policy.
        return Command(conversation, key, "again", author, now, turn, origin)
    known: Sequence[Action] = get_args(Action)
    found = next((one for one in known if one == action), None)
    return Press(conversation, int(turn), found, author, subject, origin) if found else None


def asked_to_show(custom_id: str) -> int:
    """The turn whose answer somebody wants to see; 0 when it is another button."""
    prefix, _, turn = custom_id.rpartition(":")
    return int(turn) if prefix == f"{PREFIX}:{SHOW}" and turn.isdecimal() else 0


def _decisions(turn: Turn, questions: Sequence[Question], language: Language) -> Rows:
    """A yes and a no for each question, numbered as they are; a row has room for two questions."""
    pairs = []
    for number, question in enumerate(questions, start=1):
        suffix = f" {number}" if len(questions) > 1 else ""
        call = question.call.id
        yes = _button("approve", turn.id, say("discord_approve", language) + suffix, call, GREEN)
        pairs.append([yes, _button("decline", turn.id, say("discord_decline", language) + suffix, call)])
    each = 1 if len(pairs) <= DECISION_ROWS else 2
    rows = [pairs[start : start + each] for start in range(0, len(pairs), each)]
    return [_row([button for pair in row for button in pair]) for row in rows[:DECISION_ROWS]]


def _button(
    action: Action | Literal["show"], turn: int, text: str, subject: str = "", style: int = GRAY
) -> dict[str, Any]:
    suffix = f":{subject}" if subject else ""
    return {
        "type": BUTTON,
        "style": style,
        "label": text,
        "custom_id": f"{PREFIX}:{action}:{turn}{suffix}",
    }


def _row(buttons: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": ROW, "components": buttons}
