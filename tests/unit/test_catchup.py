"""What was missed in a place comes before what is said there."""

import asyncio

import pytest

from bot.catchup import WAITS, CatchUp, insist
from bot.errors import PlatformGone, PlatformUnreachable, StoreError
from tests.fakes.clock import ManualClock, settle


class Slow:
    """A look that takes until it is told to end."""

    def __init__(self) -> None:
        self.begun = self.cancelled = 0
        self.end = asyncio.Event()

    async def __call__(self) -> None:
        self.begun += 1
        try:
            await self.end.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def catch_up(clock: ManualClock) -> CatchUp:
    """A connection has just begun."""
    opened = CatchUp(clock, patience=60.0)
    opened.open()
    return opened


async def test_a_message_waits_for_what_was_missed_in_its_place_alone(catch_up: CatchUp) -> None:
    slow, other = Slow(), Slow()
    other.end.set()
    waiting = asyncio.create_task(catch_up.before("C1", slow))
    await catch_up.before("C2", other)
    assert not waiting.done()
    slow.end.set()
    await waiting


async def test_a_place_is_looked_at_once_for_each_connection(catch_up: CatchUp) -> None:
    look = Slow()
    look.end.set()
    await asyncio.gather(*(catch_up.before("C1", look) for _ in range(3)))
    assert look.begun == 1
    catch_up.open()
    await catch_up.before("C1", look)
    assert look.begun == 2


async def test_nobody_waits_once_all_was_looked_at(catch_up: CatchUp) -> None:
    everything, slow, never = Slow(), Slow(), Slow()
    catch_up.begin(everything)
    waiting = asyncio.create_task(catch_up.before("C1", slow))
    await settle()
    everything.end.set()
    await settle()
    assert not waiting.done()
    slow.end.set()
    await waiting
    await settle()
    await catch_up.before("C2", never)
    assert not catch_up.is_open
    assert never.begun == 0


async def test_nobody_waits_once_nobody_wants_to_know(catch_up: CatchUp) -> None:
    slow = Slow()
    waiting = asyncio.create_task(catch_up.before("C1", slow))
    await settle()
    catch_up.close()
    await waiting
    assert slow.cancelled == 1


async def test_a_new_connection_is_caught_up_with_whatever_was_looked_at_for_the_old_one(
    catch_up: CatchUp,
) -> None:
    """The old one was lost before all of that was over, and its end closes nothing."""
    old, look, new = Slow(), Slow(), Slow()
    catch_up.begin(old)
    waiting = asyncio.create_task(catch_up.before("C1", look))
    await settle()
    catch_up.open()
    await waiting
    await settle()
    assert (old.cancelled, look.cancelled) == (1, 1)
    assert catch_up.is_open
    catch_up.begin(new)
    new.end.set()
    await settle()
    assert not catch_up.is_open


async def test_nobody_waits_longer_than_the_platform_does(clock: ManualClock) -> None:
    catch_up, slow = CatchUp(clock, patience=0.0), Slow()
    catch_up.open()
    await catch_up.before("C1", slow)
    assert not slow.end.is_set()
    catch_up.close()


async def test_a_platform_that_asks_for_more_patience_than_there_is_holds_nobody_up(
    catch_up: CatchUp, clock: ManualClock
) -> None:
    """The place is looked at all the same, later."""
    found: list[str] = []

    async def look() -> None:
        found.append("")
        if len(found) == 1:
            raise PlatformUnreachable("slow down", 90.0)

    elsewhere = Slow()
    await catch_up.before("C1", look)
    await catch_up.before("C1", look)
    await catch_up.before("C2", elsewhere)
    assert (len(found), elsewhere.begun) == (1, 0)
    await clock.advance(90.0)
    assert len(found) == 2


async def test_a_place_that_cannot_be_looked_at_holds_nobody_up(catch_up: CatchUp) -> None:
    async def look() -> None:
        raise PlatformGone("closed")

    await catch_up.before("C1", look)


async def test_what_goes_wrong_with_catching_up_is_logged_and_holds_nobody_up(
    catch_up: CatchUp, caplog: pytest.LogCaptureFixture
) -> None:
    async def everything() -> None:
        raise StoreError("the disk is full")

    catch_up.begin(everything)
    await settle()
    assert not catch_up.is_open
    assert "the disk is full" in caplog.text


async def test_a_place_that_cannot_be_reached_is_looked_at_again(
    catch_up: CatchUp, clock: ManualClock
) -> None:
    found: list[str] = []

    async def look() -> None:
        found.append("")
        if len(found) == 1:
            raise PlatformUnreachable("away", 30.0)

    waiting = asyncio.create_task(catch_up.before("C1", look))
    await clock.advance(29.0)
    assert len(found) == 1
    await clock.advance(1.0)
    await waiting
    assert len(found) == 2


async def test_what_stays_out_of_reach_is_given_up(clock: ManualClock) -> None:
    async def look() -> None:
        raise PlatformUnreachable("away")

    insisting = asyncio.create_task(insist(look, clock))
    await clock.advance(sum(WAITS))
    with pytest.raises(PlatformUnreachable):
        await insisting
