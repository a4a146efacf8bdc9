"""What the team should write next is listed once, the newest first."""

from dataclasses import replace

from bot.knowledge.gaps import OpenQuestion, merged
from bot.ports import Gap

GAP = Gap(1, "slack:T1/C1/1", "slack:T1/U1", "How much leave?", False, "nothing", ("law",), 10.0)


def test_the_same_question_is_listed_once() -> None:
    """As it was asked last, with how often and where it was looked for."""
    again = replace(
        GAP, turn=2, question="how much  LEAVE", why="unhelpful", collections=("hr",), asked_at=20.0
    )
    assert merged([GAP, again]) == [OpenQuestion("how much  LEAVE", "unhelpful", ("hr", "law"), 20.0, 2)]


def test_the_newest_comes_first() -> None:
    """By when it was asked last."""
    other = replace(GAP, turn=2, question="휴가는 며칠이에요?", asked_at=15.0)
    late = replace(GAP, turn=3, asked_at=20.0)
    assert [asked.question for asked in merged([GAP, other])] == ["휴가는 며칠이에요?", "How much leave?"]
    assert [asked.question for asked in merged([GAP, other, late])] == [
        "How much leave?",
        "휴가는 며칠이에요?",
    ]


def test_questions_without_letters_are_told_apart() -> None:
    """Nothing would be left of them otherwise."""
    assert len(merged([replace(GAP, question="?!"), replace(GAP, question="🙂")])) == 2
