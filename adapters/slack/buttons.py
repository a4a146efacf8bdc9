"""The buttons under an answer, and what a press on one says; pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from adapters.slack.parse import Reader, author_of
from adapters.slack.places import Origin
from bot.messages import Action, Command, Press
from bot.texts import Language, say
from bot.turns import Draft, Turn

PREFIX = "maru_"
RESET = "command"
LABEL_CHARS = 75


def running(turn: Turn, language: Language) -> list[dict[str, Any]]:
    """Under an answer that grows."""
    return [_row([_button(turn, "stop", say("slack_stop", language))])]


def ended(turn: Turn, draft: Draft, language: Language) -> list[dict[str, Any]]:
    """Under what is there to stay: an answer, or questions that wait for a person."""
    if draft.questions:
        return [
            *(_row(_decision(turn, question.call.id, language)) for question in draft.questions),
            *running(turn, language),
        ]
    again = _row([_button(turn, "again", say("slack_again", language))])
    return [_feedback(turn, language), again] if draft.end == "done" else [again]


def again(conversation: str, turn: int, language: Language) -> list[dict[str, Any]]:
    """Offers to answer an edited question again."""
    value = json.dumps({"conversation": conversation, "turn": turn, "action": "again"})
    return [_row([_plain_button(f"{PREFIX}again", say("slack_again", language), value)])]


def choices(name: str, conversations: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """A button for each conversation (name, title) that a command could mean."""
    return [
        _row(
            [
                _plain_button(
                    f"{PREFIX}{RESET}_{number}",
                    title or conversation,
                    json.dumps({"conversation": conversation, "name": name}),
                )
            ]
        )
        for number, (conversation, title) in enumerate(conversations)
    ]


def pressed(body: Mapping[str, Any], reader: Reader, now: float) -> Press | Command | None:
    """What a press says; None for a button that is not ours."""
    action = body["actions"][0]
    if not str(action.get("action_id", "")).startswith(PREFIX):
        return None
    value = json.loads(action["value"])
    user = body["user"]["id"]
    author = author_of(user, reader)
    origin = Origin(user=user, user_team=reader.team, response_url=body.get("response_url") or "").dump()
    conversation = str(value["conversation"])
    if not conversation.startswith(f"slack:{reader.team}/"):
        return None
    key = f"slack:{reader.team}/press/{action.get('action_ts')}/{user}"
    if "name" in value:
        return Command(conversation, key, str(value["name"]), author, now, origin=origin)
    if value["action"] == "again":
        # It costs a model call, so it is asked as a command: those are held to the policy.
        return Command(conversation, key, "again", author, now, str(int(value["turn"])), origin)
    if value["action"] not in get_args(Action):
        return None
    return Press(
        conversation, int(value["turn"]), value["action"], author, str(value.get("subject", "")), origin
    )


def _decision(turn: Turn, call: str, language: Language) -> list[dict[str, Any]]:
    yes = _button(turn, "approve", say("slack_approve", language), call) | {"style": "primary"}
    return [yes, _button(turn, "decline", say("slack_decline", language), call)]


def _feedback(turn: Turn, language: Language) -> dict[str, Any]:
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": f"{PREFIX}feedback",
                "positive_button": _thumb(turn, "helpful", say("slack_helpful", language)),
                "negative_button": _thumb(turn, "unhelpful", say("slack_unhelpful", language)),
            }
        ],
    }


def _thumb(turn: Turn, action: Action, text: str) -> dict[str, Any]:
    return {"text": _text(text), "value": _value(turn, action), "accessibility_label": text}


def _button(turn: Turn, action: Action, text: str, subject: str = "") -> dict[str, Any]:
    suffix = f"_{subject}" if subject else ""
    return _plain_button(f"{PREFIX}{action}{suffix}"[:255], text, _value(turn, action, subject))


def _plain_button(action_id: str, text: str, value: str) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": _text(text), "value": value}


def _value(turn: Turn, action: Action, subject: str = "") -> str:
    value = {"conversation": turn.conversation, "turn": turn.id, "action": action}
    return json.dumps(value | ({"subject": subject} if subject else {}))


def _text(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text if len(text) <= LABEL_CHARS else text[: LABEL_CHARS - 1] + "…"}


def _row(elements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "actions", "elements": elements}
