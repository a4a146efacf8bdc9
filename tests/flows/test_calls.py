"""What people see of functions: calls, questions, decisions, and kills in between."""

from collections.abc import Mapping

import pytest

from bot.assistants import Assistant
from bot.events import Call, Calls, Completed, File, Started, Text
from bot.files import Files
from bot.functions import RESULT_CHARS, Function, Result
from bot.mcp import McpServer
from bot.messages import Press, Stop
from bot.ports import Declaration
from bot.signatures import function_of
from bot.turns import Turn
from tests.fakes.engine import Gate
from tests.fakes.square import ANN, BEN
from tests.flows.conftest import World

CALL = Call("call_1", "weather", '{"city": "Seoul"}')
OTHER = Call("call_2", "weather", '{"city": "Busan"}')


class Weather:
    """A function that says what it was asked, and can be held up."""

    def __init__(self, gate: Gate | None = None) -> None:
        self.asked: list[object] = []
        self._gate = gate

    async def run(self, arguments: Mapping[str, object], turn: Turn) -> Result:
        self.asked.append(arguments["city"])
        if self._gate:
            self._gate.reached.set()
            await self._gate.opened.wait()
        return Result(f"sunny in {arguments['city']} for {turn.author.name}")


def function(weather: Weather, **more: object) -> dict[str, Function]:
    declaration = Declaration("weather", "The weather in a city.", "{}")
    return {"weather": Function(declaration, weather.run, **more)}  # type: ignore[arg-type]  # a test may set any field


def outputs(world: World) -> list[tuple[str, str]]:
    """What the model was told in its last step."""
    return [(o.status, o.output) for o in world.engine.requests[-1].turn.checkpoint.outcomes]


