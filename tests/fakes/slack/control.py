"""A door for a test in another process: look at everything, be a person."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from aiohttp import web

from tests.fakes.slack.people import Person
from tests.fakes.slack.wire import Json, answer
from tests.fakes.slack.world import Message

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack


class Control:
    """`GET /_state`; `POST /_do {"person": "Ann", "verb": "mentions_bot", "text": …}`."""

    def __init__(self, slack: "FakeSlack") -> None:
        self.slack = slack
        self._people: dict[str, Person] = {}

    async def state(self, _: web.Request) -> web.Response:
        slack = self.slack
        channels = {
            channel.name or channel.id: [asdict(seen) for seen in slack.reads(channel)]
            for channel in slack.world.channels.values()
        }
        delivery = slack.delivery
        return answer(
            {
                "channels": channels,
                "connections": len(slack.socket.connections),
                "calls": slack.routes.counts,
                "refused": slack.limits.refused,
                "refusals": [[*what, count] for what, count in slack.routes.refusals.items()],
                "under_way": delivery.under_way,
                "acknowledgements": [parcel.took for parcel in delivery.parcels if parcel.acknowledged],
                "lost": sum(parcel.lost for parcel in delivery.parcels),
                "pinged": slack.events.pinged,
                "unfurled": slack.events.unfurled,
            }
        )

    async def act(self, request: web.Request) -> web.Response:
        """Let somebody write; they and the channel are made when they are new."""
        body: Json = json.loads(await request.text())
        name = body.get("person", "Ann")
        if name not in self._people:
            self._people[name] = self.slack.person(name)
        person = self._people[name]
        found = [c for c in self.slack.world.channels.values() if c.name == body.get("channel", "general")]
        channel = found[0] if found else self.slack.add_channel(body["channel"])
        channel.members.add(person.id)
        verbs = {"says": person.says, "mentions_bot": person.mentions_bot}
        if body["verb"] == "writes":
            message: Message = await person.writes(body["text"], thread=body.get("thread", ""))
        else:
            message = await verbs[body["verb"]](channel, body["text"], thread=body.get("thread", ""))
        return answer({"channel": message.channel, "ts": message.ts})
