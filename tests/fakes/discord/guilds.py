"""What an app may ask about the guilds that it is in."""

from tests.fakes.discord.calls import Call
from tests.fakes.discord.channels import Channels
from tests.fakes.discord.shown import permissions, show_channel, show_member, show_user
from tests.fakes.discord.wire import DiscordError, Json
from tests.fakes.discord.world import World


class Guilds:
    """Lists them, their channels, and one member at a time."""

    def __init__(self, world: World, channels: Channels) -> None:
        self.world = world
        self._guild = channels.guild

    def own(self, call: Call) -> list[Json]:
        return [
            {"id": guild.id, "name": guild.name, "owner": False, "permissions": str(permissions(guild))}
            for guild in self.world.guilds.values()
            if guild.bot
        ]

    def channels(self, call: Call) -> list[Json]:
        self._guild(call)
        own = [one for one in self.world.channels.values() if one.guild == call.path["guild"]]
        return [show_channel(self.world, one) for one in own if not one.thread]

    def member(self, call: Call) -> Json:
        self._guild(call)
        user, guild = call.path["user"], self.world.guilds[call.path["guild"]]
        if user == self.world.maru.id or user in guild.members:
            return show_member(self.world.users[user], guild) | {"user": show_user(self.world.users[user])}
        raise DiscordError(404, 10007, "Unknown Member")
