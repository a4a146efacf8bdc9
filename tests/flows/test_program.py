"""The program as an operator meets it: starts, refusals, readiness, and how it ends."""

import asyncio
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import aiohttp

from tests.fakes.openai.server import KEY, FakeOpenAI
from tests.fakes.processes import run_maru, start_maru, until


async def test_it_starts_with_nothing_and_says_where_it_is(tmp_path: Path) -> None:
    maru, address = await start_maru(tmp_path, {})
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{address}/readyz") as response:
            assert response.status == 200
            assert (await response.json())["parts"] == {"console": "ok", "database": "ok", "web": "ok"}
        async with session.get(f"{address}/healthz") as response:
            assert response.status == 200
    assert await maru.end(signal.SIGTERM) == 0


async def test_a_second_one_on_the_same_database_is_refused_with_the_pid_of_the_first(tmp_path: Path) -> None:
    maru, _ = await start_maru(tmp_path, {})
    status, said = await run_maru(tmp_path, {}, "run")
    assert status == 2
    assert f"pid {maru.pid}" in said
    await maru.end(signal.SIGKILL)
    again, _ = await start_maru(tmp_path, {})
    assert await again.end(signal.SIGTERM) == 0


async def test_every_wrong_setting_is_reported_at_once(tmp_path: Path) -> None:
    wrong = {
        "MARU_WEB": "everywhere",
        "MARU_THREADS": "cloud",
        "MARU_COLOUR": "red",
        "OPENAI_API_KEY": "sk-private",
    }
    status, said = await run_maru(tmp_path, wrong, "run")
    assert status == 2
    assert {"MARU_WEB", "MARU_THREADS", "MARU_COLOUR"} <= {
        line.strip(" -").split(":")[0] for line in said.splitlines()
    }
    assert "sk-private" not in said
    assert "Traceback" not in said


async def test_an_address_in_use_is_a_clear_error(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        status, said = await run_maru(tmp_path, {"MARU_WEB": f"127.0.0.1:{port}"}, "run")
    assert status == 2
    assert f"cannot listen on 127.0.0.1:{port}" in said
    assert "Traceback" not in said


async def test_a_damaged_database_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "maru.db").write_text("This is no database at all." * 100)
    status, said = await run_maru(tmp_path, {}, "run")
    assert status == 2
    assert "damaged" in said
    assert "Traceback" not in said


async def test_a_question_without_a_model_is_answered_from_the_handbook(tmp_path: Path) -> None:
    status, said = await run_maru(tmp_path, {"LANG": "ko_KR.UTF-8"}, "chat", "슬랙은 어떻게 연결해?\n")
    assert status == 0
    assert "SLACK_BOT_TOKEN" in said
    assert "[1]" in said


async def test_chat_talks_through_the_one_that_runs(tmp_path: Path) -> None:
    maru, _ = await start_maru(tmp_path, {})
    status, said = await run_maru(tmp_path, {}, "chat", "How do I connect Slack?\n")
    assert status == 0
    assert "SLACK_BOT_TOKEN" in said
    assert await maru.end(signal.SIGTERM) == 0


async def test_stopping_waits_for_an_answer_that_is_almost_done(tmp_path: Path) -> None:
    async with FakeOpenAI() as openai:
        openai.model.words, openai.model.pace = 20, 0.02
        maru, address = await start_maru(tmp_path, {"OPENAI_BASE_URL": openai.url, "OPENAI_API_KEY": KEY})
        async with aiohttp.ClientSession() as session:
            await ask(session, address, "hello")
            await openai.responses.began()
            assert await maru.end(signal.SIGTERM) == 0
    assert states(tmp_path) == ["done"]


async def test_stopping_hands_over_an_answer_that_takes_longer(tmp_path: Path) -> None:
    async with FakeOpenAI() as openai:
        environment = {"OPENAI_BASE_URL": openai.url, "OPENAI_API_KEY": KEY}
        openai.model.words, openai.model.pace = 1_000, 0.05
        maru, address = await start_maru(tmp_path, environment)
        async with aiohttp.ClientSession() as session:
            await ask(session, address, "hello")
            await openai.responses.began()
            begun = asyncio.get_running_loop().time()
            assert await maru.end(signal.SIGTERM) == 0
            assert asyncio.get_running_loop().time() - begun < 10
            assert states(tmp_path) == ["waiting"]
            assert openai.responses.calls == 1
            openai.responses.hurry()
            again, _ = await start_maru(tmp_path, environment)
            await until(lambda: all_done(tmp_path))
            assert await again.end(signal.SIGTERM) == 0
        assert openai.responses.calls == 1


async def ask(session: aiohttp.ClientSession, address: str, text: str) -> None:
    async with session.post(
        f"{address}/api/conversations/room/messages",
        json={"key": "k1", "text": text, "name": "Ann"},
        headers={"Origin": address, "Cookie": "maru_person=ann"},
    ) as response:
        response.raise_for_status()


def states(folder: Path) -> list[str]:
    """Of the turns, as another program sees them."""
    with closing(sqlite3.connect(folder / "maru.db")) as connection:
        return [row[0] for row in connection.execute("SELECT state FROM turns ORDER BY id")]


async def all_done(folder: Path) -> bool:
    return set(states(folder)) == {"done"}
