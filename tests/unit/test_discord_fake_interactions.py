"""Commands, menus and buttons of the fake Discord, with their time limits."""

from collections.abc import AsyncIterator

import discord
import pytest
from discord import app_commands

from bot.clock import Clock
from tests.fakes.clock import ManualClock
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord.listener import Bot, listening


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def service(clock: Clock) -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(clock=clock) as service:
        yield service


@pytest.fixture
async def bot(service: FakeDiscord) -> AsyncIterator[Bot]:
    async with listening(service) as bot:
        await bot.http.bulk_upsert_global_commands(
            bot.application_id or 0,
            [
                {
                    "name": "ask",
                    "description": "Ask",
                    "type": 1,
                    "options": [
                        {"name": "question", "description": "What", "type": 3, "required": True},
                        {"name": "file", "description": "Which", "type": 11},
                    ],
                },
                {"name": "Ask about this", "type": 3},
            ],
        )
        yield bot


async def refused(code: int, done: object) -> None:
    with pytest.raises(discord.HTTPException) as caught:
        await done  # type: ignore[misc]  # an awaitable of any kind
    assert caught.value.code == code


async def test_a_deferred_answer_shows_as_thinking_until_it_is_edited(service: FakeDiscord, bot: Bot) -> None:
    ann = service.person("Ann", locale="ko")
    done = await ann.uses_command("ask", service.general, question="why?")
    assert done.acknowledged
    assert [one.thinking for one in service.reads(service.general)] == [True]
    assert str(bot.gestures[0].locale) == "ko"
    await bot.gestures[0].edit_original_response(content="because")
    assert [(one.text, one.thinking) for one in service.reads(service.general)] == [("because", False)]


async def test_a_command_may_bring_a_file(service: FakeDiscord, bot: Bot) -> None:
    ann = service.person("Ann")
    file = ann.file("a.txt", b"inside")
    await ann.uses_command("ask", service.general, question="why?", file=file)
    data = bot.gestures[0].data
    assert data is not None
    (shown,) = data["resolved"]["attachments"].values()  # type: ignore[typeddict-item]  # a command's
    assert await bot.http.get_from_cdn(shown["url"]) == b"inside"


async def test_the_first_follow_up_takes_the_place_of_thinking(service: FakeDiscord, bot: Bot) -> None:
    ann = service.person("Ann")
    await ann.uses_command("ask", service.general, question="why?")
    await bot.gestures[0].followup.send("because")
    await bot.gestures[0].followup.send("and so on")
    assert [one.text for one in service.reads(service.general)] == ["because", "and so on"]


async def test_a_private_answer_is_seen_by_one_alone_and_told_to_nobody(
    service: FakeDiscord, bot: Bot
) -> None:
    ann, bob = service.person("Ann"), service.person("Bob")
    bot.private = True
    await ann.uses_command("ask", service.general, question="why?")
    await bot.gestures[0].edit_original_response(content="because")
    assert [one.text for one in service.reads(service.general, ann)] == ["because"]
    assert service.reads(service.general, bob) == []
    assert bot.heard == []
    history = bot.get_channel(int(service.general.id))
    assert isinstance(history, discord.TextChannel)
    assert [one async for one in history.history()] == []


async def test_a_context_menu_brings_the_message_with_its_content(service: FakeDiscord) -> None:
    service.world.content_allowed = False
    async with listening(service, content=False) as bot:
        await bot.http.bulk_upsert_global_commands(
            bot.application_id or 0, [{"name": "Ask about this", "type": 3}]
        )
        ann = service.person("Ann")
        message = await ann.says(service.general, "secret")
        await ann.uses_menu("Ask about this", message)
        assert await bot.texts(1) == [""]
        data = bot.gestures[0].data
        assert data is not None
        assert data["resolved"]["messages"][message.id]["content"] == "secret"  # type: ignore[typeddict-item]  # a message's


