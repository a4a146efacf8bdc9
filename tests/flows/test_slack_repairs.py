"""Slack says no or was not heard, and a person still reads the whole answer, once."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from adapters.slack.limits import EDITED_AT_ONCE
from bot.events import Completed, Started, Text
from tests.fakes.engine import Gate, Script
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


async def test_with_no_edits_left_an_answer_is_posted_once_and_whole(tmp_path: Path) -> None:
    """Streams are not to be had, and as many answers grow by edits as Slack's limits allow."""
    async with FakeSlack(limits=True) as slack:
        slack.routes.unavailable["chat.startStream"] = "unknown_method"
        house = SlackHouse(tmp_path, slack)
        gates = [Gate() for _ in range(EDITED_AT_ONCE)]
        growing: list[Script] = [[Started("r"), Text("Growing. "), gate, Completed()] for gate in gates]
        house.engine.script(*growing, [Started("r"), Text("The beginning. "), Text("The end."), Completed()])
        ann = slack.person("Ann")
        async with house.life():
            for number, gate in enumerate(gates):
                person = slack.person(f"Person {number}")
                said = await person.writes("go on")
                await gate.reached.wait()
                # The first one finds out that there are no streams; it grows by edits as the others do.
                await slack.until(partial(slack.answers, person.dm, said))
            asked = await ann.mentions_bot(slack.general, "tell me")
            await slack.until(lambda: any(m.buttons for m in slack.reads(slack.general, asked)))
        (answer,) = [m for m in slack.reads(slack.general, asked) if m.author == "Maru"]
        assert (answer.text, answer.edited) == ("The beginning. The end.", False)
