"""Nothing is lost in a real browser: reloads, restarts, drafts, and a server that is away."""

import pytest
from playwright.async_api import Route, expect

from bot.events import Completed, Started, Text
from tests.browser.conftest import Open
from tests.fakes.engine import Gate, ScriptedEngine
from tests.fakes.house import House

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_page_after_a_reload_equals_the_page_before(
    house: House, engine: ScriptedEngine, open_page: Open
) -> None:
    engine.script(
        [Started("r"), Text("# One\n\n- a\n- b\n\n```python\nx = 1\n```\n\nTwo **three**"), Completed()]
    )
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("Hello *you*")
        await chat.answered()
        await expect(chat.page.locator(".turn")).to_have_attribute("data-state", "done")
        before = await chat.page.locator("#turns").inner_html()
        await chat.page.reload()
        await chat.answered()
        assert await chat.page.locator("#turns").inner_html() == before


async def test_an_answer_goes_on_after_a_reload(
    house: House, engine: ScriptedEngine, open_page: Open
) -> None:
    gate = Gate()
    engine.script([Started("r"), Text("Half"), gate, Text(" and whole"), Completed()])
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("Go")
        await expect(chat.answers).to_contain_text("Half")
        await chat.page.reload()
        await expect(chat.answers).to_contain_text("Half")
        gate.open()
        await expect(await chat.answered()).to_contain_text("Half and whole")


async def test_what_is_written_while_the_server_is_away_arrives_once_and_in_order(
    house: House, open_page: Open
) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("Before")
        await chat.answered()
    await expect(chat.page.locator(".lost")).to_be_visible()
    await expect(chat.page.locator(".lost")).to_contain_text("Reconnecting")
    await chat.say("First")
    await chat.say("Second")
    await expect(chat.page.locator(".pending")).to_have_count(2)
    await expect(chat.page.locator(".pending .sending").first).to_be_visible()
    async with house.open():
        await expect(chat.page.locator(".lost")).to_be_hidden()
        await expect(chat.page.locator(".pending")).to_have_count(0)
        await expect(chat.messages.locator(".bubble")).to_have_text(["Before", "First", "Second"])
        await expect(chat.answers.last).to_contain_text("Second")


async def test_what_is_on_its_way_survives_a_reload_of_the_page(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.page.route("**/messages", lambda route: route.abort())
        await chat.say("Keep me")
        await expect(chat.page.locator(".pending")).to_contain_text("Keep me")
        await chat.page.unroute("**/messages")
        await chat.page.reload()
        await expect(await chat.answered()).to_contain_text("You said: Keep me")
        await expect(chat.messages).to_have_count(1)


async def test_a_message_whose_acknowledgement_got_lost_is_there_once(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        lost: list[object] = []

        async def lose(route: Route) -> None:
            if lost:
                await route.continue_()
                return
            lost.append(await route.fetch())  # the server has it,
            await route.abort()  # but the page does not know

        await chat.page.route("**/messages", lose)
        await chat.say("Only once")
        await chat.answered()
        await expect(chat.page.locator(".pending")).to_have_count(0)
        await expect(chat.messages).to_have_count(1)
        assert len(lost) == 1


async def test_a_refused_message_says_why_and_goes_back_into_the_field(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("x" * 100_001)
        await expect(
            chat.page.get_by_role("alert").filter(has_text="This message is too long")
        ).to_be_visible()
        bubble = await chat.page.locator(".refused .bubble").bounding_box()
        assert bubble
        assert bubble["height"] < 200  # it stays below everything that is said afterwards
        await chat.button("Take back").click()
        await expect(chat.page.locator(".pending")).to_have_count(0)
        assert len(await chat.field.input_value()) == 100_001


async def test_each_conversation_keeps_its_draft(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("Hello")
        await chat.answered()
        await chat.field.fill("half a thought")
        await chat.button("New conversation").click()
        await expect(chat.field).to_have_value("")
        await chat.field.fill("another")
        await chat.page.locator(".list a").click()
        await expect(chat.field).to_have_value("half a thought")
        await chat.page.reload()
        await expect(chat.field).to_have_value("half a thought")
        await chat.page.go_back()
        await expect(chat.field).to_have_value("another")


async def test_many_turns_are_shown_from_the_end_and_earlier_ones_on_demand(
    house: House, open_page: Open
) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        for number in range(42):
            await chat.say(f"Message {number}")
            await expect(chat.answers.last).to_contain_text(f"You said: Message {number}")
            await expect(chat.answers.last.locator(".reference")).to_have_count(1)
        await chat.page.reload()
        await chat.answered(40)
        await chat.button("Show earlier messages").click()
        await chat.answered(42)
        await expect(chat.messages.first).to_contain_text("Message 0")
        await expect(chat.button("Show earlier messages")).to_be_hidden()
