"""`maru import threads`: a team that moves in goes on where it was."""

import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from slack_sdk.oauth.installation_store import Installation

from adapters.slack.installing import InstallationStore
from bot.clock import SystemClock
from storage.sqlite.store import Store
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord import Person as DiscordPerson
from tests.fakes.openai import KEY, FakeOpenAI
from tests.fakes.processes import run_maru, start_maru
from tests.fakes.slack import FakeSlack
from tests.fakes.slack.people import Person as SlackPerson

IMPORT = "import threads map.json"


@pytest.fixture
async def openai() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as fake:
        yield fake


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        yield fake


@pytest.fixture
async def discord() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as fake:
        yield fake


def in_slack(slack: FakeSlack) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api,
    }


def in_discord(discord: FakeDiscord) -> dict[str, str]:
    return {
        "DISCORD_BOT_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api,
        "DISCORD_GATEWAY_URL": discord.gateway,
    }


def mapped(folder: Path, places: dict[str, str]) -> None:
    (folder / "map.json").write_text(json.dumps(places), encoding="utf-8")


def held(openai: FakeOpenAI) -> list[str]:
    """Who said what in the only conversation at OpenAI, without headers."""
    return [
        f"{item['role']}: {item['content'][-1]['text']}"
        for item in openai.conversation.items
        if item["type"] == "message"
    ]


async def test_a_thread_in_slack_goes_on_with_what_was_said_in_it(
    tmp_path: Path, slack: FakeSlack, openai: FakeOpenAI
) -> None:
    """People's words are theirs and the old answers are the assistant's; a Maru runs beside all the time."""
    ann, maru = slack.person("Ann"), SlackPerson(slack, slack.world.users[slack.team.bot_user])
    asked = await ann.says(slack.general, "Which colour has our logo?")
    await maru.says(slack.general, "It is *green*.", thread=asked)
    await ann.says(slack.general, "Thanks & bye", thread=asked)
    place = f"slack:{slack.team.id}/{slack.general.id}/{asked.ts}"
    mapped(tmp_path, {place: "thread_abc"})
    environment = {**in_slack(slack), "OPENAI_BASE_URL": openai.url, "OPENAI_API_KEY": KEY}
    process, _ = await start_maru(tmp_path, environment)
    try:
        status, said = await run_maru(tmp_path, environment, f"{IMPORT} --dry-run")
        assert (status, "would be filled (messages: 2, answers: 1," in said) == (0, True), said
        status, said = await run_maru(tmp_path, environment, IMPORT)
        assert (status, "filled (messages: 2, answers: 1," in said) == (0, True), said
        status, said = await run_maru(tmp_path, environment, IMPORT)
        assert (status, "moved in already." in said) == (0, True), said
        await slack.until(lambda: slack.socket.connections)
        await ann.mentions_bot(slack.general, "which one again?", thread=asked)
        await slack.until(
            lambda: any("which one again?" in m.text and m.buttons for m in slack.reads(slack.general, asked))
        )
    finally:
        await process.end(signal.SIGTERM)
    assert held(openai)[:4] == [
        "user: Which colour has our logo?",
        "assistant: It is *green*.",
        "user: Thanks & bye",
        "user: which one again?",
    ]


async def test_the_first_question_in_a_channel_of_slack_goes_on_with_its_past(
    tmp_path: Path, slack: FakeSlack, openai: FakeOpenAI
) -> None:
    """Also what was said in the channel's threads; the old bot was another app there."""
    ann = slack.person("Ann")
    old = slack.person("Old Bot", kind="bot")
    asked = await ann.says(slack.general, "Where is lunch?")
    await old.says(slack.general, "In the yard.", thread=asked)
    await ann.says(slack.general, "And dinner?")
    channel = f"slack:{slack.team.id}/{slack.general.id}"
    mapped(tmp_path, {channel: "thread_abc"})
    environment = {**in_slack(slack), "OPENAI_BASE_URL": openai.url, "OPENAI_API_KEY": KEY}
    status, said = await run_maru(tmp_path, environment, f"{IMPORT} --dry-run")
    assert status == 0, said
    assert f"slack:{slack.team.id}/{old.id} (1)" in said
    assert "name it with --bot" in said
    status, said = await run_maru(tmp_path, environment, f"{IMPORT} --bot slack:{slack.team.id}/{old.id}")
    assert status == 0, said
    assert "The next question asked in that channel goes on with it." in said
    process, _ = await start_maru(tmp_path, environment)
    try:
        await slack.until(lambda: slack.socket.connections)
        question = await ann.mentions_bot(slack.general, "what did I ask?")
        await slack.until(
            lambda: any(
                "what did I ask?" in m.text and m.buttons for m in slack.reads(slack.general, question)
            )
        )
    finally:
        await process.end(signal.SIGTERM)
    assert held(openai)[:4] == [
        "user: Where is lunch?",
        "assistant: In the yard.",
        "user: And dinner?",
        "user: what did I ask?",
    ]


async def test_a_workspace_that_installed_maru_is_read_with_its_own_token(
    tmp_path: Path, slack: FakeSlack
) -> None:
    asked = await slack.person("Ann").says(slack.general, "Hello?")
    store = await Store.open(tmp_path / "maru.db", SystemClock())
    installation = Installation(user_id="U1", team_id=slack.team.id, bot_token=slack.bot_token)
    await InstallationStore(store.installations, slack.app.client_id).async_save(installation)
    await store.close()
    mapped(tmp_path, {f"slack:{slack.team.id}/{slack.general.id}/{asked.ts}": "thread_1"})
    settings = {
        "SLACK_CLIENT_ID": slack.app.client_id,
        "SLACK_CLIENT_SECRET": slack.app.client_secret,
        "SLACK_SIGNING_SECRET": slack.app.signing_secret,
        "SLACK_API_URL": slack.api,
    }
    status, said = await run_maru(tmp_path, settings, IMPORT)
    assert (status, "filled (messages: 1," in said) == (0, True), said


