"""What an open page is sent: changes as JavaScript counts them, and no more than it reads."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.reply import changes, same_start
from adapters.web.uploads import disposition, file_name, picture_type
from adapters.web.watcher import MOST, Watcher

TEXTS = st.text(alphabet="ab<é한😀")


def as_javascript(old: str, keep: int, rest: str) -> str:
    """`old.slice(0, keep) + rest`, where a string is a row of UTF-16 units."""
    return old.encode("utf-16-le")[: keep * 2].decode("utf-16-le") + rest


@given(st.lists(TEXTS, max_size=4), st.lists(TEXTS, max_size=4))
def test_the_changes_make_the_old_blocks_the_new_ones(before: list[str], after: list[str]) -> None:
    blocks = list(before)
    for number, keep, rest in changes(before, after):
        old = blocks[number] if number < len(blocks) else ""
        blocks[number : number + 1] = [as_javascript(old, keep, rest)]
    assert blocks[: len(after)] == after


@given(TEXTS, TEXTS, TEXTS)
def test_only_what_is_different_is_sent(start: str, one: str, other: str) -> None:
    length = same_start(start + one, start + other)
    assert length >= len(start)
    assert (start + one)[:length] == (start + other)[:length]
    assert (start + one)[length : length + 1] != (start + other)[
        length : length + 1
    ] or start + one == start + other


async def test_a_page_that_does_not_read_is_let_go() -> None:
    most = bytes(MOST)
    page = Watcher("web:c1", "web:ann")
    page.push(most)
    assert await page.next() == most
    page.push(most)
    page.push(b"1")
    assert page.closed
    assert await page.next() == b""


async def test_a_quiet_page_gets_a_sign_of_life() -> None:
    page = Watcher("web:c1", "web:ann")
    assert await asyncio.wait_for(page.next(beat=0.0), 5) == b"event: beat\ndata: {}\n\n"


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\docs\\plan.docx", "plan.docx"),
        ("bad\r\nname\u202e.txt", "badname.txt"),
        ("", "file"),
        ("보고서.pdf", "보고서.pdf"),
    ],
)
def test_a_file_name_has_no_folder_and_nothing_that_misleads(given_name: str, kept: str) -> None:
    assert file_name(given_name) == kept


def test_a_file_name_in_any_script_fits_into_a_header() -> None:
    assert disposition("attachment", 'a"보.txt') == (
        "attachment; filename=\"a__.txt\"; filename*=UTF-8''a%22%EB%B3%B4.txt"
    )


def test_only_pictures_that_hold_no_scripts_are_pictures() -> None:
    assert picture_type(b"\x89PNG\r\n\x1a\n....") == "image/png"
    assert picture_type(b"RIFF1234WEBPVP8 ") == "image/webp"
    assert picture_type(b"<svg xmlns='http://www.w3.org/2000/svg'/>") == ""
