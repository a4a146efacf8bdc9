"""Installing Maru: codes, tokens that rotate, uninstalling."""

import itertools

from tests.fakes.slack.app import App
from tests.fakes.slack.calls import Call
from tests.fakes.slack.wire import Json, SlackError
from tests.fakes.slack.world import Team, Token, World


class OAuth:
    """Codes are good once; so are refresh tokens."""

    def __init__(self, world: World, app: App) -> None:
        self.world = world
        self.app = app
        self._codes: dict[str, tuple[Team, str]] = {}
        self._refresh: dict[str, Token] = {}
        self._numbers = itertools.count(1)

    def approve(self, team: Team, user: str) -> str:
        """A person agreed to the installation: the code that their browser brings back."""
        code = f"code.{next(self._numbers)}"
        self._codes[code] = (team, user)
        return code

    def exchange(self, call: Call) -> Json:
        given = call.arguments
        if given.get("client_id") != self.app.client_id:
            raise SlackError("invalid_client_id")
        if given.get("client_secret") != self.app.client_secret:
            raise SlackError("bad_client_secret")
        if given.get("grant_type") == "refresh_token":
            old = self._refresh.pop(call.text("refresh_token"), None)
            if old is None or old.revoked:
                raise SlackError("invalid_refresh_token")
            team = self.world.teams[old.team]
            return self._granted(team, old.scopes)
        if call.text("code") not in self._codes:
            raise SlackError("invalid_code")
        team, user = self._codes.pop(call.text("code"))
        team.installed = True
        return self._granted(team, self.app.scopes) | {"authed_user": {"id": user}}

    def _granted(self, team: Team, scopes: frozenset[str]) -> Json:
        number = next(self._numbers)
        kind = "xoxe.xoxb" if self.app.rotation else "xoxb"
        token = Token(f"{kind}-{team.id}-{number}", "bot", team.id, scopes)
        if team.org_install:
            token.enterprise = team.enterprise
        self.world.tokens[token.value] = token
        company = {"id": team.enterprise, "name": "Acme Holding"} if team.enterprise else None
        granted: Json = {
            "access_token": token.value,
            "token_type": "bot",
            "scope": ",".join(sorted(scopes)),
            "bot_user_id": team.bot_user,
            "app_id": self.app.id,
            "team": None if team.org_install else {"id": team.id, "name": team.name},
            "enterprise": company,
            "is_enterprise_install": team.org_install,
        }
        if self.app.rotation:
            token.expires_at = self.world.clock.now() + self.app.token_life
            refresh = f"xoxe-1-{number}"
            self._refresh[refresh] = token
            granted |= {"refresh_token": refresh, "expires_in": int(self.app.token_life)}
        return granted

    def export(self, call: Call) -> Json:
        """What the app's settings are."""
        if call.text("app_id") != self.app.id:
            raise SlackError("invalid_app_id")
        return {"manifest": self.app.manifest}

    def revoke(self, call: Call) -> Json:
        if call.arguments.get("test"):
            return {"revoked": False}
        call.token.revoked = True
        return {"revoked": True}
