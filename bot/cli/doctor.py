"""`maru doctor`: says what is missing before anybody in chat finds out."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from pathlib import Path

from bot import assistants, function_files, platforms, prices
from bot.allowed_places import AllowedPlaces
from bot.assistants import Assistant
from bot.cli.parser import Commands
from bot.clock import SystemClock
from bot.environment import for_functions
from bot.errors import MaruError, StoreInUse
from bot.files import Files
from bot.findings import Finding
from bot.missing import missing
from bot.openness import openness
from bot.settings import Settings, shown
from bot.wiring import DEFAULT
from storage.sqlite.store import Lock, Store


def add(commands: Commands) -> None:
    commands.add_parser(
        "doctor", help="check settings, tokens, permissions and models, and say what is missing"
    )


def run(settings: Settings, options: argparse.Namespace) -> int:  # noqa: ARG001 - every command gets them
    return asyncio.run(_examine(settings))


async def _examine(settings: Settings) -> int:
    """Print each finding as it is known; the status says whether all of them are well."""
    wrong = 0
    async for finding in _findings(settings):
        state = f": {'to set right' if finding.problems else 'ok'}" if finding.on else ""
        print(finding.name + state)
        for problem in finding.problems:
            print(f"  - {problem}")
        for note in finding.notes:
            print(f"  · {note}")
        wrong += len(finding.problems)
    for sentence in openness(settings):
        print(f"Good to know: {sentence}")
    print("Everything is well." if not wrong else f"{wrong} to set right.")
    return 1 if wrong else 0


async def _findings(settings: Settings) -> AsyncIterator[Finding]:
    database = tuple(await _database(settings))
    yield Finding(f"database {settings.database}", database)
    files, problems = _files(settings)
    yield Finding(f"files in {settings.file_folder}", tuple(problems))
    if settings.prices:
        yield Finding(f"prices in {settings.prices}", tuple(_prices(settings.prices)))
    found, problems = _assistants(settings)
    functions, wrong = _functions(settings, files) if files else ((), ())
    if files and not wrong:
        problems = [*problems, *missing(found, functions, for_functions())]
    problems = [*problems, *await _access(settings, found)]
    yield Finding(f"assistants in {settings.folder('assistants')}", tuple(problems))
    if files:
        yield Finding(f"functions in {settings.folder('functions')}", tuple(wrong))
    yield await _model(settings, {a.model or settings.model for a in found.values()} or {settings.model})
    if not settings.offline:
        async for finding in _tools(settings, found):
            yield finding
    async for finding in _slack(settings, readable=not database):
        yield finding
    async for finding in _discord(settings):
        yield finding


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


def _files(settings: Settings) -> tuple[Files | None, Sequence[str]]:
    """Where files are kept, and what is wrong with it."""
    try:
        return Files(settings.file_folder), []
    except MaruError as error:
        return None, [str(error)]


def _prices(path: Path) -> Sequence[str]:
    try:
        prices.load(path)
    except MaruError as error:
        return [str(error)]
    return []


def _assistants(settings: Settings) -> tuple[Mapping[str, Assistant], Sequence[str]]:
    """Those there are, and what is wrong with their files."""
    try:
        found = assistants.load(settings.folder("assistants"))
    except MaruError as error:
        return {}, str(error).splitlines()
    problems = [
        f"MARU_CHANNELS: {place} is set to {name}, and there is no such assistant. Name another."
        for place, name in settings.channels.items()
        if name not in found
    ]
    if DEFAULT not in found:
        problems.append(f"there is no {DEFAULT}.toml: {next(iter(found))} answers where none is chosen.")
    return found, problems


async def _access(settings: Settings, found: Mapping[str, Assistant]) -> Sequence[str]:
    """The people and groups that an assistant names and that their platform does not have."""
    names = sorted({name for assistant in found.values() for name in assistant.access})
    unknown: list[str] = []
    # Only here, as below.
    if (named := [name for name in names if name.startswith("slack:")]) and settings.slack_bot_token:
        from adapters.slack import named as slack  # noqa: PLC0415

        unknown += await slack.unknown(shown(settings.slack_bot_token), settings.slack_api_url, named)
    if (named := [name for name in names if name.startswith("discord:")]) and settings.discord_bot_token:
        from adapters.discord import named as discord  # noqa: PLC0415

        unknown += await discord.unknown(shown(settings.discord_bot_token), settings.discord_api_url, named)
    return [
        f"{assistant.name}: access: there is no {name}. Mend it, or take it out."
        for assistant in found.values()
        for name in assistant.access
        if name in unknown
    ]


def _functions(settings: Settings, files: Files) -> tuple[Collection[str], Sequence[str]]:
    """Their names, and what is wrong with their files."""
    try:
        found = function_files.load(settings.folder("functions"), files, for_functions())
    except MaruError as error:
        return (), str(error).splitlines()
    return found, []


async def _model(settings: Settings, models: set[str]) -> Finding:
    if settings.offline:
        return Finding("model: none is connected, Maru quotes its documents (set OPENAI_API_KEY)", on=False)
    # Only here: loading the SDK takes more than a second.
    from bot.openai.checkup import problems  # noqa: PLC0415

    found = await problems(
        shown(settings.openai_api_key),
        settings.openai_base_url,
        models,
        hosted=settings.threads == "hosted",
    )
    return Finding(f"model service {settings.openai_base_url or 'OpenAI'}", tuple(found))


async def _tools(settings: Settings, found: Mapping[str, Assistant]) -> AsyncIterator[Finding]:
    """Tools that a server lacks are no mistake: it is said, and assistants answer without them."""
    # Only here, as above.
    from bot.openai.probe import probe  # noqa: PLC0415

    together: dict[tuple[str, str], list[Assistant]] = {}
    for assistant in found.values():
        # OpenAI has all of its own tools; what is asked there are the servers of others.
        if settings.openai_base_url or assistant.mcp:
            # Two assistants may call different servers by one name.
            alone = assistant.name if assistant.mcp else ""
            together.setdefault((assistant.model or settings.model, alone), []).append(assistant)
    for (model, _), using in together.items():
        key, variables = shown(settings.openai_api_key), for_functions()
        told = await probe(key, settings.openai_base_url, model, using, variables)
        for tool in sorted(told.lacking):
            names = ", ".join(a.name for a in using if tool in a.tools or (tool == "mcp" and a.mcp))
            yield Finding(f"tools: {model} has no {tool} here; without it: {names}", on=False)
        if told.unknown:
            yield Finding(f"tools: what {model} lacks could not be found out ({told.unknown})", on=False)
        if told.servers:
            wrong = [f"{name}: cannot be asked ({why})" for name, why in told.servers.items()]
            yield Finding(
                f"MCP servers of {using[0].name}",
                tuple(f"{one}. Check its url and authorization." for one in wrong),
            )


async def _slack(settings: Settings, *, readable: bool) -> AsyncIterator[Finding]:
    if not settings.slack_bot_token and not settings.slack_client_id:
        yield Finding("Slack: off (set SLACK_BOT_TOKEN; `maru setup slack` shows how)", on=False)
        return
    # Only here: without Slack its SDK is not needed.
    from adapters.slack.checkup import Checkup  # noqa: PLC0415
    from adapters.slack.setup import Way  # noqa: PLC0415

    oauth, http = bool(settings.slack_client_id), not settings.slack_app_token
    # Without a database there is nothing to look at, and that was said.
    store = await Store.open(settings.database, SystemClock()) if oauth and readable else None
    try:
        checkup = Checkup(
            api_url=settings.slack_api_url,
            bot_token=shown(settings.slack_bot_token),
            app_token=shown(settings.slack_app_token),
            config_token=shown(settings.slack_config_token),
            way=Way(settings.public_url, http=http and bool(settings.public_url), oauth=oauth),
            oauth=platforms.oauth(settings, store) if store else None,
            clock=SystemClock(),
        )
        async for finding in checkup.findings():
            yield finding
    finally:
        if store:
            await store.close()


async def _discord(settings: Settings) -> AsyncIterator[Finding]:
    if not settings.discord_bot_token:
        yield Finding("Discord: off (set DISCORD_BOT_TOKEN; `maru setup discord` shows how)", on=False)
        return
    # Only here, as Slack's.
    from adapters.discord.checkup import findings  # noqa: PLC0415

    places = AllowedPlaces(settings.places).of("discord")
    async for finding in findings(shown(settings.discord_bot_token), settings.discord_api_url, places):
        yield finding
