"""The output of a terminal: answers grow as Markdown, and what is finished is printed once and stays."""

from collections.abc import Iterable
from itertools import pairwise

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.padding import Padding
from rich.segment import Segment
from rich.spinner import Spinner
from rich.text import Text

from adapters.console.client.keyboard import PROMPT
from adapters.console.client.markdown import Block, block_starts, clean, place_of, shortened, with_numbers
from adapters.console.client.output import source_line
from adapters.console.client.shelf import Shelf
from adapters.console.protocol import Answer
from bot.files import human_size
from bot.texts import Language, say
from bot.turns import Mark
from bot.wording import activity, closing

PROSE = 100  # columns; longer lines are hard to read


class Screen:
    """The `Output` of a terminal.

    Only the last block of an answer, which may still change, is drawn anew, at the bottom; of one
    that is longer than the terminal only the end. So nothing flickers, and scrolling back works.
    """

    moving = True

    def __init__(self, console: Console, shelf: Shelf, language: Language) -> None:
        self._console = console
        self._shelf = shelf
        self._language = language
        self._live: Live | None = None
        self._spinner = Spinner("dots", style="magenta")
        self._turn = 0
        self._printed = ""  # the part of the answer's text that is printed
        self._numbered: set[Mark] = set()  # the sources whose number is printed

    def asked(self, text: str, files: tuple[str, ...]) -> None:
        self.rest()
        lines = [*clean(text).split("\n"), *(f"+ {clean(name)}" for name in files)]
        for number, line in enumerate(line for line in lines if line.strip()):
            mark = Text("  " if number else PROMPT, style="bold magenta")
            self._console.print(mark + Text(line, style="bold"), soft_wrap=True)
        self._console.print()

    def wait(self, doing: str) -> None:
        self._draw(self._spinning(doing))

    def show(self, answer: Answer, *, stopping: bool = False) -> None:
        draft = answer.draft
        if answer.turn != self._turn:
            self._begin(answer.turn)
        elif not draft.text.startswith(self._printed):
            # The step begins again; what is printed cannot be taken back.
            self._console.print(Text(say("console_anew", self._language), style="dim italic"), end="\n\n")
            self._begin(answer.turn)
        if draft.end:
            self._finish(answer)
            return
        rest = self._print_settled(answer)
        if draft.questions:
            # What was said before a call is whole.
            self._print_block(rest)
            self._printed, rest = draft.text, ""
            self._numbered.update(draft.marks)
        below: list[RenderableType] = []
        if stopping:
            below.append(self._spinning(say("console_stopping", self._language)))
        elif draft.activity:
            below.append(self._spinning(activity(draft.activity, self._language)))
        elif not draft.text.strip():
            below.append(self._spinning(say("activity_thinking", self._language)))
        self._draw(Group(self._tail(rest), *below))

    def tell(self, text: str) -> None:
        self.rest()
        self._print_block(clean(text).strip())

    def rest(self) -> None:
        if self._live is not None:
            self._live.update("", refresh=True)
            self._live.stop()
            self._live = None

    # -- the text --------------------------------------------------------------------------------

    def _begin(self, turn: int) -> None:
        self._turn, self._printed, self._numbered = turn, "", set()

    def _print_settled(self, answer: Answer) -> str:
        """Print every block but the last, and return that one; empty when there is none."""
        text = clean(answer.draft.text)
        start = len(self._printed)
        starts = [start + at for at in block_starts(text[start:])]
        marks = [mark for mark in answer.draft.marks if mark not in self._numbered]
        for begin, end in pairwise(starts):
            self._print_block(with_numbers(text, marks, begin, end))
            self._printed = answer.draft.text[:end]
            self._numbered.update(mark for mark in marks if place_of(mark, text) <= end)
            marks = [mark for mark in marks if mark not in self._numbered]
        return with_numbers(text, marks, starts[-1]) if starts else ""

    def _print_block(self, source: str) -> None:
        if source:
            block = Block(source)
            self._console.print(block, width=self._width(block))
            self._console.print()

    def _width(self, block: Block) -> int:
        return self._console.width if block.wide else min(self._console.width, PROSE)

    # -- the end ---------------------------------------------------------------------------------

    def _finish(self, answer: Answer) -> None:
        self._print_block(self._print_settled(answer))
        self.rest()
        self._begin(0)
        draft = answer.draft
        self._print_lines(
            Text(source_line(number, source), style="dim") for number, source in enumerate(draft.sources, 1)
        )
        self._print_lines(
            Text.assemble(
                (f"+ {offer.name}", "bold"),
                f"  {human_size(offer.size)}  ",
                (f"/save {offer.number}", "magenta"),
                (f"\n  {offer.path}", "dim"),
            )
            for offer in self._shelf.offers(answer)
        )
        for sentence in closing(draft, answer.reference, answer.language):
            self._print_lines([Text(clean(sentence).strip(), style="italic yellow")])

    def _print_lines(self, lines: Iterable[Text]) -> None:
        printed = False
        for line in lines:
            # Soft: a terminal keeps a long address in one piece only if it wraps it itself.
            self._console.print(line, soft_wrap=True)
            printed = True
        if printed:
            self._console.print()

    # -- the region that is drawn anew -----------------------------------------------------------

    def _draw(self, region: RenderableType) -> None:
        if self._live is None:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(region, refresh=True)

    def _tail(self, source: str) -> RenderableType:
        height = max(self._console.height - 3, 1)
        block = Block(shortened(source, height))
        return Tail(block, self._width(block), height)

    def _spinning(self, doing: str) -> RenderableType:
        self._spinner.update(text=Text(clean(doing), style="dim"))
        return Padding(self._spinner, (0, 0))


class Tail:
    """The last lines of something."""

    def __init__(self, block: Block, width: int, height: int) -> None:
        self._block = block
        self._width = width
        self._height = height

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self._block.lines(console, options.update(width=self._width))[-self._height :]:
            yield from line
            yield Segment.line()
