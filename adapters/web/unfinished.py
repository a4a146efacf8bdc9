"""Makes Markdown that breaks off in the middle look the way it will look when it is whole."""

import re

# A last line that is only markup so far would show as something else: an empty item, a heading, a rule.
ONLY_MARKUP = re.compile(r"(?:\A|\n)[ \t]*(?:[-+*=_#>|~`]{1,8}|[0-9]{1,9}[.)]|[-+*] \[[ xX]?\]?)[ \t]*\Z")
FENCE_LINE = re.compile(r"(?:\A|\n) {0,3}(`{3,}|~{3,})[^\n]*")
TABLE_HEAD = re.compile(r"(?:\A|\n)[ \t]*\|[^\n]*(?:\n[ \t]*\|?[-:| \t]*)?\Z")
OPEN_LINK = re.compile(r"!?\[([^\[\]\n]*)(?:\](?:\([^()\s]*(?:\s[^()\n]*)?)?)?\Z")
CODE = re.compile(r"(`+)(?:(?!\1).)*?\1", re.DOTALL)
MARKERS = ("**", "~~")


LONGEST_MARKER = 12  # characters: "123456789. " and a little


def decided(source: str, start: int, kind: str) -> bool:
    """Whether the block at `start` will stay a block of its own, whatever comes behind it.

    `2` may become `2. two` and belong to the list before, and `# ` may become `# 1` or `#1`.
    """
    if source.find("\n", start) >= 0:
        return True
    return (
        kind == "paragraph_open"
        and source.endswith("\n\n", 0, start)
        and len(source) - start > LONGEST_MARKER
    )


def mended(source: str) -> str:
    """The source of an open block, with what is half-written closed or left out."""
    fences = FENCE_LINE.findall(source)
    if len(fences) % 2:
        return source  # inside code everything is what it is
    source = TABLE_HEAD.sub("", ONLY_MARKUP.sub("", source))
    paragraph = max(source.rfind("\n\n"), source.rfind("\n- "), source.rfind("\n* "), source.rfind("\n|")) + 1
    before, last = source[:paragraph], source[paragraph:]
    return before + closed(last)


def closed(text: str) -> str:
    """Inline markup of a paragraph, closed."""
    text = text.rstrip()
    text = OPEN_LINK.sub(r"\1", text)
    bare = CODE.sub("", text)
    if bare.count("`") % 2:
        return text.rstrip("`") if text.endswith("`") else f"{text}`"
    for marker in MARKERS:
        if bare.count(marker) % 2:
            text = (
                text.removesuffix(marker).rstrip()
                if text.endswith(marker)
                else f"{text.removesuffix(marker[0])}{marker}"
            )
    return text
