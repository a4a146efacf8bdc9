"""MCP servers of an assistant, on hosted and on local threads."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.assistants import Assistant
from bot.events import Activity, Notice
from bot.events import Calls as AsksFor
from bot.mcp import McpServer
from bot.openai.sse import Json
from tests.fakes.openai import Answer, Asks, Calls, Consults, FakeMcp, FakeOpenAI, Play, Says
from tests.fakes.openai.talk import WEATHER, Talk, talking

URL = "https://tracker.example/mcp"
TOKEN = "tracker-token-4711"
TRACKER = McpServer(
    label="tracker",
    url=URL,
    description="Our issues.",
    tools=("find", "create"),
    authorization="TRACKER_TOKEN",
    approval=("create",),
)
CREATE = Consults("tracker", "create", '{"title": "Leak"}')
FIND = Consults("tracker", "find", '{"text": "leak"}')


def create(given: Json) -> str:
    return f"created {given['title']}"


def find(given: Json) -> str:
    if given["text"] == "all":
        raise ValueError("Too many issues.")
    return f"found 3 with {given['text']}"


@pytest.fixture(params=["hosted", "local"])
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI(hosted=request.param == "hosted") as fake:
        fake.model.lacks -= {"mcp"}
        fake.mcp.all[URL] = FakeMcp({"find": find, "create": create}, token=TOKEN)
        yield fake


@pytest.fixture
def tracker(fake: FakeOpenAI) -> FakeMcp:
    return fake.mcp.all[URL]


@pytest.fixture
async def talk(fake: FakeOpenAI, tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path, fake, variables={"TRACKER_TOKEN": TOKEN}) as talk:
        talk.assistant = Assistant(name="maru", instructions="You are Maru.", tools=(), mcp=(TRACKER,))
        talk.functions = {"create": ""}  # somebody says yes
        yield talk


def asked(talk: Talk, **more: object) -> None:
    """The assistant's server is configured otherwise."""
    server = McpServer.model_validate(TRACKER.model_dump() | more)
    talk.assistant = talk.assistant.model_copy(update={"mcp": (server,)})


async def test_the_service_is_told_what_the_file_says(talk: Talk, fake: FakeOpenAI) -> None:
    await talk.ask("hello")
    assert fake.requests[0]["tools"] == [
        {
            "type": "mcp",
            "server_label": "tracker",
            "server_url": URL,
            "server_description": "Our issues.",
            "allowed_tools": ["find", "create"],
            "authorization": TOKEN,
            "require_approval": {"always": {"tool_names": ["create"]}, "never": {"tool_names": ["find"]}},
        }
    ]


@pytest.mark.parametrize(
    ("approval", "told"),
    [
        ("always", "always"),
        ("never", "never"),
        ((), {"never": {"tool_names": ["find", "create"]}}),
        (("find", "create"), {"always": {"tool_names": ["find", "create"]}}),
    ],
)
async def test_who_has_to_be_asked_is_told_too(
    talk: Talk, fake: FakeOpenAI, approval: object, told: object
) -> None:
    asked(talk, approval=approval)
    await talk.ask("hello")
    assert fake.requests[0]["tools"][0]["require_approval"] == told


async def test_a_tool_that_needs_no_yes_is_used_in_one_step(
    talk: Talk, fake: FakeOpenAI, tracker: FakeMcp
) -> None:
    fake.script(Play((FIND, Says("Three."))))
    told = await talk.ask("leaks?")
    assert told.text == "Three."
    assert Activity("asking", "tracker") in told.events
    assert tracker.called == [("find", {"text": "leak"})]
    assert len(fake.requests) == 1


async def test_a_tool_runs_once_somebody_said_yes(talk: Talk, fake: FakeOpenAI, tracker: FakeMcp) -> None:
    """The step ends with the question, and the next one goes on with its answer."""
    fake.script(Play((Says("I shall."), CREATE)), Answer("Created."))
    told = await talk.ask("report a leak")
    (calls,) = told.of(AsksFor)
    (call,) = calls.calls
    assert (call.server, call.name, call.arguments) == ("tracker", "create", '{"title": "Leak"}')
    assert told.text == "I shall.\n\nCreated."
    assert tracker.called == [("create", {"title": "Leak"})]
    assert (await talk.ask("thanks")).text == "You said: thanks"


async def test_a_no_is_told_to_the_model_and_nothing_runs(
    talk: Talk, fake: FakeOpenAI, tracker: FakeMcp
) -> None:
    talk.functions = {}
    fake.script(Play((CREATE,)), Answer("As you wish."))
    assert (await talk.ask("report a leak")).text == "As you wish."
    answer = fake.requests[-1]["input"][-1]
    assert (answer["approve"], answer["reason"]) == (False, "The people asked did not allow this call.")
    assert tracker.called == []
    assert (await talk.ask("thanks")).text == "You said: thanks"


async def test_several_questions_and_a_function_in_one_step(
    talk: Talk, fake: FakeOpenAI, tracker: FakeMcp
) -> None:
    """Each gets its own kind of answer, all of them at once."""
    talk.declarations, talk.functions = (WEATHER,), {"weather": "sunny", "create": ""}
    second = Consults("tracker", "create", '{"title": "Draught"}')
    fake.script(Play((CREATE, second)), Answer("Both."))
    fake.script(Calls(Asks("weather", '{"city": "Seoul"}')), Play((CREATE,)), Answer("All."))
    assert (await talk.ask("report")).text == "Both."
    assert (await talk.ask("weather, and report")).text == "All."
    assert [given["title"] for _, given in tracker.called] == ["Leak", "Draught", "Leak"]


