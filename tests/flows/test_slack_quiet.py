"""Nothing that Maru shows in Slack pings anybody, or links to what nobody brought up; wherever it stands."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.events import Activity, Citation, Completed, Source, Started, Text
from tests.fakes.engine import Gate
from tests.fakes.slack import FakeSlack
from tests.fakes.slack.pings import links, pings, written
from tests.fakes.slack_house import SlackHouse, answered

LOUD = "<!channel> <!here> <@U0AAAA> <!subteam^S1> @here"
LINKED = "https://evil.com/x evil.com me@evil.com <https://evil.com|x> [a [b]](https://evil.com/i)"


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as running:
        yield running


@pytest.fixture
async def house(slack: FakeSlack, tmp_path: Path) -> SlackHouse:
    return SlackHouse(tmp_path, slack)


def shown(slack: FakeSlack) -> list[str]:
    """Everything that people can read of Maru's in Slack now."""
    messages = [m for channel in slack.world.channels.values() for m in channel.messages.values()]
    ours = [m for m in [*messages, *slack.world.ephemeral] if slack.world.by_maru(m)]
    tasks = [task["title"] for m in ours if m.stream for task in m.stream.tasks.values()]
    texts = [text for m in ours for text in (m.text, *written(m.blocks), *(file.title for file in m.files))]
    sessions = [session.title for session in slack.sessions.sessions.values()]
    statuses = [text for text, *_ in slack.sessions.statuses.values()]
    homes = [text for view in slack.sessions.homes.values() for text in written(view["blocks"])]
    return [*texts, *tasks, *sessions, *statuses, *homes]


def harmless(slack: FakeSlack) -> bool:
    return not any(
        pings(text) or "@here" in text or any("evil" in address for address in links(text))
        for text in shown(slack)
    )


async def test_while_it_streams_and_at_its_end(slack: FakeSlack, house: SlackHouse) -> None:
    """In the text, the steps, the status, the sources and what is said about a file."""
    working, writing, done = Gate(), Gate(), Gate()
    source = Source("s1", LOUD, LOUD, "https://fine.com/?q=<!channel>")
    house.engine.script(
        [
            Started("r"),
            Activity("function", LOUD),
            working,
            Text(f"{LOUD} {LINKED}\n\n| a | b |\n|---|---|\n| {LOUD} | {LINKED} |\n\nAnd "),
            writing,
            Text(f"then {LOUD} {LINKED}\n\n```\nx\n``` <!channel> https://evil.com/y\n"),
            done,
            Citation(source),
            Completed(),
        ]
    )
    ann = slack.person("Ann")
    lost = ann.file(f"{LOUD} evil.com", b"x", mode="external")
    async with house.life():
        asked = await ann.mentions_bot(slack.general, "&lt;!channel&gt; @here go", files=[lost])
        await slack.until(lambda: any("channel" in text for text, *_ in slack.sessions.statuses.values()))
        assert harmless(slack)
        working.open()
        await slack.until(lambda: any(m.streaming and m.text for m in slack.reads(slack.general, asked)))
        assert harmless(slack)
        writing.open()
        await slack.until(lambda: any("then" in m.text for m in slack.reads(slack.general, asked)))
        assert harmless(slack)
        done.open()
        await answered(slack, "Sources", asked)
    assert harmless(slack)
    assert slack.events.pinged == []
    assert not [address for address in slack.events.unfurled if "evil" in address]


async def test_in_lists_of_conversations_and_at_home(slack: FakeSlack, house: SlackHouse) -> None:
    """A conversation is called what its first message says."""
    ann = slack.person("Ann")
    loud = "&lt;!channel&gt; &lt;@U0AAAA&gt; https://evil.com"
    async with house.life():
        asked = await ann.mentions_bot(slack.general, loud)
        await answered(slack, "You said", asked)
        await ann.opens_home("home")
        await slack.until(lambda: ann.id in slack.sessions.homes)
        await ann.types_command("/maru reset", slack.general)
        await slack.until(lambda: any(m.blocks for m in slack.world.ephemeral))
    assert not any(pings(text) for text in shown(slack))
    assert slack.events.pinged == []
