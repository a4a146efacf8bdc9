"""What people change after they sent it counts in Slack, before and after the answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.events import Completed, Started, Text
from tests.fakes.engine import Gate
from tests.fakes.processes import until
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_house import SlackHouse, answered, texts


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        yield running


@pytest.fixture
async def house(slack: FakeSlack, tmp_path: Path) -> SlackHouse:
    return SlackHouse(tmp_path, slack)


async def test_a_question_that_waits_changes_with_its_message(slack: FakeSlack, house: SlackHouse) -> None:
    """One is edited, one deleted, one stays, while Maru still answers."""
    gate = Gate()
    house.engine.script([Started("r"), gate, Text("done"), Completed()])
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "first")
        await gate.reached.wait()
        edited = await ann.says(slack.general, "secnd", thread=asked)
        deleted = await ann.says(slack.general, "third", thread=asked)
        await ann.says(slack.general, "fourth", thread=asked)
        await slack.delivered()
        await ann.edits(edited, "second")
        await ann.deletes(deleted)
        await slack.delivered()
        gate.open()
        await answered(slack, "You said: second | fourth", asked)
    assert len(house.engine.requests) == 2


async def test_a_question_deleted_while_it_is_answered_is_dropped(
    slack: FakeSlack, house: SlackHouse
) -> None:
    """Its thread is gone with it: nothing is posted, and nobody is told that it could not be."""
    gate = Gate()
    house.engine.script([Started("r"), gate, Text("never said"), Completed()])
    ann = slack.person("Ann")
    async with house.life():
        asked = await ann.writes("secret")
        await gate.reached.wait()
        await ann.deletes(asked)

        async def over() -> bool:
            return slack.routes.counts["agents.sessions.setStatus"] == 2

        await until(over)
    assert slack.reads(ann.dm) == []


async def test_what_is_changed_later_reaches_the_thread(slack: FakeSlack, house: SlackHouse) -> None:
    """An earlier question is edited and another one deleted: the model remembers what stands there now."""
    ann = slack.person("Ann")
    async with house.life() as life:
        asked = await ann.mentions_bot(slack.general, "I am called Anne")
        await answered(slack, "Anne", asked)
        wrong = await ann.says(slack.general, "I live in Busan", thread=asked)
        await answered(slack, "Busan", asked)
        await ann.says(slack.general, "hello", thread=asked)
        await answered(slack, "hello", asked)
        await ann.edits(asked, f"<@{slack.team.bot_user}> I am called Ann")
        await ann.deletes(wrong)
        await slack.delivered()
        await ann.says(slack.general, "who am I?", thread=asked)
        await answered(slack, "who am I?", asked)
        turn = house.engine.requests[-1].turn
        thread = await life.store.threads.open(turn, "maru")
        remembered = await life.store.threads.entries(thread, turn.id)
    assert [message.text for entry in remembered for message in entry.messages] == [
        "I am called Ann",
        "hello",
    ]
    assert slack.world.ephemeral == []


async def test_editing_the_last_question_offers_to_answer_it_again(
    slack: FakeSlack, house: SlackHouse
) -> None:
    """To the one who edited it, in their language; a preview that Slack adds is no edit."""
    hana = slack.person("Hana", locale="ko-KR")
    async with house.life():
        asked = await hana.writes("주소는 https://example.com")
        await answered(slack, "주소는", asked, hana.dm)
        await slack.unfurls(asked)
        await slack.delivered()
        assert not any("고치셨네요" in text for text in texts(slack, asked, hana.dm))
        await hana.edits(asked, "주소는 https://example.org")
        await slack.until(lambda: any("고치셨네요" in text for text in texts(slack, asked, hana.dm)))
        offer = next(m for m in slack.answers(hana.dm, asked) if "고치셨네요" in m.text)
        await hana.presses(offer, "maru_again")
        await answered(slack, "example.org", asked, hana.dm)
