"""A channel's past goes to whoever may ask, and stands in for what the platform could tell."""

from bot.messages import Person, Quoted
from bot.ports import Exchange, Past
from tests.fakes.people import BEN, message
from tests.flows.conftest import World

CHANNEL, FIRST, SECOND = "square:T1/C1", "square:T1/C1/1", "square:T1/C1/2"


async def test_somebody_who_is_refused_does_not_take_it(world: World) -> None:
    world.square.people[BEN.id] = Person("outsider")
    world.square.history = [Quoted("Cleo", "seen by all", 1.0)]
    async with world.life() as maru:
        said = (message("one", 1), message("two", 2))
        await maru.store.pasts.fill(Past(CHANNEL, "thread_1", (Exchange(said, "yes"),), channel=True))
        await maru.receive(world.square.message("hello", FIRST, author=BEN))
        await world.square.until(lambda: bool(world.square.whispers))
        await maru.receive(world.square.message("and?", SECOND))
        await world.square.until_posted("You said: and?", SECOND)
        [request] = world.engine.requests
        thread = await maru.store.threads.open(request.turn, "maru")
        entries = await maru.store.threads.entries(thread, request.turn.id)
    assert [entry.answer for entry in entries] == ["yes"]
    assert request.prior == ()
