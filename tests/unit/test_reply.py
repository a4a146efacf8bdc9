"""What people see becomes the draft, whatever fails, dies or is deleted on the way."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import FileRefused, PlatformGone, PlatformUnreachable
from bot.events import File
from bot.messages import Author, Message
from bot.reply import Limits, PostedReply
from bot.text import split
from bot.turns import Draft, Turn
from tests.fakes.clock import ManualClock, settle
from tests.fakes.surface import FakeSurface, Fault, Notes

LIMITS = Limits(
    message_chars=100, edit_interval=2.0, file_bytes=1_000, message_files=2, message_file_bytes=1_500
)
ASKED = Message("test:c", ("k",), "1", Author("test:ann", "Ann", "en"), "Hello?", 0.0)
TURN = Turn(7, "test:c", (ASKED,))
LONG = "\n\n".join(f"Paragraph {number}. " + "word " * 12 for number in range(4))


def text_of(draft: Draft) -> str:
    return draft.text


@dataclass
class Place:
    """A surface with its notes and its clock; each `reply()` is made by another life of Maru."""

    clock: ManualClock = field(default_factory=ManualClock)
    notes: Notes = field(default_factory=Notes)
    surface: FakeSurface = field(init=False)

    def __post_init__(self) -> None:
        self.surface = FakeSurface(self.clock)

    def reply(self, render: Callable[[Draft], str] = text_of) -> PostedReply:
        return PostedReply(
            turn=TURN, surface=self.surface, parts=self.notes, limits=LIMITS, render=render, clock=self.clock
        )

    def kill(self) -> None:
        """Maru is killed right now: the next one finds what was noted, and what is posted."""
        self.surface, self.notes = self.surface.outlive(), self.notes.outlive()

    @property
    def calls(self) -> list[str]:
        return [call for call, _ in self.surface.calls]


@pytest.fixture
def place() -> Place:
    return Place()


def file(name: str, size: int = 10) -> File:
    return File(sha256(name.encode()).hexdigest(), name, "text/plain", size)


async def test_the_first_text_shows_at_once_and_the_rest_at_the_interval(place: Place) -> None:
    """Many drafts become few changes, never closer together than allowed, and the last one arrives."""
    async with place.reply() as reply:
        reply.show(Draft("word "))
        await settle()
        assert place.surface.texts == ["word"]
        for number in range(2, 50):
            reply.show(Draft("word " * number))
            await place.clock.advance(0.1)
        await place.clock.advance(20)
        assert place.surface.texts == split("word " * 49, 100)
    times = [time for _, time in place.surface.calls]
    assert all(later - earlier >= LIMITS.edit_interval for earlier, later in pairwise(times))
    assert len(times) <= 7


async def test_nothing_is_posted_before_there_is_text(place: Place) -> None:
    """No empty message, and none that is changed to what it already says."""
    async with place.reply() as reply:
        reply.show(Draft())
        reply.show(Draft(" \n"))
        await place.clock.advance(5)
        assert place.calls == []
        reply.show(Draft("Hello"))
        await place.clock.advance(5)
        reply.show(Draft("Hello\n"))
        await place.clock.advance(5)
        await reply.finish(Draft("Hello\n"))
    assert place.calls == ["post"]


async def test_finish_does_not_wait_for_the_interval(place: Place) -> None:
    """The last text is there as soon as the platform has taken it."""
    async with place.reply() as reply:
        reply.show(Draft("Hello"))
        await settle()
        reply.show(Draft("Hello wor"))
        await reply.finish(Draft(LONG))
    assert place.surface.texts == split(LONG, 100)
    assert len({time for _, time in place.surface.calls}) == 1


async def test_a_shorter_end_takes_messages_away(place: Place) -> None:
    """What was shown and is not part of the answer any more is deleted, the last message first."""
    async with place.reply() as reply:
        reply.show(Draft(LONG))
        await place.clock.advance(20)
        assert len(place.surface.texts) == 4
        await reply.finish(Draft("Short."))
    assert place.surface.texts == ["Short."]
    assert await place.notes.parts(TURN.id) != []


async def test_text_that_comes_again_does_not_flicker(place: Place) -> None:
    """A step that begins anew does not make people see the answer shrink; another text replaces it."""
    async with place.reply() as reply:
        reply.show(Draft("One two three four."))
        await place.clock.advance(5)
        reply.show(Draft(""))
        await place.clock.advance(5)
        reply.show(Draft("One two"))
        await place.clock.advance(5)
        assert place.surface.texts == ["One two three four."]
        reply.show(Draft("Uno dos"))
        await place.clock.advance(5)
        assert place.surface.texts == ["Uno dos"]
        await reply.finish(Draft("Uno"))
    assert place.surface.texts == ["Uno"]


async def test_a_kill_before_the_note_does_not_post_twice(place: Place) -> None:
    """A message that was posted and not noted is found by its key, and gone on with."""
    place.surface.held = asyncio.Event()
    reply = place.reply()
    async with reply:
        reply.show(Draft("Hello wor"))
        await place.surface.reached.wait()
        place.surface.held.set()
        place.kill()
    async with place.reply() as again:
        again.show(Draft("Hello"))
        await place.clock.advance(5)
        await again.finish(Draft("Hello world."))
    assert place.surface.texts == ["Hello world."]
    assert "post" not in place.calls


async def test_a_kill_before_the_post_posts_once(place: Place) -> None:
    """What was only intended and cannot be found is posted."""
    place.surface.faults["post"] = ["refused"]
    async with place.reply() as reply:
        reply.show(Draft("Hello"))
        await settle()
        place.kill()
    await place.reply().finish(Draft("Hello world."))
    assert place.surface.texts == ["Hello world."]


async def test_a_kill_in_the_middle_of_an_edit_is_mended(place: Place) -> None:
    """What is noted of a message may be older than what people see: after a restart it is written again."""
    async with place.reply() as reply:
        reply.show(Draft("One"))
        await place.clock.advance(5)
        place.surface.held = asyncio.Event()
        reply.show(Draft("One two"))
        await place.surface.reached.wait()
        place.surface.held.set()
        place.kill()
    assert place.surface.texts == ["One two"]
    await place.reply().finish(Draft("One"))
    assert place.surface.texts == ["One"]


async def test_a_post_whose_answer_was_lost_is_not_posted_again(place: Place) -> None:
    """After an error nobody knows whether it was posted, so it is looked for first."""
    place.surface.faults["post"] = ["lost answer"]
    async with place.reply() as reply:
        with pytest.raises(PlatformUnreachable):
            await reply.finish(Draft("Hello"))
        await reply.finish(Draft("Hello"))
    assert place.surface.texts == ["Hello"]


async def test_a_post_that_cannot_be_found_yet_is_mended(place: Place) -> None:
    """The platform may answer a second post with the first message, which says something older."""
    place.surface.faults["post"] = ["lost answer"]
    place.surface.blind = True
    async with place.reply() as reply:
        reply.show(Draft("Hello"))
        await settle()
        await reply.finish(Draft("Hello world."))
    assert place.surface.texts == ["Hello world."]


async def test_an_edit_whose_answer_was_lost_is_made_again(place: Place) -> None:
    """After an error nobody knows what people see, so it is written again."""
    async with place.reply() as reply:
        reply.show(Draft("One"))
        await place.clock.advance(5)
        place.surface.faults["edit"] = ["lost answer"]
        reply.show(Draft("One two"))
        await settle()
        await reply.finish(Draft("One"))
    assert place.surface.texts == ["One"]


async def test_a_refused_change_is_tried_again_after_the_time_the_platform_asks_for(place: Place) -> None:
    """Until then nothing is sent; then the newest draft is."""
    place.surface.faults["edit"] = ["refused"]
    place.surface.retry_after = 30.0
    async with place.reply() as reply:
        reply.show(Draft("One"))
        await place.clock.advance(5)
        reply.show(Draft("One two"))
        await place.clock.advance(5)
        reply.show(Draft("One two three"))
        await place.clock.advance(20)
        assert place.calls == ["post", "edit"]
        await place.clock.advance(10)
        assert place.surface.texts == ["One two three"]


async def test_finish_says_when_to_try_again(place: Place) -> None:
    """It does not wait by itself: who leads the turn does."""
    place.surface.faults["post"] = ["refused"]
    place.surface.retry_after = 30.0
    with pytest.raises(PlatformUnreachable) as refused:
        await place.reply().finish(Draft("One"))
    assert refused.value.after == 30.0


async def test_a_message_deleted_while_it_streams_is_made_good(place: Place) -> None:
    """The texts after it move up, so that the answer can still be read in order."""
    async with place.reply() as reply:
        reply.show(Draft(LONG))
        await place.clock.advance(20)
        place.surface.moderate(1)
        await reply.finish(Draft(LONG.replace("Paragraph", "Absatz")))
    assert place.surface.texts == split(LONG.replace("Paragraph", "Absatz"), 100)


async def test_a_deletion_is_not_fought_for_ever(place: Place) -> None:
    """Where every message is deleted at once, Maru stops posting while it streams."""
    async with place.reply() as reply:
        for number in range(1, 20):
            reply.show(Draft("word " * number))
            await place.clock.advance(3)
            while place.surface.seen:
                place.surface.moderate()
        assert place.calls.count("post") == 3


async def test_a_place_that_is_gone_is_said(place: Place) -> None:
    """Streaming into it ends quietly, the end does not."""
    async with place.reply() as reply:
        reply.show(Draft("One"))
        await place.clock.advance(5)
        place.surface.gone = True
        reply.show(Draft("One two"))
        await place.clock.advance(60)
        with pytest.raises(PlatformGone):
            await reply.finish(Draft("One two three"))


async def test_a_turn_cut_short_does_not_lose_the_message_in_flight(place: Place) -> None:
    """A cancelled reply notes what it has just posted before it ends."""
    place.surface.held = asyncio.Event()
    reply = place.reply()

    async def lead() -> None:
        async with reply:
            await reply.finish(Draft("Hello"))

    task = asyncio.create_task(lead())
    await place.surface.reached.wait()
    task.cancel()
    await settle()
    assert not task.done()
    place.surface.held.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    parts = await place.notes.parts(TURN.id)
    assert [(part.ref, part.text) for part in parts] == [("m1", "Hello")]


async def test_finish_waits_for_the_change_in_flight(place: Place) -> None:
    """An edit that is under way never arrives after the final one."""
    place.surface.held = asyncio.Event()
    async with place.reply() as reply:
        reply.show(Draft("One"))
        await place.surface.reached.wait()
        finishing = asyncio.create_task(reply.finish(Draft("One two")))
        await settle()
        assert place.calls == ["post"]
        place.surface.held.set()
        await finishing
    assert place.surface.texts == ["One two"]


async def test_typing_shows_until_there_is_text(place: Place) -> None:
    """It is shown again before the platform lets it go out, and failing it harms nothing."""
    place.surface.faults["typing"] = ["refused"]
    async with place.reply() as reply:
        await place.clock.advance(12)
        assert place.surface.typed == 3
        reply.show(Draft("Hello"))
        await place.clock.advance(60)
        assert place.surface.typed == 3
        await reply.finish(Draft("Hello"))
    assert place.surface.texts == ["Hello"]


async def test_a_draft_that_cannot_be_rendered_is_logged_and_raised(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug in a platform's dialect is no silent end of an answer."""

    def broken(draft: Draft) -> str:
        raise ValueError(draft.text)

    async with place.reply(broken) as reply:
        reply.show(Draft("One"))
        await settle()
        with caplog.at_level(logging.ERROR), pytest.raises(ValueError, match="One"):
            await reply.finish(Draft("One"))
    assert "T7" in caplog.text


