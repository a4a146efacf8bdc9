"""Shows an answer once more to one person, who pressed for it because its own way has ended."""

from collections.abc import Collection, Sequence

from adapters.discord.limits import LIMITS
from adapters.discord.link import Link
from adapters.discord.places import Origin, Place
from adapters.discord.render import renderer
from adapters.discord.surface import DiscordSurface
from adapters.discord.target import Target
from adapters.discord.whispers import whisper
from bot.messages import Author
from bot.ports import Part
from bot.reply import PostedReply
from bot.texts import language_of, say
from bot.turns import Turn


async def show(link: Link, place: Place, turn: Turn | None, reader: Author, origin: Origin) -> None:
    """Answer the press behind `origin` with the answer of a turn, if it is the reader's to see."""
    language = language_of("", reader.locale)
    if turn is None or (place.private and turn.author.id != reader.id):
        await whisper(link, place, origin, say("discord_show_nothing", language))
        return
    if not turn.draft.end:
        await whisper(link, place, origin, say("discord_show_later", language))
        return
    surface = DiscordSurface(
        link=link,
        target=Target(link, place, origin, "", afresh=False, threads=False),
        life=f"{origin.interaction}",
        growing=[],
        known=_nothing,
    )
    surface.ending("", [])
    shown = PostedReply(
        turn=turn,
        surface=surface,
        parts=_Unnoted(),
        limits=LIMITS,
        render=renderer(turn),
        clock=link.clock,
    )
    await shown.finish(turn.draft)


async def _nothing() -> Collection[str]:
    return ()


class _Unnoted:
    """The `Parts` port, for what need not survive: whoever presses again sees it again."""

    async def parts(self, turn: int) -> Sequence[Part]:  # noqa: ARG002 - the port's
        return ()

    async def put(self, turn: int, part: Part) -> None:
        """Not noted."""

    async def drop(self, turn: int, number: int) -> None:
        """Not noted."""
