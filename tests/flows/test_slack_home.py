"""Maru's own tabs in Slack, as a person finds them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.events import Completed, Started, Text, Usage
from tests.fakes.slack import FakeSlack
from tests.fakes.slack.people import Person
from tests.fakes.slack.pings import written
from tests.fakes.slack_house import SlackHouse, answered

STARTERS = ("How do I connect Slack?", "할머니께 편지를 써 줘", "What can you do?")


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        yield running


@pytest.fixture
async def house(slack: FakeSlack, tmp_path: Path) -> SlackHouse:
    return SlackHouse(tmp_path, slack, starters=STARTERS)


async def home(slack: FakeSlack, person: Person) -> list[str]:
    """Open the Home tab and read it, section by section."""
    slack.sessions.homes.pop(person.id, None)
    await person.opens_home("home")
    await slack.until(lambda: person.id in slack.sessions.homes)
    return list(written(slack.sessions.homes[person.id]["blocks"]))


async def test_the_messages_tab_offers_the_assistants_starters(slack: FakeSlack, house: SlackHouse) -> None:
    """Those in the person's language first."""
    ann, hana = slack.person("Ann"), slack.person("Hana", locale="ko-KR")
    async with house.life():
        await ann.opens_home("messages")
        await hana.opens_home("messages")
        await slack.until(lambda: len(slack.sessions.prompts) == 2)
    for person, first in ((ann, STARTERS[0]), (hana, STARTERS[1])):
        offered = [prompt["message"] for prompt in slack.sessions.prompts[person.dm.id, ""]]
        assert offered[0] == first
        assert sorted(offered) == sorted(STARTERS)


async def test_an_assistant_without_starters_still_offers_something(slack: FakeSlack, tmp_path: Path) -> None:
    ann = slack.person("Ann")
    async with SlackHouse(tmp_path, slack).life():
        await ann.opens_home("messages")
        await slack.until(lambda: slack.sessions.prompts.get((ann.dm.id, "")))


async def test_home_leads_back_to_the_persons_own_conversations(slack: FakeSlack, house: SlackHouse) -> None:
    """Wherever they were, with links; nobody else's, and what it all used."""
    house.engine.script([Started("r"), Text("Hello."), Completed(usage=Usage("gpt-6.2-sol", 1_200, 0, 80))])
    ann, ben = slack.person("Ann"), slack.person("Ben")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "Is &lt;5&gt; more &amp; less?")
        await answered(slack, "Hello.", asked)
        private = await ann.writes("a private one")
        await answered(slack, "a private one", private, ann.dm)
        other = await ben.writes("something of Ben's")
        await answered(slack, "something", other, ben.dm)
        can, recent, usage = await home(slack, ann)
    assert "reset" in can
    links = [
        f"<https://acme.slack.com/archives/{place.id}/p{message.ts.replace('.', '')}|{title}>"
        for place, message, title in (
            (ann.dm, private, "a private one"),
            (slack.general, asked, "Is &lt;5&gt; more &amp; less?"),
        )
    ]
    assert [line.partition(" · ")[0] for line in recent.splitlines()[1:]] == [f"• {link}" for link in links]
    assert "1,200 tokens read" in usage


async def test_home_greets_who_never_asked_in_their_language(slack: FakeSlack, house: SlackHouse) -> None:
    hana = slack.person("Hana", locale="ko-KR")
    async with house.life():
        can, recent, usage = await home(slack, hana)
    assert "새로 시작해요" in can
    assert "아직 없어요" in recent
    assert "없음" in usage