async def test_files_come_after_the_text_and_once(place: Place) -> None:
    """They are posted at the end, as many to a message as the platform takes, also over a kill."""
    files = (file("a"), file("b"), file("c"), file("d", 900), file("e", 900))
    await place.reply().finish(Draft("Here.", files=files[:3]))
    assert [message.text for message in place.surface.seen] == ["Here.", "", ""]
    place.kill()
    await place.reply().finish(Draft("Here they are.", files=files))
    assert place.surface.texts == ["Here they are."]
    assert place.surface.files == ["a", "b", "c", "d", "e"]
    assert [len(message.files) for message in place.surface.seen] == [0, 2, 1, 1, 1]


async def test_a_file_too_large_for_the_platform_is_named(place: Place) -> None:
    """People learn that there is a file, and why they do not see it."""
    await place.reply().finish(Draft("Here.", files=(file("big.zip", 2_000), file("small"))))
    assert place.surface.files == ["small"]
    assert "big.zip" in place.surface.seen[-1].text
    assert "1 KB" in place.surface.seen[-1].text


async def test_a_file_whose_bytes_are_lost_is_named(place: Place) -> None:
    """The answer still ends."""

    class Lossy(FakeSurface):
        async def post(self, number: int, key: str, text: str, files: object) -> str:
            if files:
                raise FileRefused("file_lost", "a")
            return await super().post(number, key, text, ())

    place.surface = Lossy(place.clock)
    await place.reply().finish(Draft("Here.", files=(file("a"),)))
    assert place.surface.texts == ["Here.", "I could not post “a”."]