async def test_a_button_is_pressed_and_acknowledged_without_a_new_message(
    service: FakeDiscord, bot: Bot
) -> None:
    ann = service.person("Ann")
    channel = bot.get_channel(int(service.general.id))
    assert isinstance(channel, discord.TextChannel)
    view = discord.ui.View()
    view.add_item(discord.ui.Button(label="Stop", custom_id="stop:1"))
    await channel.send("answer", view=view)
    bot.silent = True
    message = service.answers(service.general)[0]
    pressing = ann.presses(message, "Stop")

    async def acknowledge(interaction: discord.Interaction) -> None:
        assert interaction.data is not None
        assert interaction.data.get("custom_id") == "stop:1"
        await interaction.response.defer()

    bot.on_interaction = acknowledge  # type: ignore[method-assign]  # another reaction
    assert (await pressing).answered == 6
    assert len(service.reads(service.general)) == 1
    with pytest.raises(AssertionError, match="There is no Again"):
        await ann.presses(message, "Again")


async def test_an_interaction_expires_after_three_seconds_and_its_token_after_fifteen_minutes(
    service: FakeDiscord, bot: Bot, clock: ManualClock
) -> None:
    ann = service.person("Ann")
    await ann.uses_command("ask", service.general, question="why?")
    await refused(40060, service_again(bot, bot.gestures[0]))
    await clock.advance(899)
    await bot.gestures[0].edit_original_response(content="just in time")
    await clock.advance(1)
    await refused(50027, bot.gestures[0].edit_original_response(content="too late"))
    bot.silent = True
    await ann.uses_command("ask", service.general, question="why?")
    assert service.gestures.complaints == [(ann.id, "The application did not respond")]
    await clock.advance(3.5)
    await refused(10062, bot.gestures[1].response.defer())


async def service_again(bot: Bot, interaction: discord.Interaction) -> None:
    """Acknowledge once more, as a second process would."""
    second = discord.InteractionResponse(interaction)
    await second.defer()


async def test_an_app_that_is_no_member_has_five_follow_ups(service: FakeDiscord, bot: Bot) -> None:
    elsewhere = service.add_guild("Elsewhere", bot=False)
    channel = service.add_channel("lobby", guild=elsewhere)
    ann = service.person("Ann")
    await ann.uses_command("ask", channel, question="why?")
    await bot.gestures[0].edit_original_response(content="1")
    for number in range(2, 7):
        await bot.gestures[0].followup.send(str(number))
    await refused(40094, bot.gestures[0].followup.send("7"))
    assert [one.text for one in service.reads(channel)] == ["1", "2", "3", "4", "5", "6"]
    await refused(50001, bot.http.send_message(int(channel.id), params=_params("hi")))
    assert bot.heard == []


def _params(text: str) -> "discord.http.MultipartParameters":
    return discord.http.handle_message_parameters(text)


async def test_commands_that_break_the_rules_are_refused(service: FakeDiscord, bot: Bot) -> None:
    async def put(*commands: dict[str, object]) -> object:
        return await bot.http.bulk_upsert_global_commands(bot.application_id or 0, list(commands))

    await refused(50035, put({"name": "Ask", "description": "Ask", "type": 1}))
    await refused(50035, put({"name": "ask", "description": "", "type": 1}))
    await refused(50035, put({"name": "ask", "description": "x" * 101, "type": 1}))
    await refused(50035, put(*({"name": f"Menu {n}", "type": 3} for n in range(16))))


async def test_a_command_tree_is_synchronised_and_keeps_its_ids(service: FakeDiscord, bot: Bot) -> None:
    tree = app_commands.CommandTree(bot)

    @tree.command(name="help", description="What can be done")
    async def help_(interaction: discord.Interaction) -> None:
        """Nothing."""

    first = await tree.sync()
    second = await tree.sync()
    assert [one.id for one in first] == [one.id for one in second]
    assert [one["name"] for one in service.world.commands] == ["help"]
