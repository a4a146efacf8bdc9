"""Settings: defaults, sources, and every mistake at once with its remedy."""

from pathlib import Path

import pytest

from bot.environment import for_functions, read
from bot.errors import SettingsError
from bot.openness import openness
from bot.settings import Settings, loopback


def problems(**environment: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read(environment)
    return caught.value.problems


def test_nothing_has_to_be_set() -> None:
    settings = read({})
    assert settings.offline
    assert settings.model == "gpt-6.2-sol"
    assert settings.web == ("127.0.0.1", 8765)
    assert settings.database == Path("maru.db")
    assert settings.file_folder == Path("maru.db.files")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("OPENAI_API_KEY=sk-file\nMARU_MODEL=from-file\n")
    settings = read({"MARU_MODEL": "from-environment"}, dotenv)
    assert settings.model == "from-environment"
    assert settings.openai_api_key is not None
    assert settings.openai_api_key.get_secret_value() == "sk-file"
    assert not settings.offline


def test_discords_channels_and_shards_are_read() -> None:
    settings = read({"MARU_DISCORD_FORUMS": "1, 2", "MARU_DISCORD_IN_PLACE": "all"})
    assert settings.discord_forums == ("1", "2")
    assert settings.discord_in_place == ("all",)
    assert read({"MARU_DISCORD_SHARDS": "0-3/16"}).discord_shards == (0, 3, 16)
    assert read({"MARU_DISCORD_SHARDS": "2/16"}).discord_shards == (2, 2, 16)


def test_empty_is_unset() -> None:
    assert read({"OPENAI_API_KEY": "", "MARU_WEB": ""}).offline


def test_places_are_workspaces_servers_and_people() -> None:
    named = read({"MARU_PLACES": "slack:T1, slack:T1/U1,discord:42"}).places
    assert named == ("slack:T1", "slack:T1/U1", "discord:42")
    (wrong,) = problems(MARU_PLACES="Acme")
    assert wrong.startswith("MARU_PLACES: give it as platform:id")


def test_what_is_open_to_everybody_is_said() -> None:
    oauth = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "x", "SLACK_APP_TOKEN": "xapp-1"}
    both = {**oauth, "DISCORD_BOT_TOKEN": "x"}
    assert [one.partition(":")[0] for one in openness(read(both))] == ["Slack", "Discord"]
    assert not openness(read({**both, "MARU_PLACES": "slack:T1,discord:42"}))
    assert not openness(read({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}))


def test_embeddings_need_a_model_and_a_server() -> None:
    (model,) = problems(MARU_EMBEDDINGS_URL="http://127.0.0.1:1/v1")
    assert model.startswith("MARU_EMBEDDINGS_MODEL: demanded with")
    (server,) = problems(MARU_EMBEDDINGS_MODEL="e5")
    assert server.startswith("MARU_EMBEDDINGS_MODEL: there is no server to ask")
    assert read({"MARU_EMBEDDINGS_MODEL": "e5", "OPENAI_API_KEY": "sk-1"}).embeddings_model == "e5"


def test_every_wrong_setting_is_reported_at_once_and_never_its_secret() -> None:
    found = problems(
        OPENAI_API_KEY="sk-secret",
        OPENAI_BASE_URL="localhost:80",
        MARU_WEB="8765",
        MARU_THREADS="cloud",
        MARU_DATABASE_URL="postgres://x",
        MARU_MODLE="gpt",
        MARU_KNOWLEDGE="/no/such/folder",
        MARU_DISCORD_FORUMS="help-desk",
        MARU_DISCORD_SHARDS="4-3/16",
        SLACK_APP_TOKEN="xapp-1",
    )
    assert [line.split(":")[0] for line in sorted(found)] == [
        "MARU_DATABASE_URL",
        "MARU_DISCORD_FORUMS",
        "MARU_DISCORD_SHARDS",
        "MARU_KNOWLEDGE",
        "MARU_MODLE",
        "MARU_THREADS",
        "MARU_WEB",
        "OPENAI_BASE_URL",
        "SLACK_BOT_TOKEN",
    ]
    assert "did you mean MARU_MODEL?" in "".join(found)
    assert "sk-secret" not in "".join(found)


def test_what_may_only_follow_from_a_wrong_setting_is_not_reported() -> None:
    assert [line.partition(":")[0] for line in problems(OPENAI_API_KEY="ключ", MARU_THREADS="hosted")] == [
        "OPENAI_API_KEY"
    ]


@pytest.mark.parametrize("key", ["sk-ключ", "sk-one two", "sk-1\u200b"])
def test_a_key_that_cannot_be_sent_is_refused_and_not_shown(key: str) -> None:
    (problem,) = problems(OPENAI_API_KEY=key)
    assert "copy it again" in problem
    assert key not in problem


@pytest.mark.parametrize(
    "url", ["http://", "https:///v1", "http://localhost:port/v1", "http://localhost:99999"]
)
def test_an_address_without_a_host_or_with_an_impossible_port_is_refused(url: str) -> None:
    assert "http://" in problems(OPENAI_BASE_URL=url)[0]


@pytest.mark.parametrize("address", ["0.0.0.0:80", "192.168.1.2:8765", "[::]:8765", "maru.example.com:80"])
def test_any_address_but_loopback_demands_a_token(address: str) -> None:
    assert "MARU_WEB_TOKEN" in problems(MARU_WEB=address)[0]
    assert read({"MARU_WEB": address, "MARU_WEB_TOKEN": "long and random"}).web


