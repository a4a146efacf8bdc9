"""What is said in Slack is held for a while, and never for ever."""

from pathlib import Path

import aiohttp

from adapters.slack.hearing import Hearing
from adapters.slack.workspace import workspace
from bot.clock import SystemClock
from bot.files import Files
from bot.holds import Holds
from storage.sqlite.store import Store


async def test_what_is_held_when_the_adapter_ends_is_let_go(tmp_path: Path) -> None:
    """It starts again after a bug, with the same holds; a mention waits for its message just then."""
    clock, holds = SystemClock(), Holds()
    store = await Store.open(tmp_path / "maru.db", clock)
    async with aiohttp.ClientSession() as session:
        here = workspace("http://127.0.0.1/", session, Files(tmp_path), clock, pace=False)
        here.identify(team="T1", enterprise="", bot="U9", bot_id="B9")
        here.people.names["U1"] = "Ann"
        hearing = Hearing(here, store.inbox.receive, store.archive, holds, clock)
        await hearing.hear(
            {"type": "app_mention", "channel": "C1", "ts": "1.2", "user": "U1", "text": "<@U9> hello"}
        )
        assert list(holds.conversations) == ["slack:T1/C1/1.2"]
        await hearing.close()
    await store.close()
    assert not holds.conversations