async def test_a_token_that_slack_refuses_is_named(tmp_path: Path, slack: FakeSlack) -> None:
    mapped(tmp_path, {f"slack:{slack.team.id}/{slack.general.id}": "thread_1"})
    status, said = await run_maru(tmp_path, {**in_slack(slack), "SLACK_BOT_TOKEN": "xoxb-wrong"}, IMPORT)
    assert (status, "Slack says invalid_auth" in said) == (1, True), said
    assert "xoxb-wrong" not in said


async def test_a_thread_and_a_direct_message_in_discord_go_on(
    tmp_path: Path, discord: FakeDiscord, openai: FakeOpenAI
) -> None:
    ann, maru = discord.person("Ann"), DiscordPerson(discord, discord.world.maru)
    thread = ann.thread(discord.general, "Lunch")
    await ann.says(thread, "Where is lunch?")
    await maru.says(thread, "In the **yard**.")
    await ann.says(ann.dm, "My secret is 7.")
    await maru.says(ann.dm, "I keep it.")
    direct = f"discord:@me/{ann.dm.id}"
    mapped(tmp_path, {f"discord:{discord.guild.id}/{thread.id}": "thread_a", direct: "thread_b"})
    environment = {**in_discord(discord), "OPENAI_BASE_URL": openai.url, "OPENAI_API_KEY": KEY}
    status, said = await run_maru(tmp_path, environment, IMPORT)
    assert (status, said.count("filled (messages: 1, answers: 1,")) == (0, 2), said
    process, _ = await start_maru(tmp_path, environment)
    try:
        await discord.until(lambda: discord.gateway_server.sessions)
        await ann.writes("What is it?")
        await discord.until(
            lambda: any("What is it?" in m.text for m in discord.reads(ann.dm) if m.author == "Maru")
        )
    finally:
        await process.end(signal.SIGTERM)
    assert held(openai)[:3] == ["user: My secret is 7.", "assistant: I keep it.", "user: What is it?"]


async def test_the_first_question_in_a_channel_of_discord_goes_on_with_its_past(
    tmp_path: Path, discord: FakeDiscord, openai: FakeOpenAI
) -> None:
    ann, maru = discord.person("Ann"), DiscordPerson(discord, discord.world.maru)
    await ann.says(discord.general, "Where is lunch?")
    await maru.says(discord.general, "In the yard.")
    mapped(tmp_path, {f"discord:{discord.guild.id}/{discord.general.id}": "thread_a"})
    environment = {**in_discord(discord), "OPENAI_BASE_URL": openai.url, "OPENAI_API_KEY": KEY}
    status, said = await run_maru(tmp_path, environment, IMPORT)
    assert (status, "The next question asked in that channel goes on with it." in said) == (0, True), said
    process, _ = await start_maru(tmp_path, environment)
    try:
        await discord.until(lambda: discord.gateway_server.sessions)
        asked = await ann.mentions_bot(discord.general, "Where was it?")
        await discord.until(
            lambda: any("Where was it?" in m.text for m in discord.reads(asked.id) if m.author == "Maru")
        )
    finally:
        await process.end(signal.SIGTERM)
    assert held(openai)[:3] == ["user: Where is lunch?", "assistant: In the yard.", "user: Where was it?"]


async def test_every_line_that_cannot_be_moved_is_named_and_the_others_are(
    tmp_path: Path, slack: FakeSlack, discord: FakeDiscord
) -> None:
    ann = slack.person("Ann")
    asked = await ann.says(slack.general, "Hello?")
    hidden = slack.add_channel("hidden", ann, bot=False)
    team = slack.team.id
    good = f"slack:{team}/{slack.general.id}/{asked.ts}"
    forum = discord.add_channel("ideas", kind="forum")
    mapped(
        tmp_path,
        {
            "general": "thread_0",
            f"slack:{team}/{hidden.id}": "thread_1",
            f"slack:{team}/C404": "thread_2",
            "slack:T404/C1": "thread_3",
            "web:general": "thread_4",
            f"discord:{discord.guild.id}/404": "thread_5",
            f"discord:{discord.guild.id}/{forum.id}": "thread_6",
            f"discord:1/{discord.general.id}": "thread_7",
            f"discord:{discord.guild.id}/{discord.general.id}": "thread_8",
            good: "thread_9",
        },
    )
    status, said = await run_maru(tmp_path, {**in_slack(slack), **in_discord(discord)}, IMPORT)
    assert status == 1
    found = {line.removeprefix("map.json: ").partition(": ")[0]: line for line in said.splitlines()}
    assert "general is no place" in said
    assert "not_in_channel" in found[f"slack:{team}/{hidden.id}"]
    assert "channel_not_found" in found[f"slack:{team}/C404"]
    assert "no token is for the workspace T404" in found["slack:T404/C1"]
    assert "that platform is not switched on, or has no history" in found["web:general"]
    assert "code 10003" in found[f"discord:{discord.guild.id}/404"]
    assert "has no messages of its own" in found[f"discord:{discord.guild.id}/{forum.id}"]
    assert "it is not in the server 1" in found[f"discord:1/{discord.general.id}"]
    assert "nobody has said anything there" in found[f"discord:{discord.guild.id}/{discord.general.id}"]
    assert "filled (messages: 1, answers: 0," in found[good]
    assert "Traceback" not in said
