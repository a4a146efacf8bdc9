"""What was missed in a place comes before what is said there."""

import asyncio

from bot.errors import PlatformUnreachable
from bot.gap import Gap


class Slow:
    """A look that takes until it is told to end."""

    def __init__(self) -> None:
        self.begun = 0
        self.end = asyncio.Event()

    async def __call__(self) -> None:
        self.begun += 1
        await self.end.wait()


async def test_a_message_waits_for_what_was_missed_in_its_place_alone() -> None:
    gap, slow, other = Gap(), Slow(), Slow()
    other.end.set()
    waiting = asyncio.create_task(gap.before("C1", slow))
    await gap.before("C2", other)
    assert not waiting.done()
    slow.end.set()
    await waiting


async def test_a_place_is_looked_at_once_for_each_connection() -> None:
    gap, look = Gap(), Slow()
    look.end.set()
    await asyncio.gather(*(gap.before("C1", look) for _ in range(3)))
    assert look.begun == 1
    gap.open()
    await gap.before("C1", look)
    assert look.begun == 2


async def test_nobody_waits_once_all_was_looked_at() -> None:
    gap, slow, never = Gap(), Slow(), Slow()
    waiting = asyncio.create_task(gap.before("C1", slow))
    await asyncio.sleep(0)
    gap.close()
    await waiting
    await gap.before("C2", never)
    assert never.begun == 0


async def test_nobody_waits_longer_than_the_platform_does() -> None:
    gap, slow = Gap(patience=0.0), Slow()
    await gap.before("C1", slow)
    assert not slow.end.is_set()
    gap.close()


async def test_a_place_that_cannot_be_looked_at_holds_nobody_up() -> None:
    async def look() -> None:
        raise PlatformUnreachable("away")

    await Gap().before("C1", look)
