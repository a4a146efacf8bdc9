"""Reads the settings from the environment and `.env`, and reports every wrong one at once."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError

from bot.errors import SettingsError
from bot.mistakes import remedy
from bot.settings import Settings, loopback, shown
from bot.variables import unreadable, variables


def for_functions(environment: Mapping[str, str] | None = None, dotenv: Path | None = None) -> dict[str, str]:
    """The variables that the team's functions may read: all but Maru's own, its keys and tokens above all."""
    names = _names_of_settings()
    return {name: value for name, value in variables(environment, dotenv).items() if name not in names}


def _names_of_settings() -> set[str]:
    return {str(field.validation_alias) for field in Settings.model_fields.values()}


def read(environment: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Settings:
    """The settings of the environment over those of `.env`. Raises SettingsError with all that is wrong."""
    values = variables(environment, dotenv)
    names = _names_of_settings()
    problems = unreadable(dotenv)
    problems += [
        _unknown(name, names) for name in sorted(values) if name.startswith("MARU_") and name not in names
    ]
    # Empty is unset: that is how compose files and `.env.example` leave things out.
    given = {name: value for name, value in values.items() if name in names and value}
    try:
        settings = Settings.model_validate(given)
        problems += _together(settings)
    except ValidationError as error:
        found = {str(problem["loc"][0]): remedy(problem) for problem in error.errors()}
        problems += [f"{name}: {what}." for name, what in found.items()]
        problems += _besides(given, found)
    if problems:
        raise SettingsError(problems)
    return settings


def _besides(given: Mapping[str, str], wrong: Collection[str]) -> list[str]:
    """What is wrong in combination with none of those that are wrong by themselves."""
    right = Settings.model_validate({name: value for name, value in given.items() if name not in wrong})
    return [problem for problem in _together(right) if not any(name in problem for name in wrong)]


def _unknown(name: str, names: set[str]) -> str:
    close = get_close_matches(name, names, n=1)
    return f"{name}: there is no such setting{f'; did you mean {close[0]}?' if close else '. Remove it.'}"


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
