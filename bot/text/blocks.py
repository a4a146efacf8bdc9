"""Recognises the lines that begin and end Markdown's blocks."""

import re

QUOTE = re.compile(r"[ \t]*>[ \t>]*")
HEADING = re.compile(r"\s*#{1,6}(?:\s|$)")
RULE = re.compile(r"\s*(?:(?:\*[ \t]*){3,}|(?:-[ \t]*)+|(?:_[ \t]*){3,}|=+)\s*")  # or a heading's underline
BULLET = re.compile(r"\s*[-+*][ \t]+\S")
NUMBER = re.compile(r"\s*(\d{1,9})[.)][ \t]+\S")
TABLE_RULE = re.compile(r"[\s>|:-]*-[\s|:-]*")
PIPE = re.compile(r"(?<!\\)\|")


def begins_item(line: str, *, interrupts: bool) -> bool:
    """Whether a line begins a list item; a paragraph is interrupted by bullets and by number 1 alone."""
    number = NUMBER.match(line)
    return bool(BULLET.match(line) or (number and (not interrupts or int(number[1]) == 1)))
