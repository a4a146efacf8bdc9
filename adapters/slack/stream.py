"""One message that Slack streams: begun, appended to and stopped, with its short life."""

import json
from collections.abc import Sequence
from typing import Any

from adapters.slack.api import Api, SlackRefused
from adapters.slack.limits import STREAM_CHARS, STREAM_SECONDS
from adapters.slack.places import Origin, Place
from adapters.slack.tasks import Chunk, Tasks
from bot.clock import Clock
from bot.pace import Priority

OVER = "message_not_in_streaming_state"
STOPPED = "stopped_by_user"


class Stream:
    """A live stream; `text` is what people see of it, under the steps that were taken for it."""

    def __init__(self, api: Api, channel: str, tasks: Tasks, ends_at: float) -> None:
        self.ts, self.text = "", ""
        self.stopped = False  # by a person
        self._api, self._channel, self._tasks, self._ends_at = api, channel, tasks, ends_at
        self._size = 0  # characters, as Slack counts them

    @classmethod
    async def begin(
        cls, api: Api, place: Place, origin: Origin, text: str, *, tasks: Tasks, clock: Clock
    ) -> "Stream":
        """Raises PlatformUnreachable, PlatformGone or SlackRefused."""
        recipient: dict[str, str] = {}
        if not place.direct:
            recipient = {
                "recipient_user_id": origin.user,
                "recipient_team_id": origin.user_team or place.team,
            }
        stream = cls(api, place.channel, tasks, clock.now() + STREAM_SECONDS)
        answer = await api.call(
            "chat.startStream",
            Priority.EDIT,
            channel=place.channel,
            thread_ts=place.thread_ts,
            **stream._more(text),
            **recipient,
        )
        stream.ts, stream.text = str(answer["ts"]), text
        return stream

    def takes(self, text: str, now: float) -> bool:
        """Whether the message can become `text` by appending, and is not near the end of its life."""
        fits = self._size + len(text) - len(self.text) <= STREAM_CHARS
        return fits and now < self._ends_at and not self.stopped and text.startswith(self.text)

    async def append(self, text: str) -> bool:
        """Make the message `text`; False when the stream is over, and an edit must do it."""
        delta = text[len(self.text) :]
        if not delta:
            return True
        try:
            await self._api.call(
                "chat.appendStream", Priority.EDIT, channel=self._channel, ts=self.ts, **self._more(delta)
            )
        except SlackRefused as error:
            self.stopped = error.code == STOPPED
            return False
        self.text = text
        return True

    async def tell(self) -> None:
        """Show what is being done now; a courtesy."""
        if more := self._more(""):
            await self._api.courtesy("chat.appendStream", channel=self._channel, ts=self.ts, **more)

    async def stop(self, text: str, key: str, blocks: Sequence[dict[str, Any]]) -> bool:
        """End it as `text`, with buttons; False when that needs an edit, because Slack ended it before."""
        delta = text[len(self.text) :] if text.startswith(self.text) else ""
        more = self._more(delta)
        if blocks:
            more["blocks"] = list(blocks)
        try:
            await self._api.call(
                "chat.stopStream",
                Priority.FINAL,
                channel=self._channel,
                ts=self.ts,
                metadata=stamp(key),
                **more,
            )
        except SlackRefused:
            return False
        self.text = self.text + delta
        return self.text == text

    def _more(self, delta: str) -> dict[str, Any]:
        """The arguments that add text, and what there is to tell of the steps."""
        chunks: list[Chunk] = self._tasks.news() if self._size < STREAM_CHARS else []
        self._size += len(delta) + sum(len(json.dumps(chunk)) for chunk in chunks)
        if not chunks:
            return {"markdown_text": delta} if delta else {}
        return {"chunks": [*chunks, *([{"type": "markdown_text", "text": delta}] if delta else [])]}


async def end_foreign(api: Api, channel: str, ts: str) -> None:
    """End a stream of an earlier life, so that its message can be edited."""
    try:
        await api.call("chat.stopStream", Priority.FINAL, channel=channel, ts=ts)
    except SlackRefused as error:
        if error.code != OVER:
            raise


def stamp(key: str) -> dict[str, Any]:
    """The metadata by which a message of ours is found again."""
    return {"event_type": "maru_part", "event_payload": {"key": key}}