async def test_files_whose_post_got_no_answer_are_not_posted_twice(place: Place) -> None:
    place.surface.faults["post"] = ["lost answer"]
    with pytest.raises(PlatformUnreachable):
        await place.reply().finish(Draft(files=(file("a"),)))
    place.kill()
    await place.reply().finish(Draft(files=(file("a"),)))
    assert place.surface.files == ["a"]


STEPS = st.one_of(
    st.tuples(st.just("show"), st.integers(0, len(LONG))),
    st.tuples(st.just("other text"), st.integers(0, 300)),
    st.tuples(st.just("advance"), st.sampled_from([0.0, 1.0, 5.0])),
    st.tuples(st.just("fault"), st.tuples(st.sampled_from(["post", "edit", "delete", "find"]),
                                          st.sampled_from(["refused", "lost answer"]))),
    st.tuples(st.just("kill"), st.integers(0, 6)),
    st.tuples(st.just("moderate"), st.integers(0, 3)),
    st.tuples(st.just("finish"), st.integers(0, len(LONG))),
)  # fmt: skip


@given(st.lists(STEPS, max_size=15), st.integers(0, len(LONG)), st.booleans())
def test_whatever_happens_the_end_is_exact(
    steps: list[tuple[str, object]], length: int, once_per_key: bool
) -> None:
    """Refusals, lost answers, kills at any moment and deletions: at the end the answer stands there once."""

    async def run() -> None:
        place = Place()
        place.surface.once_per_key = once_per_key
        reply = await place.reply().__aenter__()
        for step, value in steps:
            match step, value:
                case "show", int(end):
                    reply.show(Draft(LONG[:end]))
                case "other text", int(end):
                    reply.show(Draft("other " * (end // 6)))
                case "advance", float(seconds):
                    await place.clock.advance(seconds)
                case "fault", (str(call), ("refused" | "lost answer") as fault):
                    faults: list[Fault] = place.surface.faults[call]
                    faults.append(fault)
                case "kill", int(rounds):
                    await settle(rounds)
                    place.kill()
                    await reply.__aexit__(None, None, None)
                    reply = await place.reply().__aenter__()
                case "moderate", int(index) if index < len(place.surface.seen):
                    place.surface.moderate(index)
                case "finish", int(end):
                    await until_done(reply, Draft(LONG[:end]))
        await until_done(reply, Draft(LONG[:length], files=(file("a"),)))
        await reply.__aexit__(None, None, None)
        # A message deleted by others and never touched again may be missing; a restart would notice it.
        await until_done(place.reply(), Draft(LONG[:length], files=(file("a"),)))
        assert place.surface.texts == split(LONG[:length], 100)
        assert place.surface.files == ["a"]

    asyncio.run(run())


async def until_done(reply: PostedReply, draft: Draft) -> None:
    """Finish as the dispatcher does: again and again while that may help."""
    for _ in range(40):
        try:
            return await reply.finish(draft)
        except PlatformUnreachable:
            continue
    raise AssertionError("it never ends")
