"""Who may use Maru at its operator's cost, as far as the settings leave it open."""

from collections.abc import Sequence

from bot.allowed_places import AllowedPlaces
from bot.settings import Settings, shown

SLACK = (
    "Slack: whoever has the link to /slack/install may install Maru in their workspace and ask it at your "
    "cost. Name the workspaces in MARU_PLACES to limit that: slack:T0123456789."
)
DISCORD = (
    "Discord: whoever adds Maru to a server or installs it for themselves may ask it at your cost. Name the "
    "servers in MARU_PLACES to limit that: discord:123456789012345678."
)


def openness(settings: Settings) -> Sequence[str]:
    """What an operator should know, one sentence for each platform; empty when all is limited."""
    places = AllowedPlaces(settings.places)
    found = []
    if settings.slack_client_id and not places.of("slack"):
        found.append(SLACK)
    if shown(settings.discord_bot_token) and not places.of("discord"):
        found.append(DISCORD)
    return found
