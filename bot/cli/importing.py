"""`maru import`: moves assistants and threads in from OpenAI's old Assistants API."""

import argparse
from pathlib import Path

from bot.cli import import_assistants, import_threads
from bot.cli.parser import Commands, within
from bot.settings import Settings


def add(commands: Commands) -> None:
    importing = commands.add_parser("import", help="move in from OpenAI's old Assistants API")
    kinds = Commands(importing, "kind", "what to move in", required=True)
    assistant = kinds.add_parser("assistant", help="an assistant, as the old API returned it")
    assistant.add_argument("file", type=Path, help="JSON: one assistant, or a list of them")
    assistant.add_argument("--force", action="store_true", help="replace files that are different by now")
    assistant.add_argument(
        "--dry-run", action="store_true", help="show what would be written, and write nothing"
    )
    threads = kinds.add_parser("threads", help="what was said before, from the platform's own history")
    threads.add_argument(
        "file", type=Path, help="JSON or CSV: places such as slack:T1/C1, and their old threads"
    )
    threads.add_argument(
        "--bot", action="append", default=[], help="an author id of the old bot, if it was another"
    )
    threads.add_argument(
        "--limit",
        type=within(int, 1, import_threads.MOST),
        metavar="N",
        default=import_threads.MESSAGES,
        help=f"messages of each place (default {import_threads.MESSAGES})",
    )
    threads.add_argument("--dry-run", action="store_true", help="read and count, and change nothing")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Raises MovingError for a file that cannot be moved in, with the place."""
    if options.kind == "threads":
        return import_threads.run(
            settings, options.file, bots=options.bot, limit=options.limit, dry=options.dry_run
        )
    return import_assistants.run(settings, options.file, dry=options.dry_run, force=options.force)
