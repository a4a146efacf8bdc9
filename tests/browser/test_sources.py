"""Each number in a model's answer opens the passage it stands for, whatever opens it."""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from bot.events import Source
from bot.knowledge.marks import Shown
from tests.browser.conftest import Open
from tests.browser.page import Chat
from tests.fakes.openai import Answer, Asks, FakeOpenAI, arguments
from tests.fakes.openai import Calls as AsksFor
from tests.fakes.openai.server import KEY
from tests.fakes.processes import start_maru

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LEAVE = """---
url: https://wiki.example.com/leave
---
# 휴가 안내

## 연차휴가

연차휴가는 **15일**이에요.

## 병가

아프면 사흘까지 병가를 쓸 수 있어요.
"""
DAYS, SICK = (Shown().mark("", Source(f"handbook:leave.md#{number}", "")) for number in (0, 1))


@asynccontextmanager
async def answered(folder: Path, open_page: Open, **options: object) -> AsyncIterator[tuple[Chat, Locator]]:
    """Maru as an operator runs it, its model, and an answer of it with two sources, the first one twice."""
    (folder / "knowledge").mkdir()
    (folder / "knowledge" / "leave.md").write_text(LEAVE, encoding="utf-8")
    async with FakeOpenAI() as fake:
        fake.script(
            AsksFor(Asks("search_knowledge", arguments(query="연차휴가는 며칠이고 병가는?"))),
            Answer(f"15일이에요 {DAYS}. 병가는 사흘이에요 {SICK}. 합치지는 않아요 {DAYS}."),
        )
        maru, address = await start_maru(folder, {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": fake.url})
        try:
            chat = await open_page(address, **options)
            await chat.page.locator("textarea").fill("휴가가 며칠이야?")
            await chat.page.locator("textarea").press("Enter")
            yield chat, await chat.answered()
        finally:
            await maru.end(signal.SIGTERM)


async def focused(page: Page) -> str:
    return str(await page.evaluate("() => document.activeElement.textContent"))


async def test_numbers_open_their_passages_by_mouse_and_by_keyboard(tmp_path: Path, open_page: Open) -> None:
    async with answered(tmp_path, open_page) as (chat, answer):
        marks = answer.locator(".mark")
        await expect(marks).to_have_text(["1", "2", "1"])
        await expect(answer.locator(".source .title")).to_have_count(2)
        await expect(answer.locator(".source .place")).to_have_text(["연차휴가", "병가"])
        await marks.nth(1).click()
        await expect(chat.dialog.locator("blockquote")).to_have_text("아프면 사흘까지 병가를 쓸 수 있어요.")
        await chat.dialog.get_by_role("button", name="Close").click()
        await expect(chat.dialog).to_have_count(0)
        # The third number stands for the first source; Enter opens it, Escape leads back to it.
        await marks.nth(2).focus()
        await chat.page.keyboard.press("Enter")
        await expect(chat.dialog.locator("blockquote strong")).to_have_text("15일")
        link = chat.dialog.get_by_role("link", name="Open the source")
        await expect(link).to_have_attribute("href", "https://wiki.example.com/leave")
        await chat.page.keyboard.press("Escape")
        await expect(marks.nth(2)).to_be_focused()
        # From there the tab key reaches the list below.
        for _ in range(20):
            await chat.page.keyboard.press("Tab")
            if "병가" in await focused(chat.page):
                break
        await chat.page.keyboard.press("Space")
        await expect(chat.dialog).to_contain_text("사흘까지")


async def test_passages_are_still_there_after_a_reload(tmp_path: Path, open_page: Open) -> None:
    async with answered(tmp_path, open_page) as (chat, _):
        await chat.page.reload()
        answer = await chat.answered()
        await answer.get_by_role("button", name="Source 2: 휴가 안내 · 병가").first.click()
        await expect(chat.dialog).to_contain_text("사흘까지")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_korean_phone_they_open_too(tmp_path: Path, open_page: Open, scheme: str) -> None:
    phone = {"locale": "ko-KR", "viewport": {"width": 360, "height": 640}, "has_touch": True}
    async with answered(tmp_path, open_page, **phone, color_scheme=scheme) as (chat, answer):
        mark = answer.locator(".mark").first
        await expect(mark).to_have_attribute("aria-label", "출처 1: 휴가 안내 · 연차휴가")
        await mark.tap()
        await expect(chat.dialog).to_contain_text("15일")
        await expect(chat.dialog.get_by_role("link", name="출처 열기")).to_be_visible()
        sheet = await chat.dialog.locator(".sheet").bounding_box()
        assert sheet
        assert sheet["x"] >= 0
        assert sheet["x"] + sheet["width"] <= 360
