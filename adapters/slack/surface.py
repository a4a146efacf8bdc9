"""Where the answer of one turn is posted in Slack: streamed while it grows, edited where that ends."""

from collections.abc import Sequence
from typing import Any

from adapters.slack.api import SlackRefused
from adapters.slack.budget import Growth
from adapters.slack.found import find
from adapters.slack.limits import PLAIN_CHARS
from adapters.slack.markup import escape
from adapters.slack.places import Origin, Place
from adapters.slack.stream import Stream, end_foreign, stamp
from adapters.slack.tasks import Tasks
from adapters.slack.workspace import Workspace
from bot.clock import Clock
from bot.events import File
from bot.pace import Priority
from bot.text.links import unlinked

Blocks = list[dict[str, Any]]
SECTION_CHARS = 2_900
TOO_MUCH = {"invalid_blocks", "msg_blocks_too_long", "msg_too_long"}
STREAMING = "streaming_state_conflict"


class SlackSurface:
    """The `Surface` of one turn."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        place: Place,
        origin: Origin,
        since: float,
        growing: Blocks,
        tasks: Tasks,
        clock: Clock,
    ) -> None:
        """`since`: nothing of this answer is older; `growing` are the buttons while it is written."""
        self.growth: Growth | None = None  # None: it does not grow
        self._tasks = tasks
        self._workspace, self._api, self._clock = workspace, workspace.api, clock
        self._place, self._origin, self._since = place, origin, since
        self._growing = growing
        self._last, self._buttons = "", growing  # the last text, once it is known, and what stands under it
        self._final = False
        self._stream: Stream | None = None
        self._keys: dict[str, str] = {}  # ref -> key
        self._under: dict[str, Blocks] = {}  # ref -> the buttons under it

    def ending(self, last: str, buttons: Blocks) -> None:
        """From now on messages are made as they stay; `buttons` stand under the one that says `last`."""
        self._final, self._last, self._buttons = True, last, buttons

    async def post(self, number: int, key: str, text: str, files: Sequence[File]) -> str:  # noqa: ARG002 - the key says all
        if files:
            return await self._workspace.files.post(self._place, escape(unlinked(text)), files)
        await self._end_stream()
        if self.growth and not self._final and self.growth.stream():
            try:
                self._stream = await Stream.begin(
                    self._api, self._place, self._origin, text, tasks=self._tasks, clock=self._clock
                )
            except SlackRefused as error:
                self.growth.refused(error.code)
            else:
                self._keys[self._stream.ts] = key
                return self._stream.ts
        buttons = self._wanted(text)
        answer = await self._written(
            "chat.postMessage",
            text,
            buttons,
            thread_ts=self._place.thread_ts,
            metadata=stamp(key),
            unfurl_links=False,
            unfurl_media=False,
        )
        ref = str(answer["ts"])
        self._keys[ref], self._under[ref] = key, buttons
        return ref

    async def edit(self, ref: str, text: str) -> None:
        stream = self._stream
        if stream and stream.ts == ref:
            if self._final:
                if await self._stop_as(stream, text):
                    return
            else:
                fits = stream.takes(text, self._clock.now())
                if fits and (await stream.append(text) or stream.stopped):
                    return
                await self._end_stream()
                if self.growth:
                    self.growth.fall()
        await self._update(ref, text)

    async def delete(self, ref: str) -> None:
        if ref.startswith("F"):
            for file in ref.split(","):
                await self._api.call("files.delete", Priority.FINAL, file=file)
            return
        if self._stream and self._stream.ts == ref:
            await self._end_stream()
        await self._api.call("chat.delete", Priority.FINAL, channel=self._place.channel, ts=ref)

    async def find(self, number: int, key: str) -> str | None:
        bot = await self._workspace.bot()
        return await find(self._api, self._place, bot, max(self._since, self._asked), number=number, key=key)

    async def typing(self) -> None:
        """The status says it, with words of its own."""

    async def close(self, texts: Sequence[tuple[str, str]]) -> None:
        """Make every message (ref, text) of a finished answer carry the buttons that it should."""
        for ref, text in texts:
            if self._stream and self._stream.ts == ref and await self._stop_as(self._stream, text):
                continue
            if self._under.get(ref, []) != self._wanted(text):
                await self._update(ref, text)

    async def tell(self) -> None:
        """Show in a stream what is being done now; a courtesy."""
        if self._stream and not self._final:
            await self._stream.tell()

    @property
    def _asked(self) -> float:
        return float(self._origin.ts or 0)

    def _wanted(self, text: str) -> Blocks:
        if not self._final:
            return self._growing
        return self._buttons if text == self._last else []

    async def _end_stream(self) -> None:
        """Let go of a stream as it stands."""
        if self._stream:
            stream, self._stream = self._stream, None
            await stream.stop(stream.text, self._keys[stream.ts], ())

    async def _stop_as(self, stream: Stream, text: str) -> bool:
        self._stream = None
        buttons = self._wanted(text)
        if await stream.stop(text, self._keys[stream.ts], buttons):
            self._under[stream.ts] = buttons
            return True
        return False

    async def _update(self, ref: str, text: str) -> None:
        buttons = self._wanted(text)
        about: dict[str, Any] = {"ts": ref}
        if key := self._keys.get(ref):
            about["metadata"] = stamp(key)
        try:
            await self._written("chat.update", text, buttons, **about)
        except SlackRefused as error:
            if error.code != STREAMING:
                raise
            await end_foreign(self._api, self._place.channel, ref)
            await self._written("chat.update", text, buttons, **about)
        self._under[ref] = buttons

    async def _written(self, method: str, text: str, buttons: Blocks, **about: Any) -> Any:
        """Post or update; as plain text where Slack cannot lay the Markdown out."""
        priority = Priority.FINAL if self._final or method == "chat.postMessage" else Priority.EDIT
        about["channel"] = self._place.channel
        if not buttons and method == "chat.postMessage":
            content: dict[str, Any] = {"markdown_text": text}
        else:
            content = {"text": _fallback(text), "blocks": [{"type": "markdown", "text": text}, *buttons]}
        try:
            return await self._api.call(method, priority, **content, **about)
        except SlackRefused as error:
            if error.code not in TOO_MUCH:
                raise
            content = {"text": _fallback(text), "blocks": [*_sections(text), *buttons]}
            return await self._api.call(method, priority, **content, **about)


def _fallback(text: str) -> str:
    """What notifications and old clients show."""
    return escape(text[: PLAIN_CHARS // 5 * 4])[:PLAIN_CHARS]


def _sections(text: str) -> Blocks:
    """The text as it is, in blocks that take no Markdown."""
    pieces = [text[at : at + SECTION_CHARS] for at in range(0, len(text), SECTION_CHARS)]
    return [{"type": "section", "text": {"type": "plain_text", "text": piece}} for piece in pieces]
