"""HTTP delivery: signed requests to the app's address."""

import hashlib
import hmac
import json
from urllib.parse import urlencode

import aiohttp

from tests.fakes.slack.app import App
from tests.fakes.slack.delivery import Parcel, Undelivered, within
from tests.fakes.slack.wire import Json, dump
from tests.fakes.slack.world import World


class Posts:
    """Posts to one address; signs wrongly or with an old time on demand."""

    def __init__(self, world: World, app: App, address: str) -> None:
        self.world = world
        self.app = app
        self.address = address
        self.forged = False  # signed with another secret
        self.age = 0.0  # seconds that a request is late
        self._session: aiohttp.ClientSession | None = None

    async def verify(self) -> str:
        """The `url_verification` of the app's settings: what came back."""
        body = dump({"token": "verification", "challenge": "c-1234", "type": "url_verification"})
        status, text, _ = await self._post(body, "application/json", {})
        if status != 200:
            raise Undelivered("http_error")
        return str(json.loads(text)["challenge"]) if text.startswith("{") else text

    async def send(self, parcel: Parcel, attempt: int, reason: str) -> Json:
        headers = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason} if attempt else {}
        if parcel.kind == "events_api":
            body, kind = dump(parcel.payload), "application/json"
        else:
            fields = {"payload": dump(parcel.payload)} if parcel.kind == "interactive" else parcel.payload
            body, kind = urlencode(fields), "application/x-www-form-urlencoded"
        try:
            status, text, answered = await within(self.world, self._post(body, kind, headers), "http_timeout")
        except aiohttp.ClientError as error:
            raise Undelivered("connection_failed") from error
        if not 200 <= status < 300:
            raise Undelivered("http_error", final=answered.get("X-Slack-No-Retry") == "1")
        return _read(text)

    async def _post(self, body: str, kind: str, headers: dict[str, str]) -> tuple[int, str, dict[str, str]]:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        stamp = str(int(self.world.clock.now() - self.age))
        headers |= {
            "Content-Type": kind,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": self.sign(stamp, body),
        }
        async with self._session.post(self.address, data=body.encode(), headers=headers) as response:
            return response.status, await response.text(), dict(response.headers)

    def sign(self, stamp: str, body: str) -> str:
        secret = "another" if self.forged else self.app.signing_secret
        return "v0=" + hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()


def _read(text: str) -> Json:
    """The acknowledgement's own content: JSON, a line of text, or nothing."""
    if not text:
        return {}
    if text.startswith("{"):
        read: Json = json.loads(text)
        return read
    return {"text": text}
