"""Files that are written once: what a person has changed meanwhile is never replaced unasked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.errors import MovingError

State = Literal["new", "same", "different"]


@dataclass(frozen=True, slots=True)
class Page:
    """A file that should stand somewhere."""

    path: Path
    text: str

    @property
    def state(self) -> State:
        """What is there now. Raises MovingError when that cannot be known."""
        try:
            there = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return "new"
        except UnicodeDecodeError:
            return "different"
        except OSError as error:
            raise MovingError(
                f"{self.path}: cannot be read ({error.strerror}). Give access to it."
            ) from error
        return "same" if there == self.text else "different"

    def write(self) -> None:
        """Write it as a whole. Raises MovingError."""
        beside = self.path.with_name(f".{self.path.name}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(self.text, encoding="utf-8")
            beside.replace(self.path)
        except OSError as error:
            raise MovingError(
                f"{self.path}: cannot be written ({error.strerror}). Give write access to its folder."
            ) from error