async def test_a_call_is_run_and_its_result_told_to_the_model(world: World) -> None:
    weather = Weather()
    world.functions = function(weather)
    world.engine.script([Started("r1"), Text("Let me look."), Calls((CALL,))], [Text("Sunny."), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("weather?"))
        await world.square.until_posted("Sunny.")
    assert outputs(world) == [("done", "sunny in Seoul for Ann")]
    assert world.square.texts() == ["Let me look.\n\nSunny."]
    assert world.engine.requests[0].declarations[0].name == "weather"


async def test_calls_of_one_step_run_at_once(world: World) -> None:
    gate = Gate()
    weather = Weather(gate)
    world.functions = function(weather)
    world.engine.script([Calls((CALL, OTHER))], [Text("Both."), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("weather?"))
        await gate.reached.wait()
        await world.clock.advance(0)
        assert sorted(map(str, weather.asked)) == ["Busan", "Seoul"]
        gate.open()
        await world.square.until_posted("Both.")


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (Call("c", "nonsense", "{}"), "no function 'nonsense'"),
        (Call("c", "weather", "{"), "not valid JSON"),
        (Call("c", "weather", "[]"), "must be a JSON object"),
        (Call("c", "weather", "{}"), "KeyError"),
    ],
)
async def test_what_goes_wrong_is_told_to_the_model(world: World, call: Call, told: str) -> None:
    world.functions = function(Weather())
    world.engine.script([Calls((call,))], [Text("I see."), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("weather?"))
        await world.square.until_posted("I see.")
    ((status, output),) = outputs(world)
    assert status == "failed"
    assert told in output


async def test_a_function_that_is_not_the_assistants_does_not_run(world: World) -> None:
    """Whatever the model asks for, or is talked into asking for."""
    weather = Weather()
    world.functions = function(weather)
    world.assistants = (Assistant(name="plain", instructions="Be kind."),)
    world.pins = {"square:main": "plain"}
    world.engine.script([Calls((CALL,))], [Text("I see."), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("weather?"))
        await world.square.until_posted("I see.")
    ((status, output),) = outputs(world)
    assert (status, "no function 'weather'" in output) == ("failed", True)
    assert weather.asked == []


async def test_a_function_that_takes_too_long_is_given_up(world: World) -> None:
    world.functions = function(Weather(Gate()), time_limit=0.01)
    world.engine.script([Calls((CALL,))], [Text("Too slow."), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("weather?"))
        await world.square.until_posted("Too slow.")
    ((status, output),) = outputs(world)
    assert status == "failed"
    assert "longer than" in output


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (SystemExit(3), "SystemExit: 3"),
        (RuntimeError("no paper"), "RuntimeError: no paper"),
        (ExceptionGroup("both", [ValueError("x")]), "ExceptionGroup: both"),
    ],
)
@pytest.mark.parametrize("threaded", [False, True])
async def test_whatever_a_function_raises_ends_nothing_but_the_call(
    world: World, raised: BaseException, told: str, threaded: bool
) -> None:
    def fails() -> None:
        """Fails."""
        raise raised

    async def fails_later() -> None:
        """Fails."""
        raise raised

    made = function_of(fails if threaded else fails_later, Files(world.folder / "files"), {})
    world.functions = {"weather": made}
    world.engine.script([Calls((Call("c", "weather", "{}"),))], [Text("I see."), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("weather?"))
        await world.square.until_posted("I see.")
        await maru.receive(world.square.message("and now?"))
        await world.square.until_posted("You said: and now?")
    outcome = world.engine.requests[1].turn.checkpoint.outcomes[0]
    assert (outcome.status, told in outcome.output) == ("failed", True)


async def test_a_result_that_is_too_long_is_cut_and_the_model_knows(world: World) -> None:
    async def run(_: Mapping[str, object], turn: Turn) -> Result:
        return Result("x" * (RESULT_CHARS + 1_234))

    world.functions = {"weather": Function(Declaration("weather", "Weather.", "{}"), run)}
    world.engine.script([Calls((CALL,))], [Text("Much."), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("weather?"))
        await world.square.until_posted("Much.")
    ((status, output),) = outputs(world)
    assert status == "done"
    assert output.endswith("[Cut here: 1,234 more characters. Ask for less at a time.]")
    assert len(output) < RESULT_CHARS + 100


async def test_files_of_a_result_are_posted_once_also_after_a_kill(world: World) -> None:
    """Whether or not the model says a word about them."""
    gate = Gate()
    files = Files(world.folder / "files")
    kept = await files.keep_bytes(b"a,b")
    table = File(kept.digest, "table.csv", "text/csv", kept.size)

    async def run(_: Mapping[str, object], turn: Turn) -> Result:
        return Result("It is attached.", (table,))

    world.functions = {"weather": Function(Declaration("weather", "Weather.", "{}"), run)}
    world.engine.script([Calls((CALL,))], [Started("r2"), gate])
    async with world.doomed_life() as maru:
        await maru.receive(world.square.message("weather?"))
        await gate.reached.wait()
    world.engine.script([Text("There."), Completed()])
    async with world.life() as maru:
        await world.square.until_posted("There.")
        await maru.dispatcher.idle()
    assert [file.name for post in world.square.posts for file in post.files] == ["table.csv"]


async def test_a_finished_function_is_not_run_again_after_a_kill(world: World) -> None:
    weather, gate = Weather(), Gate()
    world.functions = function(weather)
    world.engine.script([Calls((CALL,))], [Started("r2"), gate])
    async with world.doomed_life() as maru:
        await maru.receive(world.square.message("weather?"))
        await gate.reached.wait()
    world.engine.script([Text("Sunny."), Completed()])
    async with world.life():
        await world.square.until_posted("Sunny.")
    assert weather.asked == ["Seoul"]
    assert outputs(world) == [("done", "sunny in Seoul for Ann")]


async def test_a_function_that_was_running_when_killed_is_reported_as_interrupted(world: World) -> None:
    gate = Gate()
    weather = Weather(gate)
    world.functions = function(weather)
    world.engine.script([Calls((CALL,))])
    async with world.doomed_life() as maru:
        await maru.receive(world.square.message("weather?"))
        await gate.reached.wait()
    world.engine.script([Text("Unclear."), Completed()])
    async with world.life():
        await world.square.until_posted("Unclear.")
    assert weather.asked == ["Seoul"]
    assert outputs(world)[0][0] == "interrupted"


async def test_a_call_that_needs_a_yes_waits_over_a_restart(world: World) -> None:
    weather = Weather()
    world.functions = function(weather, approval=True)
    world.engine.script([Text("I need the weather."), Calls((CALL,))])
    async with world.life() as maru:
        receipt = await maru.receive(world.square.message("weather?"))
        await world.square.until_posted('May I run weather({"city": "Seoul"})?')
        await maru.dispatcher.idle()
    assert weather.asked == []
    world.engine.script([Text("Sunny."), Completed()])
    async with world.life() as maru:
        await maru.receive(Press("square:main", receipt.turn, "approve", ANN, CALL.id))
        await world.square.until_posted("Sunny.")
    assert weather.asked == ["Seoul"]
    assert world.square.texts() == ["I need the weather.\n\nSunny."]


async def test_a_no_is_told_to_the_model(world: World) -> None:
    weather = Weather()
    world.functions = function(weather, approval=True)
    world.engine.script([Calls((CALL,))], [Text("As you wish."), Completed()])
    async with world.life() as maru:
        receipt = await maru.receive(world.square.message("weather?"))
        await world.square.until_posted("May I run")
        await maru.receive(Press("square:main", receipt.turn, "decline", ANN, CALL.id))
        await world.square.until_posted("As you wish.")
    assert weather.asked == []
    assert outputs(world)[0][0] == "declined"


async def test_only_those_named_may_decide(world: World) -> None:
    world.functions = function(Weather(), approval=True, deciders=(BEN.id,))
    world.engine.script([Calls((CALL,))], [Text("Sunny."), Completed()])
    async with world.life() as maru:
        receipt = await maru.receive(world.square.message("weather?"))
        await world.square.until_posted("May I run")
        wrong = await maru.receive(Press("square:main", receipt.turn, "approve", ANN, CALL.id))
        assert wrong.refusal == "not_yours"
        await maru.receive(Press("square:main", receipt.turn, "approve", BEN, CALL.id))
        await world.square.until_posted("Sunny.")


async def test_administrators_may_decide_what_others_are_named_for(world: World) -> None:
    world.admins = (ANN.id,)
    world.functions = function(Weather(), approval=True, deciders=(BEN.id,))
    world.engine.script([Calls((CALL,))], [Text("Sunny."), Completed()])
    async with world.life() as maru:
        receipt = await maru.receive(world.square.message("weather?"))
        await world.square.until_posted("May I run")
        await maru.receive(Press("square:main", receipt.turn, "approve", ANN, CALL.id))
        await world.square.until_posted("Sunny.")


async def test_silence_means_no_in_the_end(world: World) -> None:
    world.functions = function(Weather(), approval=True)
    world.engine.script([Calls((CALL,))], [Text("Nobody answered."), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("weather?"))
        await world.square.until_posted("May I run")
        await maru.dispatcher.idle()
    await world.clock.advance(25 * 3600)
    async with world.life():
        await world.square.until_posted("Nobody answered.")
    assert outputs(world)[0][0] == "declined"


async def test_stop_means_no_and_ends_a_paused_turn(world: World) -> None:
    weather = Weather()
    world.functions = function(weather, approval=True)
    world.engine.script([Calls((CALL,))])
    async with world.life() as maru:
        await maru.receive(world.square.message("weather?"))
        await world.square.until_posted("May I run")
        await maru.receive(Stop("square:main", ANN))
        await world.square.until_posted("Stopped.")
        await maru.receive(world.square.message("hi"))
        await world.square.until_posted("You said: hi")
    assert weather.asked == []


async def test_stop_ends_a_function_that_runs(world: World) -> None:
    gate = Gate()
    world.functions = function(Weather(gate))
    world.engine.script([Calls((CALL,))])
    async with world.life() as maru:
        await maru.receive(world.square.message("weather?"))
        await gate.reached.wait()
        await maru.receive(Stop("square:main", ANN))
        await world.square.until_posted("Stopped.")
    assert len(world.engine.requests) == 1


async def test_one_call_waits_for_a_yes_while_another_runs(world: World) -> None:
    weather, careful = Weather(), Weather()
    plain = function(weather)["weather"]
    asked = Function(Declaration("pay", "Pays.", "{}"), careful.run, approval=True)
    world.functions = {"weather": plain, "pay": asked}
    pay = Call("call_2", "pay", '{"city": "Busan"}')
    world.engine.script([Calls((CALL, pay))], [Text("Paid."), Completed()])
    async with world.life() as maru:
        receipt = await maru.receive(world.square.message("weather, and pay"))
        await world.square.until_posted("May I run pay")
        assert weather.asked == ["Seoul"]
        await maru.receive(Press("square:main", receipt.turn, "approve", ANN, pay.id))
        await world.square.until_posted("Paid.")
    assert (weather.asked, careful.asked) == (["Seoul"], ["Busan"])


TRACKER = McpServer(
    label="tracker", url="https://tracker.example", tools=("find", "create"), approval=("create",)
)


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (Call("r", "find", "{}", "tracker"), "done"),  # a service may ask although it was told not to
        (Call("r", "erase", "{}", "tracker"), "declined"),  # or offer what it was not told of
        (Call("r", "find", "{}", "another"), "declined"),  # or the file was changed meanwhile
    ],
)
async def test_what_a_server_may_do_without_a_question_is_what_the_file_says(
    world: World, call: Call, status: str
) -> None:
    world.maru = Assistant(name="maru", instructions="Be kind.", mcp=(TRACKER,))
    world.engine.script([Calls((call,))], [Text("I see."), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("issues?"))
        await world.square.until_posted("I see.")
    assert outputs(world)[0][0] == status


async def test_only_those_named_may_allow_a_servers_tool(world: World) -> None:
    """Or an administrator; silence means no, as with functions."""
    named = TRACKER.model_copy(update={"deciders": (BEN.id,)})
    world.maru = Assistant(name="maru", instructions="Be kind.", mcp=(named,))
    create = Call("r", "create", '{"title": "Leak"}', "tracker")
    world.engine.script([Calls((create,))], [Text("Done."), Completed()])
    world.engine.script([Calls((create,))], [Text("Nobody answered."), Completed()])
    async with world.life() as maru:
        receipt = await maru.receive(world.square.message("report"))
        await world.square.until_posted("May I run create")
        wrong = await maru.receive(Press("square:main", receipt.turn, "approve", ANN, "r"))
        assert wrong.refusal == "not_yours"
        await maru.receive(Press("square:main", receipt.turn, "approve", BEN, "r"))
        await world.square.until_posted("Done.")
        assert outputs(world)[0][0] == "done"
        await maru.receive(world.square.message("report again"))
        await world.square.until(lambda: "May I run create" in world.square.texts()[-1])
        await maru.dispatcher.idle()
    await world.clock.advance(25 * 3600)
    async with world.life():
        await world.square.until_posted("Nobody answered.")
    assert outputs(world)[0][0] == "declined"
