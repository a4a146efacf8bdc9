"""The HTML of a text that grows: an update costs about as much as what is new, however long the text is."""

import re
from collections.abc import Mapping
from html import escape

from markdown_it.utils import EnvType

from adapters.web.highlight import highlight
from adapters.web.markdown import LONGEST, blocks, line_starts, places, plain, with_marks
from adapters.web.rules import CLEANER, MARKS, code_start
from adapters.web.unfinished import decided, mended
from bot.turns import Draft, Mark

# Characters that mean nothing to Markdown or to the search for links, wherever they stand within a word.
PLAIN = re.compile(r"[^\W_](?:[^\W_]|[ ,;'\"()?%…“”‘’–—·])*")
CLOSERS = re.compile(r"(?:</[a-z0-9]+>\n*)+\Z")
LONGEST_CLOSERS = 200  # characters
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^\n`]*)\n")


class Growing:
    """The blocks of an answer while it is being written."""

    def __init__(self) -> None:
        self.html: list[str] = []
        self._text = ""
        self._marks: list[Mark] = []
        self._links: Mapping[str, str] = {}
        self._begin_again()

    def update(self, draft: Draft) -> None:
        """Bring `html` up to the draft; of an ended one it is what rendering the whole would give."""
        text, marks, links = draft.text, places(draft.text, draft.marks), dict(draft.links)
        final = bool(draft.end)
        if len(text) > LONGEST:
            self.html = [plain(text)]
            return
        grown = text.startswith(self._text)
        before = [mark for mark in marks if mark.position < self._start]
        known = [mark for mark in self._marks if mark.position < self._start]
        redefined = final and self._env.get("references")  # that changes links further up
        if not grown or links != self._links or before != known or redefined:
            self._begin_again()
        elif self._appended(text[len(self._text) :], same_marks=marks == self._marks, final=final):
            self._text = text
            return
        self._text, self._marks, self._links = text, marks, links
        self._parse(final=final)

    def _begin_again(self) -> None:
        self.html = []
        self._start = 0  # of the last block, which is still open
        self._done = 0  # blocks before it
        self._env: EnvType = {}
        self._fence: _Fence | None = None

    def _appended(self, new: str, *, same_marks: bool, final: bool) -> bool:
        """Try the short ways, for words at the end of a paragraph and lines at the end of code."""
        if not same_marks or final:
            return False
        if not new:
            return True
        if self._fence is not None:
            tail = self._fence.append(new)
            if tail is None:
                return False
            self.html[-1] = tail
            return True
        # A trailing space is not in the HTML; it goes in with the word behind it.
        known = self._text.rstrip(" ")
        added = (self._text[len(known) :] + new).rstrip(" ")
        word = known[known.rfind(" ") + 1 :].rpartition("\n")[2]
        if (
            len(self.html) == self._done
            or not PLAIN.fullmatch(word)
            or not PLAIN.fullmatch(new.strip(" ") or "a")
        ):
            return False
        html = self.html[-1]
        closers = CLOSERS.search(html, max(0, len(html) - LONGEST_CLOSERS))
        if closers is None or not html.endswith(escape(word, quote=False), 0, closers.start()):
            return False
        self.html[-1] = html[: closers.start()] + escape(added, quote=False) + closers[0]
        return True

    def _parse(self, *, final: bool) -> None:
        """Parse the open block and what came after it."""
        source = self._text[self._start :]
        shown = source if final else mended(source)
        found = blocks(
            with_marks(self._text[: self._start] + shown, self._marks, self._start),
            self._env,
            links=self._links,
        )
        del self.html[self._done :]
        self.html += [block.html for block in found]
        self._fence = None
        if final or not found:
            return
        last = found[-1]
        offset = line_starts(shown)[last.line]
        if len(found) > 1 and source.startswith(shown[:offset]) and decided(shown, offset, last.kind):
            self._start += offset
            self._done = len(self.html) - 1
            source = source[offset:]
        if last.kind == "fence" and self._done == len(self.html) - 1:
            self._fence = _Fence.of(source)


class _Fence:
    """Code whose end has not come yet: a line that is whole is coloured once, by itself.

    What spans lines may be coloured wrongly until the block is closed and rendered as a whole.
    """

    def __init__(self, marker: str, language: str) -> None:
        self._marker = marker
        self._language = language
        self._lines = code_start(language)
        self._open = ""

    @classmethod
    def of(cls, source: str) -> "_Fence | None":
        """The fence that a source begins with; None when it is closed or indented."""
        match = FENCE.match(source)
        if match is None or source.startswith(" "):
            return None
        info = match[2].split(maxsplit=1)
        fence = cls(match[1], info[0] if info else "")
        return fence if fence.append(source[match.end() :]) is not None else None

    def append(self, new: str) -> str | None:
        """The HTML with more code; None when this may be the end of the code."""
        text = self._open + new
        whole, newline, rest = text.rpartition("\n")
        if (
            any(line.lstrip(" ").startswith(self._marker[:3]) for line in (*whole.split("\n"), rest))
            or "\r" in new
        ):
            return None
        if newline:
            self._lines += CLEANER.clean(highlight(MARKS.sub("", whole + newline), self._language))
        self._open = rest
        shown = "" if rest.strip(" ") and not rest.strip(f" {self._marker[0]}") else escape(rest, quote=False)
        return f"{self._lines}{shown}</code></pre>\n"
