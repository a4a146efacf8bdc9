"""The search stays as good as the documentation says."""

import pytest

from bot.offline import FITTING
from bot.texts import LANGUAGES, Language, language_of
from tests.eval.__main__ import table
from tests.eval.sets import ROOT, SETS, asked, questions

# Of questions, those whose passage is among the first five: what docs/knowledge.md says, and a little less.
FIVE = {"handbook": 0.95, "real": 0.85}
REFUSED = 0.5  # of questions without an answer


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sets_are_large_and_in_both_languages(name: str, language: Language) -> None:
    """And some of it cannot be answered."""
    mine = [answers for question, answers in questions(name) if language_of(question) == language]
    assert len([answers for answers in mine if answers]) >= 25
    assert len([answers for answers in mine if not answers]) >= 5


async def test_the_guide_tells_what_the_search_does() -> None:
    """Of documents that do not change: the handbook does with every page that is written."""
    guide = (ROOT / "docs" / "knowledge.md").read_text(encoding="utf-8")
    by_words, _, _ = guide.partition("By words and by meaning, with")
    missing = [row for row in table("real", await asked("real")) if row not in by_words]
    assert missing == []


@pytest.mark.parametrize("name", SETS)
async def test_an_answering_passage_is_among_the_first_five(name: str) -> None:
    """In each language; and most of what has no answer is refused."""
    every = await asked(name)
    for language in LANGUAGES:
        mine = [one for one in every if one.answers and one.language == language]
        missed = [one.question for one in mine if not 0 < one.rank <= 5]
        assert len(missed) <= (1 - FIVE[name]) * len(mine), missed
        unanswerable = [one for one in every if not one.answers and one.language == language]
        quoted = [one.question for one in unanswerable if one.score >= FITTING]
        assert len(quoted) <= (1 - REFUSED) * len(unanswerable), quoted
