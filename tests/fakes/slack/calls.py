"""From an HTTP request to a method's arguments: token, scope, shape and rate."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from tests.fakes.slack.app import App
from tests.fakes.slack.limits import RateLimits
from tests.fakes.slack.methods import METHODS, Method
from tests.fakes.slack.wire import Json, SlackError, invalid
from tests.fakes.slack.world import Channel, Team, Token, World

JSON_ARGUMENTS = {"blocks", "attachments", "metadata", "chunks", "files", "view", "prompts"}
BOOLEANS = {
    "as_user", "exclude_archived", "exclude_muted", "include_all_metadata", "include_locale",
    "include_num_members", "inclusive", "link_names", "mrkdwn", "prevent_creation", "reply_broadcast",
    "return_im", "test", "unfurl_links", "unfurl_media",
}  # fmt: skip
INTEGERS = {"limit", "length"}
PREFIXES = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}


@dataclass
class Call:
    """One call of a method, with its arguments in their types."""

    method: str
    arguments: Json
    token: Token
    team: Team
    world: World

    def text(self, name: str) -> str:
        value = self.arguments.get(name, "")
        if not isinstance(value, str):
            raise invalid(f"must be a string [json-pointer:/{name}]")
        return value

    def channel(self, name: str = "channel") -> Channel:
        """The channel it is about; the scope for its kind is demanded, and not more is told without."""
        channel = self.world.channel(self.text(name), self.team.id)
        inside = self.team.bot_user in channel.members
        if channel.kind != "public" and not inside:
            raise SlackError("channel_not_found")
        wanted = METHODS[self.method].scope
        if wanted.startswith("*"):
            self.need(PREFIXES[channel.kind] + wanted[1:])
        return channel

    def need(self, scope: str) -> None:
        if scope and scope not in self.token.scopes:
            provided = ",".join(sorted(self.token.scopes))
            raise SlackError("missing_scope", needed=scope, provided=provided)


class Calls:
    """Reads and checks requests."""

    def __init__(self, world: World, limits: RateLimits, app: App) -> None:
        self.world = world
        self.app = app
        self.limits = limits
        self.nameless = Team("", "")  # of an app-level token

    async def read(self, request: web.Request) -> Call:
        name = request.match_info["method"]
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        arguments = await self._arguments(request, method)
        if not method.token:
            arguments |= _client(request)
        token = self._token(request, arguments, method)
        team = self._team(token, arguments)
        call = Call(name, arguments, token, team, self.world)
        if not method.scope.startswith("*"):
            call.need(method.scope)
        if unknown := sorted(set(arguments) - method.known):
            raise invalid(*(f"unknown argument: {name}" for name in unknown))
        if missing := [name for name in method.required if arguments.get(name) in (None, "")]:
            # An empty status clears it.
            missing = [name for name in missing if name != "status" or name not in arguments]
            if missing:
                raise invalid(*(f"missing required field: {name}" for name in missing))
        if "thread_ts" in arguments and not arguments["thread_ts"]:
            raise SlackError("invalid_thread_ts")
        self.limits.admit(name, token.enterprise or team.id, str(arguments.get("channel", "")))
        return call

    async def _arguments(self, request: web.Request, method: Method) -> Json:
        arguments: Json = _typed(request.query)
        if request.content_type == "application/json":
            body = json.loads(await request.text() or "{}") if method.json else {}
            if not isinstance(body, dict):
                raise SlackError("invalid_json")
            arguments |= body
            for name in JSON_ARGUMENTS & set(arguments):
                if isinstance(arguments[name], str):
                    arguments[name] = _decoded(name, arguments[name])
        elif request.method == "POST":
            arguments |= _typed({key: str(value) for key, value in (await request.post()).items()})
        return {name: value for name, value in arguments.items() if value is not None}

    def _token(self, request: web.Request, arguments: Json, method: Method) -> Token:
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        value = value if scheme == "Bearer" else str(arguments.get("token", ""))
        if method.token:
            arguments.pop("token", None)
        else:
            return Token("", "bot")
        if not value:
            raise SlackError("not_authed")
        token = self.world.tokens.get(value)
        if token is None:
            raise SlackError("invalid_auth")
        if token.revoked:
            raise SlackError("token_revoked")
        if token.expires_at and token.expires_at <= self.world.clock.now():
            raise SlackError("token_expired")
        if token.kind != method.token:
            raise SlackError("not_allowed_token_type")
        return token

    def _team(self, token: Token, arguments: Json) -> Team:
        """The workspace; with an organisation's token the arguments say which."""
        if not token.enterprise:
            return self.world.teams.get(token.team, self.nameless)
        named = str(arguments.get("team_id", ""))
        for name in ("channel", "channel_id"):
            if arguments.get(name) in self.world.channels:
                named = self.world.channels[str(arguments[name])].team
        team = self.world.teams.get(named or token.team)
        if team is None or team.enterprise != token.enterprise:
            raise SlackError("team_access_not_granted")
        return team


def _typed(given: Mapping[str, str]) -> Json:
    """Values of a query or a form in their types."""
    typed: Json = {}
    for name, value in given.items():
        if name in BOOLEANS:
            typed[name] = value.lower() in ("1", "true")
        elif name in INTEGERS:
            if not value.isdigit():
                raise invalid(f"must be an integer: {name}")
            typed[name] = int(value)
        elif name in JSON_ARGUMENTS:
            typed[name] = _decoded(name, value)
        else:
            typed[name] = value
    return typed


def _decoded(name: str, value: str) -> object:
    try:
        return json.loads(value)
    except ValueError as error:
        raise invalid(f"must be JSON: {name}", code=f"invalid_{name}_format") from error


def _client(request: web.Request) -> Json:
    """Client id and secret, where they come as basic authentication."""
    header = request.headers.get("Authorization", "")
    if not header.startswith("Basic "):
        return {}
    login, _, password = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    return {"client_id": login, "client_secret": password}
