"""`maru doctor` and `maru setup`, as an operator uses them."""

import json
import signal
from pathlib import Path

import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.openai import FakeMcp
from tests.fakes.openai.server import KEY, FakeOpenAI
from tests.fakes.processes import run_maru, start_maru
from tests.fakes.slack import FakeSlack
from tests.fakes.visitor import Visitor


async def test_a_fresh_installation_is_well_and_says_what_is_off(tmp_path: Path) -> None:
    status, said = await run_maru(tmp_path, {}, "doctor")
    assert status == 0
    assert "database maru.db: ok" in said
    assert "Slack: off" in said
    assert "Everything is well." in said


async def test_it_works_beside_a_maru_that_runs(tmp_path: Path) -> None:
    maru, _ = await start_maru(tmp_path, {})
    status, said = await run_maru(tmp_path, {}, "doctor")
    assert await maru.end(signal.SIGTERM) == 0
    assert (status, "database maru.db: ok" in said) == (0, True)


async def test_right_keys_and_tokens_are_well(tmp_path: Path) -> None:
    async with FakeOpenAI() as openai, FakeSlack() as slack:
        settings = {
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": openai.url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api,
        }
        status, said = await run_maru(tmp_path, settings, "doctor")
    assert status == 0, said
    assert f"Slack, Acme ({slack.team.id}): ok" in said


async def test_every_wrong_part_is_named_with_its_remedy_and_no_secret_is_shown(tmp_path: Path) -> None:
    (tmp_path / "assistants").mkdir()
    (tmp_path / "assistants" / "maru.toml").write_text('instructions = "Help."\ncolour = "red"\n')
    async with FakeOpenAI() as openai, FakeSlack() as slack:
        settings = {
            "OPENAI_API_KEY": "sk-private",
            "OPENAI_BASE_URL": openai.url,
            "SLACK_BOT_TOKEN": "xoxb-private",
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api,
        }
        status, said = await run_maru(tmp_path, settings, "doctor")
    assert status == 1
    assert "maru.toml:2: colour" in said
    assert "  - OPENAI_API_KEY: the service refuses it" in said
    assert "  - SLACK_BOT_TOKEN: Slack says" in said
    assert "3 to set right." in said
    assert "private" not in said


OWN = """
instructions = "Help."
tools = ["python", "web", "pictures"]
functions = ["fly"]

[[mcp]]
label = "tracker"
url = "https://tracker.example/mcp"

[[mcp]]
label = "wiki"
url = "https://wiki.example/mcp"
authorization = "WIKI_TOKEN"
"""


async def test_what_assistants_name_and_nobody_has_is_named(tmp_path: Path) -> None:
    """Functions that do not exist, tokens that are not set, and servers that cannot be asked."""
    (tmp_path / "assistants").mkdir()
    (tmp_path / "assistants" / "maru.toml").write_text(OWN)
    async with FakeOpenAI() as openai:
        settings = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": openai.url}
        status, said = await run_maru(tmp_path, settings, "doctor")
        assert status == 1
        assert "  - assistant maru: there is no function fly. Write it, or take it out." in said
        assert "  - assistant maru: WIKI_TOKEN is not set, so wiki is not asked." in said
        assert "  - tracker: cannot be asked (424 code=http_error" in said
        assert "has no" not in said
        openai.mcp.all["https://tracker.example/mcp"] = FakeMcp({})
        openai.mcp.all["https://wiki.example/mcp"] = FakeMcp({}, token="wiki-token")
        status, said = await run_maru(tmp_path, settings | {"WIKI_TOKEN": "wiki-token"}, "doctor")
        assert "cannot be asked" not in said
        assert "is not set" not in said
        assert not openai.containers.all


async def test_tools_that_a_compatible_server_lacks_are_named_and_are_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "assistants").mkdir()
    (tmp_path / "assistants" / "maru.toml").write_text(OWN.replace('"fly"', ""))
    async with FakeOpenAI(hosted=False) as openai:
        settings = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": openai.url, "WIKI_TOKEN": "wiki-token"}
        status, said = await run_maru(tmp_path, settings, "doctor")
    assert status == 0, said
    for tool in ("python", "web", "pictures", "mcp"):
        assert f"tools: gpt-6.2-sol has no {tool} here; without it: maru" in said


