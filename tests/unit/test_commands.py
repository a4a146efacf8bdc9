"""A message that is nothing but a command's word is that command."""

import pytest

from bot.commands import WORDS, recognise
from bot.messages import Attachment, Command
from bot.texts import LANGUAGES, catalogue
from tests.fakes.people import message


def name_of(text: str) -> str:
    found = recognise(message(text))
    return found.name if isinstance(found, Command) else ""


@pytest.mark.parametrize(("word", "name"), WORDS.items())
def test_every_word_is_its_command(word: str, name: str) -> None:
    """With and without a slash, in any case, with space around it."""
    assert [name_of(text) for text in (word, f"/{word}", word.upper(), f"  {word}\n")] == [name] * 4


@pytest.mark.parametrize(
    "text", ["", "/", "help me", "please reset", "reset.", "//help", "/unknown", "도움말 좀", "resetting"]
)
def test_anything_else_is_a_message(text: str) -> None:
    """A sentence with the word in it is for the model."""
    said = message(text)
    assert recognise(said) is said


def test_a_word_with_a_file_is_a_message() -> None:
    """The file would be lost otherwise."""
    said = message("help", attachments=(Attachment("report.pdf"),))
    assert recognise(said) is said


def test_a_command_keeps_what_the_message_says_of_itself() -> None:
    """Its identity, so that a repeat is known; its origin, so that it can be answered."""
    said = message("reset", keys=("first", "second"), origin='{"thread": "1"}')
    found = recognise(said)
    assert isinstance(found, Command)
    assert (found.conversation, found.key, found.author) == (said.conversation, "first", said.author)
    assert (found.sent_at, found.origin) == (said.sent_at, said.origin)


def test_a_korean_word_is_kept_for_the_language_of_the_answer() -> None:
    korean, english = recognise(message("초기화")), recognise(message("reset"))
    assert isinstance(korean, Command)
    assert isinstance(english, Command)
    assert (korean.argument, english.argument) == ("초기화", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_names_every_command(language: str) -> None:
    """In Korean with the Korean word beside it."""
    text = catalogue()["help"][language]
    words = WORDS if language == "ko" else set(WORDS.values())
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize(
    ("text", "files", "argument"),
    [
        ("knowledge add law", ("leave.md",), "knowledge add law"),
        ("/Knowledge ADD", ("leave.md", "rota.pdf"), "/Knowledge ADD"),
        ("지식 추가 규정", ("휴가.md",), "지식 추가 규정"),
        ("knowledge add law leave.md", ("leave.md",), "knowledge add law leave.md"),
        ("knowledge list", (), "knowledge list"),
        ("지식 목록", (), "지식 목록"),
        ("knowledge remove law old rules.md", (), "knowledge remove law old rules.md"),
    ],
)
def test_documents_are_added_by_a_message_with_files(
    text: str, files: tuple[str, ...], argument: str
) -> None:
    """And listed and removed by one without; the files go along with the command."""
    found = recognise(message(text, attachments=tuple(map(Attachment, files))))
    assert isinstance(found, Command)
    assert (found.name, found.argument) == ("knowledge", argument)
    assert [attachment.name for attachment in found.attachments] == list(files)


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("knowledge list", ("leave.md",)),
        ("knowledge", ("leave.md",)),
        ("knowledge add this to the law collection please", ("leave.md",)),
        ("knowledge management is hard", ()),
        ("지식 추가 방법이 뭐야 알려줘", ()),
        ("knowledgeable people", ()),
        ("add law", ("leave.md",)),
    ],
)
def test_what_only_begins_like_it_is_a_message(text: str, files: tuple[str, ...]) -> None:
    """Nothing is lost and nothing is changed by accident."""
    said = message(text, attachments=tuple(map(Attachment, files)))
    assert recognise(said) is said
