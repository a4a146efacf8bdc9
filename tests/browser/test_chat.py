"""A conversation in a real browser: writing, streaming, stopping, editing, and losing nothing."""

import pytest
from playwright.async_api import expect

from bot.events import Activity, Call, Calls, Citation, Completed, Failed, Source, Started, Text
from bot.functions import Function, Result
from bot.ports import Declaration
from tests.browser.conftest import Open
from tests.fakes.engine import Gate, ScriptedEngine
from tests.fakes.house import House

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LONG = "\n\n".join(f"Paragraph {number} of a long answer." for number in range(60))


async def test_a_starter_begins_a_conversation(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await expect(chat.page.get_by_role("heading", name="Have a seat.")).to_be_visible()
        await chat.button("What can you do?").click()
        answer = await chat.answered()
        await expect(answer).to_contain_text("You said: What can you do?")
        await expect(chat.page).to_have_title("What can you do? · Maru")
        await expect(chat.page.locator(".list a[aria-current]")).to_have_text("What can you do?")
        assert "/c/" in chat.page.url


async def test_words_stream_in_with_what_maru_is_doing(
    house: House, engine: ScriptedEngine, open_page: Open
) -> None:
    searching, writing, end = Gate(), Gate(), Gate()
    engine.script(
        [
            Started("r"),
            Activity("searching"),
            searching,
            Text("# Title\n\nSome **bo"),
            writing,
            Text("ld** text with `code`.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = 1\n```\n"),
            end,
            Completed(),
        ]
    )
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("Hello")
        await expect(chat.answers.locator(".activity")).to_have_text("searching the handbook…")
        searching.open()
        await expect(chat.answers.get_by_role("heading", name="Title")).to_be_visible()
        await expect(chat.answers.locator("strong")).to_have_text("bo")
        await expect(chat.answers.locator(".activity")).to_be_hidden()
        await expect(chat.answers).to_have_attribute("aria-busy", "true")
        writing.open()
        await expect(chat.answers.locator("strong")).to_have_text("bold")
        await expect(chat.answers.get_by_role("cell", name="2")).to_be_visible()
        await expect(chat.answers.locator(".code-head")).to_contain_text("python")
        await expect(chat.answers.locator("pre .mi")).to_have_text("1")
        end.open()
        await chat.answered()
        await expect(chat.page.locator("#announcer")).to_have_text("Maru has answered.")
        await expect(chat.answers).to_have_attribute("aria-busy", "false")


async def test_a_selection_survives_the_words_that_follow(
    house: House, engine: ScriptedEngine, open_page: Open
) -> None:
    gate = Gate()
    engine.script([Started("r"), Text("Select these words"), gate, Text(" while **more** come"), Completed()])
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("Go")
        paragraph = chat.answers.locator("p").first
        await expect(paragraph).to_have_text("Select these words")
        await paragraph.evaluate(
            "node => getSelection().setBaseAndExtent(node.firstChild, 0, node.firstChild, 12)"
        )
        gate.open()
        await chat.answered()
        await expect(paragraph).to_have_text("Select these words while more come")
        assert await chat.page.evaluate("getSelection().toString()") == "Select these"


async def test_shift_enter_makes_a_line_and_enter_while_composing_korean_sends_nothing(
    house: House, open_page: Open
) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.field.press_sequentially("one")
        await chat.field.press("Shift+Enter")
        await chat.field.press_sequentially("two")
        await expect(chat.field).to_have_value("one\ntwo")
        await chat.field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
        await expect(chat.field).to_have_value("one\ntwo")
        await chat.field.press("Enter")
        await expect(chat.messages.locator(".bubble")).to_have_text("one\ntwo")
        await expect(chat.field).to_have_value("")


async def test_stop_by_button_and_by_escape(house: House, engine: ScriptedEngine, open_page: Open) -> None:
    engine.script([Started("r"), Text("First"), Gate()], [Started("r"), Text("Second"), Gate()])
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("One")
        await expect(chat.answers).to_contain_text("First")
        await chat.button("Stop").click()
        await expect(await chat.answered()).to_contain_text("Stopped.")
        await chat.say("Two")
        await expect(chat.answers.last).to_contain_text("Second")
        await chat.page.keyboard.press("Escape")
        await expect(await chat.answered(2)).to_contain_text("Stopped.")
        await expect(chat.button("Send")).to_be_disabled()


async def test_messages_sent_meanwhile_wait_their_turn(
    house: House, engine: ScriptedEngine, open_page: Open
) -> None:
    gate = Gate()
    engine.script([Started("r"), Text("Slow"), gate, Completed()])
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("One")
        await expect(chat.answers).to_contain_text("Slow")
        await chat.say("Two")
        await expect(chat.answers.last.locator(".activity")).to_have_text("waiting for the answer before…")
        gate.open()
        await expect(await chat.answered(2)).to_contain_text("You said: Two")


async def test_again_and_feedback(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("Hello")
        await chat.answered()
        await chat.button("Helpful").click()
        await expect(chat.button("Helpful")).to_have_attribute("aria-pressed", "true")
        await chat.page.reload()
        await expect(chat.button("Helpful")).to_have_attribute("aria-pressed", "true")
        await chat.button("Answer again").click()
        await expect(chat.page.locator(".reference")).to_have_text("T2")
        await expect(chat.button("Helpful")).to_have_attribute("aria-pressed", "false")
        await expect(chat.messages).to_have_count(1)


async def test_the_last_message_is_edited_with_the_arrow_and_asked_again(
    house: House, open_page: Open
) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("Helo")
        await chat.answered()
        await chat.field.press("ArrowUp")
        editor = chat.page.get_by_role("textbox", name="Edit")
        await expect(editor).to_be_focused()
        await editor.fill("nothing")
        await editor.press("Escape")
        await expect(chat.messages.locator(".bubble")).to_have_text("Helo")
        await chat.messages.hover()
        await chat.button("Edit").click()
        await editor.fill("Hello")
        await editor.press("Enter")
        await expect(chat.answers).to_contain_text("You said: Hello")
        await expect(chat.messages.locator(".bubble")).to_have_text("Hello")


async def test_a_message_is_deleted_after_a_question(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("Oops")
        await chat.answered()
        await chat.messages.hover()
        await chat.button("Delete").click()
        await expect(chat.dialog).to_contain_text("Delete this message?")
        await chat.dialog.get_by_role("button", name="Cancel").click()
        await expect(chat.messages).to_have_count(1)
        await chat.messages.hover()
        await chat.button("Delete").click()
        await chat.dialog.get_by_role("button", name="Delete").click()
        await expect(chat.messages).to_have_count(0)


async def test_reset_starts_over_and_forget_erases(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("Hello")
        await chat.answered()
        await chat.choose("Start over")
        await chat.dialog.get_by_role("button", name="Start over").click()
        await expect(chat.page.locator(".whisper")).to_contain_text("We start over")
        await chat.say("Hello again")
        await chat.answered(2)
        await expect(chat.page.locator(".turn.fresh")).to_have_attribute("data-divider", "A new start")
        await chat.choose("Delete conversation")
        await chat.dialog.get_by_role("button", name="Delete conversation").click()
        await expect(chat.page.locator(".whisper").last).to_contain_text("I erased this conversation")
        await expect(chat.messages).to_have_count(0)
        await expect(chat.page.locator(".list a")).to_have_count(0)


async def test_a_command_may_be_typed(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("help")
        await expect(chat.page.locator(".whisper")).to_contain_text("start over")
        await expect(chat.page.locator(".pending")).to_have_count(0)


async def test_questions_are_approved_with_a_button(
    house: House, engine: ScriptedEngine, open_page: Open
) -> None:
    async def invite(arguments: object, turn: object) -> Result:
        return Result("invited")

    house.functions = {"invite": Function(Declaration("invite", "", "{}"), invite, approval=True)}
    engine.script(
        [Started("r"), Text("I can."), Calls((Call("c1", "invite", '{"who": "Ben"}'),))],
        [Started("r2"), Text("He is in."), Completed()],
    )
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("Invite Ben")
        await expect(chat.page.get_by_role("region", name="May I run invite for Guest?")).to_contain_text(
            '"who": "Ben"'
        )
        await expect(chat.page.locator(".turn")).to_have_attribute("data-state", "paused")
        await chat.button("Approve").click()
        await expect(await chat.answered()).to_contain_text("He is in.")
        await expect(chat.button("Approve")).to_have_count(0)


async def test_sources_open_from_their_marks_and_from_the_list(
    house: House, engine: ScriptedEngine, open_page: Open
) -> None:
    source = Source("k", "Handbook", "Slack", "https://example.com/x", "Use **Socket Mode**.")
    engine.script(
        [Started("r"), Text("Use Socket Mode."), Citation(source), Text(" It is easy."), Completed()]
    )
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("How?")
        answer = await chat.answered()
        await answer.get_by_role("button", name="Source 1: Handbook · Slack").click()
        await expect(chat.dialog.locator("strong")).to_have_text("Socket Mode")
        link = chat.dialog.get_by_role("link", name="Open the source")
        await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
        await chat.page.keyboard.press("Escape")
        await expect(chat.dialog).to_have_count(0)
        await answer.locator(".source").click()
        await expect(chat.dialog).to_contain_text("Handbook")


async def test_an_apology_is_shown_with_its_id(house: House, engine: ScriptedEngine, open_page: Open) -> None:
    engine.script([Started("r"), Failed("overloaded", "503")])
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("Hello")
        await expect((await chat.answered()).locator(".notice")).to_contain_text(
            "Sorry, I could not answer this"
        )
        await expect(chat.answers.locator(".notice")).to_contain_text("T1")


async def test_reading_further_up_is_not_disturbed(
    house: House, engine: ScriptedEngine, open_page: Open
) -> None:
    gate = Gate()
    engine.script([Started("r"), Text(LONG), gate, Text("\n\nThe end."), Completed()])
    async with house.open() as home:
        chat = await open_page(home.url, reduced_motion="reduce")
        await chat.say("Go")
        await expect(chat.answers).to_contain_text("Paragraph 59")
        assert await chat.scrolled_to_end()
        await chat.page.mouse.move(700, 300)
        await chat.page.mouse.wheel(0, -1500)
        await expect(chat.button("Jump to the latest message")).to_be_visible()
        place = await chat.page.evaluate("document.querySelector('.scroller').scrollTop")
        gate.open()
        await chat.answered()
        assert await chat.page.evaluate("document.querySelector('.scroller').scrollTop") == place
        await chat.button("Jump to the latest message").click()
        await expect(chat.button("Jump to the latest message")).to_be_hidden()
        assert await chat.scrolled_to_end()


async def test_scripts_in_messages_and_answers_do_nothing(
    house: House, engine: ScriptedEngine, open_page: Open
) -> None:
    evil = (
        "<script>window.pwned=1</script><img src=x onerror='pwned=1'> [x](javascript:window.pwned=1)\n\n"
        "![p](https://evil.example/p.png) <svg onload=window.pwned=1> [ok](https://example.com)"
    )
    engine.script([Started("r"), Text(evil), Completed()])
    async with house.open() as home:
        chat = await open_page(home.url)
        asked: list[str] = []
        chat.page.on("request", lambda request: asked.append(request.url))
        await chat.say(evil)
        await chat.answered()
        assert await chat.page.evaluate("window.pwned") is None
        assert await chat.page.locator("#turns img, #turns script, #turns .prose svg").count() == 0
        assert all(address.startswith(home.url) for address in asked)
        link = chat.answers.get_by_role("link", name="ok")
        await expect(link).to_have_attribute("target", "_blank")
        await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


async def test_two_people_see_each_other_write(house: House, open_page: Open) -> None:
    async with house.open() as home:
        ann = await open_page(home.url)
        await ann.page.get_by_role("textbox", name="What may I call you?").fill("Ann")
        await ann.button("Save").click()
        await expect(ann.page.get_by_role("heading", name="Good to see you, Ann.")).to_be_visible()
        await ann.say("Hello from Ann")
        await ann.answered()
        ben = await open_page(ann.page.url)
        await expect(ben.page.locator(".author")).to_have_text("Ann")
        await ben.say("Hello from Ben")
        await ben.answered(2)
        await ann.answered(2)
        await expect(ann.messages.last).to_contain_text("Hello from Ben")
        await expect(ann.page.locator(".author")).to_have_text("Guest")
        await ann.messages.last.hover()
        await expect(ann.messages.last.get_by_role("button")).to_have_count(0)
