"""Objects as REST and the gateway show them."""

from tests.fakes.discord.wire import Json, made_at, stamp
from tests.fakes.discord.world import (
    EVERYTHING,
    KINDS,
    PERMISSIONS,
    Attachment,
    Channel,
    Guild,
    Message,
    User,
    World,
)

ADDRESS_LIFE = 86_400.0


def show_user(user: User) -> Json:
    return {
        "id": user.id,
        "username": user.name.lower(),
        "discriminator": "0",
        "global_name": None if user.bot else user.name,
        "avatar": None,
        "bot": user.bot,
    }


def show_member(user: User, guild: Guild | None = None) -> Json:
    roles = guild.roles.values() if guild else ()
    own = [role.id for role in roles if user.id in role.members]
    return {"roles": own, "joined_at": stamp(1.6e9), "deaf": False, "mute": False, "flags": 0, "nick": None}


def show_attachment(world: World, attachment: Attachment) -> Json:
    """With an address that is good for a day."""
    until = int(world.clock.now() + ADDRESS_LIFE)
    address = (
        f"{world.url}/cdn/attachments/{attachment.id}/{attachment.name}?ex={until:x}&is=1&hm=sign{until:x}"
    )
    return {
        "id": attachment.id,
        "filename": attachment.name,
        "size": len(attachment.content),
        "content_type": attachment.media_type,
        "description": attachment.description or None,
        "url": address,
        "proxy_url": address,
        "ephemeral": False,
    }


def show_channel(world: World, channel: Channel) -> Json:
    shown: Json = {"id": channel.id, "type": KINDS[channel.kind], "flags": 0}
    if channel.kind in ("dm", "group"):
        return shown | {"recipients": [show_user(world.users[user]) for user in sorted(channel.recipients)]}
    shown |= {"guild_id": channel.guild, "name": channel.name, "parent_id": channel.parent or None}
    shown["last_message_id"] = next(reversed(channel.messages), None)
    if channel.thread:
        return shown | {
            "owner_id": channel.owner,
            "message_count": len(channel.messages),
            "member_count": 1,
            "rate_limit_per_user": 0,
            "thread_metadata": {
                "archived": channel.archived,
                "auto_archive_duration": 1440,
                "archive_timestamp": stamp(made_at(channel.id)),
                "locked": channel.locked,
                "create_timestamp": stamp(made_at(channel.id)),
            },
        }
    shown |= {"position": 0, "nsfw": False, "topic": None, "rate_limit_per_user": 0}
    denied = sum(PERMISSIONS[name] for name in channel.denied)
    shown["permission_overwrites"] = (
        [{"id": channel.guild, "type": 0, "allow": "0", "deny": str(denied)}] if denied else []
    )
    if channel.kind in ("voice", "stage"):
        return shown | {"bitrate": 64_000, "user_limit": 0}
    if channel.kind == "forum":
        tags = [
            {"id": tag, "name": tag, "moderated": False, "emoji_id": None, "emoji_name": None}
            for tag in channel.tags
        ]
        shown |= {"available_tags": tags, "default_reaction_emoji": None, "default_sort_order": None}
        shown |= {"default_forum_layout": 0, "flags": 1 << 4 if channel.demands_tag else 0}
    return shown


def permissions(guild: Guild) -> int:
    """What Maru may do in a guild, before its channels have their say."""
    return EVERYTHING & ~sum(PERMISSIONS[name] for name in guild.denied)


def show_role(guild: Guild, id_: str, name: str) -> Json:
    return {
        "id": id_, "name": name, "permissions": str(permissions(guild)), "position": 0,
        "color": 0, "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False, "managed": False, "mentionable": False, "flags": 0,
    }  # fmt: skip


