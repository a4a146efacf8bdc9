"""Files behind signed addresses that expire."""

from urllib.parse import urlsplit

from aiohttp import web

from tests.fakes.discord.calls import Call
from tests.fakes.discord.shown import show_attachment
from tests.fakes.discord.wire import Json
from tests.fakes.discord.world import Attachment, World


class Cdn:
    """Serves attachments; nobody has to say who they are."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.attachments: dict[str, Attachment] = {}  # also those of messages that are gone
        self.served: list[str] = []  # names
        self.lost: set[str] = set()  # ids of those that are not there, whatever the message says

    def find(self, id_: str) -> Attachment | None:
        every = (one for channel in self.world.channels.values() for one in channel.messages.values())
        found = next((one for message in every for one in message.attachments if one.id == id_), None)
        return found or self.attachments.get(id_)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        found = self.find(request.match_info["id"])
        until = request.query.get("ex", "0")
        signed = request.query.get("hm") == f"sign{until}"
        if found is None or found.id in self.lost or not signed or int(until, 16) < self.world.clock.now():
            return web.Response(status=404, text="This content is no longer available.")
        self.served.append(found.name)
        return web.Response(body=found.content, content_type=found.media_type.partition(";")[0])

    def refresh(self, call: Call) -> Json:
        """New addresses for expired ones."""
        refreshed = []
        for address in call.body["attachment_urls"]:
            found = self.find(urlsplit(address).path.split("/")[-2])
            new = show_attachment(self.world, found)["url"] if found else None
            refreshed.append({"original": address, "refreshed": new})
        return {"refreshed_urls": refreshed}