async def test_calls_after_a_yes_may_need_another(talk: Talk, fake: FakeOpenAI, tracker: FakeMcp) -> None:
    fake.script(Play((CREATE,)), Play((CREATE,)), Answer("Twice."))
    assert (await talk.ask("report twice")).text == "Twice."
    assert len(tracker.called) == 2


@pytest.mark.parametrize("how", ["down", "wrong token", "no token", "silent"])
async def test_a_server_that_cannot_be_asked_is_named_and_the_answer_comes_all_the_same(
    talk: Talk, fake: FakeOpenAI, tracker: FakeMcp, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    """People read it under the answer, and the model is told so that it does not pretend."""
    tracker.up, tracker.lists = how != "down", how != "silent"
    tracker.token = "another" if how == "wrong token" else TOKEN
    if how == "no token":
        asked(talk, authorization="UNSET")
    with caplog.at_level(logging.DEBUG):
        told = await talk.ask("leaks?")
    assert told.text == "You said: leaks?"
    (notice,) = told.of(Notice)
    assert notice.sentence.startswith("I could not ask tracker")
    assert ("access" in notice.sentence) == ("token" in how)
    assert told.turn.draft.notices == (notice.sentence,)
    if how != "silent":
        assert "Not available now: the tools of tracker." in fake.requests[-1]["instructions"]
    assert TOKEN not in caplog.text


async def test_a_server_that_is_back_is_asked_again(talk: Talk, fake: FakeOpenAI, tracker: FakeMcp) -> None:
    tracker.up = False
    await talk.ask("leaks?")
    tracker.up = True
    fake.script(Play((FIND, Says("Three."))))
    told = await talk.ask("and now?")
    assert (told.text, told.turn.draft.notices) == ("Three.", ())


async def test_what_goes_wrong_at_a_server_is_for_the_model_to_tell(
    talk: Talk, fake: FakeOpenAI, tracker: FakeMcp
) -> None:
    """Also when it went away while people were deciding."""
    fake.script(Play((Consults("tracker", "find", '{"text": "all"}'), Says("Too many."))))
    assert (await talk.ask("all leaks?")).text == "Too many."
    fake.script(Play((CREATE,)), Answer("It does not answer."))
    talk.seen = lambda event: setattr(tracker, "up", not isinstance(event, AsksFor))
    told = await talk.ask("report a leak")
    assert told.text == "It does not answer."
    assert "Connection refused" in str(list(fake.responses.all.values())[-1].writer.items)


async def test_a_question_that_nobody_answered_does_not_spoil_the_thread(
    talk: Talk, fake: FakeOpenAI, tracker: FakeMcp
) -> None:
    """Stopped while people were deciding: the next turn is answered."""
    fake.script(Play((CREATE,)))
    turn = await talk.waiting("report a leak")
    async for event in talk.events(turn):
        if isinstance(event, AsksFor):
            await talk.store.turns.step_done(turn, event.items, event.usage)
    await talk.store.turns.answer(turn, turn.draft, "stopped")
    await talk.store.turns.done(turn)
    assert (await talk.ask("something else")).text == "You said: something else"
    assert tracker.called == []


async def test_a_conversation_lost_while_people_decide_is_filled_with_the_question(
    tmp_path: Path,
) -> None:
    async with FakeOpenAI() as fake, talking(tmp_path, fake) as talk:
        tracker = fake.mcp.all[URL] = FakeMcp({"create": create})
        talk.assistant = Assistant(name="maru", instructions="You are Maru.", mcp=(TRACKER,))
        asked(talk, authorization="")
        talk.functions = {"create": ""}
        fake.script(Play((CREATE,)), Answer("Created."))
        talk.seen = lambda event: fake.conversations.all.clear() if isinstance(event, AsksFor) else None
        assert (await talk.ask("report a leak")).text == "Created."
        assert tracker.called == [("create", {"title": "Leak"})]


async def test_a_yes_is_not_acted_on_twice_when_the_answer_breaks_off(tmp_path: Path) -> None:
    """The response that was begun is taken up again."""
    async with FakeOpenAI() as fake, talking(tmp_path, fake) as talk:
        tracker = fake.mcp.all[URL] = FakeMcp({"create": create})
        talk.assistant = Assistant(name="maru", instructions="You are Maru.", mcp=(TRACKER,))
        asked(talk, authorization="")
        talk.functions = {"create": ""}
        fake.script(Play((CREATE,)), Play((Says("one two three four"),), cut="drop", after=2))
        assert (await talk.ask("report a leak")).text == "one two three four"
        assert len(tracker.called) == 1


async def test_a_service_without_mcp_answers_without_it(tmp_path: Path) -> None:
    """It is refused once, and the model says so when somebody asks."""
    async with FakeOpenAI(hosted=False) as fake, talking(tmp_path, fake) as talk:
        talk.assistant = Assistant(
            name="maru", instructions="You are Maru.", tools=("web", "pictures"), mcp=(TRACKER,)
        )
        asked(talk, authorization="")
        assert (await talk.ask("hello")).text == "You said: hello"
        await talk.ask("hello again")
    assert ["tools" in request for request in fake.requests] == [True, True, True, False, False]
    assert fake.requests[-1]["instructions"].endswith(
        "Not available now: searching the web, drawing pictures, the tools of tracker. "
        "Say so when it is needed."
    )


async def test_nothing_is_kept_of_the_token(talk: Talk, tmp_path: Path) -> None:
    await talk.ask("hello")
    assert TOKEN.encode() not in (tmp_path / "maru.db").read_bytes()
