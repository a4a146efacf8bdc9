"""What a person at a terminal gets, against the real core and database."""

from pathlib import Path

import pytest

from bot.events import (
    Activity,
    Call,
    Calls,
    Completed,
    File,
    FileMade,
    Started,
    Text,
)
from bot.ports import Request
from tests.fakes.console import Maru
from tests.fakes.engine import Gate, ScriptedEngine


@pytest.fixture
def maru(tmp_path: Path) -> Maru:
    return Maru(tmp_path)


async def test_a_conversation_streams_and_ends_with_ctrl_d(maru: Maru) -> None:
    gate = Gate()
    maru.engine.script([Started("r"), Activity("searching"), gate, Text("**안녕**하세요"), Completed()])
    async with maru.running(), maru.terminal() as terminal:
        await terminal.until_prompt()
        terminal.type("안녕\r")
        await terminal.until("searching the handbook…")
        gate.open()
        await terminal.until("안녕하세요")
        await terminal.until_prompt()
        terminal.type("\x04")
        assert await terminal.left() == 0
    assert maru.engine.requests[0].turn.messages[0].text == "안녕"


async def test_several_lines_go_as_one_message(maru: Maru) -> None:
    async with maru.running(), maru.terminal() as terminal:
        await terminal.until_prompt()
        terminal.type("one\x1b\rtwo\r")
        await terminal.until("You said: one")
        await terminal.until_prompt()
        terminal.type("\x1b[200~three\nfour\x1b[201~\r")
        await terminal.until("You said: three")
        await terminal.until_prompt()
        terminal.type("/quit\r")
        assert await terminal.left() == 0
    assert [request.turn.messages[0].text for request in maru.engine.requests] == ["one\ntwo", "three\nfour"]


async def test_ctrl_c_stops_the_answer_and_does_not_leave(maru: Maru) -> None:
    gate = Gate()
    maru.engine.script([Started("r"), Text("half an "), gate])
    async with maru.running(), maru.terminal() as terminal:
        await terminal.until_prompt()
        terminal.type("one\r")
        await terminal.until("half an")
        terminal.type("\x03")
        await terminal.until("Stopped.")
        await terminal.until_prompt()
        terminal.type("two\r")
        await terminal.until("You said: two")
        await terminal.until_prompt()
        terminal.type("\x03")
        await terminal.until("leaves")  # only what differs from the line before is drawn
        terminal.type("\x03")
        assert await terminal.left() == 0


@pytest.mark.parametrize("answering", [True, False])
async def test_a_signal_to_end_gives_the_terminal_back(maru: Maru, answering: bool) -> None:
    maru.engine.script([Started("r"), Text("half an "), Gate()])
    async with maru.running(), maru.terminal() as terminal:
        await terminal.until_prompt()
        if answering:
            terminal.type("one\r")
            await terminal.until("half an")
        terminal.terminate()
        assert await terminal.left() == 0


async def test_what_is_typed_during_an_answer_is_not_lost(maru: Maru) -> None:
    gate = Gate()
    maru.engine.script([Started("r"), Text("first"), gate, Completed()])
    async with maru.running(), maru.terminal() as terminal:
        await terminal.until_prompt()
        terminal.type("one\r")
        await terminal.until("first")
        terminal.type("two\r")
        gate.open()
        await terminal.until("You said: two")
        await terminal.until_prompt()
        terminal.type("\x04")
        await terminal.left()


@pytest.mark.parametrize(("key", "sent"), [("y", ["ann"]), ("ㅛ", ["ann"]), ("n", []), ("\x03", [])])
async def test_a_call_that_needs_a_yes_is_asked_for(maru: Maru, key: str, sent: list[str]) -> None:
    call = Call("c1", "send_mail", '{"to": "ann"}')
    maru.engine.script([Text("One moment."), Calls((call,))], [Text("That was it."), Completed()])
    async with maru.running(), maru.terminal() as terminal:
        await terminal.until_prompt()
        terminal.type("mail ann\r")
        await terminal.until("One moment.")
        await terminal.until("[y/n]")
        terminal.type("what?\r")
        await terminal.until("[y/n]")
        terminal.type(f"{key}\r" if key != "\x03" else key)
        await terminal.until("That was it.")
        await terminal.until_prompt()
        terminal.type("\x04")
        await terminal.left()
    assert maru.sent == sent


