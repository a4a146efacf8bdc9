"""One message that Slack streams: begun, appended to and stopped, with its short life."""

from collections.abc import Sequence
from typing import Any

from adapters.slack.api import Api, SlackRefused
from adapters.slack.limits import STREAM_SECONDS
from adapters.slack.places import Origin, Place
from bot.clock import Clock
from bot.pace import Priority

OVER = "message_not_in_streaming_state"
STOPPED = "stopped_by_user"


class Stream:
    """A live stream; `text` is what people see of it."""

    def __init__(self, api: Api, channel: str, ts: str, text: str, ends_at: float) -> None:
        self.ts, self.text = ts, text
        self.stopped = False  # by a person
        self._api, self._channel, self._ends_at = api, channel, ends_at

    @classmethod
    async def begin(cls, api: Api, place: Place, origin: Origin, text: str, clock: Clock) -> "Stream":
        """Raises PlatformUnreachable, PlatformGone or SlackRefused."""
        recipient: dict[str, str] = {}
        if not place.direct:
            recipient = {
                "recipient_user_id": origin.user,
                "recipient_team_id": origin.user_team or place.team,
            }
        answer = await api.call(
            "chat.startStream",
            Priority.EDIT,
            channel=place.channel,
            thread_ts=place.thread_ts,
            markdown_text=text,
            **recipient,
        )
        return cls(api, place.channel, str(answer["ts"]), text, clock.now() + STREAM_SECONDS)

    def takes(self, text: str, now: float) -> bool:
        """Whether the message can become `text` by appending, and is not near the end of its life."""
        return now < self._ends_at and not self.stopped and text.startswith(self.text)

    async def append(self, text: str) -> bool:
        """Make the message `text`; False when the stream is over, and an edit must do it."""
        delta = text[len(self.text) :]
        if not delta:
            return True
        try:
            await self._api.call(
                "chat.appendStream", Priority.EDIT, channel=self._channel, ts=self.ts, markdown_text=delta
            )
        except SlackRefused as error:
            self.stopped = error.code == STOPPED
            return False
        self.text = text
        return True

    async def stop(self, text: str, key: str, blocks: Sequence[dict[str, Any]]) -> bool:
        """End it as `text`, with buttons; False when that needs an edit, because Slack ended it before."""
        delta = text[len(self.text) :] if text.startswith(self.text) else ""
        more: dict[str, Any] = {"markdown_text": delta} if delta else {}
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
