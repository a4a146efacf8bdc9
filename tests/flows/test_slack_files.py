"""Files in Slack, both ways, with what Slack keeps back and what gets lost on the way."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.events import Completed, FileMade, Started, Text
from bot.events import File as Made
from tests.fakes.processes import until
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_house import SlackHouse, SlackLife, answered


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        yield running


@pytest.fixture
async def house(slack: FakeSlack, tmp_path: Path) -> SlackHouse:
    return SlackHouse(tmp_path, slack)


async def contents(house: SlackHouse, life: SlackLife) -> list[bytes]:
    """The bytes that reached the last question."""
    (message,) = house.engine.requests[-1].turn.messages
    return [await life.files.read(file.digest) for file in message.attachments if file.digest]


async def test_a_file_of_a_channel_shared_with_another_company_is_asked_for(
    slack: FakeSlack, house: SlackHouse
) -> None:
    """The event names it and says no more than that."""
    ann = slack.person("Ann")
    async with house.life() as life:
        file = ann.file("plan.txt", b"the plan", check=True)
        asked = await ann.mentions_bot(slack.general, "read", files=[file])
        await answered(slack, "read", asked)
        assert await contents(house, life) == [b"the plan"]


async def test_every_kind_of_upload_arrives_or_is_explained(slack: FakeSlack, house: SlackHouse) -> None:
    """Snippets are files; what is deleted, kept back or elsewhere is said, in the person's language."""
    ann = slack.person("Ann", locale="ko-KR")
    async with house.life() as life:
        asked = await ann.mentions_bot(
            slack.general,
            "읽어 줘",
            files=[
                ann.file("code.py", b"print(1)", "text/x-python", mode="snippet"),
                ann.file("moved.txt", b"far away", elsewhere=True),
                ann.file("gone.txt", b"x", mode="tombstone"),
                ann.file("old.txt", b"x", mode="hidden_by_limit"),
                ann.file("doc", b"x", mode="external"),
            ],
        )
        await answered(slack, "읽어 줘", asked)
        (answer,) = [m.text for m in slack.reads(slack.general, asked) if m.author == "Maru"]
        assert await contents(house, life) == [b"print(1)", b"far away"]
    for explained in ("삭제되어", "저장 한도", "슬랙 밖에"):
        assert explained in answer
    assert slack.sharing.leaked == []


async def test_a_page_that_was_dropped_in_is_told_from_the_one_to_log_in(
    slack: FakeSlack, house: SlackHouse
) -> None:
    """Both are HTML, with status 200."""
    ann = slack.person("Ann")
    written = b"<!DOCTYPE html><html><body>The plan.</body></html>"
    async with house.life() as life:
        asked = await ann.mentions_bot(
            slack.general, "read", files=[ann.file("plan.html", written, "text/html")]
        )
        await answered(slack, "read", asked)
        assert await contents(house, life) == [written]
        slack.world.tokens[slack.bot_token].scopes -= {"files:read"}
        second = await ann.mentions_bot(
            slack.general, "read", files=[ann.file("plan.html", written, "text/html")]
        )
        await answered(slack, "files:read", second)
        assert await contents(house, life) == []


async def made(life: SlackLife, house: SlackHouse) -> None:
    """The model answers with a file."""
    kept = await life.files.keep_bytes(b"a,b\n1,2\n")
    file = Made(kept.digest, "table.csv", "text/csv", kept.size)
    house.engine.script([Started("r"), Text("Here it is."), FileMade(file), Completed()])


async def test_a_file_whose_posting_was_not_noted_is_found_again(slack: FakeSlack, house: SlackHouse) -> None:
    """Maru ends between posting it and writing that down; the next one does not post it twice."""
    ann = slack.person("Ann")
    slack.routes.held["files.completeUploadExternal"] = asyncio.Event()
    async with house.life() as life:
        await made(life, house)
        asked = await ann.mentions_bot(slack.general, "a table")
        await slack.until(lambda: any(m.files for m in slack.reads(slack.general, asked)))
    slack.routes.held.clear()
    async with house.life() as life:
        conversation = f"slack:{slack.team.id}/{slack.general.id}/{asked.ts}"

        async def done() -> bool:
            (record,) = await life.store.archive.records(conversation)
            return record.state == "done"

        await until(done)
    posted = [name for m in slack.reads(slack.general, asked) for name in m.files]
    assert posted == ["table.csv"]
    assert slack.routes.counts["files.completeUploadExternal"] == 1


async def test_a_file_that_the_workspace_does_not_take_is_named(slack: FakeSlack, house: SlackHouse) -> None:
    ann = slack.person("Ann")
    slack.sharing.refused_types = {"csv"}
    async with house.life() as life:
        await made(life, house)
        asked = await ann.mentions_bot(slack.general, "a table")
        await slack.until(lambda: any("table.csv" in m.text for m in slack.reads(slack.general, asked)))
