"""What a person sees."""

from dataclasses import dataclass

from tests.fakes.discord.components import buttons, texts
from tests.fakes.discord.pings import USER
from tests.fakes.discord.posting import previews
from tests.fakes.discord.world import LOADING, Message, World


@dataclass(frozen=True)
class Seen:
    """A message on somebody's screen."""

    id: str
    author: str
    text: str
    files: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    reply_to: str = ""  # the text that it replies to
    private: bool = False
    thinking: bool = False
    edited: bool = False
    previews: tuple[str, ...] = ()
    embeds: tuple[str, ...] = ()


def render(world: World, message: Message) -> Seen:
    channel = world.channels[message.channel]
    replied = channel.messages.get(message.reference)
    shown = "\n".join(part for part in (message.content, *texts(message.components)) if part)
    return Seen(
        id=message.id,
        author=world.users[message.author].name,
        text=USER.sub(lambda found: f"@{_name(world, found[1])}", shown),
        files=tuple(one.name for one in message.attachments),
        buttons=tuple(one.get("label") or "" for one in buttons(message.components)),
        reply_to=replied.content if replied else "",
        private=bool(message.only_for),
        thinking=bool(message.flags & LOADING),
        edited=bool(message.edited),
        previews=tuple(previews(message)),
        embeds=tuple(embed.get("description") or embed.get("title") or "" for embed in message.embeds),
    )


def _name(world: World, user: str) -> str:
    return world.users[user].name if user in world.users else "unknown-user"
