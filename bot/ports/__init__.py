"""The ports of the core: what it needs from platforms, engines and stores, and no more."""

from bot.ports.archive import Archive, FileRows, Record, Summary
from bot.ports.engines import Declaration, Engine, Functions, Request
from bot.ports.installations import Installations
from bot.ports.knowledge import Addition, Collection, Collections, Gap, Problem, Searches
from bot.ports.ledger import Ledger, Spent, Stored
from bot.ports.moving import Exchange, Past, Pasts
from bot.ports.platforms import Adapter, Receive, Reply
from bot.ports.threads import Choices, Entry, Remote, Remotes, Thread, Threads
from bot.ports.work import Decisions, Inbox, Part, Parts, Turns

__all__ = [
    "Adapter",
    "Addition",
    "Archive",
    "Choices",
    "Collection",
    "Collections",
    "Decisions",
    "Declaration",
    "Engine",
    "Entry",
    "Exchange",
    "FileRows",
    "Functions",
    "Gap",
    "Inbox",
    "Installations",
    "Ledger",
    "Part",
    "Parts",
    "Past",
    "Pasts",
    "Problem",
    "Receive",
    "Record",
    "Remote",
    "Remotes",
    "Reply",
    "Request",
    "Searches",
    "Spent",
    "Stored",
    "Summary",
    "Thread",
    "Threads",
    "Turns",
]
