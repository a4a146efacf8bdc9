"""The page's own files: every text is there, nothing comes from elsewhere, nothing is inline."""

import re
from pathlib import Path

import pytest

import adapters.web
from adapters.web import assets
from bot.texts import catalogue

FOLDER = Path(adapters.web.__file__).parent / "page"
FILES = sorted(FOLDER.iterdir())
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in FILES if path.suffix == ".js"}
PAGES = {path.name: path.read_text(encoding="utf-8") for path in FILES if path.suffix == ".html"}
TEXTS = {key.removeprefix("web_") for key in catalogue() if key.startswith("web_")}

# Built from a value: the name of a theme, or what a button does.
COMPOSED = {"theme_auto", "theme_light", "theme_dark", "helpful", "unhelpful", "approved", "declined"}
# Said by the server.
SERVER = {"guest", "login_needed", "login_wrong", "login_busy", "no_cookie", "empty", "too_long", "too_large"}
SERVER |= {"not_yours", "gone", "odd", "store", "bug", "too_late"}


def used() -> set[str]:
    """The texts that the page asks for."""
    found: set[str] = set()
    for script in SCRIPTS.values():
        found |= set(re.findall(r'\bt\((?:\w+ \? )?"(\w+)"', script))
        found |= set(re.findall(r'\bt\([^()]*\? "(\w+)" : "\w+"\)', script))
        found |= set(re.findall(r'\bt\([^()]*\? "\w+" : "(\w+)"\)', script))
        found |= set(re.findall(r'"(key_\w+)"', script))
        found |= set(re.findall(r'"data-text": "(\w+)"', script))
    for page in PAGES.values():
        found |= set(re.findall(r'data-(?:text|label|placeholder)="(\w+)"', page))
    return found


def test_every_text_of_the_page_is_in_the_catalogue_and_every_one_there_is_used() -> None:
    assert used() - TEXTS == set()
    assert TEXTS - used() - COMPOSED - SERVER == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_comes_from_elsewhere(path: Path) -> None:
    """The only foreign names are those of XML itself."""
    addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.[a-z]{2,}", path.read_text(encoding="utf-8")))
    assert addresses <= {"http://www.w3.org"}


@pytest.mark.parametrize("name", PAGES)
def test_no_script_and_no_style_stands_in_the_page(name: str) -> None:
    page = PAGES[name]
    assert re.findall(r"<script(?![^>]* src=)", page) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []


def test_every_file_that_the_page_names_is_served() -> None:
    served = assets.paths(assets.load())
    named = {
        address for page in PAGES.values() for address in re.findall(r'(?:src|href)="(/page/[^"]+)"', page)
    }
    named |= {
        f"/page/{name}" for script in SCRIPTS.values() for name in re.findall(r'from "\./([^"]+)"', script)
    }
    assert named - served == set()
    assert {f"/page/{path.name}" for path in FILES} == served


@pytest.mark.parametrize("name", SCRIPTS)
def test_only_one_place_turns_text_into_markup(name: str) -> None:
    assert ("innerHTML" in SCRIPTS[name]) == (name == "dom.js")
    assert "eval(" not in SCRIPTS[name]
    assert "insertAdjacentHTML" not in SCRIPTS[name]
