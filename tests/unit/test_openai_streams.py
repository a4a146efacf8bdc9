"""A response is read to its end, over broken connections, crashes and stops."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.events import Activity, Completed, Restarted, Started, Stopped, Text
from bot.turns import Checkpoint
from tests.fakes.openai import Answer, BreaksOff, FakeOpenAI, Gate, Play, Says
from tests.fakes.openai.talk import Talk, talking, texts
from tests.fakes.openai.wire import ApiError

COUNT = "one two three four five six"
CANCEL = "POST /v1/responses/{id}/cancel"
GET = "GET /v1/responses/{id}"


@pytest.mark.parametrize("how", ["eof", "drop", "reset"])
@pytest.mark.parametrize("after", [1, 3, 5])
async def test_a_broken_background_stream_goes_on_where_it_was(
    talk: Talk, fake: FakeOpenAI, how: Any, after: int
) -> None:
    """Nothing is lost, nothing comes twice, and the model is asked once."""
    fake.script(BreaksOff(COUNT, after=after, how=how))
    told = await talk.ask("count")
    assert texts(told.events) == COUNT
    assert isinstance(told.last, Completed)
    assert not told.of(Restarted)
    assert (fake.responses.calls, fake.counts[GET]) == (1, 1)


async def test_a_broken_stream_that_cannot_be_taken_up_is_fetched(talk: Talk, fake: FakeOpenAI) -> None:
    """It comes again as a whole."""
    fake.script(BreaksOff(COUNT))
    fake.fails_next[GET] = ApiError(400, "This response cannot be streamed.")
    told = await talk.ask("count")
    assert texts(told.events) == COUNT
    assert len(told.of(Restarted)) == 1
    assert fake.responses.calls == 1


async def test_trouble_while_connecting_again_is_waited_out(talk: Talk, fake: FakeOpenAI) -> None:
    """The service may need a moment."""
    fake.script(BreaksOff(COUNT))
    fake.fails_next[GET] = ApiError(503, "no", type="service_unavailable_error")
    told = await talk.ask("count")
    assert texts(told.events) == COUNT
    assert not told.of(Restarted)
    assert talk.clock.slept == [0.5]


async def test_a_response_that_ends_in_silence(talk: Talk, fake: FakeOpenAI) -> None:
    """No terminal event, and the service says that it failed: another attempt."""
    fake.script(Play((Says(COUNT),), end="silence", after=2), Answer("whole"))
    told = await talk.ask("count")
    assert told.text == "whole"


async def test_a_broken_foreground_stream_on_a_hosted_thread_is_fetched(talk: Talk, fake: FakeOpenAI) -> None:
    """The response goes on without us, and is stored: nobody asks twice."""
    fake.model.refuses.add("background")
    fake.script(BreaksOff(COUNT))
    told = await talk.ask("count")
    assert texts(told.events) == COUNT
    assert fake.responses.calls == 1


async def test_a_broken_local_stream_is_another_attempt(tmp_path: Path) -> None:
    """Nothing is stored there, so it is asked again."""
    async with FakeOpenAI(hosted=False) as fake, talking(tmp_path, fake) as talk:
        fake.script(BreaksOff(COUNT), Answer("whole"))
        told = await talk.ask("count")
        assert told.text == "whole"
        assert fake.responses.calls == 2


async def test_resume_takes_a_running_response_up_from_its_beginning(talk: Talk, fake: FakeOpenAI) -> None:
    """After a crash the draft begins anew, and the same response completes it."""
    gate = Gate()
    fake.script(Answer(COUNT, hold=gate, held=3))
    turn = await talk.waiting("count")
    seen = asyncio.Event()
    talk.seen = lambda event: seen.set() if isinstance(event, Text) else None
    leading = asyncio.create_task(talk.lead(turn))
    await seen.wait()
    (running,) = fake.responses.all.values()
    leading.cancel()
    await asyncio.wait([leading])
    gate.open()
    turn = replace(
        turn,
        attempt=1,
        checkpoint=Checkpoint(response=running.id),
        draft=replace(turn.draft, text="one two"),
    )
    told = await talk.lead(turn)
    assert told.events[0] == Restarted()
    assert texts(told.events) == COUNT
    assert fake.responses.calls == 1
    assert CANCEL not in fake.counts


@pytest.mark.parametrize(
    ("play", "text"),
    [
        (Play((Says(COUNT),)), COUNT),
        (Play((Says(COUNT),), end="incomplete", code="max_output_tokens", after=2), "one two"),
        (Play((Says(COUNT),), end="failed", code="server_error", after=2), "asked anew"),
    ],
)
async def test_resume_of_a_response_that_is_over(talk: Talk, fake: FakeOpenAI, play: Play, text: str) -> None:
    """It is rendered as what it came to."""
    fake.script(play)
    turn = await talk.waiting("count")
    async for event in talk.events(turn):
        if isinstance(event, Started):
            turn = replace(turn, attempt=1, checkpoint=Checkpoint(response=event.response))
    await fake.idle()
    if play.end == "failed":
        fake.script(Answer("asked anew"))
    told = await talk.lead(turn)
    assert told.text.strip() == text
    assert isinstance(told.last, Completed)


async def test_resume_of_a_cancelled_response(talk: Talk, fake: FakeOpenAI) -> None:
    """It was stopped, and stays so."""
    gate = Gate()
    fake.script(Answer(COUNT, hold=gate, held=2))
    turn = await talk.waiting("count")
    async with aclosing(talk.events(turn)) as events:
        async for event in events:
            if isinstance(event, Started):
                turn = replace(turn, attempt=1, checkpoint=Checkpoint(response=event.response))
                break
    await talk.engine.cancel(turn)
    gate.open()
    told = await talk.lead(turn)
    assert isinstance(told.last, Stopped)


async def test_resume_of_a_response_that_is_gone_asks_anew(talk: Talk, fake: FakeOpenAI) -> None:
    """Its answer may be in the conversation all the same."""
    fake.script(Answer("said already"))
    turn = await talk.waiting("count")
    async for event in talk.events(turn):
        if isinstance(event, Started):
            turn = replace(turn, attempt=1, checkpoint=Checkpoint(response=event.response))
    fake.responses.all.clear()
    told = await talk.lead(turn)
    assert told.text == "said already"
    fake.conversation.items.clear()
    turn = await talk.waiting("more")
    turn = replace(turn, attempt=1, checkpoint=Checkpoint(response="resp_gone"))
    assert (await talk.lead(turn)).text == "You said: more"


async def test_cancel_reaches_the_service(talk: Talk, fake: FakeOpenAI) -> None:
    """The response is cancelled there, and the thread is free at once."""
    gate = Gate()
    fake.script(Answer(COUNT, hold=gate, held=2))
    turn = await talk.waiting("count")
    seen = asyncio.Event()
    talk.seen = lambda event: seen.set() if isinstance(event, Text) else None
    leading = asyncio.create_task(talk.lead(turn))
    await seen.wait()
    await talk.engine.cancel(turn)
    told = await leading
    assert isinstance(told.last, Stopped)
    assert fake.counts[CANCEL] == 1
    assert not fake.conversation.lock
    gate.open()


async def test_a_response_left_before_it_had_an_id_is_cancelled(talk: Talk, fake: FakeOpenAI) -> None:
    """As soon as it has one."""
    gate = Gate()
    fake.model.pace = 0.05
    fake.script(Answer(COUNT, hold=gate))
    leading = asyncio.create_task(talk.lead(await talk.waiting("count")))
    await gate.reached()
    leading.cancel()
    await asyncio.wait([leading])
    gate.open()
    await talk.engine.close()
    assert fake.counts[CANCEL] == 1
    assert [running.status for running in fake.responses.all.values()] == ["cancelled"]


async def test_a_response_left_with_an_id_goes_on(talk: Talk, fake: FakeOpenAI) -> None:
    """It is handed over to the next start."""
    gate = Gate()
    fake.script(Answer(COUNT, hold=gate, held=2))
    turn = await talk.waiting("count")
    seen = asyncio.Event()
    talk.seen = lambda event: seen.set() if isinstance(event, Text) else None
    leading = asyncio.create_task(talk.lead(turn))
    await seen.wait()
    leading.cancel()
    await asyncio.wait([leading])
    gate.open()
    await fake.idle()
    assert CANCEL not in fake.counts
    assert (await talk.thread(turn)).stale


async def test_waiting_for_a_lock_is_shown(talk: Talk, fake: FakeOpenAI) -> None:
    """People see that something is waited for."""
    await talk.ask("hi")
    fake.conversation.lock = "resp_other"
    talk.clock.on_sleep = lambda _: setattr(fake.conversation, "lock", "")
    told = await talk.ask("ho")
    assert Activity("waiting") in told.events
    assert told.text == "You said: ho"
