"""What the model writes is safe and right in Discord's dialect."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.discord.markup import dialect, label
from adapters.discord.tables import width
from bot.text.code import outside_code
from bot.text.links import addresses

FINE = "https://fine.example/a_(b)"
PING = re.compile(r"<(?:@|#|/|id:)|@(?:everyone|here)", re.IGNORECASE)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("", ""),
        ("plain *words* and `code`", "plain *words* and `code`"),
        (
            "hi <@1> <@&2> <#3> @everyone @here",
            "hi <\u200b@1> <\u200b@&2> <\u200b#3> @\u200beveryone @\u200bhere",
        ),
        ("`@everyone <@1>`", "`@everyone <@1>`"),
        ("```\n@here https://evil.example\n```\n", "```\n@here https://evil.example\n```\n"),
        ("at <t:1700000000>", "at <t:1700000000>"),
        (f"see {FINE}.", f"see {FINE}."),
        (f"[the page]({FINE})", f"[the page]({FINE})"),
        (f"[{FINE}]({FINE})", FINE),
        (f"[{FINE}]({FINE})을", f"<{FINE}>을"),
        (f"[https://evil.example]({FINE})", FINE),
        ("see https://evil.example/?q=1, now", "see `https://evil.example/?q=1`, now"),
        ("[click](https://evil.example)", "click (`https://evil.example`)"),
        ("![x](https://evil.example/i.png)", "x (`https://evil.example/i.png`)"),
        (f"![x]({FINE})", f"[x]({FINE})"),
        ("[table](sandbox:/mnt/data/t.csv)", "**table**"),
        ("**마크다운(Markdown)**을", "**마크다운(Markdown)\u200b**을"),
        ("# One\n## Two\n### Three\n#### Four", "# One\n## Two\n### Three\n### Four"),
        ("above\n\n---\n\nbelow", "above\n\n\n\nbelow"),
        ("- one\n- [ ] open\n- [x] done", "- one\n- ☐ open\n- ☑ done"),
        ("the difference a - [x] is given", "the difference a - [x] is given"),
        ("> said\n>> twice\n>>> thrice", "> said\n> twice\n> thrice"),
        ("||the butler||", "||the butler||"),
    ],
)
def test_an_answer_is_shown_safely(written: str, shown: str) -> None:
    assert dialect(written, {FINE}) == shown


def test_a_table_becomes_aligned_text_with_korean_in_two_columns() -> None:
    written = "Look:\n\n| 이름 | **n** |\n|---|---|\n| 사과 | 1 |\n| fig | `22` |\n\nDone."
    assert dialect(written, ()) == ("Look:\n\n```\n이름  n\n────  ──\n사과  1\nfig   22\n```\n\nDone.")


def test_a_table_that_is_too_wide_becomes_a_list() -> None:
    long = "word " * 12
    written = f"| Name | What | Link |\n|---|---|---|\n| One | {long} | [page]({FINE}) |\n| Two | {long} | |"
    assert dialect(written, {FINE}) == (
        f"- **One**\n  - What: {long.strip()}\n  - Link: [page]({FINE})\n- **Two**\n  - What: {long.strip()}"
    )


def test_a_table_inside_of_code_stays() -> None:
    written = "```\n| a | b |\n|---|---|\n| 1 | 2 |\n```"
    assert dialect(written, ()) == written


def test_a_title_is_plain_words() -> None:
    assert label("a [b](c) *d* <@1>\n@everyone") == "a \\[b\\]\\(c\\) \\*d\\* ‹@1› @\u200beveryone"


CHUNKS = (
    *(
        "<@1>",
        "@everyone",
        "`",
        "```",
        "\n",
        "| a | b |\n",
        "|---|---|\n",
        "> ",
        ">>> ",
        "- ",
        "[",
        "](",
        ")",
    ),
    *("https://evil.example/x", "**", "가(a)", "을", "![", "---\n", " ", "word", "<", ">", "~~", "\\"),
)


@given(st.lists(st.sampled_from(CHUNKS), max_size=30).map("".join))
@example("![](@everyone<@1>https://evil.example/x)")
@settings(max_examples=300, deadline=None)
def test_whatever_is_written_nobody_is_pinged_and_no_unknown_address_is_live(text: str) -> None:
    def check(part: str) -> str:
        assert not PING.search(part)
        assert not addresses(part)
        return part

    outside_code(dialect(text, ()), check)


@given(st.lists(st.text("ab 가나漢é", min_size=1, max_size=8), min_size=2, max_size=8))
@settings(max_examples=100, deadline=None)
def test_the_columns_of_a_table_are_aligned(cells: list[str]) -> None:
    rows = [f"| {cell} | x |" for cell in cells]
    laid = dialect("\n".join([rows[0], "|---|---|", *rows[1:]]), ()).split("\n")
    assert laid[0] == laid[-1] == "```"
    columns = {width(line.rpartition("x")[0]) for index, line in enumerate(laid[1:-1]) if index != 1}
    assert len(columns) == 1
