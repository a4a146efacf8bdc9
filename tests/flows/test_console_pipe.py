"""What comes out of `echo … | maru chat`, against the real core and database."""

import asyncio
import sys
from pathlib import Path

import pytest

from bot.events import (
    Call,
    Calls,
    Citation,
    Completed,
    Failed,
    Source,
    Started,
    Text,
)
from tests.fakes.console import CLIENT, ENVIRONMENT, Maru


@pytest.fixture
def maru(tmp_path: Path) -> Maru:
    return Maru(tmp_path)


async def test_a_question_from_a_pipe_is_answered_plainly(maru: Maru) -> None:
    source = Source("s", "Connecting Slack", "Tokens")
    maru.engine.script([Started("r"), Text("With **two** tokens."), Citation(source), Completed()])
    async with maru.running():
        assert await maru.pipe("How do I connect Slack?\n") == (
            0,
            "With **two** tokens.[1]\n\n[1] Connecting Slack · Tokens\n",
        )


async def test_each_line_is_a_message_and_answered_before_the_next(maru: Maru) -> None:
    async with maru.running():
        code, printed = await maru.pipe("one\n\n/help\n둘")
    assert code == 0
    assert printed.index("You said: one") < printed.index("reset") < printed.index("You said: 둘")


async def test_earlier_answers_are_not_printed_into_a_pipe_again(maru: Maru) -> None:
    async with maru.running():
        await maru.pipe("one")
        assert await maru.pipe("two") == (0, "You said: two\n")
        assert await maru.pipe("/again") == (1, "There is nothing here yet that this could be about.\n")


async def test_conversations_have_names(maru: Maru) -> None:
    async with maru.running():
        await maru.pipe("one", "a")
        await maru.pipe("two", "b")
    assert [request.turn.conversation for request in maru.engine.requests] == ["console:a", "console:b"]


async def test_a_failed_answer_is_told_and_counts(maru: Maru) -> None:
    maru.engine.script([Failed("quota", "no money")])
    async with maru.running():
        code, printed = await maru.pipe("one")
    assert code == 1
    assert "(T1)" in printed


async def test_nobody_at_a_pipe_can_say_yes(maru: Maru) -> None:
    call = Call("c1", "send_mail", '{"to": "ann"}')
    maru.engine.script([Calls((call,))], [Text("Not sent."), Completed()])
    async with maru.running():
        _, printed = await maru.pipe("mail ann")
    assert "Not sent." in printed
    assert maru.sent == []


async def test_it_speaks_the_language_of_the_environment(maru: Maru) -> None:
    async with maru.running():
        _, printed = await maru.pipe("/nonsense", language="ko_KR.UTF-8")
    assert "명령은 몰라요" in printed


async def test_without_maru_it_gives_up_with_a_sentence(maru: Maru) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CLIENT, str(maru.address), "main", "0.1",
        env=ENVIRONMENT, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    assert process.returncode == 1
    assert "maru run" in said.decode()
