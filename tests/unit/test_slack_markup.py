"""What the model writes is safe and right in Slack, and what people write reads well as Markdown."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from adapters.slack.limits import LIMITS
from adapters.slack.markup import dialect, escape, label, target, to_mrkdwn
from adapters.slack.mrkdwn import mentioned, to_markdown
from bot.text import settled, split
from bot.text.code import closed
from bot.text.links import addresses, unlinked
from bot.turns import Mark
from bot.visible import marked
from tests.fakes.slack.pings import links, pings

FINE = "https://fine.example/a_(b)"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("", ""),
        ("plain *words* and `code`", "plain *words* and `code`"),
        ("<!channel> <@U1> <#C1>", "<\u200b!channel> <\u200b@U1> <\u200b#C1>"),
        ("`<!channel>`", "`<!channel>`"),
        ("```\n<!here> https://evil.example\n```\n", "```\n<!here> https://evil.example\n```\n"),
        (f"see {FINE}.", f"see {FINE}."),
        (f"[the page]({FINE})", f"[the page]({FINE})"),
        ("see https://evil.example/?q=1, now", "see `https://evil.example/?q=1`, now"),
        ("[click](https://evil.example)", "click (`https://evil.example`)"),
        ("![x](https://evil.example/i.png)", "x (`https://evil.example/i.png`)"),
        ("<https://evil.example|click>", "`https://evil.example`"),
        ("[table](sandbox:/mnt/data/t.csv)", "**table**"),
        ("[https://fine.example](https://evil.example)", "`https://fine.example` (`https://evil.example`)"),
        ("[a [b] c](https://evil.example)", "[a [b] c]\u200b(`https://evil.example`)"),
        ("[a](<https://evil.example x>)", "[a]\u200b(<`https://evil.example` x>)"),
        ("[x][1]\n\n[1]: https://evil.example", "[x][1]\n\n[1]\u200b: `https://evil.example`"),
        (r"https\://evil.example", "`https://evil.example`"),
        ("https&#58;//evil.example", "`https://evil.example`"),
        ("<tel:+12> <x@evil.example>", "`tel:+12` `x@evil.example`"),
        ("at evil.com, evil.example/?q=1", "at `evil.com`, `evil.example/?q=1`"),
        ("in README.md with Node.js 3.14", "in `README.md` with Node.js 3.14"),
        (
            "fine.example/a_(b) and http://fine.example/a_(b)",
            "fine.example/a_(b) and http://fine.example/a_(b)",
        ),
        (f"{FINE}|q", f"{FINE} |q"),
        (f"{FINE}`q`", f"{FINE} `q`"),
        (f"{FINE}<q", f"<{FINE}><q"),
        (
            "| a |\n|---|\n| evil.com https://evil.example |",
            "| a |\n|---|\n| `evil.com` `https://evil.example` |",
        ),
        ("a ` b", "a ‵ b"),
        (r"a \` b", "a ‵ b"),
        ("~~~\n<!here>\n~~~", "```\n<!here>\n```"),
        ("```\na\n``` <!here>\n```", "```\na\n``\u200b` <!here>\n```"),
        ("`a\nhttps://evil.example`", "`a https://evil.example`"),
        ("1. do\n   ```\nhttps://evil.example\n   ```", "1. do\n   ```\n   https://evil.example\n   ```"),
        ("a\n    ```\nevil.com", "a\n\n    ```\n    evil.com"),
        ("> ```\n> a\n\nb\n> ```", "> ```\n> a\n> \n> b\n> ```"),
        ("@here @Channel, me@here.example", "@\u200bhere @\u200bChannel, `me@here.example`"),
        ("**마크다운(Markdown)**을", "**마크다운(Markdown)\u200b**을"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|---|---|\n| 1 | 2 |"),
    ],
)
def test_an_answer_is_shown_safely(written: str, shown: str) -> None:
    assert dialect(written, {FINE}) == shown


def test_addresses_that_a_person_brings_up_are_known() -> None:
    assert addresses("look at https://a.example/x, and (https://b.example).") == {
        "https://a.example/x",
        "https://b.example",
    }


def test_addresses_may_lack_what_everybody_leaves_out() -> None:
    assert addresses("ask hr@a.example or see a.example/x, [b.com](http://b.com)") >= {
        "hr@a.example",
        "a.example/x",
        "http://b.com",
    }


PIECES = (
    *(
        "<!channel>",
        "<@U1>",
        "@here",
        "`",
        "``",
        "```",
        "~~~",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "1. ",
        "    ",
        "| a |\n",
    ),
    *(
        "|---|\n",
        "|",
        "[",
        "![",
        "](",
        "]",
        "[1]: ",
        ")",
        "(",
        "<",
        ">",
        "**",
        "_",
        "~~",
        "\\",
        "&#58;",
        '"t"',
        "# ",
    ),
    *(
        "https://evil.com/x",
        "evil.com",
        "www.evil.com",
        "me@evil.com",
        "<https://evil.com",
        "https",
        ":",
        "//",
    ),
    *(FINE, f"[x]({FINE})", " ", "word", "가(a)", "을", "\n```\n"),
)
MARKDOWN = MarkdownIt("gfm-like")


def live(text: str) -> list[str]:
    """The addresses that a text links to, for whoever knows CommonMark and for whoever does not."""
    tokens = [inner for token in MARKDOWN.parse(text) for inner in token.children or ()]
    found = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    return [address for address in [*found, *links(text)] if "evil" in address]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@settings(max_examples=500, deadline=None)
@example("> ```\nhttps://evil.com/x")
@example(f"{FINE}|evil")
@example("[![x](https://evil.com/i.png)](https://evil.com/x)")
def test_whatever_is_written_nobody_is_pinged_and_no_unknown_address_is_live(text: str) -> None:
    shown = dialect(closed(text), {FINE})
    assert not pings(shown)
    assert not live(shown)


@pytest.mark.parametrize(
    "text",
    [
        f"see https://evil.com/?q={'a' * 20_000} end",
        f"[x](https://evil.com/?q={'a' * 20_000}) end",
        f"`{'https://evil.com/x ' * 1_000}` end",
        f"``` {'https://evil.com/x ' * 1_000} ``` end",
        f"```\n{'https://evil.com/x ' * 1_000}\n``` end",
    ],
)
def test_a_message_that_ends_within_an_address_makes_no_link_of_it(text: str) -> None:
    parts = split(dialect(closed(text), ()), LIMITS.message_chars)
    assert not [address for part in parts for address in live(part)]


@pytest.mark.parametrize(
    "text",
    [
        f"see {FINE}|x and `code` then evil.com or [a [b]](https://evil.example) and\n\n[1]: https://evil.example\n",
        "```py\na\n``` b\n```\n\n- one\n  ```\nfoo\n  ```\n\n@here <!channel> a ` b\n\n~~~\nx\n~~~\n\nend\n",
        f"| a | b |\n|---|---|\n| {FINE} | evil.com/x |\n\n[words]({FINE})을 me@evil.com\n",
    ],
)
def test_what_streams_only_grows(text: str) -> None:
    """Slack's streams take no word back."""
    before = ""
    for length in range(len(text) + 1):
        shown = dialect(text[: settled(text[:length])], {FINE}).rstrip()
        assert shown.startswith(before)
        before = shown


