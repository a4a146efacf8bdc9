"""Numbers the files that Maru made, so that people can say which one to save."""

import errno
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from adapters.console.client.markdown import clean
from adapters.console.protocol import Answer
from bot.events import File


@dataclass(frozen=True, slots=True)
class Offer:
    """A file under its number."""

    number: int
    name: str
    size: int
    path: Path  # where it is kept, under a name that says nothing


class Shelf:
    """The files of this session; the first is number 1."""

    def __init__(self) -> None:
        self._offers: dict[tuple[str, str], Offer] = {}

    def offers(self, answer: Answer) -> list[Offer]:
        """The files of an answer. The same file keeps its number."""
        return [self._offer(file, path) for file, path in zip(answer.draft.files, answer.paths, strict=False)]

    def _offer(self, file: File, path: str) -> Offer:
        offer = Offer(len(self._offers) + 1, safe_name(file.name), file.size, Path(path))
        return self._offers.setdefault((file.digest, file.name), offer)

    def find(self, number: str) -> Offer | None:
        """The file of a number as typed; the newest when nothing was."""
        newest = len(self._offers)
        return next((o for o in self._offers.values() if str(o.number) == (number or str(newest))), None)


def save(offer: Offer, target: Path) -> Path:
    """Copy a file to a path or into a folder; nothing is overwritten. Returns where it is. Raises OSError."""
    target = target / offer.name if target.is_dir() else target
    for number in range(1, 1_000):
        path = target if number == 1 else target.with_stem(f"{target.stem} ({number})")
        try:
            with path.open("xb") as copy, offer.path.open("rb") as kept:
                shutil.copyfileobj(kept, copy)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(errno.EEXIST, "there are too many of that name", str(target))


def safe_name(name: str) -> str:
    """A file name of the model's choice, without folders."""
    bare = PurePosixPath(clean(name).replace("\\", "/").replace("\n", " ")).name.lstrip(".")
    return bare or "file"
