"""Emphasis next to Korean, Chinese and Japanese closes, and nothing else changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.text import emphasis_cjk

MARKDOWN = MarkdownIt("commonmark").enable("strikethrough")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**마크다운(Markdown)**을", "<strong>마크다운(Markdown)</strong>을"),
        ('**"인용"**은', "<strong>&quot;인용&quot;</strong>은"),
        ("**「중요」**です", "<strong>「중요」</strong>です"),
        ("**重要。**これ", "<strong>重要。</strong>これ"),
        ("이것은**(중요)**하다", "이것은<strong>(중요)</strong>하다"),
        ('그는**"네"**라고', "그는<strong>&quot;네&quot;</strong>라고"),
        ("**`foo()`**를 쓰세요", "<strong><code>foo()</code></strong>를 쓰세요"),
        ("**[문서](http://x.y)**를", '<strong><a href="http://x.y">문서</a></strong>를'),
        ('**"가"**와 **"나"**를', "<strong>&quot;가&quot;</strong>와 <strong>&quot;나&quot;</strong>를"),
        ("*(기울임)*은", "<em>(기울임)</em>은"),
        ("***(둘 다)***를", "<em><strong>(둘 다)</strong></em>를"),
        ("**굵게 *(기울임)***를", "<strong>굵게 <em>(기울임)</em></strong>를"),
        ("~~(지움)~~은", "<s>(지움)</s>은"),
        ("- 항목 **(하나)**와\n- **둘.**은", "<strong>둘.</strong>은"),
    ],
)
def test_emphasis_closes_before_a_letter(text: str, html: str) -> None:
    """What is meant is what is shown."""
    fixed = emphasis_cjk(text)
    assert html in MARKDOWN.render(fixed).replace("\u200b", "")
    assert fixed.replace("\u200b", "") == text
    assert emphasis_cjk(fixed) == fixed


@pytest.mark.parametrize(
    "text",
    [
        "**굵게**는",
        "**굵게(bold)** 는",
        "plain **bold.** text",
        "**bold.**text stays as CommonMark has it",
        "`**코드(code)**을`",
        "```\n**코드(code)**을\n```",
        "[이름](http://x.y/**a)**을)",
        "2*(3+4)*5 는",
        "값은 3*(가)이다",
        "별표*(하나)만",
        "\\**마크다운(Markdown)을",
        "문단 **하나(\n\n둘)**을",
        "",
    ],
)
def test_nothing_else_changes(text: str) -> None:
    """Code, addresses, lone stars, and emphasis that is right already."""
    assert emphasis_cjk(text) == text


@given(st.text('가나a1 .()"`*~[]\\\n|-_\u200b「」。', max_size=60))
def test_it_only_adds_zero_width_spaces(text: str) -> None:
    assert emphasis_cjk(text).replace("\u200b", "") == text.replace("\u200b", "")


PIECES = st.sampled_from(["가", "나(a)", '"다"', "(라)", "마.", "abc", "「바」", "`사`", "[아](http://x)"])


@given(st.lists(st.tuples(PIECES, st.booleans()), min_size=1, max_size=8))
def test_every_emphasis_between_letters_shows(pieces: list[tuple[str, bool]]) -> None:
    """Bold pieces glued to Korean on both sides are all bold."""
    text = "한" + "글".join(f"**{piece}**" if bold else piece for piece, bold in pieces) + "말"
    shown = MARKDOWN.render(emphasis_cjk(text))
    assert shown.count("<strong>") == sum(bold for _, bold in pieces)
    assert "*" not in shown