def show_guild(world: World, guild: Guild) -> Json:
    """What GUILD_CREATE says."""
    own = [channel for channel in world.channels.values() if channel.guild == guild.id]
    roles = [
        show_role(guild, guild.id, "@everyone"),
        *(show_role(guild, one.id, one.name) for one in guild.roles.values()),
    ]
    threads = [channel for channel in own if channel.thread and not channel.archived]
    lists = "emojis features voice_states presences stickers stage_instances guild_scheduled_events"
    levels = (
        "afk_timeout verification_level default_message_notifications explicit_content_filter mfa_level"
        " nsfw_level system_channel_flags"
    )
    maru = show_member(world.maru) | {"user": show_user(world.maru)}
    return {
        "id": guild.id,
        "name": guild.name,
        "owner_id": "1",
        "channels": [show_channel(world, channel) for channel in own if not channel.thread],
        "threads": [show_channel(world, channel) for channel in threads],
        "members": [maru],  # without the members intent, Maru alone
        "roles": roles,
        "member_count": len(guild.members) + 1,
        "preferred_locale": guild.locale,
        "premium_tier": guild.premium_tier,
        "joined_at": stamp(1.6e9),
        "large": False,
        "unavailable": False,
        **{name: [] for name in lists.split()},
        **dict.fromkeys(levels.split(), 0),
    }


def show_message(world: World, message: Message, *, content: bool = True) -> Json:
    """`content=False`: as it arrives without the Message Content intent."""
    channel = world.channels[message.channel]
    author = world.users[message.author]
    content = content or readable(world, message)
    shown: Json = {
        "id": message.id,
        "channel_id": message.channel,
        "type": message.kind,
        "author": show_user(author),
        "content": message.content if content else "",
        "timestamp": stamp(made_at(message.id)),
        "edited_timestamp": stamp(message.edited) if message.edited else None,
        "tts": False,
        "pinned": False,
        "flags": message.flags,
        "mention_everyone": message.mentions_everyone,
        "mention_roles": message.mention_roles,
        "mentions": [show_user(world.users[user]) for user in message.mentions],
        "attachments": [show_attachment(world, one) for one in message.attachments] if content else [],
        "embeds": message.embeds if content else [],
        "components": message.components if content else [],
    }
    if message.webhook:
        shown["webhook_id"] = message.webhook
    if message.interaction:
        shown["interaction_metadata"] = show_metadata(world, message)
    if message.nonce:
        shown["nonce"] = message.nonce
    if message.reference:
        shown["message_reference"] = {"type": 0, "message_id": message.reference, "channel_id": channel.id}
        if channel.guild:
            shown["message_reference"]["guild_id"] = channel.guild
        referenced = channel.messages.get(message.reference)
        if message.kind != 21:
            shown["referenced_message"] = (
                _shallow(show_message(world, referenced, content=content)) if referenced else None
            )
    return shown


def show_metadata(world: World, message: Message) -> Json:
    """What a message says of the interaction that it answers."""
    made = world.interactions[message.interaction]
    user = world.users[made.user]
    shown: Json = {"id": made.id, "type": made.kind, "user": show_user(user)}
    shown["authorizing_integration_owners"] = {"1" if made.foreign else "0": made.guild or "0"}
    if made.original is not None and made.original is not message:
        shown["original_response_message_id"] = made.original.id
    if made.message:
        shown["interacted_message_id"] = made.message
    return shown


def show_event(world: World, message: Message, *, content: bool) -> Json:
    """A message as MESSAGE_CREATE and MESSAGE_UPDATE carry it."""
    shown = show_message(world, message, content=content)
    channel = world.channels[message.channel]
    shown["channel_type"] = KINDS[channel.kind]
    if channel.guild:
        shown |= {"guild_id": channel.guild}
        if not message.webhook:
            shown["member"] = show_member(world.users[message.author], world.guilds.get(channel.guild))
    return shown


def readable(world: World, message: Message) -> bool:
    """Whether Maru gets its content without the intent."""
    own = message.author == world.maru.id or world.maru.id in message.mentions
    return own or world.channels[message.channel].kind == "dm"


def _shallow(message: Json) -> Json:
    return {name: value for name, value in message.items() if name != "referenced_message"}
