"""Markdown for the terminal: its top-level blocks, the numbers of sources in it, and how a block looks."""

from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult
from rich.markdown import BlockQuote, CodeBlock, Heading, Markdown, MarkdownContext, MarkdownElement
from rich.padding import Padding
from rich.segment import Segment
from rich.syntax import Syntax
from rich.text import Text

from bot.text.fences import fences
from bot.turns import Mark

PARSER = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])

LONG = 4_000  # characters; drawing more than this again and again would take too long

CONTROLS = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # of writing
# What commands a terminal instead of showing something; one for one, so that positions hold.
UNSAFE = dict.fromkeys((*CONTROLS, *DIRECTIONS), "\ufffd") | {9: "\t", 10: "\n", 13: " "}


def clean(text: str) -> str:
    """The text without anything that could command the terminal, as long as before."""
    return text.translate(UNSAFE)


def block_starts(text: str) -> list[int]:
    """Where the top-level blocks of a text begin."""
    lines = [0]
    for line in text.split("\n"):
        lines.append(lines[-1] + len(line) + 1)
    tokens = PARSER.parse(text)
    return [lines[token.map[0]] for token in tokens if token.level == 0 and token.nesting >= 0 and token.map]


def place_of(mark: Mark, text: str) -> int:
    """Where a source's number stands: behind the word, not behind the blank line that follows it."""
    return len(text[: mark.position].rstrip())


def with_numbers(text: str, marks: Sequence[Mark], start: int = 0, end: int | None = None) -> str:
    """`text[start:end]` with the numbers of its sources, as Markdown; those of text before it come first."""
    end = len(text) if end is None else end
    code = [(fence.start, fence.end) for fence in fences(text)]
    pieces: list[str] = []
    done = start
    for mark in marks:
        place = place_of(mark, text)
        if place > end or any(begin < place < over for begin, over in code):
            continue
        place = max(place, done)
        pieces += [text[done:place], f"\\[{mark.number}]"]
        done = place
    return "".join([*pieces, text[done:end]])


def shortened(block: str, lines: int) -> str:
    """About the last lines of a block, in a form that looks much the same at its end."""
    if len(block) < LONG:
        return block
    every = block.split("\n")
    opening = every[:1] if any(fence.start == 0 for fence in fences(block)) else []
    return "\n".join([*opening, *every[-lines:]])


class Code(CodeBlock):
    """Code without a background of its own, so that it fits light and dark terminals and copies well."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Padding(
            Syntax(
                str(self.text).rstrip(),
                self.lexer_name,
                theme="ansi_dark",
                word_wrap=True,
                background_color="default",
            ),
            (0, 0, 0, 2),
        )


class Quote(BlockQuote):
    """A quotation that keeps its paragraphs apart."""

    def __init__(self) -> None:
        super().__init__()
        self._empty = True

    def on_child_close(self, context: MarkdownContext, child: MarkdownElement) -> bool:
        if not self._empty:
            self.elements.append(Text())
        self._empty = False
        return super().on_child_close(context, child)


class Title(Heading):
    """A heading that stands at the left, as everything does."""

    LEVEL_ALIGN: ClassVar[dict[str, JustifyMethod]] = {}


class Block(Markdown):
    """Blocks of an answer, ready to print. Addresses are shown: not every terminal can link."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "fence": Code,
        "code_block": Code,
        "heading_open": Title,
        "blockquote_open": Quote,
    }

    def __init__(self, source: str) -> None:
        super().__init__("", hyperlinks=False)
        self.parsed = PARSER.parse(source)
        for token in self.parsed:
            if token.children:
                token.children = _readable(token.children)

    def lines(self, console: Console, options: ConsoleOptions) -> list[list[Segment]]:
        """Its lines on the screen, without the blank ones around it."""
        rendered = super().__rich_console__(console, options)
        found = list(Segment.split_lines(part for part in rendered if isinstance(part, Segment)))
        blank = [not "".join(segment.text for segment in line).strip() for line in found]
        first = next((number for number, empty in enumerate(blank) if not empty), len(found))
        last = next((number for number in range(len(found), first, -1) if not blank[number - 1]), first)
        return found[first:last]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.lines(console, options):
            yield from line
            yield Segment.line()

    @property
    def wide(self) -> bool:
        """Whether it is better not squeezed into the width of prose."""
        return bool(self.parsed) and self.parsed[0].type in {"fence", "code_block", "table_open"}


def _readable(tokens: list[Token]) -> list[Token]:
    """Without links whose address says nothing, or nothing new, to the reader."""
    kept: list[Token] = []
    dropped = False
    for token, following in pairwise([*tokens, Token("end", "", 0)]):
        if token.type == "link_open":
            address = str(token.attrs.get("href", ""))
            dropped = address.startswith("sandbox:") or address.endswith(following.content)
            if dropped:
                continue
        if token.type == "link_close" and dropped:
            dropped = False
            continue
        kept.append(token)
    return kept
