"""`maru setup`: what has to be done on a platform, for this installation."""

import argparse
import asyncio
import json

from adapters.slack.setup import Way, manifest
from bot.cli.parser import Commands
from bot.errors import MaruError
from bot.settings import Settings, shown

SLACK = """\
1. Open https://api.slack.com/apps, press "Create New App", then "From a manifest", and choose your workspace.
2. Paste this manifest, as JSON:

{manifest}

3. {installation}
4. {connection}
5. Put all of it into .env, and run `maru doctor`, then `maru run`.
6. {beginning}
"""
INSTALLED = '"Install App", "Install to Workspace": the token that begins with xoxb- is SLACK_BOT_TOKEN.'
BEGIN = "In a channel: /invite @Maru, and mention it."
OAUTH = (
    '"Basic Information", "App Credentials": the Client ID is SLACK_CLIENT_ID, the Client Secret is '
    "SLACK_CLIENT_SECRET. MARU_PUBLIC_URL stays {public_url}. For workspaces outside of your own: "
    '"Manage Distribution", "Activate Public Distribution".'
)
BEGIN_OAUTH = (
    "Open {install_url} and install Maru; give that link to the other workspaces, and name those that may in "
    "MARU_PLACES. Then, in a channel: /invite @Maru, and mention it."
)
SOCKET = (
    '"Basic Information", "App-Level Tokens", "Generate Token and Scopes", with any name and the scope '
    "connections:write: the token that begins with xapp- is SLACK_APP_TOKEN."
)
HTTP = (
    '"Basic Information", "App Credentials": the Signing Secret is SLACK_SIGNING_SECRET. Slack calls '
    "{events_url}, which has to reach MARU_WEB. Once Maru runs, press Retry under "
    '"Event Subscriptions" if Slack could not verify the address before.'
)
DISCORD = """\
1. Open https://discord.com/developers/applications, press "New Application" and give it a name.
2. "Bot", "Reset Token": that is DISCORD_BOT_TOKEN. Put it into .env.
3. On the same page, under "Privileged Gateway Intents", switch on "Message Content Intent".
4. Add Maru to your server: {server}
   People who want it for themselves, in every server and in direct messages: {person}
   ("Installation" has to have both "User Install" and "Guild Install" switched on.)
5. Run `maru doctor`, then `maru run`, and mention Maru in a channel.
"""
NOT_YET = "run this command again, once the token is in .env: it shows the address then."


SLACK_ONLY = ("http", "oauth", "org", "rotate")


def add(commands: Commands) -> None:
    setup = commands.add_parser("setup", help="show what to do on a platform")
    setup.add_argument("platform", choices=("slack", "discord"))
    setup.add_argument(
        "--http", action="store_true", help="Slack calls MARU_PUBLIC_URL, instead of Socket Mode"
    )
    setup.add_argument("--oauth", action="store_true", help="several workspaces of Slack install Maru")
    setup.add_argument(
        "--org", action="store_true", help="so may an Enterprise Grid organisation, for all of its workspaces"
    )
    setup.add_argument(
        "--rotate", action="store_true", help="their tokens end after 12 hours, and Maru renews them"
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Raises MaruError for what has to be set first."""
    if options.platform == "discord":
        slack = [name for name in SLACK_ONLY if getattr(options, name)]
        if slack:
            raise MaruError(
                f"--{slack[0]} is for Slack. Leave it out, or run `maru setup slack --{slack[0]}`."
            )
        print(_discord(settings))
        return 0
    way = Way(
        public_url=settings.public_url,
        http=options.http,
        oauth=options.oauth or options.org or options.rotate or bool(settings.slack_client_id),
        org=options.org,
        rotation=options.rotate,
    )
    print(_slack(way))
    return 0


def _slack(way: Way) -> str:
    if (way.http or way.oauth) and not way.public_url:
        why = "--http, where Slack calls it" if way.http else "--oauth, where browsers install Maru"
        raise MaruError(f"MARU_PUBLIC_URL: demanded with {why}. Set the https:// address of the web page.")
    return SLACK.format(
        manifest=json.dumps(manifest(way), indent=2, ensure_ascii=False),
        installation=OAUTH.format(public_url=way.public_url) if way.oauth else INSTALLED,
        connection=HTTP.format(events_url=way.events_url) if way.http else SOCKET,
        beginning=BEGIN_OAUTH.format(install_url=way.install_url) if way.oauth else BEGIN,
    )


def _discord(settings: Settings) -> str:
    """The addresses to add Maru by name its application, which Discord knows by the token."""
    if not settings.discord_bot_token:
        return DISCORD.format(server=NOT_YET, person=NOT_YET)
    # Only here: loading discord.py takes as long as all the rest.
    from adapters.discord import setup  # noqa: PLC0415

    found = asyncio.run(setup.application(shown(settings.discord_bot_token), settings.discord_api_url))
    return DISCORD.format(server=setup.invitation(found.id), person=setup.personal(found.id))
