"""Text becomes the same terms wherever it is written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.terms import question, runs, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How do I connect Slack?", "how do i connect slack"),
        ("휴가", "휴가 휴"),  # it might also be 휴 with a particle
        ("연차휴가를", "연차 차휴 휴가 가를"),
        ("키를", "키를 키"),
        ("API키를 Slack에서", "api 키를 키 slack 에서"),
        ("OPENAI_API_KEY=sk-1", "openai api key sk 1"),
        ("Café NAÏVE ｆｕｌｌ", "cafe naiv full"),
        ("日本語", "日本 本語"),
        ("한글", "한글"),  # decomposed, as macOS names files
        ("हिन्दी भाषा", "हिन्दी भाषा"),
        ("the team's don't", "the team don"),
        ("Wi-Fi, e-mail and connections", "wifi email and connect"),
        ("🙂 … — ()", ""),
        ("a\0b", "a b"),
    ],
)
def test_terms_of_a_text(text: str, expected: str) -> None:
    """Words in lower case without accents; scripts without spaces as pairs."""
    assert terms(text) == expected


@given(st.text())
def test_terms_hold_no_ascii_but_letters_and_digits(text: str) -> None:
    """So no term can be an operator, a quote or two terms to the index."""
    for term in terms(text).split(" "):
        assert re.fullmatch(r"[a-z0-9\u0080-\U0010ffff]*", term)


@given(st.text())
def test_every_word_of_a_question_is_made_of_terms(text: str) -> None:
    """What is asked for is quoted term by term, so it must be as harmless as what is kept."""
    for word in question(text):
        assert word.forms
        for term in (*(term for form in (*word.forms, *word.others) for term in form), *word.parts):
            assert re.fullmatch(r"[a-z0-9\u0080-\U0010ffff]+", term)


@given(st.text(alphabet="가나다라마바사을를은는휴연차 abc", min_size=1, max_size=12))
def test_a_word_is_found_in_the_text_it_is_from(text: str) -> None:
    """The terms of each telling word that is asked for follow each other in the terms of the text."""
    kept = f" {terms(text)} "
    for word in filter(lambda word: word.telling, question(text)):
        assert any(f" {' '.join(form)} " in kept for form in word.forms)


@pytest.mark.parametrize(
    ("asked", "telling"),
    [
        ("슬랙은 어떻게 연결해?", ["슬랙", "연결"]),
        ("How do I connect Slack?", ["connect", "slack"]),
        ("연차휴가를 신청하려면?", ["연차 차휴 휴가", "신청"]),
        ("데이터는 어디에 저장되나요?", ["데이 이터", "저장"]),
        ("키를 어디에 넣어요?", ["키", "넣어"]),
        ("누구세요?", []),
        ("who are you?", []),
    ],
)
def test_particles_endings_and_manners_of_speaking_are_left_out(asked: str, telling: list[str]) -> None:
    """What is left is what somebody looks for."""
    assert [" ".join(word.forms[0]) for word in question(asked) if word.telling] == telling


def test_a_long_word_may_be_found_apart() -> None:
    """A compound is also its parts, and a last syllable that looks like a particle stays in them."""
    (word,) = question("연차휴가")
    assert word.parts == ("연차", "휴가")


def test_a_sentence_without_spaces_is_found_by_any_word_in_it() -> None:
    """However long it is, and wherever the word begins."""
    (word,) = question("経費精算の検索")
    assert {"経費", "費精", "精算", "検索"} <= set(word.parts)
    assert terms("検索" * 100).count("検索") == 100


def test_very_long_words_are_cut() -> None:
    """An encoded file in a text is not a term of a megabyte."""
    assert [len(run) for run in runs("x" * 1_000_000)] == [64]


@pytest.mark.parametrize(
    ("asked", "other"),
    [
        ("login", ("log", "in")),
        ("How do I log in?", ("login",)),
        ("슬랙", ("slack",)),
        ("비번", ("password",)),
        ("anti-virus", ("antivirus",)),
    ],
)
def test_a_word_may_have_other_names(asked: str, other: tuple[str, ...]) -> None:
    """In the other language, by what people say, and written as one word or two."""
    assert any(other in word.others for word in question(asked))
