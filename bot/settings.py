"""All settings in one place, read from the environment and `.env`; every wrong one is reported at once."""

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from bot.errors import SettingsError

SHIPPED = Path(__file__).parent / "shipped"  # in an installed package; in a checkout, its top
CHECKOUT = Path(__file__).parent.parent
LAST_PORT = 65_535
PLACE = re.compile(r"slack:[A-Z0-9]+(/[A-Z0-9]+)?|discord:\d+")


def _address(value: object) -> tuple[str, int] | None:
    if value == "off":
        return None
    if isinstance(value, tuple):
        return value
    host, colon, port = str(value).rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > LAST_PORT:
        raise ValueError("give it as HOST:PORT, such as 127.0.0.1:8765, or as off")
    return host.strip("[]"), int(port)


def _database(value: object) -> Path:
    if isinstance(value, Path):
        return value
    parts = urlsplit(str(value))
    if parts.scheme != "sqlite" or parts.netloc or not parts.path.strip("/"):
        raise ValueError("give it as sqlite:///relative/path.db or sqlite:////absolute/path.db")
    return Path(unquote(parts.path[1:]))


def _http(value: object) -> object:
    if value and urlsplit(str(value)).scheme not in {"http", "https"}:
        raise ValueError("give it as an address that begins with http:// or https://")
    return value


def _socket(value: object) -> object:
    if urlsplit(str(value)).scheme not in {"ws", "wss"}:
        raise ValueError("give it as an address that begins with ws:// or wss://")
    return value


def _folder(value: object) -> object:
    if isinstance(value, str) and not Path(value).is_dir():
        raise ValueError("there is no such folder; create it, or unset this")
    return value


def _file(value: object) -> object:
    if isinstance(value, str) and not Path(value).is_file():
        raise ValueError("there is no such file; create it, or unset this")
    return value


def _pins(value: object) -> object:
    if not isinstance(value, str):
        return value
    pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
    if not all(place.strip() and name.strip() for place, _, name in pairs):
        raise ValueError("give it as place=assistant, with commas: slack:T1/C1=weather,discord:G1/C1=travel")
    return {place.strip(): name.strip() for place, _, name in pairs}


def _places(value: object) -> object:
    names = _names(value)
    if isinstance(names, tuple) and not all(PLACE.fullmatch(name) for name in names):
        raise ValueError("give it as platform:id with commas, such as slack:T0123456789,discord:1234")
    return names


def _names(value: object) -> object:
    return (
        tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value
    )


def _channels(value: object) -> object:
    names = _names(value)
    if isinstance(names, tuple) and not all(name == "all" or name.isdecimal() for name in names):
        raise ValueError("give the channels' ids with commas (right-click one, Copy Channel ID), or all")
    return names


def _shards(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"(\d+)(?:-(\d+))?/(\d+)", value)
    first, last, count = (int(number or found[1]) for number in found.groups()) if found else (0, 0, 0)
    if not first <= last < count:
        raise ValueError("give it as FIRST-LAST/ALL, such as 0-3/16: they are counted from 0")
    return first, last, count


