"""When Discord refused so much that it might ban the address, nothing is asked for a while."""

import logging

import pytest

from adapters.discord.refusals import MOST, SAME, WINDOW, Refusals
from bot.errors import PlatformGone, PlatformUnreachable
from tests.fakes.clock import ManualClock


async def test_after_too_many_refusals_nothing_is_asked_until_the_oldest_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = ManualClock()
    refusals = Refusals(clock)
    with caplog.at_level(logging.ERROR):
        for _ in range(MOST):
            refusals.check("post", "1")
            refusals.refused()
    with pytest.raises(PlatformUnreachable) as caught:
        refusals.check("post", "2")
    assert caught.value.after == WINDOW
    assert len(caplog.records) == 1
    await clock.advance(WINDOW)
    refusals.check("post", "2")


async def test_what_is_forbidden_in_one_place_is_asked_elsewhere_and_later_again() -> None:
    clock = ManualClock()
    refusals = Refusals(clock)
    for _ in range(SAME):
        refusals.check("post", "1")
        refusals.forbidden("post", "1")
    with pytest.raises(PlatformGone):
        refusals.check("post", "1")
    refusals.check("post", "2")
    refusals.check("thread", "1")
    await clock.advance(WINDOW)
    refusals.check("post", "1")
    refusals.forbidden("post", "1")
    refusals.check("post", "1")


async def test_a_change_of_permissions_is_tried_at_once() -> None:
    refusals = Refusals(ManualClock())
    for _ in range(SAME):
        refusals.forbidden("post", "1")
    refusals.forgive()
    refusals.check("post", "1")
