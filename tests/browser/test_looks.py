"""The page for everybody: keyboard, phone, dark, Korean, little motion, and the door."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.fakes.house import House

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = (part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const color = rgb(getComputedStyle(node).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (node.closest('[disabled], .visually-hidden, .skip')) continue;
    const [front, back] = [light(rgb(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    const what = `${node.className} ${node.textContent.trim().slice(0, 30)}`;
    if (ratio < 4.5) poor.push(`${what} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""

NAMELESS = """() => [...document.querySelectorAll('button, a[href], input, textarea')]
  .filter((node) => node.checkVisibility())
  .filter((node) => !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.length))
  .map((node) => node.outerHTML.slice(0, 80))"""


async def test_korean_by_the_language_of_the_browser_and_by_the_switch(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url, locale="ko-KR")
        await expect(chat.page.get_by_role("heading", name="어서 오세요, 앉으세요.")).to_be_visible()
        await expect(chat.page.locator("html")).to_have_attribute("lang", "ko")
        await chat.page.get_by_role("button", name="설정").click()
        await chat.page.get_by_role("radio", name="English").check()
        await expect(chat.page.get_by_role("heading", name="Have a seat.")).to_be_attached()
        await chat.page.keyboard.press("Escape")
        await chat.page.reload()
        await expect(chat.page.get_by_role("heading", name="Have a seat.")).to_be_visible()


async def test_the_name_stays_with_the_browser_and_is_sent(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.button("Settings").click()
        await chat.page.get_by_role("textbox", name="Your name").fill("지우")
        await chat.page.keyboard.press("Escape")
        await chat.page.reload()
        await expect(chat.page.get_by_role("heading", name="Good to see you, 지우.")).to_be_visible()
        await chat.say("Hello")
        await chat.answered()
        [record] = await home.store.archive.records(f"web:{chat.page.url.rpartition('/')[2]}")
        assert record.turn.author.name == "지우"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everything_can_be_read_and_has_a_name(house: House, open_page: Open, scheme: str) -> None:
    async with house.open() as home:
        chat = await open_page(home.url, color_scheme=scheme, reduced_motion="reduce")
        await expect(chat.page.locator("#starters button").first).to_be_visible()
        assert await chat.page.evaluate(CONTRAST) == []
        assert await chat.page.evaluate(NAMELESS) == []
        await chat.say(
            "Hello **you** `code` [link](https://example.com)\n\n```python\n# comment\nx = 'y' + 1\n```"
        )
        await chat.answered()
        assert await chat.page.evaluate(CONTRAST) == []
        assert await chat.page.evaluate(NAMELESS) == []


async def test_the_theme_can_be_chosen(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url, color_scheme="light")
        await chat.button("Settings").click()
        await chat.page.get_by_role("radio", name="Dark").check()
        await chat.page.keyboard.press("Escape")
        await chat.page.reload()
        await expect(chat.field).to_be_visible()
        await expect(chat.page.locator("body")).to_have_css("background-color", "rgb(26, 24, 22)")


async def test_the_keyboard_reaches_everything(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("First conversation")
        await chat.answered()
        await chat.page.keyboard.press("Alt+KeyN")
        await expect(chat.page.locator(".welcome")).to_be_visible()
        await chat.say("Second conversation")
        await chat.answered()
        await chat.page.keyboard.press("Control+k")
        search = chat.page.get_by_role("searchbox", name="Search conversations")
        await expect(search).to_be_focused()
        await search.fill("first")
        await expect(chat.page.locator(".list a")).to_have_count(1)
        await search.press("Enter")
        await expect(chat.page.locator("#title")).to_have_text("First conversation")
        await expect(chat.field).to_be_focused()
        await chat.page.locator("body").evaluate("() => document.activeElement.blur()")
        await chat.page.keyboard.press("?")
        await expect(chat.dialog).to_contain_text("Keyboard shortcuts")
        await chat.page.keyboard.press("Escape")
        await expect(chat.dialog).to_have_count(0)
        await chat.page.keyboard.press("/")
        await expect(chat.field).to_be_focused()
        await expect(chat.field).to_have_value("")


async def test_a_conversation_is_renamed(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.say("Hello")
        await chat.answered()
        await chat.choose("Rename")
        await chat.dialog.get_by_role("textbox").fill("Greetings")
        await chat.page.keyboard.press("Enter")
        await expect(chat.page.locator("#title")).to_have_text("Greetings")
        await expect(chat.page.locator(".list a")).to_have_text("Greetings")


async def test_on_a_phone_the_list_slides_in_and_nothing_is_wider_than_the_screen(
    house: House, open_page: Open
) -> None:
    async with house.open() as home:
        chat = await open_page(
            home.url, viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True
        )
        wide = "| " + " | ".join(f"column {number}" for number in range(12)) + " |\n" + "|---" * 12 + "|\n"
        await chat.say(f"{'long' * 60}\n\n{wide}\n\n```\n{'x' * 300}\n```")
        await chat.answered()
        assert await chat.page.evaluate("document.documentElement.scrollWidth") == 360
        assert await chat.page.evaluate("document.querySelector('.scroller').scrollWidth") <= 360
        await expect(chat.button("New conversation")).not_to_be_in_viewport()
        await chat.button("Show the conversations").click()
        await expect(chat.button("New conversation")).to_be_in_viewport()
        await chat.page.locator(".list a").click()
        await expect(chat.button("New conversation")).not_to_be_in_viewport()


async def test_the_door_opens_with_the_token_and_leads_where_one_wanted_to_go(
    house: House, open_page: Open
) -> None:
    house.token = "open-sesame-open-sesame"
    async with house.open() as home:
        chat = await open_page(f"{home.url}/c/wanted")
        token = chat.page.get_by_label("This page is locked.")
        await token.fill("guess")
        await token.press("Enter")
        await expect(chat.page.get_by_role("alert")).to_have_text("That is not the token.")
        await token.fill(house.token)
        await token.press("Enter")
        await expect(chat.field).to_be_visible()
        assert chat.page.url == f"{home.url}/c/wanted"
        await chat.say("Hello")
        await chat.answered()
