"""Markdown on the web page: what it looks like, what never gets through, and text that grows."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.growing import Growing
from adapters.web.markdown import render
from adapters.web.unfinished import mended
from bot.turns import Draft, Mark

PIECES = st.sampled_from(
    [
        "word", " more words", "**bold**", "**마루(Maru)**는", "*em*", "_u_", "~~d~~", "`code`", " ", "\n",
        "\n\n", "- item", "\n- ", "1. one", "\n1. ", "2.", "1", "# H", "> q", "---", "***", "    ", "```",
        "`", "| a | b |\n|---|---|\n| 1 | 2 |", "```py\nx = 1\n```", "https://a.b/c", "[x](http://y)", "[r]",
        "\n\n[r]: http://z\n", "<b>", "&amp;", "\\*", "😀", "단어", "\r\n", "[s](sandbox:/mnt/x.csv)",
        "- [ ] todo", "\ue0001\ue001",
    ]
)  # fmt: skip
MARKDOWN = st.lists(PIECES, max_size=30).map("".join)
LINKS = (("sandbox:/mnt/x.csv", "ab" * 32),)


def html(text: str, *marks: Mark) -> str:
    return "".join(render(text, marks, links=dict(LINKS)))


@given(MARKDOWN, st.data())
def test_a_text_that_grew_word_by_word_looks_like_one_rendered_at_once(
    text: str, data: st.DataObject
) -> None:
    """Whatever the steps were."""
    growing = Growing()
    end = 0
    while end < len(text):
        end = min(len(text), end + data.draw(st.integers(1, 12)))
        growing.update(Draft(text=text[:end], links=LINKS))
    growing.update(Draft(text=text, links=LINKS, end="done"))
    assert growing.html == render(text, links=dict(LINKS))


def test_a_restarted_text_begins_again() -> None:
    growing = Growing()
    growing.update(Draft(text="# One\n\nTwo three"))
    growing.update(Draft(text="Another"))
    assert growing.html == ["<p>Another</p>\n"]


def test_a_mark_that_comes_late_lands_where_it_belongs() -> None:
    growing = Growing()
    text = "First paragraph here.\n\nSecond paragraph here, still growing"
    growing.update(Draft(text=text))
    growing.update(Draft(text=text, marks=(Mark(21, 1),)))
    assert growing.html[0].endswith(
        'here.<button type="button" class="mark" data-source="1">1</button></p>\n'
    )


def test_long_code_is_coloured_line_by_line_and_exactly_at_the_end() -> None:
    growing = Growing()
    code = '```python\nx = """\na string\n"""\n'
    growing.update(Draft(text=code))
    growing.update(Draft(text=code + "y = 1\nz"))
    assert '<span class="mi">1</span>' in growing.html[0]
    assert growing.html[0].endswith("z</code></pre>\n")
    growing.update(Draft(text=code + "y = 1\nz = 2\n```", end="done"))
    assert growing.html == render(code + "y = 1\nz = 2\n```")
    assert '<span class="s2">a string</span>' in growing.html[0]


@given(
    MARKDOWN | st.text(),
    st.lists(st.text(max_size=8) | st.sampled_from(["<script>", "<img src=x onerror=y>"])),
)
def test_no_tag_of_the_text_itself_reaches_the_page(text: str, more: list[str]) -> None:
    """Only tags that rendering makes are there, with the attributes it gives them."""
    found = re.findall(r"<([a-z0-9]+)((?: [^>]*)?)>", html(text + " ".join(more)))
    assert not {tag for tag, _ in found} & {
        "script",
        "img",
        "svg",
        "iframe",
        "style",
        "form",
        "object",
        "base",
    }
    for tag, attributes in found:
        names = set(re.findall(r' ([a-z-]+)="', re.sub(r'"[^"]*"', '""', attributes)))
        allowed = {"href", "target", "rel", "class", "type", "checked", "disabled", "start", "download"}
        assert names <= allowed | {"data-language", "data-source"}, tag


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "data:image/png;base64,aGk=",
        "vbscript:x",
        "file:///etc/passwd",
        "/api/me",
        "//evil",
        "#x",
    ],
)
def test_a_link_leads_to_the_web_or_to_a_file_of_ours_and_nowhere_else(address: str) -> None:
    assert f'href="{address}"' not in html(f"[x]({address}) <{address}>")


def test_links_open_beside_the_page_and_tell_nothing() -> None:
    assert html("[x](https://y.z)") == (
        '<p><a href="https://y.z" target="_blank" rel="noopener noreferrer nofollow">x</a></p>\n'
    )


def test_pictures_from_elsewhere_are_links() -> None:
    found = html("![plot](https://evil.example/p.png?who=me)")
    assert "<img" not in found
    assert ">plot</a>" in found


def test_the_name_of_a_made_file_leads_to_it() -> None:
    assert f'<a href="/files/{"ab" * 32}/x.csv" download=""' in html("[t](sandbox:/mnt/x.csv)")
    assert "href" not in html("[t](sandbox:/mnt/other.csv)")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**마루(Maru)**는", "<strong>마루(Maru)</strong>는"),
        ('**"인용"**이라고', '<strong>"인용"</strong>이라고'),
        ("a*b*c", "a<em>b</em>c"),
        ("3~5일, 7~9일", "3~5일, 7~9일"),
        ("snake_case_name", "snake_case_name"),
    ],
)
def test_emphasis_works_beside_korean(text: str, expected: str) -> None:
    assert html(text) == f"<p>{expected}</p>\n"


def test_marks_stand_behind_their_words_and_never_break_the_markup() -> None:
    table = "| a | b |\n|---|---|\n| 1 | 2 |\n"
    assert 'data-source="1">1</button></td>\n</tr>' in html(table, Mark(len(table), 1))
    assert html("```\nx\n```\n", Mark(10, 1)) == html("```\nx\n```\n")
    assert html("**bold**", Mark(8, 2)).startswith("<p><strong>bold</strong><button")
    assert "\ue000" not in html("\ue0001\ue001 `\ue000`")


def test_addresses_are_links_but_not_in_paragraphs_so_long_that_finding_them_takes_seconds() -> None:
    crowded = "http://a." * 1_000
    short, long = render(f"See http://b.example/x and c.com.\n\n{crowded} [d](http://d.example)")
    assert short.count("<a ") == 2
    assert long.count("<a ") == 1
    assert crowded in long


def test_what_people_type_keeps_its_lines() -> None:
    assert render("one\ntwo", breaks=True) == ["<p>one<br>\ntwo</p>\n"]


def test_a_text_too_long_to_parse_is_shown_as_it_is() -> None:
    assert render("<b>" * 100_000)[0].startswith('<pre class="plain">&lt;b&gt;')


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("some **bo", "some **bo**"),
        ("some **bold*", "some **bold**"),
        ("some `co", "some `co`"),
        ("see [the lin", "see the lin"),
        ("see [the link](http://exam", "see the link"),
        ("para\n-", "para"),
        ("para\n\n1.", "para\n"),
        ("text\n\n| a | b |\n|--", "text\n"),
        ("```py\n**x", "```py\n**x"),
        ("all **done** here", "all **done** here"),
    ],
)
def test_half_written_markup_is_shown_as_it_will_be(source: str, shown: str) -> None:
    assert mended(source).rstrip() == shown.rstrip()
