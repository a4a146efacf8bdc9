"""Who a message mentions, and for whom it makes a sound."""

import re

from tests.fakes.discord.wire import Json
from tests.fakes.discord.world import Message, World

USER = re.compile(r"<@!?(\d+)>")
ROLE = re.compile(r"<@&(\d+)>")
EVERYONE = re.compile(r"@(everyone|here)\b")


def mention(world: World, message: Message, allowed: Json | None, *, sounds: bool = True) -> None:
    """Write the mentions into the message; `allowed` is its `allowed_mentions`, where None means all."""
    parse = ["users", "roles", "everyone"] if allowed is None else allowed.get("parse", [])
    permitted = set((allowed or {}).get("users", []))
    named = [user for user in USER.findall(message.content) if user in world.users]
    message.mentions = [user for user in dict.fromkeys(named) if "users" in parse or user in permitted]
    roles = set((allowed or {}).get("roles", []))
    message.mention_roles = [
        role for role in ROLE.findall(message.content) if "roles" in parse or role in roles
    ]
    channel = world.channels[message.channel]
    may = message.author != world.maru.id or "everyone" not in world.denied(channel)
    message.mentions_everyone = bool(EVERYONE.search(message.content)) and "everyone" in parse and may
    replied = channel.messages.get(message.reference)
    if replied is not None and (allowed is None or allowed.get("replied_user")):
        message.mentions = list(dict.fromkeys([replied.author, *message.mentions]))
    if sounds:
        message.pinged = set(message.mentions) | {f"role:{role}" for role in message.mention_roles}
        message.pinged |= {"everyone"} if message.mentions_everyone else set()
