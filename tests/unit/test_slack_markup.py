"""What the model writes is safe and right in Slack, and what people write reads well as Markdown."""

import pytest

from adapters.slack.markup import dialect, escape, label, to_mrkdwn
from adapters.slack.mrkdwn import mentioned, to_markdown
from bot.text.links import addresses
from bot.turns import Mark
from bot.visible import marked

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


def test_marks_stand_where_they_belong() -> None:
    assert marked("One. Two.", [Mark(4, 1), Mark(9, 2)]) == "One. [1] Two. [2]"


def test_titles_of_sources_are_plain_words() -> None:
    """Whoever names a document cannot ping or link."""
    assert label("<!channel> [x](y)\n*z*") == r"‹\!channel› \[x\]\(y\) \*z\*"


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
