"""The chat page as a person finds their way on it."""

from playwright.async_api import Locator, Page, expect

AT_END = """() => {
  const { scrollHeight, scrollTop, clientHeight } = document.querySelector('.scroller');
  return scrollHeight - scrollTop - clientHeight < 50;
}"""


class Chat:
    """One open page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.field = page.get_by_role("textbox", name="Message to Maru")
        self.answers = page.locator(".answer")
        self.messages = page.locator(".message:not(.pending)")

    async def say(self, text: str) -> None:
        await self.field.fill(text)
        await self.field.press("Enter")

    async def answered(self, count: int = 1) -> Locator:
        """The newest answer, once so many are finished."""
        await expect(self.page.locator(".answer .reference")).to_have_count(count)
        return self.answers.last

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    async def choose(self, item: str) -> None:
        """An entry of the menu of the conversation."""
        await self.button("More").click()
        await self.page.locator("#menu").get_by_role("button", name=item).click()

    async def scrolled_to_end(self) -> bool:
        return bool(await self.page.evaluate(AT_END))
