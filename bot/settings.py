"""All settings: what each is called in the environment, what it is without being set, and what it is for."""

from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.setting_types import (
    Address,
    Authors,
    Channels,
    Database,
    File,
    Folder,
    Key,
    Pins,
    Places,
    Shards,
    Socket,
    Url,
)

SHIPPED = Path(__file__).parent / "shipped"  # in an installed package; in a checkout, its top
CHECKOUT = Path(__file__).parent.parent


def _setting(name: str, default: object, description: str) -> Any:
    return Field(default=default, validation_alias=name, description=description, validate_default=True)


class Settings(BaseModel):
    """What the operator decides. Secrets show as asterisks wherever this is printed."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    openai_api_key: Key = _setting("OPENAI_API_KEY", None, "key for OpenAI, or for the server below")
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
    embeddings_key: Key = _setting("MARU_EMBEDDINGS_KEY", None, "key for the server of `MARU_EMBEDDINGS_URL`")
    prices: File = _setting("MARU_PRICES", None, "file of prices for `usage`, instead of the shipped one")
    web: Address = _setting("MARU_WEB", ("127.0.0.1", 8765), "address of the web page, or `off`")
    web_token: SecretStr | None = _setting(
        "MARU_WEB_TOKEN", None, "opens the web page; demanded on any address but loopback"
    )
    operator_token: SecretStr | None = _setting("MARU_OPERATOR_TOKEN", None, "opens the operator's pages")
    public_url: Url = _setting(
        "MARU_PUBLIC_URL", "", "how people reach the web page, when it is behind a proxy"
    )
    admins: Authors = _setting(
        "MARU_ADMINS", (), "author ids of administrators, with commas: `slack:T1/U1,discord:42`"
    )
    librarians: Authors = _setting(
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
    slack_bot_token: Key = _setting("SLACK_BOT_TOKEN", None, "`xoxb-…`: switches Slack on")
    slack_app_token: Key = _setting(
        "SLACK_APP_TOKEN", None, "`xapp-…`: Slack by Socket Mode, which needs no public address"
    )
    slack_signing_secret: Key = _setting(
        "SLACK_SIGNING_SECRET",
        None,
        "Slack by HTTP instead: it calls `/slack/events` of the web page's address",
    )
    slack_client_id: str = _setting(
        "SLACK_CLIENT_ID", "", "lets several workspaces install Maru, at `/slack/install` of the web page"
    )
    slack_client_secret: Key = _setting("SLACK_CLIENT_SECRET", None, "demanded with `SLACK_CLIENT_ID`")
    slack_config_token: Key = _setting(
        "SLACK_CONFIG_TOKEN", None, "lets `maru doctor` compare the app's settings; ends after 12 hours"
    )
    slack_api_url: Url = _setting("SLACK_API_URL", "https://slack.com/api/", "where Slack's Web API is")
    discord_bot_token: Key = _setting("DISCORD_BOT_TOKEN", None, "switches Discord on")
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


def loopback(host: str) -> bool:
    """Whether an address can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
