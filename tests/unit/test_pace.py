"""Calls to a platform stay within its limits, and the urgent ones go first."""

import asyncio
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.pace import Pace, Priority, Rule
from tests.fakes.clock import ManualClock, settle

PER_CHANNEL = Rule(frozenset({"post", "edit"}), "channel", 2, 5.0)
GLOBAL = Rule(frozenset(), "", 5, 3.0)


class Caller:
    """Makes calls and notes when each could be made."""

    def __init__(self, pace: Pace, clock: ManualClock) -> None:
        self.pace, self.clock = pace, clock
        self.made: list[tuple[float, str]] = []
        self.tasks: list[asyncio.Task[None]] = []

    def call(
        self, name: str, method: str = "post", channel: str = "C1", priority: Priority = Priority.EDIT
    ) -> None:
        self.tasks.append(asyncio.create_task(self._call(name, method, channel, priority)))

    async def _call(self, name: str, method: str, channel: str, priority: Priority) -> None:
        await self.pace.wait(method, {"channel": channel}, priority)
        self.made.append((self.clock.now(), name))

    @property
    def names(self) -> list[str]:
        return [name for _, name in self.made]


def most_in_window(times: list[float], seconds: float) -> int:
    """The most calls in any window of this length, its end not included."""
    return max((sum(start <= time < start + seconds for time in times) for start in times), default=0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["post", "edit", "typing"]),
            st.sampled_from(["C1", "C2"]),
            st.sampled_from(list(Priority)),
            st.sampled_from([0.0, 0.0, 0.5, 1.0, 4.0, 20.0]),
        ),
        max_size=30,
    )
)
def test_no_window_ever_holds_more_than_its_limit(calls: list[tuple[str, str, Priority, float]]) -> None:
    """Whatever is asked when: each rule holds in each of its places, and everybody's turn comes."""

    async def run() -> None:
        clock = ManualClock()
        caller = Caller(Pace([PER_CHANNEL, GLOBAL], clock), clock)
        for method, channel, priority, pause in calls:
            caller.call(f"{method} {channel}", method, channel, priority)
            await clock.advance(pause)
        await clock.advance(5.0 * len(calls))
        await asyncio.gather(*caller.tasks)
        assert most_in_window([time for time, _ in caller.made], GLOBAL.seconds) <= GLOBAL.calls
        for channel in ("C1", "C2"):
            counted = [time for time, name in caller.made if name in {f"post {channel}", f"edit {channel}"}]
            assert most_in_window(counted, PER_CHANNEL.seconds) <= PER_CHANNEL.calls

    asyncio.run(run())


async def test_calls_within_the_limit_do_not_wait() -> None:
    """Nothing is spread out that the platform takes at once."""
    clock = ManualClock()
    caller = Caller(Pace([PER_CHANNEL], clock), clock)
    caller.call("a")
    caller.call("b")
    await settle()
    assert caller.names == ["a", "b"]


async def test_finals_go_before_edits_and_edits_before_courtesies() -> None:
    """What came later but matters more is not kept behind what matters less."""
    clock = ManualClock()
    caller = Caller(Pace([Rule(frozenset(), "channel", 1, 1.0)], clock), clock)
    caller.call("first")
    caller.call("typing", priority=Priority.COURTESY)
    caller.call("edit", priority=Priority.EDIT)
    caller.call("older final", priority=Priority.FINAL)
    caller.call("newer final", priority=Priority.FINAL)
    await clock.advance(10.0)
    assert caller.names == ["first", "older final", "newer final", "edit", "typing"]
    assert [later - earlier for (earlier, _), (later, _) in pairwise(caller.made)] == [1.0] * 4


async def test_a_full_channel_does_not_stop_another() -> None:
    """Who waits for one place holds nothing that others could use."""
    clock = ManualClock()
    caller = Caller(Pace([PER_CHANNEL, GLOBAL], clock), clock)
    for name in ("a", "b", "c"):
        caller.call(name, priority=Priority.FINAL)
    caller.call("elsewhere", channel="C2", priority=Priority.COURTESY)
    await settle()
    assert caller.names == ["a", "b", "elsewhere"]


async def test_who_gives_up_waiting_takes_nothing() -> None:
    """A cancelled call leaves its place to the next."""
    clock = ManualClock()
    caller = Caller(Pace([Rule(frozenset(), "", 1, 1.0)], clock), clock)
    for name in ("a", "b", "c"):
        caller.call(name)
    await settle()
    caller.tasks[1].cancel()
    await clock.advance(1.0)
    assert caller.names == ["a", "c"]


async def test_it_can_be_switched_off() -> None:
    """Without limits, as on the fakes of the benchmark, nobody waits."""
    clock = ManualClock()
    caller = Caller(Pace([PER_CHANNEL, GLOBAL], clock, on=False), clock)
    for number in range(100):
        caller.call(str(number))
    await settle()
    assert len(caller.made) == 100


async def test_places_that_are_quiet_are_let_go() -> None:
    """Thousands of channels, each used once, do not stay in memory, and no limit is forgotten with them."""
    clock = ManualClock()
    pace = Pace([Rule(frozenset(), "channel", 1, 10.0)], clock)
    caller = Caller(pace, clock)
    await pace.wait("post", {"channel": "busy"}, Priority.EDIT)
    caller.call("again", channel="busy")
    await settle()
    for number in range(3_000):
        await pace.wait("post", {"channel": str(number)}, Priority.EDIT)
        if number % 100 == 0:
            await clock.advance(0.1)
    assert caller.made == []
    await clock.advance(10.0)
    assert caller.names == ["again"]


async def test_setting_the_clock_of_the_machine_changes_no_pace() -> None:
    """Put back by a day, nobody waits a day; put forward, no limit is broken."""
    for jump in (-86_400.0, 86_400.0):
        clock = ManualClock()
        caller = Caller(Pace([PER_CHANNEL], clock), clock)
        caller.call("one")
        caller.call("two")
        caller.call("three")
        await settle()
        clock.set_by(jump)
        caller.call("four")
        await settle()
        assert caller.names == ["one", "two"]
        await clock.advance(PER_CHANNEL.seconds)
        assert caller.names == ["one", "two", "three", "four"]
