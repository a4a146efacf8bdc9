"""Emphasis that also works beside Korean, Chinese and Japanese letters.

CommonMark does not close the bold in `**마루(Maru)**는`, because a letter follows punctuation and the marker:
https://github.com/tats-u/markdown-cjk-friendly/blob/main/specification.md
"""

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

SCRIPTS = (
    ("\u1100", "\u11ff"),
    ("\u2e80", "\u9fff"),
    ("\uac00", "\ud7ff"),
    ("\uf900", "\ufaff"),
    ("\uff00", "\uffef"),
)


def cjk_emphasis(md: MarkdownIt, mark: str) -> None:
    """Replace the emphasis rule; `mark` is a character that counts as punctuation."""

    def tokenize(state: StateInline, silent: bool) -> bool:
        start, marker = state.pos, state.src[state.pos]
        if silent or marker not in "_*":
            return False
        scanned = state.scanDelims(start, marker == "*")
        end = start + scanned.length
        before = state.src[start - 1] if start else " "
        after = state.src[end] if end < state.posMax else " "
        splits = marker == "*"
        can_open = scanned.can_open or (splits and not after.isspace() and (cjk(before) or before == mark))
        can_close = scanned.can_close or (not before.isspace() and (after == mark or (splits and cjk(after))))
        for _ in range(scanned.length):
            token = state.push("text", "", 0)
            token.content = marker
            state.delimiters.append(
                Delimiter(
                    marker=ord(marker),
                    length=scanned.length,
                    token=len(state.tokens) - 1,
                    end=-1,
                    open=can_open,
                    close=can_close,
                )
            )
        state.pos = end
        return True

    md.inline.ruler.at("emphasis", tokenize)


def cjk(char: str) -> bool:
    """Whether a letter is written without spaces around its words, or with particles behind them."""
    return any(first <= char <= last for first, last in SCRIPTS)
