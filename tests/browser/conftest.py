"""A real Chromium in front of a real Maru with a scripted engine."""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

from tests.browser.page import Chat
from tests.fakes.engine import ScriptedEngine, echo
from tests.fakes.house import House

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = (
    "--no-sandbox",  # root in a container has no other way
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 10_000  # ms

Open = Callable[..., Coroutine[Any, Any, Chat]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("MARU_REQUIRE_BROWSER") == "1":
            pytest.fail("MARU_REQUIRE_BROWSER=1, but there is no Chromium: apt-get install chromium")
        pytest.skip("left out: there is no Chromium on this machine")
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine(default=echo)


@pytest.fixture
def house(tmp_path: Path, engine: ScriptedEngine) -> House:
    return House(tmp_path, engine=engine)


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser) -> AsyncIterator[Open]:
    """Opens the page of a house in a browser of its own; what goes wrong in a page fails the test."""
    problems: list[str] = []
    contexts = []

    async def open_page(address: str, **options: Any) -> Chat:
        context = await browser.new_context(
            **{"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, **options}
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = await context.new_page()
        watch(page, problems)
        await page.goto(address)
        await page.locator("body:not(.beginning)").wait_for(state="attached")
        return Chat(page)

    yield open_page
    for context in contexts:
        await context.close()
    assert problems == []


def watch(page: Page, problems: list[str]) -> None:
    """Note what goes wrong in a page."""

    def said(message: ConsoleMessage) -> None:
        # That a server is away or refuses a request is said by the browser itself; tests do that on purpose.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            problems.append(message.text)

    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", said)
