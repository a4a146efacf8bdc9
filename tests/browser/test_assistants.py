"""Choosing who answers, in a real browser."""

import pytest
from playwright.async_api import expect

from bot.assistants import Assistant
from tests.browser.conftest import Open
from tests.browser.test_looks import CONTRAST, NAMELESS
from tests.fakes.engine import ScriptedEngine
from tests.fakes.house import House

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WEATHER = Assistant(
    name="weather",
    description="Knows the weather anywhere, now and in the coming days.",
    instructions="Tell the weather.",
    starters=("Do I need an umbrella in Seoul today?", "이번 주말 부산 날씨 어때요?"),
)
TRAVEL = Assistant(
    name="travel", description="Plans trips: weather, dates, costs.", instructions="Plan trips."
)


@pytest.fixture
def several(house: House) -> House:
    house.others = (WEATHER, TRAVEL)
    return house


async def test_with_one_assistant_there_is_nothing_to_choose(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await expect(chat.button("What can you do?")).to_be_visible()
        await expect(chat.page.locator("#assistant")).to_be_hidden()
        await expect(chat.page.locator("#about")).to_be_hidden()


async def test_one_is_chosen_with_the_mouse_and_brings_its_starters(
    several: House, engine: ScriptedEngine, open_page: Open
) -> None:
    async with several.open() as home:
        chat = await open_page(home.url)
        await chat.button("maru answers here. Choose another one").click()
        menu = chat.page.get_by_role("menu", name="Who answers here")
        await expect(menu.get_by_role("menuitemradio")).to_have_count(3)
        await expect(menu).to_contain_text("Knows the weather anywhere")
        await menu.get_by_role("menuitemradio", name="weather").first.click()
        await expect(menu).to_be_hidden()
        await expect(chat.page.locator("#about")).to_contain_text("weather – Knows the weather")
        await chat.button("Do I need an umbrella in Seoul today?").click()
        await chat.answered()
        assert [request.assistant.name for request in engine.requests] == ["weather"]
        await chat.page.reload()
        await expect(chat.button("weather answers here. Choose another one")).to_be_visible()
        await chat.page.keyboard.press("Alt+KeyN")
        await expect(chat.button("maru answers here. Choose another one")).to_be_visible()
        await expect(chat.button("What can you do?")).to_be_visible()


async def test_the_keyboard_chooses_too_and_escape_changes_nothing(several: House, open_page: Open) -> None:
    async with several.open() as home:
        chat = await open_page(home.url)
        button = chat.button("maru answers here. Choose another one")
        await button.focus()
        await chat.page.keyboard.press("Enter")
        items = chat.page.get_by_role("menuitemradio")
        await expect(items.first).to_be_focused()
        await expect(items.first).to_be_checked()
        await chat.page.keyboard.press("End")
        await expect(items.last).to_be_focused()
        await chat.page.keyboard.press("ArrowDown")
        await expect(items.first).to_be_focused()
        await chat.page.keyboard.press("Escape")
        await expect(button).to_be_focused()
        await chat.page.keyboard.press("Enter")
        await expect(items.first).to_be_focused()
        await chat.page.keyboard.press("ArrowUp")
        await chat.page.keyboard.press("Enter")
        await expect(chat.button("travel answers here. Choose another one")).to_be_focused()
        await expect(chat.page.locator("#starters button")).to_have_count(0)
        await expect(chat.page.locator("#invitation")).to_have_text("Ask me anything, or drop in a file.")


async def test_in_a_conversation_that_goes_on_a_choice_says_what_it_means(
    several: House, open_page: Open
) -> None:
    async with several.open() as home:
        chat = await open_page(home.url)
        await chat.say("Hello")
        await chat.answered()
        await chat.button("maru answers here. Choose another one").click()
        await chat.page.get_by_role("menuitemradio", name="weather").first.click()
        await expect(
            chat.page.get_by_role("status").filter(has_text="does not know what was said")
        ).to_be_visible()
        await expect(chat.button("weather answers here. Choose another one")).to_be_visible()


async def test_what_the_operator_set_is_shown_as_fixed(several: House, open_page: Open) -> None:
    several.pins = {"web:fixed": "weather"}
    async with several.open() as home:
        chat = await open_page(f"{home.url}/c/fixed")
        await chat.button("weather answers here, set by whoever runs Maru").click()
        menu = chat.page.get_by_role("menu")
        await expect(menu).to_contain_text("Set by whoever runs Maru.")
        await expect(menu.get_by_role("menuitemradio")).to_have_count(1)
        await expect(menu.get_by_role("menuitemradio")).to_be_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_menu_can_be_read_in_korean_on_a_phone(
    several: House, open_page: Open, scheme: str
) -> None:
    async with several.open() as home:
        chat = await open_page(
            home.url,
            locale="ko-KR",
            color_scheme=scheme,
            reduced_motion="reduce",
            viewport={"width": 360, "height": 740},
            is_mobile=True,
            has_touch=True,
        )
        await chat.page.get_by_role("button", name="maru 어시스턴트가 답해요. 다른 어시스턴트 고르기").tap()
        menu = chat.page.get_by_role("menu", name="여기서 답할 어시스턴트")
        await expect(menu).to_be_in_viewport(ratio=1)
        assert await chat.page.evaluate(CONTRAST) == []
        assert await chat.page.evaluate(NAMELESS) == []
        assert await chat.page.evaluate("document.documentElement.scrollWidth") == 360
        await menu.get_by_role("menuitemradio", name="weather").first.tap()
        await expect(chat.page.locator("#starters button").first).to_have_text("이번 주말 부산 날씨 어때요?")
