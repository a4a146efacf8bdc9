"""Moves files between Slack and Maru; bytes come from Slack's own hosts alone."""

import json
from collections.abc import AsyncIterator, Sequence
from urllib.parse import urljoin, urlsplit

import aiohttp

from adapters.slack.api import Api, SlackRefused
from adapters.slack.places import Place
from bot.errors import FileRefused, PlatformGone, PlatformUnreachable
from bot.events import File
from bot.files import Files
from bot.hosts import Hosts
from bot.messages import Attachment
from bot.pace import Priority

HOSTS = (".slack.com", ".slack-edge.com", ".slack-files.com")
CHUNK = 262_144  # bytes
REDIRECTS = 3
OK, MOVED, REFUSED = 200, range(300, 400), range(400, 500)


class SlackFiles:
    """Fetches what people dropped in, and posts what the model made."""

    def __init__(self, api: Api, session: aiohttp.ClientSession, files: Files, hosts: Hosts) -> None:
        self._api, self._session, self._files, self._hosts = api, session, files, hosts

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of an attachment. Raises FileRefused or PlatformUnreachable."""
        source = json.loads(attachment.source)
        url = str(source.get("url") or "") or await self._look_up(str(source.get("id") or ""), attachment)
        try:
            async with await self._open(url, attachment) as response:
                expected = attachment.media_type.startswith("text/html")
                size, page = 0, False
                async for chunk in response.content.iter_chunked(CHUNK):
                    # Without the scope files:read Slack answers 200 and a page to log in.
                    page = page or (not size and _is_page(response, chunk))
                    if page and not expected:
                        raise FileRefused("slack_file_scope", attachment.name, "got a web page; files:read?")
                    size += len(chunk)
                    yield chunk
                # A page that somebody dropped in is as long as Slack said; the one to log in is not.
                if page and attachment.size not in (0, size):
                    raise FileRefused("slack_file_scope", attachment.name, "got another page; files:read?")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise PlatformUnreachable(f"{attachment.name}: {str(error) or type(error).__name__}") from error

    async def _look_up(self, file: str, attachment: Attachment) -> str:
        """In channels shared with other companies an event names the file and no more."""
        if not file:
            raise FileRefused("file_lost", attachment.name, "Slack gave no address")
        try:
            answer = await self._api.call("files.info", Priority.FINAL, file=file)
        except (PlatformGone, SlackRefused) as error:
            raise FileRefused("file_lost", attachment.name, str(error)) from error
        found = answer["file"]
        return str(found.get("url_private_download") or found.get("url_private") or "")

    async def _open(self, url: str, attachment: Attachment) -> aiohttp.ClientResponse:
        await self._api.known.wait()
        token = f"Bearer {self._api.client.token}"
        home = ""
        for _ in range(REDIRECTS):
            if not self._hosts.trusts(url):
                raise FileRefused("file_lost", attachment.name, f"not of Slack: {url.partition('?')[0]}")
            home = home or urlsplit(url).netloc
            # The token never goes to another host than the one Slack named.
            headers = {"Authorization": token} if urlsplit(url).netloc == home else {}
            response = await self._session.get(url, headers=headers, allow_redirects=False)
            if response.status == OK:
                return response
            response.release()
            if response.status in MOVED and (location := response.headers.get("Location")):
                url = urljoin(url, location)
                continue
            if response.status in REFUSED:
                raise FileRefused("file_lost", attachment.name, f"status {response.status}")
            raise PlatformUnreachable(f"{attachment.name}: status {response.status}")
        raise FileRefused("file_lost", attachment.name, "redirected too often")

    async def post(self, place: Place, comment: str, files: Sequence[File]) -> str:
        """Post files into a thread with a comment; returns their ids, with commas."""
        uploaded = [await self._upload(file) for file in files]
        about = {"initial_comment": comment} if comment else {}
        try:
            await self._api.call(
                "files.completeUploadExternal",
                Priority.FINAL,
                files=uploaded,
                channel_id=place.channel,
                thread_ts=place.thread_ts,
                **about,
            )
        except SlackRefused as error:
            raise FileRefused("file_not_posted", files[0].name, str(error)) from error
        return ",".join(file["id"] for file in uploaded)

    async def _upload(self, file: File) -> dict[str, str]:
        data = await self._files.read(file.digest)
        name = file.name.replace("<", "").replace(">", "")
        about = {"alt_txt": file.alt} if file.alt else {}
        try:
            place = await self._api.call(
                "files.getUploadURLExternal", Priority.FINAL, filename=name, length=len(data), **about
            )
            async with self._session.post(place["upload_url"], data=data) as response:
                if response.status != OK:
                    raise PlatformUnreachable(f"{name}: the upload was answered {response.status}")
        except SlackRefused as error:
            raise FileRefused("file_not_posted", file.name, str(error)) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise PlatformUnreachable(f"{name}: {str(error) or type(error).__name__}") from error
        return {"id": str(place["file_id"]), "title": name}


def _is_page(response: aiohttp.ClientResponse, beginning: bytes) -> bool:
    head = beginning[:512].lstrip().lower()
    return response.content_type == "text/html" and head.startswith((b"<!doctype html", b"<html"))
