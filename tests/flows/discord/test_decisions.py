"""Calls that need somebody's yes: the buttons for it, who may press them, and a restart in between."""

from collections.abc import Mapping

import pytest

from bot.events import Call, Calls, Completed, Started, Text
from bot.functions import Function, Result
from bot.ports import Declaration
from bot.turns import Turn
from tests.fakes.discord import FakeDiscord, Person
from tests.fakes.discord_house import DiscordHouse, finished, texts

CALL = Call("call_1", "order", '{"what": "pizza"}')


@pytest.fixture
def ordered(house: DiscordHouse) -> list[object]:
    """What was ordered; that needs a yes."""
    orders: list[object] = []

    async def order(arguments: Mapping[str, object], _: Turn) -> Result:
        orders.append(arguments["what"])
        return Result("ordered")

    house.functions = {"order": Function(Declaration("order", "Order food.", "{}"), order, approval=True)}
    house.engine.script([Started("r1"), Calls((CALL,))], [Started("r2"), Text("On its way."), Completed()])
    return orders


async def asked(discord: FakeDiscord, where: str, person: Person | None = None) -> None:
    """Return once the question and its buttons are there."""
    await discord.until(lambda: (seen := discord.reads(where, person)) and "Approve" in seen[-1].buttons)


async def test_whoever_asked_allows_it_and_it_is_done(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, ordered: list[object]
) -> None:
    async with house.life():
        question = await ann.mentions_bot(discord.general, "pizza, please")
        await asked(discord, question.id)
        assert '"what": "pizza"' in texts(discord, question.id)[-1]
        assert discord.reads(question.id)[-1].buttons == ("Approve", "Decline", "Stop")
        assert ordered == []
        await ann.presses(discord.answers(question.id)[-1], "Approve")
        await finished(discord, question.id)
    assert ordered == ["pizza"]
    assert texts(discord, question.id) == ["On its way."]


async def test_a_press_of_somebody_else_changes_nothing_and_they_are_told(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, ordered: list[object]
) -> None:
    ben = discord.person("Ben")
    async with house.life():
        question = await ann.mentions_bot(discord.general, "pizza, please")
        await asked(discord, question.id)
        button = discord.answers(question.id)[-1]
        await ben.presses(button, "Approve")
        await discord.until(lambda: "somebody else to decide" in texts(discord, question.id, ben)[-1])
        assert discord.reads(question.id, ben)[-1].private
        assert ordered == []
        await ann.presses(button, "Decline")
        await finished(discord, question.id)
    assert ordered == []
    assert house.engine.requests[-1].turn.checkpoint.outcomes[0].status == "declined"


async def test_a_question_can_be_decided_after_a_restart(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, ordered: list[object]
) -> None:
    async with house.life():
        question = await ann.mentions_bot(discord.general, "pizza, please")
        await asked(discord, question.id)
    async with house.life():
        await ann.presses(discord.answers(question.id)[-1], "Approve")
        await finished(discord, question.id)
    assert ordered == ["pizza"]
    assert texts(discord, question.id) == ["On its way."]


@pytest.mark.parametrize("private", [True, False])
async def test_a_command_is_decided_where_it_was_asked(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, ordered: list[object], private: bool
) -> None:
    async with house.life():
        await ann.uses_command("ask", discord.general, prompt="pizza, please", private=private)
        await asked(discord, discord.general.id, ann)
        await ann.presses(discord.answers(discord.general, ann)[-1], "Approve")
        await finished(discord, discord.general, ann)
    assert ordered == ["pizza"]
    assert all(seen.private == private for seen in discord.reads(discord.general, ann))


async def test_stop_stops_what_waits_for_a_decision(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, ordered: list[object]
) -> None:
    async with house.life():
        question = await ann.mentions_bot(discord.general, "pizza, please")
        await asked(discord, question.id)
        await ann.presses(discord.answers(question.id)[-1], "Stop")
        await discord.until(lambda: discord.reads(question.id)[-1].buttons == ("Again",))
    assert ordered == []


async def test_six_questions_at_once_have_their_numbers_and_buttons(
    discord: FakeDiscord, house: DiscordHouse, ann: Person, ordered: list[object]
) -> None:
    house.engine = type(house.engine)(
        [Calls(tuple(Call(f"call_{n}", "order", f'{{"what": "{n}"}}') for n in range(1, 7)))],
        [Text("All on their way."), Completed()],
    )
    async with house.life():
        question = await ann.mentions_bot(discord.general, "six pizzas")
        await asked_six(discord, question.id)
        assert "**6.**" in texts(discord, question.id)[-1]
        for number in range(1, 7):
            await ann.presses(discord.answers(question.id)[-1], f"Approve {number}")
        await finished(discord, question.id)
    assert sorted(map(str, ordered)) == ["1", "2", "3", "4", "5", "6"]


async def asked_six(discord: FakeDiscord, where: str) -> None:
    await discord.until(lambda: (seen := discord.reads(where)) and "Approve 6" in seen[-1].buttons)
