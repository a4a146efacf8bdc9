"""Finds the documents of a collection: in folders, as single files and by patterns."""

import glob
import stat
from collections.abc import Sequence
from pathlib import Path

from bot.knowledge.folder import Found, files, refusal, shown, stamp
from bot.knowledge.readers import READERS, ending
from bot.ports import Problem


def absolute(source: str) -> str:
    """A folder, file or pattern as it is kept: the same wherever Maru starts."""
    return str(Path(source).expanduser().absolute())


def missing(source: str) -> bool:
    """Whether there is nothing at a path, or nowhere for a pattern to look."""
    return not _mode(Path(source)) and not (glob.has_magic(source) and _is_folder(_fixed(Path(source))))


def documents(sources: Sequence[str]) -> tuple[list[Found], list[Problem], bool]:
    """Every document below these sources, what cannot be used, and whether every source could be looked at.

    The path of a document begins below its folder, or below the part of a pattern without wildcards.
    Of two with the same path the second is a problem.
    """
    found: dict[str, Found] = {}
    problems: list[Problem] = []
    complete = True
    for source in sources:
        there, these, wrong = _below(source)
        complete = complete and there
        problems += wrong
        for file in these:
            first = found.setdefault(file.path, file)
            if first.file != file.file:
                reason = f"has the path of {first.file} too. Put it into a collection of its own."
                problems.append(Problem(str(file.file), reason))
    return [found[path] for path in sorted(found)], problems, complete


def _below(source: str) -> tuple[bool, list[Found], list[Problem]]:
    path = Path(source)
    if _is_folder(path):
        return True, *files(path)
    if _mode(path) or not glob.has_magic(source):
        # A document is gone when its folder is there without it; a folder may come back with its disk.
        gone = ending(source) in READERS and _is_folder(path.parent)
        return bool(_mode(path)) or gone, *_listed([path], path.parent)
    root = _fixed(path)
    if not _is_folder(root):
        return False, [], []
    try:
        matches = sorted(root.glob(path.relative_to(root).as_posix()))
    except ValueError as error:
        return False, [], [Problem(source, f"is no pattern: {str(error).partition(': ')[2] or error}.")]
    return True, *_listed([match for match in matches if _visible(match, root)], root)


def _visible(path: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    return not hidden and not _is_folder(path)


def _is_folder(path: Path) -> bool:
    return stat.S_ISDIR(_mode(path))


def _mode(path: Path) -> int:
    """What the system says of a path; 0 when there is nothing, or nothing that can be looked at."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def _fixed(pattern: Path) -> Path:
    """The folder before the first wildcard."""
    first = next(number for number, part in enumerate(pattern.parts) if glob.has_magic(part))
    return Path(*pattern.parts[:first])


def _listed(paths: Sequence[Path], root: Path) -> tuple[list[Found], list[Problem]]:
    found: list[Found] = []
    problems: list[Problem] = []
    for path in paths:
        name = shown(path.relative_to(root).as_posix())
        try:
            about = path.stat()
        except OSError as error:
            problems.append(Problem(str(path), f"cannot be read ({error.strerror})."))
            continue
        if reason := refusal(name, about):
            problems.append(Problem(name, reason))
        else:
            found.append(Found(name, path, stamp(about), about.st_size))
    return found, problems
