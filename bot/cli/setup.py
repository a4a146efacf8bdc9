"""`maru setup`: what has to be done on a platform, for this installation."""

import argparse
import asyncio
import json

from adapters.slack.setup import manifest
from bot.cli.parser import Commands
from bot.errors import MaruError
from bot.settings import Settings, shown

SLACK = """\
1. Open https://api.slack.com/apps, press "Create New App", then "From a manifest", and choose your workspace.
2. Paste this manifest:

{manifest}

3. "Install App", then "Install to Workspace": the token that begins with xoxb- is SLACK_BOT_TOKEN.
4. {connection}
5. Put both into .env, run `maru doctor`, then `maru run`, invite Maru with /invite @Maru, and mention it.
"""
SOCKET = (
    '"Basic Information", "App-Level Tokens", "Generate" with the scope connections:write: '
    "the token that begins with xapp- is SLACK_APP_TOKEN."
)
DISCORD = """\
1. Open https://discord.com/developers/applications, press "New Application" and give it a name.
2. "Bot", "Reset Token": that is DISCORD_BOT_TOKEN. Put it into .env.
3. On the same page, under "Privileged Gateway Intents", switch on "Message Content Intent".
4. Invite Maru: {invitation}
5. Run `maru doctor`, then `maru run`, and mention Maru in a channel.
"""
NOT_YET = "run this command again, once the token is in .env: it shows the address then."
HTTP = '"Basic Information", "Signing Secret" is SLACK_SIGNING_SECRET. Slack calls {address}.'


def add(commands: Commands) -> None:
    setup = commands.add_parser("setup", help="show what to do on a platform")
    setup.add_argument("platform", choices=("slack", "discord"))
    setup.add_argument(
        "--http", action="store_true", help="Slack calls MARU_PUBLIC_URL, instead of Socket Mode"
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Raises MaruError for what has to be set first."""
    print(_discord(settings) if options.platform == "discord" else _slack(settings, http=options.http))
    return 0


def _slack(settings: Settings, *, http: bool) -> str:
    if http and not settings.public_url:
        raise MaruError(
            "MARU_PUBLIC_URL: demanded with --http. Set the https:// address that Slack can reach."
        )
    address = settings.public_url if http else ""
    connection = HTTP.format(address=f"{address.rstrip('/')}/slack/events") if address else SOCKET
    text = json.dumps(manifest(address), indent=2, ensure_ascii=False)
    return SLACK.format(manifest=text, connection=connection)


def _discord(settings: Settings) -> str:
    """The address to invite Maru at names its application, which Discord knows by the token."""
    if not settings.discord_bot_token:
        return DISCORD.format(invitation=NOT_YET)
    # Only here: loading discord.py takes as long as all the rest.
    from adapters.discord import setup  # noqa: PLC0415

    found = asyncio.run(setup.application(shown(settings.discord_bot_token), settings.discord_api_url))
    return DISCORD.format(invitation=setup.invitation(found.id))
