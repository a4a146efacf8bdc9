"""The platforms whose history can be read with the tokens of the settings."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

from bot.clock import Clock
from bot.moving.said import History
from bot.settings import Settings, shown
from storage.sqlite.store import Store


async def histories(
    settings: Settings, store: Store, clock: Clock, bots: Sequence[str], stack: AsyncExitStack
) -> Mapping[str, History]:
    """By platform; they live as long as the stack."""
    found: dict[str, History] = {}
    tokens = [shown(settings.slack_bot_token)] if settings.slack_bot_token else []
    if settings.slack_client_id:
        # Only here: without Slack its SDK is not needed.
        from adapters.slack.installing import InstallationStore  # noqa: PLC0415

        installed = await InstallationStore(store.installations, settings.slack_client_id).teams()
        tokens += [str(one.bot_token) for one in installed.values() if one.bot_token]
    if tokens:
        from adapters.slack.past import SlackPast  # noqa: PLC0415

        found["slack"] = await stack.enter_async_context(
            SlackPast(tokens, settings.slack_api_url, clock, bots)
        )
    if settings.discord_bot_token:
        # As Slack's.
        from adapters.discord.past import DiscordPast  # noqa: PLC0415

        token = shown(settings.discord_bot_token)
        found["discord"] = await stack.enter_async_context(DiscordPast(token, settings.discord_api_url, bots))
    return found