def test_what_comes_after_code_that_was_cut_short_is_no_code() -> None:
    assert closed("- a\n  ```py\n  x = 1") == "- a\n  ```py\n  x = 1\n  ```"
    assert closed("```\nx\n```") == "```\nx\n```"


def test_marks_stand_where_they_belong() -> None:
    assert marked("One. Two.", [Mark(4, 1), Mark(9, 2)]) == "One. [1] Two. [2]"


def test_titles_of_sources_are_plain_words() -> None:
    """Whoever names a document cannot ping or link."""
    assert label("<!channel> [x](y)\n*z*") == r"‹\!channel› \[x\]\(y\) \*z\*"
    assert label("@here") == "@\u200bhere"
    assert target("https://a.example/?q=<!here> (b)") == "https://a.example/?q=%3C!here%3E%20%28b%29"
    assert unlinked("the README.md of a.example") == "the README\u200b.md of a.example"


def test_our_own_sentences_become_mrkdwn() -> None:
    assert to_mrkdwn("- **a** <b>") == "• *a* &lt;b&gt;"
    assert escape("a & <b>") == "a &amp; &lt;b&gt;"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@UBOT> hello", "hello"),
        ("<@UBOT|maru>: hello", "hello"),
        ("hello <@UBOT> and <@U1> and <@U2|ben> and <@U3>", "hello @Maru and @Ann and @ben and @U3"),
        ("in <#C1|general>", "in #general (C1)"),
        ("<!subteam^S1|@devs> <!here> <!date^1^{date}|today>", "@devs @here today"),
        ("<https://a.example|a page> <https://b.example>", "[a page](https://a.example) https://b.example"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
    ],
)
def test_what_people_write_reads_as_markdown(written: str, read: str) -> None:
    assert to_markdown(written, {"U1": "Ann"}, "UBOT") == read


def test_who_is_mentioned() -> None:
    assert mentioned("<@U1> and <@W2|x> not <#C1>") == {"U1", "W2"}