@pytest.mark.parametrize("value", ["127.0.0.1:99999", ":80", "localhost", "localhost:http"])
def test_an_address_that_is_none_is_refused(value: str) -> None:
    assert "HOST:PORT" in problems(MARU_WEB=value)[0]


@pytest.mark.parametrize(
    ("wrong", "setting"),
    [
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_APP_TOKEN": "xapp-1"}, "SLACK_CLIENT_SECRET"),
        (
            {"SLACK_CLIENT_SECRET": "s", "SLACK_APP_TOKEN": "xapp-1", "SLACK_BOT_TOKEN": "b"},
            "SLACK_CLIENT_ID",
        ),
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s"}, "SLACK_APP_TOKEN"),
        (
            {
                "SLACK_CLIENT_ID": "1.2",
                "SLACK_CLIENT_SECRET": "s",
                "SLACK_APP_TOKEN": "x",
                "MARU_WEB": "off",
            },
            "MARU_WEB",
        ),
    ],
)
def test_what_several_slack_workspaces_need(wrong: dict[str, str], setting: str) -> None:
    assert [line.partition(":")[0] for line in problems(**wrong)] == [setting]


def test_several_slack_workspaces_need_no_bot_token() -> None:
    settings = read({"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s", "SLACK_SIGNING_SECRET": "t"})
    assert settings.slack_client_id == "1.2"
    assert "s" in settings.secrets()


def test_the_web_page_can_be_off() -> None:
    assert read({"MARU_WEB": "off"}).web is None


def test_database_addresses() -> None:
    assert read({"MARU_DATABASE_URL": "sqlite:////var/maru/a%20b.db"}).database == Path("/var/maru/a b.db")
    assert read({"MARU_DATABASE_URL": "sqlite:///data/x.db"}).database == Path("data/x.db")
    assert "path.db" in problems(MARU_DATABASE_URL="sqlite:///:memory:")[0]


def test_secrets_never_show() -> None:
    settings = read({"OPENAI_API_KEY": "sk-secret", "MARU_WEB_TOKEN": "tok"})
    assert "sk-secret" not in repr(settings)
    assert settings.secrets() == ("sk-secret", "tok")


def test_folders_are_the_setting_else_here_else_the_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (read({}).folder("assistants") / "maru.toml").is_file()
    (tmp_path / "assistants").mkdir()
    assert read({}).folder("assistants") == Path("assistants")
    chosen = tmp_path / "mine"
    chosen.mkdir()
    assert read({"MARU_ASSISTANTS": str(chosen)}).folder("assistants") == chosen


def test_lists_are_separated_by_commas() -> None:
    assert read({"MARU_ADMINS": "slack:T1/U1, discord:42,"}).admins == ("slack:T1/U1", "discord:42")


def test_people_and_channels_without_their_platform_are_refused() -> None:
    """Such a name would never be anybody's."""
    found = problems(MARU_ADMINS="bob", MARU_LIBRARIANS="slack:T1/U1,Mina", MARU_CHANNELS="general=weather")
    assert [problem.partition(":")[0] for problem in found] == [
        "MARU_ADMINS",
        "MARU_LIBRARIANS",
        "MARU_CHANNELS",
    ]
    assert "such as slack:T1/U1" in found[0]


def test_loopback_names() -> None:
    assert all(map(loopback, ["127.0.0.1", "127.8.8.8", "::1", "localhost"]))
    assert not any(map(loopback, ["0.0.0.0", "::", "example.com", "10.0.0.1"]))  # noqa: S104 - asked about


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description and field.validation_alias for field in Settings.model_fields.values())


def test_functions_read_the_teams_variables_and_none_of_marus(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("SLACK_BOT_TOKEN=xoxb-private\nWIKI_KEY=ours\n")
    assert for_functions({"OPENAI_API_KEY": "sk-private"}, dotenv) == {"WIKI_KEY": "ours"}


def test_a_choice_is_refused_with_what_there_is_to_choose() -> None:
    assert problems(MARU_PACE="x", MARU_LOG="y", MARU_ALLOW_GUESTS="maybe") == [
        "MARU_PACE: give it as platform or off.",
        "MARU_ALLOW_GUESTS: give it as true or false.",
        "MARU_LOG: give it as debug, info, warning or error.",
    ]


def test_lines_of_the_file_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("# ours\nexport MARU_LOG=debug\nOPENAI_API_KEY\nMARU_WEB off\n=x\nWIKI_KEY=\n")
    with pytest.raises(SettingsError) as caught:
        read({}, dotenv)
    assert caught.value.problems == [
        f"{dotenv}: line {line} cannot be read. Write it as NAME=value, or remove it." for line in (3, 4, 5)
    ]


def test_the_file_may_come_from_an_editor_of_windows(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_bytes("MARU_MODEL=mine\r\nMARU_LOG=debug\r\n".encode("utf-8-sig"))
    assert read({}, dotenv).model == "mine"
    dotenv.write_bytes("MARU_MODEL=mine\r\n".encode("utf-16"))
    with pytest.raises(SettingsError, match="Save it as UTF-8"):
        read({}, dotenv)
