"""What the app answers to gestures: callbacks within 3 seconds, then follow-ups and edits for 15 minutes."""

from tests.fakes.discord.calls import Call
from tests.fakes.discord.posting import Posting
from tests.fakes.discord.shown import show_message
from tests.fakes.discord.wire import DiscordError, Json, invalid
from tests.fakes.discord.world import EPHEMERAL, LOADING, Channel, Interaction, Message, World

FIRST = 3.0
LIFE = 900.0
FOREIGN_FOLLOW_UPS = 5
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
COMPONENT = 3  # an interaction's kind


class Interactions:
    """Each public method is one route."""

    def __init__(self, world: World, posting: Posting) -> None:
        self.world = world
        self.posting = posting

    def callback(self, call: Call) -> Json | None:
        found = self.world.interactions.get(call.path["interaction"])
        late = found is not None and found.made + FIRST < self.world.clock.now() and not found.answered
        if found is None or found.token != call.path["token"] or late:
            raise DiscordError(404, 10062, "Unknown interaction")
        if found.answered:
            raise DiscordError(400, 40060, "Interaction has already been acknowledged.")
        kind = call.body.get("type")
        if kind in (DEFERRED_UPDATE, UPDATE) and found.kind != COMPONENT:
            raise invalid("type", "INTERACTION_RESPONSE_TYPE", "Only for a message's components")
        self._answer(found, kind, call)
        found.answered = int(kind or 0)
        found.took = self.world.clock.now() - found.made
        self.world.touch()
        if not call.query.get("with_response"):
            return None
        shown: Json = {"id": found.id, "type": found.kind}
        if found.original is None:
            return {"interaction": shown}
        shown |= {"response_message_id": found.original.id}
        shown |= {"response_message_ephemeral": found.private, "response_message_loading": found.waiting}
        resource = {"type": kind, "message": show_message(self.world, found.original)}
        return {"interaction": shown, "resource": resource}

    def _answer(self, found: Interaction, kind: int | None, call: Call) -> None:
        data: Json = call.body.get("data") or {}
        channel = self.world.channel(found.channel)
        if kind == MESSAGE:
            found.private = bool((data.get("flags") or 0) & EPHEMERAL)
            found.original = self._post(found, channel, call, data)
        elif kind == DEFERRED:
            found.private = bool((data.get("flags") or 0) & EPHEMERAL)
            flags = LOADING | (EPHEMERAL if found.private else 0)
            message = self._mine(
                found, Message(self.world.ids(), channel.id, self.world.maru.id, kind=20, flags=flags)
            )
            found.original, found.waiting = message, True
            self.posting.place(channel, message)
        elif kind in (DEFERRED_UPDATE, UPDATE):
            found.original = self.world.message(channel, found.message)
            found.private = bool(found.original.only_for)
            if kind == UPDATE:
                self.posting.edit(channel, found.original, call, data)
        elif kind == MODAL:
            if not 1 <= len(data.get("title", "")) <= 45 or not 1 <= len(data.get("custom_id", "")) <= 100:
                raise invalid("data.title", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 45 in length.")
            found.modal = data
        else:
            raise invalid("type", "BASE_TYPE_CHOICES", "Value must be one of (4, 5, 6, 7, 9)")

    def _mine(self, found: Interaction, message: Message) -> Message:
        message.interaction, message.webhook = found.id, self.world.application
        message.only_for = found.user if message.flags & EPHEMERAL else ""
        return message

    def _post(self, found: Interaction, channel: Channel, call: Call, body: Json) -> Message:
        message = self._mine(found, self.posting.make(channel, body, call))
        self.posting.place(channel, message)
        return message

    # -- by the token --------------------------------------------------------------------------

    def _by_token(self, call: Call) -> Interaction:
        found = next(
            (one for one in self.world.interactions.values() if one.token == call.path["token"]), None
        )
        if found is None or call.path["application"] != self.world.application:
            raise DiscordError(404, 10015, "Unknown Webhook")
        if found.made + LIFE <= self.world.clock.now():
            raise DiscordError(401, 50027, "Invalid Webhook Token")
        if not found.answered:
            raise DiscordError(404, 10015, "Unknown Webhook")
        return found

    def follow_up(self, call: Call) -> Json:
        found = self._by_token(call)
        channel = self.world.channel(found.channel)
        if found.waiting and found.original is not None:
            return self._settle(found, call)  # the first one takes the place of "is thinking"
        if found.foreign and found.follow_ups >= FOREIGN_FOLLOW_UPS:
            raise DiscordError(400, 40094, "The maximum number of follow-up messages has been reached")
        message = self._post(found, channel, call, call.body)
        found.follow_ups += 1
        return show_message(self.world, message)

    def _settle(self, found: Interaction, call: Call) -> Json:
        message = found.original
        assert message is not None
        channel = self.world.channel(found.channel)
        body = {name: value for name, value in call.body.items() if name != "flags"}
        keep = (call.body.get("flags") or 0) & ~EPHEMERAL
        before = message.flags
        message.flags = message.flags & ~LOADING | keep
        try:
            self.posting.edit(channel, message, call, body)
        except DiscordError:
            message.flags = before
            raise
        found.waiting, message.history, message.edited = False, [], 0.0
        return show_message(self.world, message)

    def _target(self, call: Call) -> tuple[Interaction, Message]:
        found = self._by_token(call)
        name = call.path["message"]
        if name == "@original":
            if found.original is None or found.original.id not in self.world.channel(found.channel).messages:
                raise DiscordError(404, 10008, "Unknown Message")
            return found, found.original
        message = self.world.message(self.world.channel(found.channel), name)
        if message.webhook != self.world.application:
            raise DiscordError(404, 10008, "Unknown Message")
        return found, message

    def get(self, call: Call) -> Json:
        return show_message(self.world, self._target(call)[1])

    def edit(self, call: Call) -> Json:
        found, message = self._target(call)
        if found.waiting and message is found.original:
            return self._settle(found, call)
        self.posting.edit(self.world.channel(found.channel), message, call)
        return show_message(self.world, message)

    def delete(self, call: Call) -> None:
        found, message = self._target(call)
        if message is found.original:
            found.waiting = False
        self.posting.delete(self.world.channel(found.channel), message)