Address = Annotated[tuple[str, int] | None, BeforeValidator(_address)]
Database = Annotated[Path, BeforeValidator(_database)]
Url = Annotated[str, BeforeValidator(_http)]
Socket = Annotated[str, BeforeValidator(_socket)]
Folder = Annotated[Path | None, BeforeValidator(_folder)]
File = Annotated[Path | None, BeforeValidator(_file)]
Pins = Annotated[dict[str, str], BeforeValidator(_pins)]
Places = Annotated[tuple[str, ...], BeforeValidator(_places)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Channels = Annotated[tuple[str, ...], BeforeValidator(_channels)]
Shards = Annotated[tuple[int, int, int] | None, BeforeValidator(_shards)]


def _setting(name: str, default: object, description: str) -> Any:
    return Field(default=default, validation_alias=name, description=description, validate_default=True)


class Settings(BaseModel):
    """What the operator decides. Secrets show as asterisks wherever this is printed."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    openai_api_key: SecretStr | None = _setting(
        "OPENAI_API_KEY", None, "key for OpenAI, or for the server below"
    )
    openai_base_url: Url = _setting(
        "OPENAI_BASE_URL", "", "any server that speaks `/v1/responses`, instead of OpenAI"
    )
    model: str = _setting("MARU_MODEL", "gpt-6.2-sol", "the model of assistants that name none")
    threads: Literal["auto", "hosted", "local"] = _setting(
        "MARU_THREADS",
        "auto",
        "where threads live: `hosted` at OpenAI, `local` in the database, `auto` finds out",
    )
    pace: Literal["platform", "off"] = _setting(
        "MARU_PACE", "platform", "keep to the platforms' rate limits; `off` is for measuring"
    )
    database: Database = _setting("MARU_DATABASE_URL", "sqlite:///maru.db", "the database file")
    files: Path | None = _setting("MARU_FILES", None, "folder for file contents; else beside the database")
    assistants: Folder = _setting(
        "MARU_ASSISTANTS", None, "folder of assistants; else `assistants`, else the shipped ones"
    )
    functions: Folder = _setting(
        "MARU_FUNCTIONS", None, "folder of functions; else `functions`, else the shipped ones"
    )
    knowledge: Folder = _setting(
        "MARU_KNOWLEDGE", None, "folder of documents; else `knowledge`, else the shipped handbook"
    )
    embeddings_model: str = _setting(
        "MARU_EMBEDDINGS_MODEL",
        "",
        "searches the documents by meaning too, with this model: `text-embedding-3-small`",
    )
    embeddings_url: Url = _setting(
        "MARU_EMBEDDINGS_URL",
        "",
        "any server that speaks `/v1/embeddings`; else the one that has the model",
    )
    embeddings_key: SecretStr | None = _setting(
        "MARU_EMBEDDINGS_KEY", None, "key for the server of `MARU_EMBEDDINGS_URL`"
    )
    prices: File = _setting("MARU_PRICES", None, "file of prices for `usage`, instead of the shipped one")
    web: Address = _setting("MARU_WEB", ("127.0.0.1", 8765), "address of the web page, or `off`")
    web_token: SecretStr | None = _setting(
        "MARU_WEB_TOKEN", None, "opens the web page; demanded on any address but loopback"
    )
    operator_token: SecretStr | None = _setting("MARU_OPERATOR_TOKEN", None, "opens the operator's pages")
    public_url: Url = _setting(
        "MARU_PUBLIC_URL", "", "how people reach the web page, when it is behind a proxy"
    )
    admins: Names = _setting(
        "MARU_ADMINS", (), "author ids of administrators, with commas: `slack:T1/U1,discord:42`"
    )
    librarians: Names = _setting(
        "MARU_LIBRARIANS", (), "author ids and groups that may change documents in chat, with commas"
    )
    allow_guests: bool = _setting("MARU_ALLOW_GUESTS", False, "answer guests of a workspace too")
    allow_outsiders: bool = _setting(
        "MARU_ALLOW_OUTSIDERS", False, "answer people of other organisations too"
    )
    places: Places = _setting(
        "MARU_PLACES",
        (),
        "the only workspaces, organisations, servers and people to answer, with commas: "
        "`slack:T1,discord:42`; a platform of which none is named is not limited",
    )
    channels: Pins = _setting(
        "MARU_CHANNELS", {}, "assistants set for channels, with commas: `slack:T1/C1=weather`"
    )
    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "MARU_LOG", "info", "how much is logged"
    )
    slack_bot_token: SecretStr | None = _setting("SLACK_BOT_TOKEN", None, "`xoxb-…`: switches Slack on")
    slack_app_token: SecretStr | None = _setting(
        "SLACK_APP_TOKEN", None, "`xapp-…`: Slack by Socket Mode, which needs no public address"
    )
    slack_signing_secret: SecretStr | None = _setting(
        "SLACK_SIGNING_SECRET",
        None,
        "Slack by HTTP instead: it calls `/slack/events` of the web page's address",
    )
    slack_client_id: str = _setting(
        "SLACK_CLIENT_ID", "", "lets several workspaces install Maru, at `/slack/install` of the web page"
    )
    slack_client_secret: SecretStr | None = _setting(
        "SLACK_CLIENT_SECRET", None, "demanded with `SLACK_CLIENT_ID`"
    )
    slack_config_token: SecretStr | None = _setting(
        "SLACK_CONFIG_TOKEN", None, "lets `maru doctor` compare the app's settings; ends after 12 hours"
    )
    slack_api_url: Url = _setting("SLACK_API_URL", "https://slack.com/api/", "where Slack's Web API is")
    discord_bot_token: SecretStr | None = _setting("DISCORD_BOT_TOKEN", None, "switches Discord on")
    discord_forums: Channels = _setting(
        "MARU_DISCORD_FORUMS",
        (),
        "forums whose posts are answered without a mention: channel ids with commas, or `all`",
    )
    discord_in_place: Channels = _setting(
        "MARU_DISCORD_IN_PLACE",
        (),
        "channels where answers are replies instead of threads: ids with commas, or `all`",
    )
    discord_shards: Shards = _setting(
        "MARU_DISCORD_SHARDS", None, "`0-3/16`: this process has these shards of so many; else all of them"
    )
    discord_api_url: Url = _setting(
        "DISCORD_API_URL", "https://discord.com/api/v10", "where Discord's API is"
    )
    discord_gateway_url: Socket = _setting(
        "DISCORD_GATEWAY_URL", "wss://gateway.discord.gg/", "where Discord's gateway is"
    )

    @property
    def offline(self) -> bool:
        """Whether no model is connected."""
        return not self.openai_base_url and not shown(self.openai_api_key)

    @property
    def file_folder(self) -> Path:
        return self.files or self.database.with_name(self.database.name + ".files")

    def folder(self, name: Literal["assistants", "functions", "knowledge"]) -> Path:
        """The setting, else the working directory's folder of that name, else the shipped one."""
        chosen: Path | None = getattr(self, name)
        for folder in (chosen, Path(name)):
            if folder is not None and folder.is_dir():
                return folder
        return SHIPPED / name if (SHIPPED / name).is_dir() else CHECKOUT / name

    def secrets(self) -> tuple[str, ...]:
        """What must never be logged."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return tuple(shown(value) for value in values if isinstance(value, SecretStr) and shown(value))


def shown(secret: SecretStr | None) -> str:
    """The text of a secret; empty when it is not set."""
    return secret.get_secret_value() if secret else ""


def for_functions(environment: Mapping[str, str] | None = None, dotenv: Path | None = None) -> dict[str, str]:
    """The variables that the team's functions may read: all but Maru's own, its keys and tokens above all."""
    names = _names_of_settings()
    return {name: value for name, value in _variables(environment, dotenv).items() if name not in names}


def _names_of_settings() -> set[str]:
    return {str(field.validation_alias) for field in Settings.model_fields.values()}


def _variables(environment: Mapping[str, str] | None = None, dotenv: Path | None = None) -> dict[str, str]:
    """The variables of the environment over those of `.env`."""
    path = dotenv or Path(".env")
    written = dotenv_values(path) if path.is_file() else {}
    return {
        **{name: value for name, value in written.items() if value is not None},
        **(environment if environment is not None else os.environ),
    }


def read(environment: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Settings:
    """The settings of the environment over those of `.env`. Raises SettingsError with all that is wrong."""
    values = _variables(environment, dotenv)
    names = _names_of_settings()
    problems = [
        _unknown(name, names) for name in sorted(values) if name.startswith("MARU_") and name not in names
    ]
    try:
        # Empty is unset: that is how compose files and `.env.example` leave things out.
        settings = Settings.model_validate(
            {name: value for name, value in values.items() if name in names and value}
        )
        problems += _together(settings)
    except ValidationError as error:
        problems += [f"{problem['loc'][0]}: {_plain(problem['msg'])}." for problem in error.errors()]
    if problems:
        raise SettingsError(problems)
    return settings


def _unknown(name: str, names: set[str]) -> str:
    close = get_close_matches(name, names, n=1)
    return f"{name}: there is no such setting{f'; did you mean {close[0]}?' if close else '. Remove it.'}"


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ").rstrip(".")


def _together(settings: Settings) -> list[str]:
    """What is wrong only in combination."""
    problems = []
    if settings.web and not loopback(settings.web[0]) and not shown(settings.web_token):
        problems.append(
            "MARU_WEB_TOKEN: demanded because MARU_WEB listens beyond this machine. Set it to a long random "
            "text, or listen on 127.0.0.1."
        )
    problems += _slack(settings)
    if settings.embeddings_model and settings.offline and not settings.embeddings_url:
        problems.append(
            "MARU_EMBEDDINGS_MODEL: there is no server to ask. Set MARU_EMBEDDINGS_URL, or OPENAI_API_KEY."
        )
    if (settings.embeddings_url or shown(settings.embeddings_key)) and not settings.embeddings_model:
        problems.append(
            "MARU_EMBEDDINGS_MODEL: demanded with MARU_EMBEDDINGS_URL and MARU_EMBEDDINGS_KEY. "
            "Name a model of that server."
        )
    if settings.threads == "hosted" and settings.offline:
        problems.append("MARU_THREADS: hosted needs OPENAI_API_KEY or OPENAI_BASE_URL. Set one, or use auto.")
    return problems


def _slack(settings: Settings) -> list[str]:
    """What is wrong with how Slack is switched on: by a token, by OAuth, or by both."""
    problems = []
    token, client = shown(settings.slack_bot_token), settings.slack_client_id
    app_token, signing_secret = shown(settings.slack_app_token), shown(settings.slack_signing_secret)
    both = ("SLACK_CLIENT_ID", client), ("SLACK_CLIENT_SECRET", shown(settings.slack_client_secret))
    for (name, value), (other, its) in (both, both[::-1]):
        if its and not value:
            problems.append(f'{name}: demanded with {other}. Both are under "Basic Information" of the app.')
    if (token or client) and not app_token and not signing_secret:
        problems.append(
            f"SLACK_APP_TOKEN: demanded with {'SLACK_BOT_TOKEN' if token else 'SLACK_CLIENT_ID'}. "
            "Set it for Socket Mode, or SLACK_SIGNING_SECRET for HTTP."
        )
    elif client and not settings.web:
        problems.append(
            "MARU_WEB: SLACK_CLIENT_ID needs it, for /slack/install. Set an address, "
            "or SLACK_BOT_TOKEN instead, for one workspace."
        )
    elif token and not app_token and not settings.web:
        problems.append(
            "MARU_WEB: Slack by HTTP needs it. Set an address, or SLACK_APP_TOKEN for Socket Mode."
        )
    elif (app_token or signing_secret) and not (token or client):
        problems.append(
            "SLACK_BOT_TOKEN: demanded for Slack. Set it, or SLACK_CLIENT_ID for several workspaces, "
            "or unset the other SLACK_ settings."
        )
    return problems


def loopback(host: str) -> bool:
    """Whether an address can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
