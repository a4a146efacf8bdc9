"""Who answers on the web page: shown, chosen, set by the operator, and kept from those who may not."""

from pathlib import Path

import pytest

from bot.assistants import Assistant
from tests.fakes.house import House
from tests.fakes.visitor import Visitor

COOK = Assistant(
    name="cook", description="Knows recipes.", instructions="Cook.", starters=("What is for lunch?",)
)
LAW = Assistant(name="law", instructions="Judge.", access=("web:somebody",))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, others=(COOK, LAW))


async def answer(visitor: Visitor, conversation: str, name: str) -> str:
    """What somebody is told who chooses an assistant."""
    async with visitor.watch(conversation) as screen:
        await visitor.command(conversation, "assistant", name)
        await screen.until(lambda: screen.notices)
        return str(screen.notices[0]["html"])


async def test_the_page_is_told_who_answers_and_who_else_could(house: House) -> None:
    async with house.open() as home, Visitor(home.url) as ann:
        told = await ann.get("/api/conversations/new/assistant")
        assert (told["name"], told["pinned"]) == ("maru", False)
        assert told["starters"] == list(house.starters)
        assert told["choices"] == [
            {"name": "maru", "description": ""},
            {"name": "cook", "description": "Knows recipes."},
        ]


async def test_a_choice_holds_for_its_conversation(house: House) -> None:
    """Also before anything was said there; it is told to who chose."""
    async with house.open() as home, Visitor(home.url) as ann, ann.watch("new") as screen:
        assert (await ann.command("new", "assistant", "cook"))[0] == 200
        await screen.until(lambda: screen.notices)
        assert "<code>cook</code> answers here" in screen.notices[0]["html"]
        told = await ann.get("/api/conversations/new/assistant")
        assert (told["name"], told["starters"]) == ("cook", ["What is for lunch?"])
        assert (await ann.get("/api/conversations/other/assistant"))["name"] == "maru"
        await ann.send("new", "Hello")
        await screen.until_answered()
    assert [request.assistant.name for request in house.engine.requests] == ["cook"]  # type: ignore[attr-defined]


async def test_what_the_operator_set_and_what_one_may_not_use_cannot_be_chosen(house: House) -> None:
    house.pins = {"web:fixed": "cook"}
    async with house.open() as home, Visitor(home.url) as ann:
        assert (await ann.get("/api/conversations/fixed/assistant"))["pinned"]
        assert "only they can change it" in await answer(ann, "fixed", "maru")
        assert "only some people" in await answer(ann, "new", "law")
        assert (await ann.get("/api/conversations/fixed/assistant"))["name"] == "cook"
        assert (await ann.get("/api/conversations/new/assistant"))["name"] == "maru"
