"""What people on a platform see of turns: order, stops, failures, restarts."""

import logging

import pytest

from bot.errors import PlatformUnreachable
from bot.events import Activity, Calls, Citation, Completed, Failed, Source, Started, Text
from bot.lead import MOST_STEPS
from bot.messages import Attachment, Delete, Edit, Person, Press, Quoted, Stop
from bot.policy import Policy
from tests.fakes.engine import Gate, ScriptedEngine
from tests.fakes.square import ANN, BEN
from tests.flows.conftest import World
from tests.flows.test_calls import CALL, Weather, function


def edit(message: object, text: str) -> Edit:
    return Edit(message.conversation, message.keys, text, 1e9)  # type: ignore[attr-defined]  # a Message


async def test_a_message_is_answered(world: World) -> None:
    async with world.life() as maru:
        await maru.receive(world.square.message("hello"))
        await world.square.until_posted("You said: hello")
    assert world.square.texts() == ["You said: hello"]


async def test_the_same_message_twice_is_answered_once(world: World) -> None:
    message = world.square.message("hello")
    async with world.life() as maru:
        await maru.receive(message)
        assert not (await maru.receive(message)).new
        await world.square.until_posted("You said: hello")
        await maru.dispatcher.idle()
    async with world.life() as maru:
        assert not (await maru.receive(message)).new
        await maru.receive(world.square.message("next"))
        await world.square.until_posted("You said: next")
    assert world.square.texts() == ["You said: hello", "You said: next"]


