"""Files in a real browser: picked, pasted, dropped, shown and fetched."""

from pathlib import Path

import pytest
from playwright.async_api import FilePayload, expect

from bot.events import CodeRun, Completed, File, FileMade, Preview, Started, Text
from tests.browser.conftest import Open
from tests.fakes.engine import Gate, ScriptedEngine
from tests.fakes.house import House
from tests.fakes.pictures import PNG

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def bytes_of(path: Path) -> bytes:
    return path.read_bytes()


GIVE = """([kind, name, type, bytes]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
  const target = document.querySelector('#write');
  const event = kind === 'paste'
    ? new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true })
    : new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true });
  target.dispatchEvent(event);
}"""


async def test_a_picked_file_is_uploaded_at_once_and_goes_with_the_message(
    house: House, open_page: Open
) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        notes = FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"Some notes.")
        picture = FilePayload(name="plot.png", mimeType="image/png", buffer=PNG)
        await chat.page.locator("input[type=file]").set_input_files([notes, picture])
        chips = chat.page.locator(".chip:not(.sending)")
        await expect(chips).to_have_count(2)
        await expect(chips.first).to_contain_text("notes.txt")
        await expect(chips.last.locator("img")).to_be_visible()
        await chat.page.reload()
        await expect(chips).to_have_count(2)
        await chat.button("Remove notes.txt").click()
        await expect(chips).to_have_count(1)
        await chat.say("See the plot")
        await chat.answered()
        await expect(chat.page.locator(".chip")).to_have_count(0)
        shown = chat.messages.get_by_role("button", name="Open plot.png")
        await shown.click()
        await expect(chat.dialog.get_by_role("img", name="plot.png")).to_be_visible()
        assert await chat.dialog.locator("img").evaluate("image => image.naturalWidth") > 0


@pytest.mark.parametrize("way", ["paste", "drop"])
async def test_a_pasted_or_dropped_file_goes_in(house: House, open_page: Open, way: str) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.page.evaluate(GIVE, [way, "plot.png", "image/png", list(PNG)])
        await expect(chat.page.locator(".chip:not(.sending)")).to_contain_text("plot.png")
        await expect(chat.button("Send")).to_be_enabled()
        await chat.field.press("Enter")
        await chat.answered()
        await expect(chat.messages.locator("img")).to_be_visible()


async def test_something_dragged_over_the_page_is_asked_for(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.page.evaluate(GIVE, ["dragenter", "x.txt", "text/plain", [65]])
        await expect(chat.page.locator("#drop")).to_have_css("opacity", "1")
        await chat.page.evaluate(GIVE, ["dragleave", "x.txt", "text/plain", [65]])
        await expect(chat.page.locator("#drop")).to_have_css("opacity", "0")


async def test_a_file_that_cannot_be_used_says_why(house: House, open_page: Open) -> None:
    async with house.open() as home:
        chat = await open_page(home.url)
        empty = FilePayload(name="empty.txt", mimeType="text/plain", buffer=b"")
        await chat.page.locator("input[type=file]").set_input_files([empty])
        await expect(chat.page.locator(".chip.bad")).to_contain_text("is empty")
        await chat.say("Never mind")
        await expect(await chat.answered()).to_contain_text("Never mind")


async def test_files_of_an_answer_are_shown_and_fetched(
    house: House, engine: ScriptedEngine, open_page: Open
) -> None:
    async with house.open() as home:
        plot, table = await home.files.keep_bytes(PNG), await home.files.keep_bytes(b"a,b\n1,2\n")
        engine.script(
            [
                Started("r"),
                Text("Here is [the table](sandbox:/mnt/data/t.csv)."),
                FileMade(File(plot.digest, "plot.png", "image/png", plot.size, "picture")),
                FileMade(File(table.digest, "t.csv", "text/csv", table.size), "sandbox:/mnt/data/t.csv"),
                Completed(),
            ]
        )
        chat = await open_page(home.url)
        await chat.say("Plot")
        answer = await chat.answered()
        await home.store.files.own("web:elsewhere", 1, File(plot.digest, "plot.png", "image/png", plot.size))
        await home.store.files.own("web:elsewhere", 1, File(table.digest, "t.csv", "text/csv", table.size))
        await chat.page.reload()
        await expect(answer.get_by_role("img", name="plot.png")).to_be_visible()
        for link in (answer.locator("a.file"), answer.get_by_role("link", name="the table")):
            async with chat.page.expect_download() as download:
                await link.click()
            got = await download.value
            assert got.suggested_filename == "t.csv"
            assert bytes_of(await got.path()) == b"a,b\n1,2\n"


async def test_code_is_copied_with_a_button(house: House, engine: ScriptedEngine, open_page: Open) -> None:
    engine.script([Started("r"), Text("```python\nx = 1\nprint(x)\n```"), Completed()])
    async with house.open() as home:
        chat = await open_page(home.url)
        await chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await chat.say("An example")
        await chat.answered()
        await chat.button("Copy").click()
        await expect(chat.button("Copied")).to_be_visible()
        assert await chat.page.evaluate("navigator.clipboard.readText()") == "x = 1\nprint(x)\n"


async def test_code_that_ran_is_folded_away_and_a_picture_is_seen_while_it_is_drawn(
    house: House, engine: ScriptedEngine, open_page: Open
) -> None:
    gate, writing = Gate(), Gate()
    async with house.open() as home:
        half, whole = await home.files.keep_bytes(PNG + b"half"), await home.files.keep_bytes(PNG)
        picture = File(whole.digest, "picture.png", "image/png", whole.size, "picture", alt="A red square")
        engine.script(
            [
                Started("r"),
                CodeRun("print(6 * 7)"),
                Preview(File(half.digest, "picture.png", "image/png", half.size, "picture")),
                gate,
                FileMade(picture),
                Text("Here."),
                writing,
                Completed(),
            ]
        )
        chat = await open_page(home.url)
        await chat.say("Draw")
        unfinished = chat.page.locator(".picture.unfinished img")
        await expect(unfinished).to_be_visible()
        await expect(unfinished).to_have_js_property("naturalWidth", 8)
        code = chat.page.get_by_text("print(6 * 7)")
        await expect(code).to_be_hidden()
        await chat.page.get_by_text("Show code").click()
        await expect(code).to_be_visible()
        gate.open()
        # Its bytes belong to the conversation only once the answer is stored.
        drawn = chat.page.get_by_role("img", name="A red square")
        await expect(drawn).to_have_js_property("naturalWidth", 8)
        writing.open()
        answer = await chat.answered()
        await expect(answer.get_by_role("img", name="A red square")).to_be_visible()
        await expect(unfinished).to_have_count(0)
        await expect(code).to_be_visible()
