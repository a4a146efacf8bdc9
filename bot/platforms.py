"""Makes the adapters of the platforms that the settings switch on."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from adapters.web.adapter import WebAdapter
from bot.allowed_places import AllowedPlaces
from bot.choice import Offer
from bot.clock import Clock
from bot.files import Files
from bot.holds import Holds
from bot.messages import Author
from bot.prices import Prices
from bot.settings import Settings, shown
from bot.usage import personal
from storage.sqlite.store import Store

if TYPE_CHECKING:
    from adapters.discord.adapter import DiscordAdapter
    from adapters.slack.adapter import SlackAdapter
    from adapters.slack.installing import OAuth


def slack(
    settings: Settings,
    store: Store,
    files: Files,
    clock: Clock,
    *,
    holds: Holds,
    starters: Sequence[str],
    costs: Prices,
) -> "SlackAdapter | None":
    """Slack, when it is switched on."""
    if not settings.slack_bot_token and not settings.slack_client_id:
        return None
    # Only here: without Slack, its SDK would take a sixth of the start for nothing.
    from adapters.slack.adapter import SlackAdapter  # noqa: PLC0415

    return SlackAdapter(
        bot_token=shown(settings.slack_bot_token),
        app_token=shown(settings.slack_app_token),
        signing_secret=shown(settings.slack_signing_secret),
        oauth=oauth(settings, store),
        api_url=settings.slack_api_url,
        parts=store.parts,
        archive=store.archive,
        files=files,
        clock=clock,
        holds=holds,
        usage=partial(personal, store.ledger, costs, clock),
        starters=starters,
        pace=settings.pace == "platform",
    )


def oauth(settings: Settings, store: Store) -> "OAuth | None":
    """What it takes that workspaces install Maru, when that is switched on."""
    if not settings.slack_client_id:
        return None
    # Only here, as above.
    from adapters.slack.installing import OAuth  # noqa: PLC0415

    return OAuth(
        settings.slack_client_id,
        shown(settings.slack_client_secret),
        store.installations,
        settings.public_url,
        AllowedPlaces(settings.places).of("slack"),
    )


def web(
    settings: Settings,
    store: Store,
    files: Files,
    clock: Clock,
    *,
    offered: Callable[[str, Author], Awaitable[Offer]],
    health: Callable[[], Awaitable[Mapping[str, str]]],
    slack: "SlackAdapter | None",
) -> WebAdapter | None:
    """The web page, unless it is switched off; it also takes in what Slack sends by HTTP."""
    if not settings.web:
        return None
    return WebAdapter(
        address=settings.web,
        token=settings.web_token.get_secret_value() if settings.web_token else None,
        public_url=settings.public_url,
        archive=store.archive,
        file_rows=store.files,
        files=files,
        offered=offered,
        health=health,
        clock=clock,
        outside=slack.routes() if slack else (),
    )


def discord(settings: Settings, store: Store, files: Files, clock: Clock) -> "DiscordAdapter | None":
    """Discord, when it is switched on."""
    if not settings.discord_bot_token:
        return None
    # Only here, as Slack's.
    from adapters.discord.adapter import DiscordAdapter  # noqa: PLC0415
    from adapters.discord.options import Channels, Options, Shards  # noqa: PLC0415

    shards = None
    if settings.discord_shards:
        first, last, count = settings.discord_shards
        shards = Shards(range(first, last + 1), count)
    return DiscordAdapter(
        token=settings.discord_bot_token.get_secret_value(),
        api_url=settings.discord_api_url,
        gateway_url=settings.discord_gateway_url,
        places=AllowedPlaces(settings.places).of("discord"),
        options=Options(
            forums=Channels(frozenset(settings.discord_forums)),
            in_place=Channels(frozenset(settings.discord_in_place)),
            shards=shards,
        ),
        parts=store.parts,
        archive=store.archive,
        files=files,
        clock=clock,
        pace=settings.pace == "platform",
    )
