"""The web page's server with the real core and database, as a page uses it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.events import (
    Activity,
    Call,
    Calls,
    Citation,
    Completed,
    Failed,
    File,
    FileMade,
    Source,
    Started,
    Text,
)
from bot.functions import Function, Result
from bot.ports import Declaration
from tests.fakes.engine import Gate, ScriptedEngine, echo
from tests.fakes.house import Home, House
from tests.fakes.visitor import Visitor

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
)


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine(default=echo)


@pytest.fixture
def house(tmp_path: Path, engine: ScriptedEngine) -> House:
    return House(tmp_path, engine=engine)


@pytest.fixture
async def home(house: House) -> AsyncIterator[Home]:
    async with house.open() as home:
        yield home


@pytest.fixture
async def ann(home: Home) -> AsyncIterator[Visitor]:
    async with Visitor(home.url) as ann:
        yield ann


async def test_a_message_is_answered_in_front_of_those_who_watch(ann: Visitor) -> None:
    async with ann.watch("c1") as screen:
        status, receipt = await ann.send("c1", "Hello **you**")
        await screen.until_answered()
    assert status == 200
    assert receipt["new"]
    [turn] = screen.turns.values()
    [message] = turn["messages"]
    assert message["html"] == "<p>Hello <strong>you</strong></p>\n"
    assert message["author"] == {"id": ann.person, "name": "Ann"}
    assert screen.answers == ["<p>You said: Hello <strong>you</strong></p>\n"]


async def test_words_come_one_by_one_and_the_page_after_a_reload_equals_the_page_before(
    ann: Visitor, engine: ScriptedEngine
) -> None:
    gates = [Gate(), Gate(), Gate()]
    engine.script(
        [
            Started("r"),
            Activity("searching"),
            gates[0],
            Text("# One 😀 title\n\nThen **bo"),
            gates[1],
            Text("ld** words"),
            Citation(Source("k", "Handbook", "Slack", passage="*Socket* Mode")),
            gates[2],
            Text(".\n\n```python\nx = 1\n```\n"),
            Completed(),
        ]
    )
    async with ann.watch("c1") as screen:
        await ann.send("c1", "Tell me")
        await screen.until(lambda: any(turn["answer"]["activity"] for turn in screen.turns.values()))
        assert screen.turns[1]["answer"]["activity"] in {"thinking…", "searching the handbook…"}
        gates[0].open()
        await screen.until(
            lambda: screen.answers == ["<h1>One 😀 title</h1>\n<p>Then <strong>bo</strong></p>\n"]
        )
        gates[1].open()
        await screen.until(lambda: "bold" in screen.answers[0])
        async with ann.watch("c1") as late:
            assert late.answers == screen.answers
            gates[2].open()
            await screen.until_answered()
            await late.until_answered()
        await screen.until(lambda: screen.turns[1]["state"] == "done")
    async with ann.watch("c1") as again:
        assert again.turns == screen.turns
        assert late.answers == again.answers
    answer = again.turns[1]["answer"]
    assert 'data-source="1">1</button>' in "".join(answer["blocks"])
    assert answer["sources"][0]["passage"] == "<p><em>Socket</em> Mode</p>\n"


async def test_the_first_word_is_shown_at_once_and_a_burst_in_a_few_updates(
    ann: Visitor, engine: ScriptedEngine
) -> None:
    words = [Text(f"word{number} ") for number in range(500)]
    engine.script([Started("r"), *words, Completed()])
    async with ann.watch("c1") as screen:
        await ann.send("c1", "Go")
        await screen.until_answered()
    assert "word499" in screen.answers[0]
    assert len(screen.updates) < 20


async def test_an_answer_that_nobody_watches_is_there_later(ann: Visitor) -> None:
    await ann.send("c1", "Hello")
    async with ann.watch("c1") as screen:
        await screen.until_answered()
    assert screen.said == ["Hello"]


async def test_the_same_key_is_the_same_message(ann: Visitor) -> None:
    async with ann.watch("c1") as screen:
        first = await ann.send("c1", "Hello", key="k1-of-ann")
        second = await ann.send("c1", "Hello", key="k1-of-ann")
        await screen.until_answered()
    assert first[1]["new"]
    assert second == (200, {"new": False, "turn": 0, "message": first[1]["message"]})
    assert screen.said == ["Hello"]


async def test_everything_is_there_after_a_restart(house: House) -> None:
    async with AsyncExitStack() as stack:
        async with house.open() as home:
            ann = await stack.enter_async_context(Visitor(home.url))
            async with ann.watch("c1") as before:
                await ann.send("c1", "Hello")
                await before.until(lambda: any(turn["state"] == "done" for turn in before.turns.values()))
        async with house.open() as home_again, ann.watch("c1") as after:
            assert home_again.url == home.url
            assert after.turns == before.turns
            assert list(after.conversations) == ["c1"]


async def test_the_list_of_conversations_follows_what_happens(ann: Visitor) -> None:
    async with ann.watch("c1") as screen:
        await ann.send("c2", "What is Maru?")
        await screen.until(lambda: "c2" in screen.conversations and not screen.conversations["c2"]["busy"])
        assert screen.conversations["c2"]["title"] == "What is Maru?"
        await ann.call("PUT", "/api/conversations/c2", {"title": "About Maru"})
        await screen.until(lambda: screen.conversations["c2"]["title"] == "About Maru")
        await ann.command("c2", "forget")
        await screen.until(lambda: "c2" not in screen.conversations)


async def test_an_edit_changes_the_message_and_again_answers_it_anew(ann: Visitor, home: Home) -> None:
    async with ann.watch("c1") as screen, Visitor(home.url, "Ben") as ben:
        _, receipt = await ann.send("c1", "Hello")
        await screen.until(lambda: any(turn["state"] == "done" for turn in screen.turns.values()))
        path = f"/api/conversations/c1/messages/{receipt['message']}"
        assert (await ben.call("PUT", path, {"text": "I was here"}))[0] == 403
        assert (await ann.call("PUT", path, {"text": "Good morning"}))[0] == 200
        await screen.until(lambda: screen.said == ["Good morning"])
        assert screen.turns[1]["outdated"]
        assert (await ann.press("c1", 1, "again"))[0] == 200
        await screen.until(lambda: screen.answers == ["<p>You said: Good morning</p>\n"])
        assert list(screen.turns) == [2]


async def test_a_deleted_message_is_gone_for_everybody(ann: Visitor) -> None:
    async with ann.watch("c1") as screen:
        _, receipt = await ann.send("c1", "Oops")
        await screen.until_answered()
        assert (await ann.call("DELETE", f"/api/conversations/c1/messages/{receipt['message']}"))[0] == 200
        await screen.until(lambda: not screen.turns)


async def test_stop_ends_an_answer_where_it_is(ann: Visitor, engine: ScriptedEngine) -> None:
    gate = Gate()
    engine.script([Started("r"), Text("So far"), gate, Text(" and further"), Completed()])
    async with ann.watch("c1") as screen:
        await ann.send("c1", "Go")
        await screen.until(lambda: screen.answers == ["<p>So far</p>\n"])
        assert (await ann.press("c1", 1, "stop"))[0] == 200
        await screen.until_answered()
    answer = screen.turns[1]["answer"]
    assert (answer["end"], answer["closing"]) == ("stopped", ["<p>Stopped.</p>\n"])


async def test_feedback_is_kept_and_shown(ann: Visitor) -> None:
    async with ann.watch("c1") as screen:
        await ann.send("c1", "Hello")
        await screen.until_answered()
        await ann.press("c1", 1, "helpful")
        await screen.until(lambda: screen.turns[1]["feedback"] == "helpful")
        await ann.press("c1", 1, "unhelpful")
        await screen.until(lambda: screen.turns[1]["feedback"] == "unhelpful")


async def test_a_failed_answer_says_why_with_its_id(ann: Visitor, engine: ScriptedEngine) -> None:
    engine.script([Started("r"), Failed("quota", "no money")])
    async with ann.watch("c1") as screen:
        await ann.send("c1", "안녕")
        await screen.until_answered()
    [closing] = screen.turns[1]["answer"]["closing"]
    assert "모델 계정의 한도를 다 썼어요" in closing
    assert "T1" in closing


async def test_a_command_is_answered_to_its_author_alone(ann: Visitor, home: Home) -> None:
    async with Visitor(home.url, "Ben", "ko") as ben, ann.watch("c1") as mine, ben.watch("c1") as his:
        await ann.send("c1", "Hello")
        await mine.until_answered()
        assert (await ann.command("c1", "reset"))[0] == 200
        await mine.until(lambda: mine.notices)
        assert "We start over" in mine.notices[0]["html"]
        assert mine.notices[0]["after"] == 1
        status, receipt = await ben.send("c1", "도움말")
        await his.until(lambda: his.notices)
        assert (status, receipt["message"]) == (200, 0)
        assert "초기화" in his.notices[0]["html"]
        assert len(mine.notices) == 1
    async with ann.watch("c1") as again:
        assert again.notices == mine.notices


async def test_a_question_waits_for_a_yes_across_a_restart(house: House, engine: ScriptedEngine) -> None:
    async def invite(arguments: object, turn: object) -> Result:
        return Result("invited")

    declaration = Declaration("invite", "Invites.", "{}")
    house.functions = {"invite": Function(declaration, invite, approval=True)}
    engine.script([Started("r"), Calls((Call("call_1", "invite", '{"who":"Ben"}'),))])
    async with house.open() as home, Visitor(home.url) as ann, ann.watch("c1") as screen:
        await ann.send("c1", "Invite Ben")
        await screen.until(lambda: [turn["state"] for turn in screen.turns.values()] == ["paused"])
    async with house.open() as home, Visitor(home.url, again=ann) as same, same.watch("c1") as screen:
        # A turn that was paused is asked about once more at start, in case nobody could read it.
        await screen.until(lambda: screen.turns[1]["state"] == "paused")
        [question] = screen.turns[1]["answer"]["questions"]
        assert question["text"] == "May I run invite for Ann?"
        assert question["arguments"] == '{\n  "who": "Ben"\n}'
        engine.script([Started("r2"), Text("Done."), Completed()])
        assert (await same.press("c1", 1, "approve", "call_1"))[0] == 200
        await screen.until_answered()
        assert "Done." in screen.answers[0]
        assert screen.turns[1]["answer"]["questions"] == []


async def test_somebody_else_may_not_decide(house: House, engine: ScriptedEngine) -> None:
    async def pay(arguments: object, turn: object) -> Result:
        return Result("paid")

    async with house.open() as home, Visitor(home.url) as ann:
        boss = ann.person
    house.functions = {
        "pay": Function(Declaration("pay", "Pays.", "{}"), pay, approval=True, deciders=(boss,))
    }
    engine.script([Started("r"), Calls((Call("call_1", "pay", "{}"),))])
    async with house.open() as home, Visitor(home.url, "Ben") as ben, ben.watch("c1") as screen:
        await ben.send("c1", "Pay")
        await screen.until(lambda: [turn["state"] for turn in screen.turns.values()] == ["paused"])
        status, told = await ben.press("c1", 1, "approve", "call_1")
        assert (status, told["problem"]) == (409, "not_yours")
        await ben.press("c1", 1, "stop")
        await screen.until_answered()


async def test_a_file_is_kept_before_the_message_and_served_to_this_page_alone(
    ann: Visitor, home: Home
) -> None:
    status, picture = await ann.upload("../보고서 1.png", PNG)
    assert status == 200
    assert (picture["name"], picture["size"], picture["picture"]) == ("보고서 1.png", len(PNG), True)
    async with Visitor(home.url, "Ben") as ben:
        async with ben.session.get(picture["url"]) as response:
            assert response.status == 404
        async with ann.session.get(picture["url"]) as response:
            assert response.status == 200
        async with ann.watch("c1") as screen:
            assert (await ann.send("c1", "", files=(picture,)))[0] == 200
            await screen.until_answered()
        [file] = screen.turns[1]["messages"][0]["files"]
        assert file["url"] == picture["url"]
        async with ben.session.get(picture["url"]) as response:
            assert response.status == 200
            assert await response.read() == PNG
            assert response.content_type == "image/png"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert response.headers["Content-Disposition"].startswith("inline;")


async def test_a_document_is_only_ever_downloaded(ann: Visitor) -> None:
    _, page = await ann.upload("evil.html", b"<script>alert(1)</script>")
    async with ann.session.get(page["url"]) as response:
        assert (
            response.headers["Content-Disposition"]
            == "attachment; filename=\"evil.html\"; filename*=UTF-8''evil.html"
        )
        assert response.content_type == "application/octet-stream"


async def test_a_file_that_cannot_be_used_is_refused_with_a_sentence(ann: Visitor) -> None:
    status, told = await ann.upload("nothing.txt", b"")
    assert (status, told["text"]) == (422, "“nothing.txt” is empty, so I left it out.")
    status, told = await ann.send("c1", "Look", files=({"digest": "0" * 64, "name": "lost.txt"},))
    assert (status, told["problem"]) == (409, "file_lost")
    status, told = await ann.send("c1", "Look", files=({"digest": "../../etc", "name": "x"},))
    assert (status, told["problem"]) == (409, "file_lost")


async def test_files_that_the_model_made_are_shown_and_linked(
    ann: Visitor, home: Home, engine: ScriptedEngine
) -> None:
    kept = await home.files.keep_bytes(PNG)
    table = await home.files.keep_bytes(b"a,b\n1,2\n")
    engine.script(
        [
            Started("r"),
            Text("See [the table](sandbox:/mnt/data/table.csv)."),
            FileMade(File(kept.digest, "plot.png", "image/png", kept.size, "picture")),
            FileMade(File(table.digest, "table.csv", "text/csv", table.size), "sandbox:/mnt/data/table.csv"),
            Completed(),
        ]
    )
    async with ann.watch("c1") as screen:
        await ann.send("c1", "Plot")
        await screen.until_answered()
    assert [file["picture"] for file in screen.turns[1]["answer"]["files"]] == [True, False]
    assert f'href="/files/{table.digest}/table.csv"' in screen.answers[0]


async def test_bad_requests_are_refused_with_a_sentence_in_the_language_of_the_page(home: Home) -> None:
    async with Visitor(home.url, language="ko") as ann:
        assert (await ann.send("c1", "   "))[1]["text"] == "메시지에 아직 내용이 없어요."
        assert (await ann.send("c1", "x" * 100_001))[0] == 422
        assert (await ann.send("c 1", "x"))[0] == 404
        assert (await ann.send("c1", "x", key="no spaces here"))[0] == 400
        assert (await ann.call("POST", "/api/conversations/c1/messages", "not an object"))[0] == 400
        assert (await ann.call("POST", "/api/conversations/c1/messages", {"text": "x" * 1_040_000}))[0] == 413
        assert (await ann.press("c1", 1, "dance"))[0] == 404
        assert (await ann.command("c1", "dance"))[0] == 404
        assert (await ann.press("c1", 99, "again"))[0] == 409
        assert (await ann.call("PUT", "/api/conversations/c1/messages/99", {"text": "x"}))[0] == 404


@pytest.mark.parametrize("body", ["", "nope", "[]", "null", '"x"', "[" * 100_000, "\xff"])
@pytest.mark.parametrize("path", ["/api/login", "/api/conversations/c1/messages"])
async def test_nonsense_is_refused_and_no_error_of_ours(ann: Visitor, path: str, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    async with ann.session.post(path, data=body.encode("latin-1"), headers=headers) as response:
        assert (response.status, (await response.json())["problem"]) == (400, "web_odd")


async def test_half_characters_and_endless_numbers_are_no_error_of_ours(ann: Visitor) -> None:
    half = "\ud800"
    assert (await ann.call("POST", "/api/login", {"token": half}))[0] != 500
    place = "/api/conversations/c1"
    message = {"key": "k1", "text": f"hello {half}", "name": half}
    assert (await ann.call("POST", f"{place}/messages", message))[0] == 200
    assert (await ann.call("PUT", place, {"title": half}))[0] == 200
    command = {"key": "k2", "command": "assistant", "argument": half}
    assert (await ann.call("POST", f"{place}/commands", command))[0] == 200
    assert (await ann.call("POST", f"{place}/commands", command | {"command": ["help"]}))[0] == 404
    assert (await ann.call("POST", f"{place}/turns/{'9' * 30}/again", {}))[0] == 404
    assert (await ann.call("GET", f"{place}/turns?before={'9' * 30}"))[0] == 200


async def test_without_the_cookie_nobody_writes(ann: Visitor) -> None:
    ann.session.cookie_jar.clear()
    assert (await ann.send("c1", "Hello"))[1]["problem"] == "web_no_cookie"


async def test_earlier_turns_are_asked_for(ann: Visitor) -> None:
    async with ann.watch("c1") as screen:
        for number in range(42):
            await ann.send("c1", f"Message {number}")
            await screen.until_answer(f"Message {number}<")
    async with ann.watch("c1") as again:
        assert len(again.turns) == 40
        told = await ann.get(f"/api/conversations/c1/turns?before={min(again.turns)}")
    assert [turn["id"] for turn in told["turns"]] == [1, 2]
    assert not told["earlier"]


async def test_a_stop_of_the_server_ends_the_streams_at_once_and_the_answer_goes_on_later(
    house: House, engine: ScriptedEngine
) -> None:
    engine.script([Started("r"), Text("Half"), Gate()])
    async with AsyncExitStack() as stack:
        async with house.open() as home:
            ann = await stack.enter_async_context(Visitor(home.url))
            screen = await stack.enter_async_context(ann.watch("c1"))
            await ann.send("c1", "Go")
            await screen.until(lambda: screen.answers == ["<p>Half</p>\n"])
            begun = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - begun < 1.0
        await screen.until(lambda: screen.ended)
        engine.script([Started("r2"), Text("Whole"), Completed()])
        async with house.open(), ann.watch("c1") as later:
            await later.until_answered()
            assert "Whole" in later.answers[0]
