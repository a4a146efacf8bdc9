"""What the service refuses becomes the right end of a step, or is mended."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.assistants import Assistant
from bot.events import Activity, Completed, Failed, Reason, Text
from bot.openai.errors import ServiceError, failed, retry_after
from tests.fakes.openai import (
    Answer,
    BreaksOff,
    Drops,
    Fails,
    FakeOpenAI,
    Gate,
    Play,
    Refuses,
    Says,
)
from tests.fakes.openai.talk import Talk, talking

REFUSALS: list[tuple[Fails, Reason, bool]] = [
    (Fails(401, "invalid_api_key", message="Incorrect API key provided: sk-1234"), "key", False),
    (Fails(403, "unsupported_country_region_territory"), "key", False),
    (Fails(404, "model_not_found", message="The model does not exist"), "model", False),
    (Fails(400, "model_not_found", message="The model does not exist"), "model", False),
    (Fails(429, "rate_limit_exceeded", "requests"), "rate_limited", True),
    (Fails(429, "slow_down", "rate_limit_error"), "overloaded", True),
    (Fails(429, "insufficient_quota", "insufficient_quota"), "quota", False),
    (Fails(429, "credit_balance_exhausted", "insufficient_quota"), "quota", False),
    (Fails(429, "project_spend_limit_exceeded", "insufficient_quota"), "quota", False),
    (Fails(500, "server_error", "server_error"), "broken", True),
    (Fails(502), "broken", True),
    (Fails(503, "server_is_overloaded", "service_unavailable_error"), "overloaded", True),
    (Fails(408), "broken", True),
    (Fails(400, "invalid_prompt"), "rejected", False),
    (Fails(400, "bio_policy"), "rejected", False),
    (Fails(400, "invalid_image_format"), "image", False),
    (Fails(400, "image_content_policy_violation"), "rejected", False),
    (Fails(400, "something_new", message="my secret words"), "bug", False),
]


@pytest.mark.parametrize(("refusal", "reason", "again"), REFUSALS, ids=lambda value: str(value)[:60])
async def test_a_refused_call(
    talk: Talk, fake: FakeOpenAI, refusal: Fails, reason: Reason, again: bool
) -> None:
    """Its reason is one of ours, and it is tried again only where that may help."""
    fake.script(refusal)
    told = await talk.lead(await talk.waiting("my secret words"), retry=False)
    assert (told.failed.reason, told.failed.again) == (reason, again)
    assert "request=req_" in told.failed.detail
    assert str(refusal.status) in told.failed.detail
    assert "secret words" not in told.failed.detail
    assert "sk-" not in told.failed.detail


IN_STREAM: list[tuple[str, Reason, bool]] = [
    ("server_error", "broken", True),
    ("rate_limit_exceeded", "rate_limited", True),
    ("vector_store_timeout", "broken", True),
    ("insufficient_quota", "quota", False),
    ("server_is_overloaded", "overloaded", True),
    ("invalid_prompt", "rejected", False),
    ("misalignment_policy_violation", "rejected", False),
    ("image_parse_error", "image", False),
    ("image_content_policy_violation", "rejected", False),
    ("something_new", "broken", True),
]


@pytest.mark.parametrize("end", ["failed", "nested_error", "flat_error"])
@pytest.mark.parametrize(("code", "reason", "again"), IN_STREAM)
async def test_a_stream_that_fails(
    talk: Talk, fake: FakeOpenAI, *, end: Any, code: str, reason: Reason, again: bool
) -> None:
    """Three ways to say the same in the middle of an answer."""
    fake.script(Play((Says("one two three"),), end=end, code=code, after=1))
    told = await talk.lead(await talk.waiting("count"), retry=False)
    assert (told.failed.reason, told.failed.again) == (reason, again)
    assert code in told.failed.detail


async def test_a_failed_attempt_is_made_good_by_the_next(talk: Talk, fake: FakeOpenAI) -> None:
    """The text of the first is void."""
    fake.script(Play((Says("one two three"),), end="failed", after=1), Answer("whole"))
    told = await talk.ask("count")
    assert told.text == "whole"
    assert len(fake.conversation.items) == 2


async def test_retry_after_is_honoured(talk: Talk, fake: FakeOpenAI) -> None:
    """The engine says how long the service wants to be left alone."""
    fake.script(Fails(429, "rate_limit_exceeded", headers={"Retry-After": "17"}))
    told = await talk.lead(await talk.waiting("hi"), retry=False)
    assert told.failed.after == 17.0


def test_retry_after_in_every_form() -> None:
    """Milliseconds, seconds, a date; what nobody can read asks for nothing."""
    assert retry_after({"retry-after-ms": "1500", "retry-after": "9"}) == 1.5
    assert retry_after({"retry-after": "2.5"}) == 2.5
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    assert retry_after({"retry-after": "soon"}) == 0.0
    assert retry_after({}) == 0.0


def test_without_a_word_of_the_service_waits_grow() -> None:
    """Up to a minute."""
    error = ServiceError(status=500)
    assert [failed(error, attempt).after for attempt in (0, 1, 2, 9)] == [2.0, 4.0, 8.0, 60.0]


async def test_incomplete_answers_are_shown_with_a_note(talk: Talk, fake: FakeOpenAI) -> None:
    """What there is counts, and the copy is looked at before the next turn."""
    fake.script(Play((Says("one two three"),), end="incomplete", code="max_output_tokens", after=2))
    told = await talk.ask("count")
    assert isinstance(told.last, Completed)
    assert (told.text.strip(), told.last.note) == ("one two", "cut")
    await talk.ask("go on")
    assert "one two" in str(fake.conversation.items)
    fake.script(Play((Says("one two three"),), end="incomplete", code="content_filter", after=2))
    assert (await talk.ask("count")).turn.draft.note == "filtered"


async def test_a_refusal_is_the_answer(talk: Talk, fake: FakeOpenAI) -> None:
    """The model says that it will not."""
    fake.script(Play((Refuses("I cannot help with that."),)))
    told = await talk.ask("do evil")
    assert told.text == "I cannot help with that."
    assert isinstance(told.last, Completed)


async def test_no_connection(tmp_path: Path, fake: FakeOpenAI) -> None:
    """Nobody listens: worth another try."""
    await fake.stop()
    async with talking(tmp_path, fake) as talk:
        told = await talk.lead(await talk.waiting("hi"), retry=False)
        assert (told.failed.reason, told.failed.again) == ("unreachable", True)


async def test_a_reset_before_anything_was_made(talk: Talk, fake: FakeOpenAI) -> None:
    """The next attempt asks again."""
    fake.script(Drops(), Answer("here"))
    assert (await talk.ask("hi")).text == "here"
    assert fake.responses.calls == 1


async def test_a_reset_after_it_was_accepted(talk: Talk, fake: FakeOpenAI) -> None:
    """The answer that was made without us is used; the model is not asked twice."""
    fake.script(BreaksOff("made in the dark", after=0, how="reset"))
    told = await talk.ask("hi")
    assert told.text == "made in the dark"
    assert isinstance(told.last, Completed)
    assert fake.responses.calls == 1
    await talk.ask("next")
    assert len(fake.conversation.items) == 4


async def test_a_reset_while_it_is_still_being_made(talk: Talk, fake: FakeOpenAI) -> None:
    """The lock is waited for, and the answer found when it is there."""
    gate = Gate()
    fake.script(Play((Says("slow and steady"),), cut="reset", after=0, hold=gate))
    talk.clock.on_sleep = lambda seconds: gate.open() if seconds >= 4.0 else None
    told = await talk.ask("hi")
    assert told.text == "slow and steady"
    assert fake.responses.calls == 1
    assert Activity("waiting") in told.events
    assert [second for second in talk.clock.slept if second in {1.0, 2.0, 4.0}] == [1.0, 2.0, 4.0]


async def test_a_lock_that_never_goes_away(talk: Talk, fake: FakeOpenAI) -> None:
    """After a minute the turn is told that the thread is busy."""
    await talk.ask("hi")
    fake.conversation.lock = "resp_of_somebody_else"
    told = await talk.lead(await talk.waiting("hello?"), retry=False)
    assert told.failed.reason == "busy"
    assert sum(talk.clock.slept) == 60.0
    fake.conversation.lock = ""


async def test_stop_while_the_thread_is_locked(talk: Talk, fake: FakeOpenAI) -> None:
    """Nobody waits for a minute to stop."""
    await talk.ask("hi")
    fake.conversation.lock = "resp_of_somebody_else"
    turn = await talk.waiting("hello?")
    cancelling: list[asyncio.Task[None]] = []

    def on_sleep(_: float) -> None:
        cancelling.append(asyncio.ensure_future(talk.engine.cancel(turn)))

    talk.clock.on_sleep = on_sleep
    told = await talk.lead(turn)
    assert told.turn.draft.end == "stopped"
    assert len(talk.clock.slept) == 1
    fake.conversation.lock = ""


@pytest.mark.parametrize(
    "parameter", ["background", "stream_options", "prompt_cache_key", "safety_identifier"]
)
async def test_a_refused_parameter_is_left_out_from_then_on(
    talk: Talk, fake: FakeOpenAI, parameter: str
) -> None:
    """One refusal, then never again in this process."""
    fake.model.refuses.add(parameter)
    assert (await talk.ask("hi")).text == "You said: hi"
    assert (await talk.ask("ho")).text == "You said: ho"
    assert [parameter in request for request in fake.requests] == [True, False, False]


async def test_an_effort_the_model_does_not_know(tmp_path: Path, fake: FakeOpenAI) -> None:
    """It goes on with the model's own."""
    async with talking(tmp_path, fake) as talk:
        talk.assistant = Assistant(name="maru", instructions="You are Maru.", effort="minimal")
        assert (await talk.ask("hi")).text == "You said: hi"
        talk.assistant = Assistant(
            name="maru", instructions="You are Maru.", effort="low", model="gpt-6-luna"
        )
        await talk.ask("ho")
        assert [request.get("reasoning") for request in fake.requests] == [
            {"effort": "minimal"},
            None,
            {"effort": "low"},
        ]


async def test_the_wrong_key(tmp_path: Path, fake: FakeOpenAI) -> None:
    """Already the first thing asked fails, and no key is told."""
    async with talking(tmp_path, fake, api_key="sk-wrong-0000") as talk:
        told = await talk.ask("hi")
        assert told.failed.reason == "key"
        assert "sk-" not in told.failed.detail


async def test_a_server_that_speaks_nonsense(talk: Talk, fake: FakeOpenAI) -> None:
    """A body nobody can read fails the attempt, not the program."""
    fake.script(Fails(400, None, "invalid_request_error", "<html>"))
    told = await talk.ask("hi")
    assert isinstance(told.last, Failed)
    assert not told.of(Text)