async def test_messages_sent_meanwhile_become_the_next_turn(world: World) -> None:
    gate = Gate()
    world.engine.script([gate, Text("first"), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("one"))
        await gate.reached.wait()
        await maru.receive(world.square.message("two"))
        await maru.receive(world.square.message("three", author=BEN))
        gate.open()
        await world.square.until_posted("You said: two | three")
    assert world.square.texts() == ["first", "You said: two | three"]


async def test_other_conversations_do_not_wait(world: World) -> None:
    gate = Gate()
    world.engine.script([gate, Text("slow"), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("one", "square:a"))
        await gate.reached.wait()
        await maru.receive(world.square.message("two", "square:b"))
        await world.square.until_posted("You said: two", "square:b")
        assert world.square.texts("square:a") == []
        gate.open()
        await world.square.until_posted("slow", "square:a")


async def test_an_answer_grows_where_it_began(world: World) -> None:
    gate = Gate()
    world.engine.script([Text("Hello "), gate, Text("there"), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("hi"))
        await world.square.until_posted("Hello")
        gate.open()
        await world.square.until_posted("Hello there")
    (post,) = world.square.posts
    assert post.history[0].strip() == "Hello"


async def test_a_turn_cut_short_by_a_kill_goes_on_in_the_messages_it_had_begun(world: World) -> None:
    gate = Gate()
    long = "word " * 150  # more than one message of this platform
    world.engine.script([Started("resp_1"), Text(long), gate])
    async with world.doomed_life() as maru:
        await maru.receive(world.square.message("tell me"))
        await world.square.until(lambda: len(world.square.posts) == 2)
    begun = [post.ref for post in world.square.posts]
    world.engine.script([Started("resp_1"), Text(long), Text("and the end"), Completed()])
    async with world.life():
        await world.square.until_posted("and the end")
    assert world.engine.resumed == ["resp_1"]
    assert [post.ref for post in world.square.posts][:2] == begun
    assert " ".join(world.square.texts()).split() == [*long.split(), "and", "the", "end"]


async def test_an_answer_that_was_stored_is_posted_after_a_kill_without_the_model(world: World) -> None:
    world.square.fail(*[PlatformUnreachable("down")] * 50)
    world.engine.script([Text("42"), Completed()])
    async with world.doomed_life() as maru:
        await maru.receive(world.square.message("what?"))
        while len(world.square.failures) > 40:
            await world.clock.advance(1)
    world.square.failures.clear()
    async with world.life():
        await world.square.until_posted("42")
    assert world.square.texts() == ["42"]


async def test_a_stop_from_the_platform_ends_the_answer_and_frees_the_conversation(world: World) -> None:
    gate = Gate()
    world.engine.script([Started("resp_1"), Text("Once upon "), gate, Text("never"), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("a story"))
        await world.square.until_posted("Once upon")
        await maru.receive(Stop("square:main", ANN))
        await world.square.until_posted("Stopped.")
        await maru.receive(world.square.message("next"))
        await world.square.until_posted("You said: next")
    assert "never" not in "".join(world.square.texts())


async def test_stop_works_before_the_response_has_an_id(world: World) -> None:
    gate = Gate()
    world.engine.script([gate, Started("resp_1"), Text("too late"), Completed()])
    async with world.life() as maru:
        receipt = await maru.receive(world.square.message("a story"))
        await gate.reached.wait()
        await maru.receive(Press("square:main", receipt.turn, "stop", ANN))
        await world.square.until_posted("Stopped.")
    assert "too late" not in "".join(world.square.texts())


async def test_a_stop_survives_a_kill(world: World) -> None:
    gate = Gate()
    world.engine.script([Started("resp_1"), Text("Once"), gate])
    async with world.doomed_life() as maru:
        await maru.receive(world.square.message("a story"))
        await world.square.until_posted("Once")
        maru.dispatcher._leads.clear()  # noqa: SLF001 - it dies before it can act on the stop
        await maru.store.inbox.receive(Stop("square:main", ANN))
    async with world.life():
        await world.square.until_posted("Stopped.")


async def test_a_failed_attempt_is_tried_again(world: World) -> None:
    world.engine.script([Text("half an "), Failed("broken", "500", again=True, after=7)])
    world.engine.script([Text("whole"), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("hi"))
        await world.later("whole")
    assert world.square.texts() == ["whole"]


async def test_three_failed_attempts_end_in_an_apology_whose_id_is_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.engine.script(*[[Failed("overloaded", "503", again=True)]] * 3)
    async with world.life() as maru:
        receipt = await maru.receive(world.square.message("hi"))
        await world.later("Sorry")
        await maru.receive(world.square.message("again?"))
        await world.square.until_posted("You said: again?")
    apology = world.square.texts()[0]
    assert f"(T{receipt.turn})" in apology
    assert "overloaded" in apology
    errors = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert any(f"T{receipt.turn}" in line and "503" in line for line in errors)


async def test_a_bug_in_a_step_ends_in_an_apology_too(world: World) -> None:
    world.engine.script(*[[ZeroDivisionError("oops")]] * 3)
    async with world.life() as maru:
        await maru.receive(world.square.message("hi"))
        await world.later("Something went wrong on my side")


async def test_a_hopeless_failure_is_not_tried_again(world: World) -> None:
    world.engine.script([Failed("quota", "429 insufficient_quota")])
    async with world.life() as maru:
        await maru.receive(world.square.message("hi"))
        await world.square.until_posted("budget")
    assert len(world.engine.requests) == 1


async def test_a_turn_that_kills_maru_each_time_ends_in_an_apology(world: World) -> None:
    for _ in range(3):
        gate = Gate()
        world.engine.script([gate])
        async with world.doomed_life() as maru:
            if not world.engine.requests:
                await maru.receive(world.square.message("poison"))
            await gate.reached.wait()
    async with world.life():
        await world.square.until_posted("interrupted too often")
    assert len(world.engine.requests) == 3


async def test_an_empty_answer_is_said_in_words(world: World) -> None:
    world.engine.script([Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("hi"))
        await world.square.until_posted("nothing to say")


async def test_nothing_is_posted_where_nobody_is(world: World) -> None:
    world.square.gone.add("square:main")
    async with world.life() as maru:
        await maru.receive(world.square.message("hi"))
        await maru.receive(world.square.message("hello", "square:b"))
        await world.square.until_posted("You said: hello", "square:b")
        await maru.dispatcher.idle()
        assert await maru.store.turns.recover() == []
    assert world.square.texts() == []


async def test_an_answer_waits_for_a_platform_that_is_down(world: World) -> None:
    world.square.fail(PlatformUnreachable("down", 30), PlatformUnreachable("down", 30))
    async with world.life() as maru:
        await maru.receive(world.square.message("hi"))
        await world.later("You said: hi")


async def test_shutdown_hands_a_running_turn_to_the_next_start(world: World) -> None:
    gate = Gate()
    world.engine.script([Started("resp_1"), Text("Hello "), gate])
    async with world.life() as maru:
        await maru.receive(world.square.message("hi"))
        await world.square.until_posted("Hello")
    world.engine.script([Started("resp_1"), Text("Hello "), Text("again"), Completed()])
    async with world.life():
        await world.square.until_posted("Hello again")
    assert world.engine.requests[-1].turn.attempt == 0
    assert len(world.square.posts) == 1


async def test_an_edit_before_the_turn_is_taken_up_changes_the_question(world: World) -> None:
    gate = Gate()
    world.engine.script([gate, Text("first"), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("one"))
        await gate.reached.wait()
        waiting = world.square.message("tow")
        await maru.receive(waiting)
        await maru.receive(edit(waiting, "two"))
        gate.open()
        await world.square.until_posted("You said: two")


async def test_a_deleted_question_that_waits_is_never_answered(world: World) -> None:
    gate = Gate()
    world.engine.script([gate, Text("first"), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("one"))
        await gate.reached.wait()
        waiting = world.square.message("secret")
        await maru.receive(waiting)
        await maru.receive(Delete(waiting.conversation, waiting.keys))
        gate.open()
        await world.square.until_posted("first")
        await maru.receive(world.square.message("three"))
        await world.square.until_posted("You said: three")
    assert "secret" not in "".join(world.square.texts())


async def test_deleting_the_question_stops_its_answer(world: World) -> None:
    gate = Gate()
    world.engine.script([Started("r"), Text("Well, "), gate, Text("never"), Completed()])
    async with world.life() as maru:
        question = world.square.message("one")
        await maru.receive(question)
        await world.square.until_posted("Well,")
        await maru.receive(Delete(question.conversation, question.keys))
        await world.square.until_posted("Stopped.")


async def test_again_answers_the_last_question_anew(world: World) -> None:
    async with world.life() as maru:
        receipt = await maru.receive(world.square.message("hi"))
        await world.square.until_posted("You said: hi")
        await maru.dispatcher.idle()
        world.engine.script([Text("better"), Completed()])
        await maru.receive(Press("square:main", receipt.turn, "again", ANN))
        await world.square.until_posted("better")


async def test_those_who_may_not_ask_are_told_so_and_the_model_hears_nothing(world: World) -> None:
    world.square.people = {BEN.id: Person("guest"), "square:robot": Person("bot")}
    async with world.life() as maru:
        await maru.receive(world.square.message("let me in", author=BEN))
        await world.square.until(lambda: bool(world.square.whispers))
        await maru.receive(world.square.message("hi"))
        await world.square.until_posted("You said: hi")
    assert world.square.texts() == ["You said: hi"]
    assert "members" in world.square.whispers[0][1]


async def test_what_those_who_may_not_ask_said_is_no_part_of_the_conversation(world: World) -> None:
    """Also where others ask in the same moment: what the model remembers is what the store holds."""
    world.square.people = {BEN.id: Person("guest")}
    gate = Gate()
    world.engine.script([Started("r"), Text("Once."), gate, Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("a story"))
        await world.square.until_posted("Once.")
        await maru.receive(world.square.message("let me in", author=BEN))
        await maru.receive(world.square.message("and now?"))
        gate.open()
        await world.square.until_posted("You said: and now?")
        records = await maru.store.archive.records("square:main")
    said = [message.text for record in records for message in record.turn.messages]
    assert said == ["a story", "and now?"]


async def test_guests_may_ask_where_the_operator_allows_it(world: World) -> None:
    world.square.people = {BEN.id: Person("guest")}
    world.policy = Policy(guests=True)
    async with world.life() as maru:
        await maru.receive(world.square.message("let me in", author=BEN))
        await world.square.until_posted("You said: let me in")


async def test_what_was_said_before_maru_came_is_read_once(world: World) -> None:
    world.square.history = [Quoted("Ben", "The plan is lunch.", 1.0)]
    async with world.life() as maru:
        await maru.receive(world.square.message("summarise this"))
        await world.square.until_posted("You said: summarise this")
        await maru.receive(world.square.message("thanks"))
        await world.square.until_posted("You said: thanks")
    assert [len(request.prior) for request in world.engine.requests] == [1, 0]


async def test_again_reads_what_was_said_before_maru_came_as_well(world: World) -> None:
    world.square.history = [Quoted("Ben", "The plan is lunch.", 1.0)]
    async with world.life() as maru:
        receipt = await maru.receive(world.square.message("summarise this"))
        await world.square.until_posted("You said: summarise this")
        await maru.dispatcher.idle()
        world.engine.script([Text("better"), Completed()])
        await maru.receive(Press("square:main", receipt.turn, "again", ANN))
        await world.square.until_posted("better")
    assert [len(request.prior) for request in world.engine.requests] == [1, 1]


async def test_attachments_are_fetched_and_those_that_fail_are_named(world: World) -> None:
    world.square.uploads = {"u1": b"Lunch is at noon.\n", "u2": b""}
    files = (
        Attachment("plan.txt", source="u1"),
        Attachment("none.txt", source="u2"),
        Attachment("x", source="?"),
    )
    async with world.life() as maru:
        await maru.receive(world.square.message("read", attachments=files))
        await world.square.until_posted("none.txt")
    (request,) = world.engine.requests
    plan, none, lost = request.turn.messages[0].attachments
    assert (plan.problem, plan.media_type, plan.size) == ("", "text/plain", 18)
    assert (none.problem, lost.problem) == ("file_empty", "file_lost")
    text = "".join(world.square.texts())
    assert "none.txt" in text
    assert "plan.txt" not in text


async def test_sources_and_activity_reach_the_platform(world: World) -> None:
    source = Source("k", "Handbook")
    world.engine.script([Activity("searching"), Text("Noon."), Citation(source), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("when?"))
        await world.square.until_posted("[1] Handbook")


async def test_a_disk_that_is_full_while_posting_loses_no_answer(world: World) -> None:
    async with world.life() as maru:
        parts = maru.adapter.parts
        parts.broken = True
        await maru.receive(world.square.message("hi"))
        for _ in range(30):
            await world.clock.advance(10)
        assert world.square.texts() == []
        parts.broken = False
        await world.later("You said: hi")


async def test_a_press_while_the_question_is_still_being_posted_is_led_once(world: World) -> None:
    weather = Weather()
    world.functions = function(weather, approval=True)
    world.engine.script([Calls((CALL,))], [Text("Sunny."), Completed()])
    async with world.life() as maru:
        receipt = await maru.receive(world.square.message("weather?"))
        await world.square.until_posted("May I run")
        await maru.receive(Press("square:main", receipt.turn, "approve", ANN, CALL.id))
        await world.square.until_posted("Sunny.")
        await maru.dispatcher.idle()
    assert weather.asked == ["Seoul"]


async def test_a_model_that_calls_without_end_is_stopped(world: World) -> None:
    world.functions = function(Weather())
    world.engine = ScriptedEngine(default=lambda _: [Calls((CALL,))])
    async with world.life() as maru:
        await maru.receive(world.square.message("weather?"))
        await world.square.until_posted("round in circles")
    assert len(world.engine.requests) == MOST_STEPS


async def test_half_a_character_of_the_model_hangs_nothing(world: World) -> None:
    world.engine.script([Text("broken \ud83d smile"), Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("hi"))
        await world.square.until_posted("broken")
        await maru.receive(world.square.message("next \ude00"))
        await world.square.until_posted("You said: next ?")
        first, _ = await maru.store.archive.records("square:main")
        assert first.state == "done"


async def test_a_platform_that_cannot_say_who_asks_is_asked_again(world: World) -> None:
    async with world.life() as maru:
        maru.adapter.unknown = 3
        await maru.receive(world.square.message("hi"))
        await world.later("You said: hi")