async def test_hosted_threads_at_a_server_without_are_named_before_and_in_chat(tmp_path: Path) -> None:
    """By the doctor, in the log at start, and to whoever asks."""
    async with FakeOpenAI(hosted=False) as openai:
        settings = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": openai.url, "MARU_THREADS": "hosted"}
        status, said = await run_maru(tmp_path, settings, "doctor")
        assert status == 1
        assert "  - MARU_THREADS is hosted, and the service has no conversations (404" in said
        assert "Set it to auto or local." in said
        maru, address = await start_maru(tmp_path, settings)
        async with Visitor(address) as ann, ann.watch("general") as screen:
            _, sent = await ann.send("general", "hi")
            await screen.until_answered()
            assert "Whoever runs me has to change MARU_THREADS." in str(screen.turns[sent["turn"]])
        assert await maru.end(signal.SIGTERM) == 0
        assert "Set it to auto or local." in (tmp_path / "maru.log").read_text(encoding="utf-8")
    async with FakeOpenAI() as openai:
        status, said = await run_maru(tmp_path, settings | {"OPENAI_BASE_URL": openai.url}, "doctor")
        assert status == 0, said
        assert not openai.conversations.all


async def test_at_start_the_log_says_what_nobody_has(tmp_path: Path) -> None:
    (tmp_path / "assistants").mkdir()
    (tmp_path / "assistants" / "maru.toml").write_text(OWN)
    maru, _ = await start_maru(tmp_path, {})
    assert await maru.end(signal.SIGTERM) == 0
    log = (tmp_path / "maru.log").read_text(encoding="utf-8")
    assert "assistant maru: there is no function fly." in log
    assert "assistant maru: WIKI_TOKEN is not set" in log


async def test_an_unknown_model_is_named_with_those_there_are(tmp_path: Path) -> None:
    async with FakeOpenAI() as openai:
        settings = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": openai.url, "MARU_MODEL": "gpt-0"}
        status, said = await run_maru(tmp_path, settings, "doctor")
    assert status == 1
    assert "does not list gpt-0. Choose one of: " in said


async def test_a_service_that_is_away_is_a_problem_and_no_traceback(tmp_path: Path) -> None:
    status, said = await run_maru(tmp_path, {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, "doctor")
    assert status == 1
    assert "OPENAI_BASE_URL: the service cannot be reached" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("http", [False, True])
async def test_setup_slack_prints_a_manifest_for_this_installation(tmp_path: Path, *, http: bool) -> None:
    settings = {"MARU_PUBLIC_URL": "https://maru.example.com"} if http else {}
    status, said = await run_maru(tmp_path, settings, "setup slack --http" if http else "setup slack")
    assert status == 0
    manifest = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert manifest["settings"]["socket_mode_enabled"] is not http
    assert ("https://maru.example.com/slack/events" in said) is http
    assert ("SLACK_SIGNING_SECRET" if http else "SLACK_APP_TOKEN") in said


async def test_setup_slack_for_several_workspaces(tmp_path: Path) -> None:
    """The redirect address, the credentials and the link; with --org and --rotate their switches."""
    settings = {"MARU_PUBLIC_URL": "https://maru.example.com/"}
    status, said = await run_maru(tmp_path, settings, "setup slack --oauth")
    assert status == 0
    manifest = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert manifest["oauth_config"]["redirect_urls"] == ["https://maru.example.com/slack/oauth_redirect"]
    assert (
        manifest["settings"]["org_deploy_enabled"] is manifest["settings"]["token_rotation_enabled"] is False
    )
    assert "SLACK_CLIENT_SECRET" in said
    assert "SLACK_BOT_TOKEN" not in said
    assert "https://maru.example.com/slack/install" in said
    _, said = await run_maru(tmp_path, settings, "setup slack --org --rotate")
    manifest = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert (
        manifest["settings"]["org_deploy_enabled"] is manifest["settings"]["token_rotation_enabled"] is True
    )


async def test_setup_for_http_without_an_address_says_which_setting_is_missing(tmp_path: Path) -> None:
    status, said = await run_maru(tmp_path, {}, "setup slack --http")
    assert status == 2
    assert said.startswith("MARU_PUBLIC_URL: demanded with --http")


async def test_a_wrong_folder_of_files_and_file_of_prices_are_named_for_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("No folder.")
    settings = {"MARU_FILES": "taken", "MARU_PRICES": "taken"}
    status, said = await run_maru(tmp_path, settings, "doctor")
    assert status == 1
    assert "files in taken: to set right\n  - Files cannot be kept in taken: it is no folder." in said
    assert "prices in taken: to set right\n  - taken: cannot be read" in said
    assert "2 to set right." in said


async def test_a_wrong_file_of_functions_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "own.py").write_text("def f(a: int) -> int: ...\n", encoding="utf-8")
    status, said = await run_maru(tmp_path, {}, "doctor")
    assert status == 1
    assert "functions in functions: to set right\n  - functions/own.py:1: f: it has no docstring" in said


