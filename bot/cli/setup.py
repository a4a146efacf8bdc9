"""`maru setup`: what has to be done on a platform, for this installation."""

import argparse
import json

from adapters.slack.setup import manifest
from bot.cli.parser import Commands
from bot.errors import MaruError
from bot.settings import Settings

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
HTTP = '"Basic Information", "Signing Secret" is SLACK_SIGNING_SECRET. Slack calls {address}.'


def add(commands: Commands) -> None:
    setup = commands.add_parser("setup", help="show what to do on a platform")
    setup.add_argument("platform", choices=("slack",))
    setup.add_argument(
        "--http", action="store_true", help="Slack calls MARU_PUBLIC_URL, instead of Socket Mode"
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Raises MaruError when Slack is to call an address that nobody set."""
    if options.http and not settings.public_url:
        raise MaruError(
            "MARU_PUBLIC_URL: demanded with --http. Set the https:// address that Slack can reach."
        )
    address = settings.public_url if options.http else ""
    connection = HTTP.format(address=f"{address.rstrip('/')}/slack/events") if address else SOCKET
    text = json.dumps(manifest(address), indent=2, ensure_ascii=False)
    print(SLACK.format(manifest=text, connection=connection))
    return 0
