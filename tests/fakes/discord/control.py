"""A door for a test in another process: look at everything, be a person."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from aiohttp import web

from tests.fakes.discord.people import Person
from tests.fakes.discord.wire import Json, answer

if TYPE_CHECKING:
    from tests.fakes.discord.server import FakeDiscord


class Control:
    """`GET /_state`; `POST /_do {"person": "Ann", "verb": "mentions_bot", "text": …}`."""

    def __init__(self, discord: "FakeDiscord") -> None:
        self.discord = discord
        self._people: dict[str, Person] = {}

    async def state(self, _: web.Request) -> web.Response:
        discord = self.discord
        return answer(
            {
                "channels": {
                    channel.id: [asdict(seen) for seen in discord.reads(channel)]
                    for channel in discord.world.channels.values()
                },
                "names": {channel.name: channel.id for channel in discord.world.channels.values()},
                "connections": len(discord.gateway_server.connected),
                "calls": discord.routes.counts,
                "refused": discord.limits.refused,
                "refusals": [[*what, count] for what, count in discord.routes.refusals.items()],
                "invalid": discord.routes.invalid,
                "acknowledgements": [one.took for one in discord.world.interactions.values()],
            }
        )

    async def act(self, request: web.Request) -> web.Response:
        """Let somebody write; they and the channel are made when they are new."""
        body: Json = json.loads(await request.text())
        name = body.get("person", "Ann")
        if name not in self._people:
            self._people[name] = self.discord.person(name)
        person = self._people[name]
        if body["verb"] == "writes":
            message = await person.writes(body["text"])
        else:
            wanted = body.get("channel", "general")
            known = self.discord.world.channels
            found = known.get(wanted) or next((c for c in known.values() if c.name == wanted), None)
            where = found or self.discord.add_channel(wanted)
            if body["verb"] == "asks":
                asked = await person.uses_command("ask", where, prompt=body["text"])
                return answer({"channel": asked.channel, "id": asked.id})
            verbs = {"says": person.says, "mentions_bot": person.mentions_bot}
            message = await verbs[body["verb"]](where, body["text"])
        return answer({"channel": message.channel, "id": message.id})
