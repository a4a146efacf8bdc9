"""The guide to assistants and functions, walked literally: what it says to save is saved, and works."""

import re
import signal
from pathlib import Path

from tests.fakes.openai import KEY, Answer, Asks, Calls, FakeOpenAI, arguments
from tests.fakes.processes import ROOT, run_maru, start_maru
from tests.fakes.visitor import Visitor

GUIDE = (ROOT / "docs" / "assistants.md").read_text(encoding="utf-8")


def block(language: str, text: str) -> str:
    """The block of code with this in it."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    [found] = [code for code in blocks if text in code]
    return str(found)


async def test_from_the_first_assistant_to_the_first_function_that_asks(tmp_path: Path) -> None:
    assistants, functions = tmp_path / "assistants", tmp_path / "functions"
    assistants.mkdir()
    functions.mkdir()
    (functions / "arithmetic.py").write_text(
        (ROOT / "functions" / "arithmetic.py").read_text(encoding="utf-8")
    )
    releases = assistants / "releases.md"
    first = block("markdown", "You know our releases.")
    releases.write_text(first, encoding="utf-8")
    status, said = await run_maru(tmp_path, {}, "assistants")
    assert (status, said) == (0, "releases – Answers questions about our releases.\n  days_between\n")

    named = block("yaml", "price_of").strip()
    own = named.replace("]", ", export_orders, cancel_order]")
    (functions / "shop.py").write_text(block("python", "def price_of"), encoding="utf-8")
    (functions / "orders.py").write_text(block("python", "def export_orders"), encoding="utf-8")
    (functions / "cancel.py").write_text(block("python", "def cancel_order"), encoding="utf-8")
    releases.write_text(first.replace("functions: [days_between]", own), encoding="utf-8")
    status, said = await run_maru(tmp_path, {}, "assistants")
    assert (status, said.split()[-4:]) == (0, ["days_between", "price_of", "export_orders", "cancel_order"])

    async with FakeOpenAI() as openai:
        openai.script(
            Calls(Asks("price_of", arguments(article="A-1042", pieces=2)), Asks("export_orders")),
            Calls(Asks("cancel_order", arguments(order=1042))),
            Answer("It is done."),
        )
        maru, address = await start_maru(tmp_path, {"OPENAI_BASE_URL": openai.url, "OPENAI_API_KEY": KEY})
        async with Visitor(address) as ann, ann.watch("shop") as screen:
            _, sent = await ann.send("shop", "What do two A-1042 cost? And cancel order 1042.")
            await screen.until(lambda: screen.turns and screen.turns[sent["turn"]]["answer"]["questions"])
            [question] = screen.turns[sent["turn"]]["answer"]["questions"]
            assert "cancel_order" in question["text"]
            assert await ann.press("shop", sent["turn"], "approve", question["call"]) == (
                200,
                {"new": True, "turn": sent["turn"], "message": 0},
            )
            await screen.until_answer("It is done.")
            await screen.until_answered()
            assert [file["name"] for file in screen.turns[sent["turn"]]["answer"]["files"]] == ["orders.csv"]
        assert await maru.end(signal.SIGTERM) == 0
        told = [
            item["output"]
            for request in openai.requests[1:]
            for item in request["input"]
            if item["type"] == "function_call_output"
        ]
    assert '{"each":19.9,"together":39.8}' in told
    assert told[-1] == "Order 1042 is cancelled."
