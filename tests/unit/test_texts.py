"""The catalogue is whole: both languages, the same places in both, and just the sentences that are said."""

import ast
import re
from pathlib import Path
from string import Formatter
from typing import get_args, get_type_hints

import pytest

from adapters.discord.commands import ASK, CORE, FOLLOWED
from adapters.slack.tasks import STEPS
from bot.events import Activity, Note, Reason
from bot.prices import TOOLS
from bot.texts import LANGUAGES, catalogue, language_of, say

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "adapters" / "web" / "page"
WEB = "web_"  # what the page says has this in front in the catalogue

# Keys put together from a word of a union, by the beginning that `say` is given.
FAMILIES = {
    "why_": get_args(Reason),
    "note_": tuple(filter(None, get_args(Note))),
    "activity_": get_args(get_type_hints(Activity)["kind"]),
    "used_": TOOLS,
    "slack_task_": tuple(STEPS),
    "discord_command_": (ASK, *CORE),
    "discord_option_": ("prompt", "file", "private", *FOLLOWED.values()),
}
FAMILY_KEYS = {f"{family}{word}" for family, words in FAMILIES.items() for word in words}
# What Discord knows by a description has a name as well.
FAMILY_KEYS |= {f"{key}_name" for key in FAMILY_KEYS if key.startswith("discord_")}

# The places in code where a key may stand: an argument of these calls, and arguments by these names.
CALLS = {"say": 0, "FileRefused": 0, "DocumentRefused": 0, "DocumentProtected": 0, "Problem": 1, "told": 2}
KEYWORDS = {"refusal", "problem"}

keys = pytest.mark.parametrize("key", catalogue())


def modules() -> list[ast.Module]:
    folders = (ROOT / name for name in ("bot", "adapters", "storage"))
    return [ast.parse(path.read_text(encoding="utf-8")) for top in folders for path in top.rglob("*.py")]


def strings(node: ast.AST) -> set[str]:
    return {
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }


def called(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def results(node: ast.expr) -> list[ast.expr]:
    """What an expression may come to: both sides of a choice, and otherwise itself."""
    return [*results(node.body), *results(node.orelse)] if isinstance(node, ast.IfExp) else [node]


def said_in_code() -> tuple[set[str], set[str]]:
    """Keys written out where a key must stand, and the beginnings of those put together."""
    whole: set[str] = set()
    begun: set[str] = set()
    for module in modules():
        for call in (node for node in ast.walk(module) if isinstance(node, ast.Call)):
            place = CALLS.get(called(call), -1)
            given = call.args[place : place + 1] if place >= 0 else []
            given += [keyword.value for keyword in call.keywords if keyword.arg in KEYWORDS]
            for result in (result for argument in given for result in results(argument)):
                match result:
                    case ast.Constant(str(key)) if re.fullmatch(r"[a-z_]+", key):
                        whole.add(key)
                    case ast.JoinedStr([ast.Constant(str(beginning)), *_]) if re.fullmatch(
                        r"[a-z_]+", beginning
                    ):
                        begun.add(beginning)
    return whole, begun


def page_source() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for path in sorted(PAGE.iterdir()) if path.suffix in {".js", ".html"}
    )


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@keys
def test_a_sentence_is_there_in_both_languages(key: str) -> None:
    """And Korean is Korean."""
    sentences = catalogue()[key]
    assert list(sentences) == list(LANGUAGES)
    assert all(sentence.strip() for sentence in sentences.values())
    assert re.search("[가-힣]", sentences["ko"])
    assert not re.search("[가-힣]", sentences["en"])


@keys
def test_a_sentence_has_the_same_places_in_both_languages(key: str) -> None:
    """Each is a plain name, so that it can be filled in."""
    english, korean = (places(catalogue()[key][language]) for language in LANGUAGES)
    assert english == korean
    assert all(re.fullmatch(r"[a-z_]+", place) for place in english)


def test_every_key_that_the_code_says_exists() -> None:
    """Written out or put together."""
    whole, begun = said_in_code()
    assert whole - catalogue().keys() == set()
    assert begun - FAMILIES.keys() == set()
    assert FAMILY_KEYS - catalogue().keys() == set()


def test_every_key_that_the_page_says_exists() -> None:
    """As an argument of its `t`, or as what an element names."""
    source = page_source()
    said = {key for call in re.findall(r"\bt\(([^()]*)", source) for key in re.findall(r'^"([a-z_]+)"', call)}
    said |= {
        key for call in re.findall(r"\bt\([^()]*\? \"([a-z_]+)\" : \"([a-z_]+)\"", source) for key in call
    }
    said |= set(re.findall(r'data-(?:text|label|placeholder)"?[=:] ?"([a-z_]+)"', source))
    assert len(said) > sum(key.startswith(WEB) for key in catalogue()) / 2  # the page was read
    assert {WEB + key for key in said} - catalogue().keys() == set()


def test_every_key_is_said() -> None:
    """A sentence that nobody says is taken out."""
    said = FAMILY_KEYS.union(*(strings(module) for module in modules()))
    source = page_source()
    themes = set(re.findall(r"t\(`([a-z_]+)\$\{", source))
    on_page = set(re.findall(r"[\"'`]([a-z_]+)[\"'`]", source))
    unsaid = {
        key
        for key in catalogue().keys() - said
        if not key.startswith(WEB)
        or (key.removeprefix(WEB) not in on_page and not key.removeprefix(WEB).startswith(tuple(themes)))
    }
    assert unsaid == set()


def test_a_place_is_filled_in() -> None:
    assert say("activity_function", "en", subject="weather") == "using weather…"
    assert say("activity_function", "ko", subject="weather") == "weather 사용 중…"


@pytest.mark.parametrize(
    ("text", "locale", "language"),
    [
        ("How are you?", "ko-KR", "en"),
        ("잘 지내?", "en-US", "ko"),
        ("Slack은 어떻게 연결해?", "", "ko"),
        ("ㅋㅋ", "", "ko"),
        ("12:30?", "ko-KR", "ko"),
        ("", "KO", "ko"),
        ("", "de-DE", "en"),
        ("", "", "en"),
    ],
)
def test_a_person_is_answered_in_their_language(text: str, locale: str, language: str) -> None:
    """What they wrote counts more than what their locale says."""
    assert language_of(text, locale) == language
