"""Everything that can go wrong outside of a step, as one tree.

MaruError
├── SettingsError           every wrong setting, each with its remedy
├── AssistantError          an assistant's file is wrong: file, line, remedy
├── PricesError             the file of prices is wrong: what, remedy
├── MovingError             a file of the old API cannot be moved in: where, remedy
├── FunctionError           a file of functions is wrong: file, line, remedy
├── ArgumentsRefused        a call of the model does not fit its function; says what to mend
├── StoreError
│   ├── StoreInUse          another process answers from this database
│   ├── StoreFull           no room on the disk
│   ├── StoreReadOnly       the folder or file cannot be written
│   ├── StoreDamaged        not a database, or a damaged one
│   └── StoreTooNew         written by a newer Maru
├── KnowledgeError          a collection cannot be used: which, remedy
│   ├── KnowledgeBusy       it is being synced
│   └── BackendUnreachable  what keeps it does not do its part now
├── FileRefused             an attachment that cannot be used; carries the text for the person
├── DocumentRefused         a document that cannot be searched; says why
│   └── DocumentProtected   it is locked with a password
├── EmbeddingsUnavailable   the server of embeddings does not answer, or refuses; says why
└── PlatformError
    ├── PlatformUnreachable a call to a platform failed in a way worth trying again
    ├── PlatformGone        the place or message is gone, or we are no longer in it
    └── HistoryCut          not all of what was said before can be read now; has what could
"""

from collections.abc import Sequence

from bot.messages import Quoted
from bot.texts import say


class MaruError(Exception):
    """Something Maru can explain; the message is for the operator and says what to do."""


class SettingsError(MaruError):
    """Some settings are wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class AssistantError(MaruError):
    """An assistant's file is wrong."""


class PricesError(MaruError):
    """The file of prices is wrong."""


class MovingError(MaruError):
    """A file of the old Assistants API cannot be moved in."""


class FunctionError(MaruError):
    """A file of functions is wrong."""


class ArgumentsRefused(MaruError):
    """A call does not fit its function; the message is for the model and says what to mend."""


class StoreError(MaruError):
    """The database cannot be used."""


class StoreInUse(StoreError):
    """Another process answers from this database."""

    def __init__(self, path: str, pid: int) -> None:
        super().__init__(
            f"Maru is already running on {path} (pid {pid}). Stop that one first, "
            "or give this one another MARU_DATABASE_URL."
        )
        self.pid = pid


class StoreFull(StoreError):
    """No room on the disk."""


class StoreReadOnly(StoreError):
    """The database, or the folder it is in, cannot be written."""


class StoreDamaged(StoreError):
    """The file is not a database, or is damaged."""


class StoreTooNew(StoreError):
    """The database was written by a newer Maru."""


class FileRefused(MaruError):
    """An attachment cannot be used; `text` is the key of the sentence for the person."""

    def __init__(self, text: str, name: str, detail: str = "") -> None:
        super().__init__(f"{name}: {detail or text}")
        self.text = text
        self.name = name


class DocumentRefused(MaruError):
    """A document cannot be searched; the message says why, without its name.

    `text` is the key of that sentence and `values` fills its places: people read it in their language.
    """

    def __init__(self, text: str, **values: str | float) -> None:
        super().__init__(say(text, "en", **values))
        self.text = text
        self.values = values


class DocumentProtected(DocumentRefused):
    """It is locked with a password, so that nobody but its owner can read it."""


class KnowledgeError(MaruError):
    """A collection cannot be used."""


class KnowledgeBusy(KnowledgeError):
    """A collection is being synced, in this process or another one."""


class BackendUnreachable(KnowledgeError):
    """What keeps a collection does not do its part now; what was done until then counts."""


class EmbeddingsUnavailable(MaruError):
    """The server of embeddings does not answer, or refuses."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after  # seconds that it asks to wait


class PlatformError(MaruError):
    """A platform did not do what it was asked."""


class PlatformUnreachable(PlatformError):
    """Worth trying again after `after` seconds."""

    def __init__(self, detail: str, after: float = 1.0) -> None:
        super().__init__(detail)
        self.after = after


class PlatformGone(PlatformError):
    """The conversation or message is gone, or Maru is no longer in it."""


class HistoryCut(PlatformError):
    """Not all of what was said before can be read now; `found` is what could, oldest first."""

    def __init__(self, detail: str, found: Sequence[Quoted]) -> None:
        super().__init__(detail)
        self.found = tuple(found)
