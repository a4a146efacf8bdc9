"""The Web API's methods: their arguments, scopes and rate limits."""

from dataclasses import dataclass

SPECIAL = 600  # calls a minute where Slack publishes none
WORKSPACE_POSTS = 300  # "several hundred messages a minute"


@dataclass(frozen=True, slots=True)
class Method:
    arguments: str  # one marked with ! is required
    scope: str = ""  # "*:read" stands for channels:read, groups:read and so on, by the channel's kind
    per_minute: int = 50
    json: bool = False  # takes a JSON body
    token: str = "bot"

    @property
    def known(self) -> set[str]:
        """slack_sdk adds `team_id` to every call of a client that knows its workspace."""
        return {name.rstrip("!") for name in self.arguments.split()} | {"token", "team_id"}

    @property
    def required(self) -> list[str]:
        return [name.rstrip("!") for name in self.arguments.split() if name.endswith("!")]


_LOOK = " icon_emoji icon_url username"
_PAGE = " cursor limit"

METHODS = {
    "auth.test": Method("", per_minute=SPECIAL),
    "auth.revoke": Method("test"),
    "apps.connections.open": Method("", "connections:write", 20, token="app"),
    "apps.manifest.export": Method("app_id!", token="config"),
    "chat.postMessage": Method(
        "channel! as_user attachments blocks link_names markdown_text metadata mrkdwn parse reply_broadcast"
        " text thread_ts unfurl_links unfurl_media" + _LOOK,
        "chat:write",
        WORKSPACE_POSTS,
        json=True,
    ),
    "chat.update": Method(
        "channel! ts! as_user attachments unfurled_attachments blocks markdown_text metadata link_names parse"
        " text reply_broadcast file_ids",
        "chat:write",
        json=True,
    ),
    "chat.delete": Method("channel! ts! as_user", "chat:write", json=True),
    "chat.postEphemeral": Method(
        "channel! user! as_user attachments blocks link_names markdown_text metadata parse text thread_ts"
        + _LOOK,
        "chat:write",
        100,
        json=True,
    ),
    "chat.getPermalink": Method("channel! message_ts!", "", SPECIAL),
    "chat.startStream": Method(
        "channel! chunks markdown_text thread_ts recipient_user_id recipient_team_id task_display_mode"
        + _LOOK,
        "chat:write",
        20,
        json=True,
    ),
    "chat.appendStream": Method("channel! ts! chunks markdown_text", "chat:write", 100, json=True),
    "chat.stopStream": Method(
        "channel! ts! chunks markdown_text blocks metadata session_status", "chat:write", 20, json=True
    ),
    "conversations.info": Method("channel! include_locale include_num_members", "*:read"),
    "conversations.history": Method(
        "channel! include_all_metadata inclusive latest oldest" + _PAGE, "*:history"
    ),
    "conversations.replies": Method(
        "channel! ts! include_all_metadata inclusive latest oldest" + _PAGE, "*:history"
    ),
    "conversations.open": Method("channel return_im users prevent_creation", "im:write", json=True),
    "conversations.join": Method("channel!", "channels:join", json=True),
    "conversations.members": Method("channel!" + _PAGE, "*:read", 100),
    "conversations.list": Method("exclude_archived team_id types" + _PAGE, "*:read", 20),
    "usergroups.list": Method("include_count include_disabled include_users", "usergroups:read", 20),
    "users.info": Method("user! include_locale", "users:read", 100),
    "users.list": Method("include_locale team_id" + _PAGE, "users:read", 20),
    "users.conversations": Method("exclude_archived exclude_muted team_id types user" + _PAGE, "*:read"),
    "bots.info": Method("bot team_id", "users:read"),
    "team.info": Method("domain team", "team:read"),
    "reactions.add": Method("channel! name! timestamp!", "reactions:write", json=True),
    "reactions.remove": Method("channel! name! timestamp!", "reactions:write", 20, json=True),
    "files.getUploadURLExternal": Method("length! filename! snippet_type alt_txt", "files:write", 100),
    "files.completeUploadExternal": Method(
        "files! channel_id thread_ts channels initial_comment blocks" + _LOOK, "files:write", 100, json=True
    ),
    "files.delete": Method("file!", "files:write", json=True),
    "files.info": Method("file!" + _PAGE, "files:read", 100),
    "assistant.threads.setStatus": Method(
        "channel_id! thread_ts! status! loading_messages" + _LOOK, "chat:write", SPECIAL, json=True
    ),
    "assistant.threads.setSuggestedPrompts": Method(
        "channel_id! thread_ts prompts! title", "assistant:write", json=True
    ),
    "assistant.threads.setTitle": Method("channel_id! thread_ts! title!", "assistant:write", json=True),
    "agents.sessions.setStatus": Method(
        "channel_id! status! thread_ts title initiator_user_id" + _LOOK, "chat:write", SPECIAL, json=True
    ),
    "agents.sessions.rename": Method("channel_id! title! thread_ts", "chat:write", json=True),
    "views.open": Method("trigger_id interactivity_pointer view!", "", 100, json=True),
    "views.publish": Method("user_id! view! hash interactivity_pointer", "", 100, json=True),
    "views.update": Method("view_id external_id view! hash", "", 100, json=True),
    "oauth.v2.access": Method(
        "client_id client_secret code code_verifier redirect_uri grant_type refresh_token", token=""
    ),
}

BOT_SCOPES = frozenset({
    "app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write", "commands",
    "files:read", "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write",
    "mpim:history", "mpim:read", "reactions:read", "reactions:write", "team:read", "usergroups:read",
    "users:read",
})  # fmt: skip
EVENTS = frozenset({
    "agent_session_stopped", "app_context_changed", "app_home_opened", "app_mention", "app_uninstalled",
    "message.channels", "message.groups", "message.im", "message.mpim", "team_access_revoked",
    "tokens_revoked",
})  # fmt: skip