async def test_edit_again_and_delete_change_the_last_message(maru: Maru) -> None:
    async with maru.running(), maru.terminal() as terminal:
        await terminal.until_prompt()
        terminal.type("one\r")
        await terminal.until("You said: one")
        await terminal.until_prompt()
        terminal.type("/edit\r")
        await terminal.until("edit ")
        terminal.type(" and more\r")
        await terminal.until("You said: one and more")
        await terminal.until_prompt()
        terminal.type("/again\r")
        await terminal.until("You said: one and more")
        await terminal.until_prompt()
        terminal.type("/good\r")
        await terminal.until("Glad")
        await terminal.until_prompt()
        terminal.type("/delete\r")
        await terminal.until("took back “one and more”")
        await terminal.until_prompt()
        terminal.type("/forget\r")
        await terminal.until("erased")
        await terminal.until_prompt()
        terminal.type("/edit\r")
        await terminal.until("nothing here yet")
        await terminal.until_prompt()
        terminal.type("\x04")
        await terminal.left()


async def test_files_go_in_by_their_path_and_out_with_save(maru: Maru) -> None:
    (maru.folder / "data.csv").write_text("a,b\n1,2\n")
    made = await maru.files.keep_bytes(b"report")

    def script(request: Request) -> list[Started | Text | FileMade | Completed]:
        return [FileMade(File(made.digest, "report.txt", "text/plain", made.size)), Completed()]

    maru.engine = ScriptedEngine(default=script)
    async with maru.running(), maru.terminal() as terminal:
        await terminal.until_prompt()
        terminal.type("sum up ./data.csv\r")
        await terminal.until("/save 1")
        await terminal.until_prompt()
        terminal.type("/save\r")
        await terminal.until("Saved as")
        await terminal.until_prompt()
        terminal.type("/file data.csv\r")
        await terminal.until("+data.csv")
        terminal.type("and this\r")
        await terminal.until("/save 1")
        await terminal.until_prompt()
        terminal.type("@missing.csv /file nothing\r")
        await terminal.until("/save 1")
        await terminal.until_prompt()
        terminal.type("/file nothing.csv\r")
        await terminal.until("cannot find")
        await terminal.until_prompt()
        terminal.type("\x04")
        await terminal.left()
    assert (maru.folder / "report.txt").read_bytes() == b"report"
    messages = [request.turn.messages[0] for request in maru.engine.requests]
    assert [(m.text, [f.name for f in m.attachments]) for m in messages] == [
        ("sum up data.csv", ["data.csv"]),
        ("and this", ["data.csv"]),
        ("@missing.csv /file nothing", []),
    ]


async def test_a_restart_of_maru_loses_neither_the_answer_nor_what_is_being_typed(maru: Maru) -> None:
    gate = Gate()
    maru.engine.script([Started("r"), Text("cut sh"), gate], [Started("r"), Text("whole"), Completed()])
    async with maru.running():
        terminal_context = maru.terminal()
        terminal = await terminal_context.__aenter__()
        await terminal.until_prompt()
        terminal.type("one\r")
        await terminal.until("cut sh")
    await terminal.until("waiting for Maru…")
    async with maru.running():
        await terminal.until("whole")
        await terminal.until_prompt()
        terminal.type("half a ques")
        await terminal.until("half a ques")
    await terminal.until("waiting for Maru…")
    async with maru.running():
        await terminal.until("half a ques")
        terminal.type("tion\r")
        await terminal.until("You said: half a question")
        await terminal.until_prompt()
        terminal.type("\x04")
        assert await terminal.left() == 0
        await terminal_context.__aexit__(None, None, None)


async def test_two_terminals_see_the_same_conversation(maru: Maru) -> None:
    async with maru.running(), maru.terminal() as one, maru.terminal() as other:
        await one.until_prompt()
        await other.until_prompt()
        other.type("being typed")
        await other.until("being typed")
        one.type("hello\r")
        await one.until("You said: hello")
        await other.until("› hello")
        await other.until("You said: hello")
        await other.until("being typed")
        other.type("\r")
        await one.until("You said: being typed")
        await other.until("You said: being typed")
        for terminal in (one, other):
            await terminal.until_prompt()
            terminal.type("\x04")
            await terminal.left()


async def test_in_korean_all_of_it_is(maru: Maru) -> None:
    async with maru.running(), maru.terminal(language="ko_KR.UTF-8") as terminal:
        await terminal.until("무엇이든 물어보세요")
        terminal.type("/도움말\r")
        await terminal.until("터미널에서는 이렇게 써요.")
        await terminal.until("무엇이든 물어보세요")
        terminal.type("\x04")
        await terminal.left()
