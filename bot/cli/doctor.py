"""`maru doctor`: says what is missing before anybody in chat finds out."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence

from bot import assistants, function_files
from bot.assembly import DEFAULT
from bot.cli.parser import Commands
from bot.clock import SystemClock
from bot.errors import MaruError, StoreInUse
from bot.files import Files
from bot.settings import Settings, for_functions, shown
from storage.sqlite.store import Lock, Store

Checked = tuple[str, Sequence[str] | None]  # a part, and what is wrong with it; None when it is off


def add(commands: Commands) -> None:
    commands.add_parser(
        "doctor", help="check settings, tokens, permissions and models, and say what is missing"
    )


def run(settings: Settings, options: argparse.Namespace) -> int:  # noqa: ARG001 - every command gets them
    return asyncio.run(_examine(settings))


async def _examine(settings: Settings) -> int:
    """Print each part as it is known; the status says whether all of them are well."""
    wrong = 0
    async for part, problems in _parts(settings):
        print(part if problems is None else f"{part}: {'to set right' if problems else 'ok'}")
        for problem in problems or ():
            print(f"  - {problem}")
        wrong += len(problems or ())
    print("Everything is well." if not wrong else f"{wrong} to set right.")
    return 1 if wrong else 0


async def _parts(settings: Settings) -> AsyncIterator[Checked]:
    yield f"database {settings.database}", await _database(settings)
    models, problems = _assistants(settings)
    yield f"assistants in {settings.folder('assistants')}", problems
    yield f"functions in {settings.folder('functions')}", _functions(settings)
    yield await _model(settings, models)
    yield await _slack(settings)
    yield await _discord(settings)


async def _database(settings: Settings) -> Sequence[str]:
    """Opening it brings its schema up to date, which a Maru that runs has done already."""
    try:
        try:
            with Lock(settings.database):
                await (await Store.open(settings.database, SystemClock())).close()
        except StoreInUse:
            await (await Store.open(settings.database, SystemClock())).close()
    except MaruError as error:
        return [str(error)]
    return []


def _assistants(settings: Settings) -> tuple[set[str], Sequence[str]]:
    """The models they want, and what is wrong with their files."""
    try:
        found = assistants.load(settings.folder("assistants"))
    except MaruError as error:
        return {settings.model}, str(error).splitlines()
    models = {assistant.model or settings.model for assistant in found.values()}
    if DEFAULT in found:
        return models, []
    return models, [f"there is no {DEFAULT}.toml: {next(iter(found))} answers where none is chosen."]


def _functions(settings: Settings) -> Sequence[str]:
    """What is wrong with the files of functions."""
    try:
        function_files.load(settings.folder("functions"), Files(settings.file_folder), for_functions())
    except MaruError as error:
        return str(error).splitlines()
    return []


async def _model(settings: Settings, models: set[str]) -> Checked:
    if settings.offline:
        return "model: none is connected, Maru quotes its documents (set OPENAI_API_KEY)", None
    # Only here: loading the SDK takes more than a second.
    from bot.openai.checkup import problems  # noqa: PLC0415

    part = f"model service {settings.openai_base_url or 'OpenAI'}"
    return part, await problems(shown(settings.openai_api_key), settings.openai_base_url, models)


async def _slack(settings: Settings) -> Checked:
    if not settings.slack_bot_token and settings.slack_client_id:
        return "Slack: by OAuth (its tokens come with each installation, and are not looked at)", None
    if not settings.slack_bot_token:
        return "Slack: off (set SLACK_BOT_TOKEN; `maru setup slack` shows how)", None
    # Only here: without Slack its SDK is not needed.
    from adapters.slack.checkup import problems  # noqa: PLC0415

    return "Slack", await problems(
        shown(settings.slack_bot_token), shown(settings.slack_app_token), settings.slack_api_url
    )


async def _discord(settings: Settings) -> Checked:
    if not settings.discord_bot_token:
        return "Discord: off (set DISCORD_BOT_TOKEN; `maru setup discord` shows how)", None
    # Only here, as Slack's.
    from adapters.discord.checkup import problems  # noqa: PLC0415

    return "Discord", await problems(shown(settings.discord_bot_token), settings.discord_api_url)
