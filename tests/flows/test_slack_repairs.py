"""Slack says no or was not heard, and a person still reads the whole answer, once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.slack import budget
from bot.events import Completed, Started, Text
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_house import SlackHouse


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        yield running


async def test_what_was_said_while_http_was_away_is_answered(slack: FakeSlack, tmp_path: Path) -> None:
    """Slack gives up on an address that is silent for long; Maru looks by itself."""
    house = SlackHouse(tmp_path, slack, http=True)
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.writes("before")
        await slack.until(lambda: any("before" in m.text and m.buttons for m in slack.reads(ann.dm, asked)))
    slack.delivery.dark = True
    missed = await ann.writes("meanwhile")
    slack.delivery.dark = False
    async with house.life():
        await slack.until(lambda: any(m.text == "You said: meanwhile" for m in slack.reads(ann.dm, missed)))
    assert len(house.engine.requests) == 2


async def test_a_list_that_slack_cannot_lay_out_is_posted_as_plain_text(
    slack: FakeSlack, tmp_path: Path
) -> None:
    """Markdown that makes more than 50 blocks loses its looks, and no word."""
    slack.routes.unavailable["chat.startStream"] = "unknown_method"
    house = SlackHouse(tmp_path, slack)
    rows = [f"- point {number}" for number in range(80)]
    house.engine.script([Started("r"), Text("\n".join(rows)), Completed()])
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "list")
        await slack.until(
            lambda: any("maru_again" in str(m.blocks) for m in slack.answers(slack.general, asked))
        )
    (answer,) = slack.answers(slack.general, asked)
    sections = [block["text"]["text"] for block in answer.blocks if block["type"] == "section"]
    assert "".join(sections) == "\n".join(rows)


async def test_with_no_edits_left_an_answer_is_posted_once_and_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a stream nor an edit is to be had."""
    monkeypatch.setattr(budget, "STREAMS", 0)
    monkeypatch.setattr(budget, "EDITED_AT_ONCE", 0)
    async with FakeSlack(limits=True) as slack:
        house = SlackHouse(tmp_path, slack)
        house.engine.script([Started("r"), Text("The beginning. "), Text("The end."), Completed()])
        ann = slack.person("Ann")
        async with house.life():
            asked = await ann.mentions_bot(slack.general, "tell me")
            await slack.until(lambda: any("The end." in m.text for m in slack.reads(slack.general, asked)))
        assert slack.routes.counts["chat.startStream"] == slack.routes.counts["chat.update"] == 0
        (answer,) = [m.text for m in slack.reads(slack.general, asked) if m.author == "Maru"]
        assert answer == "The beginning. The end."
