"""Discord's error codes that something is done about."""

import discord

from adapters.discord.refusals import StillForbidden
from bot.errors import PlatformError

OLD_EDITS = 30_046  # too many edits of a message older than an hour
FILE_TOO_LARGE = 40_005
NO_MORE_FOLLOW_UPS = 40_094
NO_ACCESS = 50_001
NOT_PERMITTED = 50_013
NO_SUCH_HOOK = 50_027  # a 401 that is about an interaction's token, not about the bot's
ARCHIVED = 50_083
NO_REPLY = 160_002  # replying takes one permission more than writing: to read the history
THREAD_EXISTS = 160_004
LOCKED = 160_005


def code_of(error: PlatformError) -> int:
    """Discord's own code of what went wrong; 0 when it gave none."""
    if isinstance(error, StillForbidden):
        return NOT_PERMITTED
    cause = error.__cause__
    while isinstance(cause, PlatformError):
        cause = cause.__cause__
    return cause.code if isinstance(cause, discord.HTTPException) else 0
