"""The search stays as good as the documentation says."""

import pytest

from bot.texts import LANGUAGES, Language, language_of
from tests.eval.__main__ import asked, questions

AIM = 0.95  # of questions whose passage is among the first five


def test_the_set_is_large_and_in_both_languages() -> None:
    """And some of it cannot be answered."""
    every = questions()
    for language in LANGUAGES:
        mine = [answers for question, answers in every if language_of(question) == language]
        assert len([answers for answers in mine if answers]) >= 25
        assert len([answers for answers in mine if not answers]) >= 5


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_answering_passage_is_among_the_first_five(language: Language) -> None:
    """In each language."""
    mine = [one for one in await asked() if one.answers and language_of(one.question) == language]
    missed = [one.question for one in mine if not 0 < one.rank <= 5]
    assert len(missed) <= (1 - AIM) * len(mine), missed
