"""The answer of one turn in Slack."""

from types import TracebackType
from typing import Self

from adapters.slack import buttons
from adapters.slack.api import SlackGone
from adapters.slack.limits import LIMITS
from adapters.slack.places import origin_of, place_of
from adapters.slack.render import renderer
from adapters.slack.status import Status
from adapters.slack.surface import SlackSurface
from adapters.slack.tasks import Tasks
from adapters.slack.workspace import Workspace
from bot.clock import Clock
from bot.ports import Parts
from bot.posted import FIRST_FILES
from bot.reply import PostedReply
from bot.text import split
from bot.texts import language_of, say
from bot.turns import Draft, Turn

TITLE_CHARS = 80
DELETED = {"invalid_thread_ts", "thread_not_found"}  # the question is gone, and nobody waits for an answer


class SlackReply:
    """The `Reply` port: `PostedReply` on a `SlackSurface`, with a status, and buttons at the end."""

    def __init__(self, turn: Turn, *, workspace: Workspace, parts: Parts, clock: Clock) -> None:
        place, origin = place_of(turn.conversation), origin_of(turn.origin)
        self._turn, self._parts, self._api, self._origin = turn, parts, workspace.api, origin
        self._language = language_of(turn.messages[-1].text, turn.author.locale)
        self._render = renderer(turn)
        self._budget = workspace.budget
        self._tasks = Tasks(self._language)
        self._surface = SlackSurface(
            workspace=workspace,
            place=place,
            origin=origin,
            since=turn.created_at,
            growing=buttons.running(turn, self._language),
            tasks=self._tasks,
            clock=clock,
        )
        self._status = Status(
            workspace.api,
            place,
            origin,
            self._language,
            title=title_of(turn),
            told=self._surface.tell,
            clock=clock,
        )
        self._posted = PostedReply(
            turn=turn, surface=self._surface, parts=parts, limits=LIMITS, render=self._render, clock=clock
        )

    async def __aenter__(self) -> Self:
        await self._posted.__aenter__()
        self._status.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._posted.__aexit__(kind, error, trace)
        finally:
            if self._surface.growth:
                self._surface.growth.end()
            await self._status.end()

    def show(self, draft: Draft) -> None:
        self._tasks.show(draft.activity)
        self._status.show(draft.activity)
        if not draft.text.strip():
            return
        if self._surface.growth is None:
            self._surface.growth = self._budget.take()
        if self._surface.growth.by != "whole":
            self._posted.show(draft)

    async def finish(self, draft: Draft) -> None:
        texts = split(self._render(draft), LIMITS.message_chars)
        last = texts[-1] if texts else ""
        self._tasks.end(well=draft.end not in {"failed", "stopped"})
        self._surface.ending(last, buttons.ended(self._turn, draft, self._language))
        try:
            await self._posted.finish(draft)
            posted = sorted(await self._parts.parts(self._turn.id), key=lambda part: part.number)
            await self._surface.close([(part.ref, part.text) for part in posted if part.number < FIRST_FILES])
        except SlackGone as error:
            if error.code not in DELETED:
                await self._tell_in_private()
            raise

    async def _tell_in_private(self) -> None:
        """Maru was called into a place where it cannot write."""
        if self._origin.user:
            await self._api.courtesy(
                "chat.postMessage",
                channel=self._origin.user,
                text=say("slack_cannot_write", self._language),
                unfurl_links=False,
                unfurl_media=False,
            )


def title_of(turn: Turn) -> str:
    """What a conversation is called that begins with this turn; empty when it goes on."""
    return " ".join(turn.messages[0].text.split())[:TITLE_CHARS] if turn.first else ""
