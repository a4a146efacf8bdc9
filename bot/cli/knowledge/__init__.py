"""`maru knowledge`: the team's documents, in collections."""

import argparse
import asyncio
import logging
import sys

from bot.cli.knowledge import changes, gaps, looks, syncs
from bot.cli.parser import Commands
from bot.settings import Settings

PARTS = (changes, syncs, looks, gaps)
INTERRUPTED = 130  # exit status after Ctrl-C, as of every program


def add(commands: Commands) -> None:
    knowledge = commands.add_parser("knowledge", help="manage and search the team's documents")
    actions = Commands(knowledge, "action", "actions", required=True)
    for part in PARTS:
        part.add(actions)


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Works beside a Maru that runs, which notices what changes. Raises KnowledgeError."""
    # The actions print what a running Maru logs.
    logging.getLogger("bot.knowledge.sync").setLevel(logging.ERROR)
    try:
        status: int = asyncio.run(options.action_of(settings, options))
    except KeyboardInterrupt:
        print("\nStopped. What is done is kept: the next sync goes on from here.", file=sys.stderr)
        return INTERRUPTED
    return status
