"""Objects as the Web API and the events show them."""

from tests.fakes.slack.wire import Json
from tests.fakes.slack.world import Channel, Message, SharedFile, Team, User, World

OFFSETS = {"ko-KR": ("Asia/Seoul", 32_400)}


def show_user(world: World, user: User, *, locale: bool, seen_from: str) -> Json:
    """Somebody of another company is shown with little more than a name."""
    zone, offset = OFFSETS.get(user.locale, ("Europe/London", 0))
    shown: Json = {
        "id": user.id,
        "team_id": user.team,
        "name": user.name.lower(),
        "deleted": user.kind == "deleted",
        "is_bot": user.kind == "bot",
        "is_app_user": False,
        "updated": 1,
        "profile": {"real_name": user.name, "display_name": user.name, "team": user.team},
    }
    if user.bot_id:
        maru = any(user.id == team.bot_user for team in world.teams.values())
        shown["profile"] |= {"api_app_id": "A1" if maru else "A2", "bot_id": user.bot_id}
    if user.team != seen_from and not _same_company(world, user.team, seen_from):
        return shown | {"is_stranger": True}
    shown |= {
        "real_name": user.name,
        "tz": zone,
        "tz_offset": offset,
        "is_admin": False,
        "is_owner": False,
        "is_restricted": user.kind in ("guest", "single_guest"),
        "is_ultra_restricted": user.kind == "single_guest",
    }
    if locale:
        shown["locale"] = user.locale
    return shown


def _same_company(world: World, one: str, other: str) -> bool:
    known = [world.teams[team].enterprise for team in (one, other) if team in world.teams]
    return len(known) == 2 and known[0] == known[1] != ""


def show_channel(channel: Channel, team: Team) -> Json:
    shown: Json = {
        "id": channel.id,
        "created": 1,
        "is_archived": channel.archived,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "public",
        "is_shared": bool(channel.shared_with),
        "is_ext_shared": bool(channel.shared_with),
        "is_org_shared": False,
        "context_team_id": team.id,
        "is_member": team.bot_user in channel.members,
    }
    if channel.kind == "im":
        (other, *_) = sorted(channel.members - {team.bot_user}) or [team.bot_user]
        return shown | {"user": other, "is_open": True}
    return shown | {"name": channel.name, "name_normalized": channel.name, "shared_team_ids": [channel.team]}


def show_file(file: SharedFile, url: str, *, in_event: bool = False) -> Json:
    if file.mode == "tombstone":
        return {"id": file.id, "mode": "tombstone"}
    if file.mode == "hidden_by_limit":
        return {"id": file.id, "name": file.name, "mode": "hidden_by_limit", "size": 0}
    if file.check and in_event:
        return {
            "id": file.id, "mode": file.mode, "file_access": "check_file_info", "created": file.created,
        }  # fmt: skip
    address = f"{url}/files-pri/{file.id}"
    shown: Json = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": file.media_type,
        "filetype": file.name.rpartition(".")[2] or "binary",
        "pretty_type": file.name.rpartition(".")[2].upper(),
        "user": file.user,
        "mode": file.mode,
        "size": len(file.data),
        "is_external": file.mode == "external",
        "external_type": "gdrive" if file.mode == "external" else "",
        "file_access": "visible",
        "permalink": f"https://acme.slack.com/files/{file.user}/{file.id}/{file.name}",
        "url_private": f"{address}/{file.name}",
    }
    if file.mode == "external":
        return shown | {"url_private": "https://docs.example.com/document/1"}
    if file.mode == "snippet":
        shown |= {"preview": file.data.decode(errors="replace")[:200], "lines": file.data.count(b"\n") + 1}
    return shown | {"url_private_download": f"{address}/download/{file.name}"}


def show_message(
    world: World, message: Message, url: str, *, metadata: bool = False, in_event: bool = False
) -> Json:
    user = world.users.get(message.user)
    team = user.team if user else world.channels[message.channel].team
    shown: Json = {"type": "message", "ts": message.ts, "text": message.text, "team": team}
    if message.user:
        shown["user"] = message.user
    if message.subtype:
        shown["subtype"] = message.subtype
    if message.bot_id:
        app = "A1" if world.by_maru(message) else "A2"
        name = user.name if user else message.user
        shown |= {"bot_id": message.bot_id, "app_id": app}
        shown["bot_profile"] = {"id": message.bot_id, "app_id": app, "name": name, "team_id": team}
    optional: Json = {
        "client_msg_id": message.client_msg_id,
        "thread_ts": message.thread_ts,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "edited": message.edited,
        "files": [show_file(file, url, in_event=in_event) for file in message.files],
        "reactions": [
            {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()
        ],
    }
    shown |= {name: value for name, value in optional.items() if value}
    if message.stream is not None and message.stream.live:
        shown["streaming_state"] = "in_progress"
    if message.metadata and (metadata or in_event):
        shown["metadata"] = message.metadata
    replies = [
        reply for reply in world.channels[message.channel].messages.values() if _is_reply(reply, message)
    ]
    if replies and not message.thread_ts:
        shown |= {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "latest_reply": replies[-1].ts,
            "reply_users": sorted({reply.user for reply in replies}),
        }
    return shown


def _is_reply(reply: Message, parent: Message) -> bool:
    return reply.thread_ts == parent.ts and reply.ts != parent.ts