async def test_discord_is_checked_for_its_token_and_its_intent(tmp_path: Path) -> None:
    async with FakeDiscord() as discord:
        settings = {"DISCORD_BOT_TOKEN": discord.token, "DISCORD_API_URL": discord.api}
        status, said = await run_maru(tmp_path, settings, "doctor")
        assert (status, "Discord, Maru, 1 server, 1 shard: ok" in said) == (0, True), said
        wrong = await run_maru(tmp_path, settings | {"DISCORD_BOT_TOKEN": "private.wrong.token"}, "doctor")
    assert wrong[0] == 1
    assert "  - DISCORD_BOT_TOKEN: Discord does not accept it." in wrong[1]
    assert "private" not in wrong[1]
    async with FakeDiscord(content=False) as discord:
        settings = {"DISCORD_BOT_TOKEN": discord.token, "DISCORD_API_URL": discord.api}
        status, said = await run_maru(tmp_path, settings, "doctor")
    assert (status, "Message Content intent is switched off" in said) == (1, True)


async def test_setup_discord_prints_the_invitation_of_the_tokens_application(tmp_path: Path) -> None:
    _, before = await run_maru(tmp_path, {}, "setup discord")
    assert "once the token is in .env" in before
    async with FakeDiscord() as discord:
        settings = {"DISCORD_BOT_TOKEN": discord.token, "DISCORD_API_URL": discord.api}
        status, said = await run_maru(tmp_path, settings, "setup discord")
    assert status == 0
    assert f"client_id={discord.world.application}" in said
    assert "scope=bot+applications.commands" in said
    assert "scope=applications.commands&integration_type=1" in said


async def test_discord_is_checked_for_what_maru_may_do_in_each_server(tmp_path: Path) -> None:
    async with FakeDiscord() as discord:
        discord.add_channel("quiet").denied.add("send")
        other = discord.add_guild("Globex")
        other.denied.add("threads")
        settings = {
            "DISCORD_BOT_TOKEN": discord.token,
            "DISCORD_API_URL": discord.api,
            "MARU_PLACES": f"discord:{other.id}",
        }
        status, said = await run_maru(tmp_path, settings, "doctor")
    assert status == 1
    assert "Discord, Maru, 2 servers, 1 shard: ok" in said
    assert f"Discord, Acme ({discord.guild.id}): ok" in said
    assert "  · MARU_PLACES does not name it" in said
    assert "  · Send Messages is off in #quiet." in said
    assert f"Discord, Globex ({other.id}): to set right\n  - Maru may not: Create Public Threads." in said
    assert "1 to set right." in said


async def test_what_is_open_to_everybody_is_told_and_no_problem(tmp_path: Path) -> None:
    async with FakeDiscord() as discord:
        settings = {"DISCORD_BOT_TOKEN": discord.token, "DISCORD_API_URL": discord.api}
        status, said = await run_maru(tmp_path, settings, "doctor")
    assert status == 0
    assert "Good to know: Discord: whoever adds Maru to a server" in said
