"""What the dispatcher works with, put together by the app."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.assistants import Assistant
from bot.clock import Clock
from bot.files import Files
from bot.holds import Holds
from bot.knowledge.attached import AttachedDocuments
from bot.knowledge.library import Library
from bot.policy import Policy
from bot.ports import (
    Adapter,
    Archive,
    Choices,
    Decisions,
    Engine,
    FileRows,
    Functions,
    Inbox,
    Ledger,
    Pasts,
    Remotes,
    Searches,
    Threads,
    Turns,
)
from bot.prices import Prices, load


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """Every port the core has an implementation for in this process."""

    adapters: Mapping[str, Adapter]  # by platform
    engine: Engine
    functions: Functions
    assistants: Mapping[str, Assistant]  # by name
    default: str  # the assistant of a conversation that has none of its own; else the first one
    librarians: tuple[str, ...] = ()  # author ids and groups that may change the collections
    pins: Mapping[str, str] = field(default_factory=dict)  # place -> the assistant the operator set for it
    policy: Policy
    clock: Clock
    files: Files
    inbox: Inbox
    turns: Turns
    threads: Threads
    remotes: Remotes
    ledger: Ledger
    decisions: Decisions
    file_rows: FileRows
    archive: Archive
    documents: AttachedDocuments
    choices: Choices
    library: Library
    searches: Searches
    pasts: Pasts
    prices: Prices = field(default_factory=load)
    holds: Holds = field(default_factory=Holds)

    def adapter(self, conversation: str) -> Adapter:
        """The adapter of a conversation. Raises KeyError when its platform is not connected here."""
        return self.adapters[conversation.partition(":")[0]]
