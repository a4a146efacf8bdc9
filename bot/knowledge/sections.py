"""Cuts documents into sections that can be found and quoted by themselves."""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from bot.knowledge.ports import Section

LENGTH = 1_200  # characters of a section, about
CODE_LENGTH = 4_000  # characters of code that stays whole
BETWEEN = " › "  # headings of a place

# Only headings and code matter here. All else stays as it was written, and a list of a hundred thousand
# items is one block, not a gigabyte of tokens.
_markdown = MarkdownIt("zero").use(front_matter_plugin)
_markdown.core.ruler.enableOnly(["normalize", "block"])
_markdown.block.ruler.enable(["front_matter", "code", "fence", "heading", "lheading", "html_block"])


def of_markdown(text: str) -> tuple[str, str, list[Section]]:
    """The front matter of a document, its title as the first heading says it, and its sections.

    The place of a section is the headings that lead to it, without the document's own title.
    """
    tokens = _markdown.parse(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    front, title = "", ""
    headings: list[tuple[int, str]] = []
    blocks: list[str] = []
    sections: list[Section] = []
    for number, token in enumerate(tokens):
        if token.type == "front_matter":
            front = token.content
        elif token.type == "heading_open" and token.level == 0:
            sections.extend(_sections(headings, blocks))
            blocks = []
            level, heading = int(token.tag[1:]), _plain(tokens[number + 1].content)
            if not title and not sections:
                title = heading
                continue
            headings = [(above, name) for above, name in headings if above < level]
            headings.append((level, heading))
        elif token.level == 0 and token.nesting >= 0 and token.map:
            blocks.extend(_pieces(token, "\n".join(lines[token.map[0] : token.map[1]]).rstrip()))
    sections.extend(_sections(headings, blocks))
    return front, title, sections


def of_text(text: str) -> list[Section]:
    """The sections of a text without headings, cut between its paragraphs."""
    return _sections([], list(cut(text.replace("\r\n", "\n"), LENGTH)))


def cut(text: str, length: int) -> Iterator[str]:
    """A text in pieces of at most `length`, cut where it hurts least, without blank ends."""
    start = 0
    while start < len(text):
        end = start + length
        if end < len(text):
            # A cut in the first half would make many small pieces; rather one at a worse place.
            ends = (text.rfind(mark, start + length // 2, end) + len(mark) for mark in _ENDS)
            end = next((found for found in ends if found > start + length // 2), end)
        if piece := text[start:end].strip():
            yield piece
        start = end


_ENDS = ("\n\n", "\n", ". ", "? ", "! ", "。", " ")


def _sections(headings: list[tuple[int, str]], blocks: list[str]) -> list[Section]:
    place = BETWEEN.join(name for _, name in headings)
    sections: list[Section] = []
    held: list[str] = []
    for block in blocks:
        if held and sum(map(len, held)) + len(block) > LENGTH:
            sections.append(Section(place, "\n\n".join(held)))
            held = []
        held.append(block)
    if held:
        sections.append(Section(place, "\n\n".join(held)))
    return sections


def _pieces(token: Token, block: str) -> Iterator[str]:
    if token.type != "fence":
        yield from cut(block, LENGTH)
    elif len(block) <= CODE_LENGTH:
        yield block
    else:
        for piece in cut(token.content, CODE_LENGTH):
            yield f"{token.markup}{token.info}\n{piece}\n{token.markup}"


def _plain(heading: str) -> str:
    return " ".join(heading.replace("`", "").replace("**", "").split())
