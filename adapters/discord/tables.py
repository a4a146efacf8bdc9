"""Lays out tables, which Discord does not know, as aligned text or as a list; pure."""

import re
import unicodedata

WIDEST = 72  # columns; more would wrap on most screens
CELL = re.compile(r"(?<!\\)\|")
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
MARKUP = re.compile(r"\*\*|__|~~|`")
LINK = re.compile(r"!?\[([^\[\]]*)\]\(([^()\s]*)\)")


def table(lines: list[str]) -> str:
    """The lines of a Markdown table, laid out: a code block where it is narrow enough, else a list."""
    rows = [_cells(line) for index, line in enumerate(lines) if index != 1]
    columns = len(rows[0])
    rows = [(row + [""] * columns)[:columns] for row in rows]
    plain = [[_plain(cell) for cell in row] for row in rows]
    widths = [max(width(row[column]) for row in plain) for column in range(columns)]
    if sum(widths) + 2 * (columns - 1) > WIDEST:
        return _listed(rows)
    rule = "  ".join("─" * max(one, 1) for one in widths)
    laid = ["  ".join(_filled(cell, one) for cell, one in zip(row, widths, strict=True)) for row in plain]
    body = "\n".join(line.rstrip() for line in (laid[0], rule, *laid[1:]))
    return f"```\n{body}\n```"


def width(text: str) -> int:
    """How many columns a text takes in a fixed-width font; Korean letters take two."""
    return sum(
        0 if unicodedata.category(char) in ("Mn", "Me", "Cf") else 2 if _wide(char) else 1 for char in text
    )


def _wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def _filled(cell: str, columns: int) -> str:
    return cell + " " * (columns - width(cell))


def _cells(line: str) -> list[str]:
    inner = line.strip().lstrip("> ").strip()
    inner = inner.removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [BREAK.sub(" ", cell).replace("\\|", "|").strip() for cell in CELL.split(inner)]


def _plain(cell: str) -> str:
    """What a cell says, without marks that would stand there literally."""
    linked = LINK.sub(lambda found: found[1] or found[2], cell)
    return MARKUP.sub("", linked)


def _listed(rows: list[list[str]]) -> str:
    """One entry for each row, with the names of its columns."""
    head, *body = rows
    entries = []
    for row in body:
        named = [
            f"{_plain(name)}: {cell}" if _plain(name) else cell
            for name, cell in zip(head[1:], row[1:], strict=True)
            if cell
        ]
        first = f"**{_plain(row[0])}**" if _plain(row[0]) else ""
        entries.append("- " + "\n  - ".join(part for part in (first, *named) if part))
    return "\n".join(entries) if body else "- " + ", ".join(f"**{_plain(name)}**" for name in head)
