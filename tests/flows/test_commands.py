"""What people see of commands, in English and Korean, as messages and as commands."""

from collections.abc import Callable, Sequence

from bot.allowed_places import AllowedPlaces
from bot.events import Completed, Started, Text
from bot.messages import Attachment, Command, Person
from bot.policy import Policy
from bot.ports import Remote, Request
from tests.fakes.engine import Gate, Script, ScriptedEngine, echo
from tests.fakes.square import ANN, BEN
from tests.flows.conftest import Life, World


async def say(world: World, maru: Life, text: str) -> str:
    """Send a message that is a command; returns what was whispered."""
    before = len(world.square.whispers)
    await maru.receive(world.square.message(text))
    await world.square.until(lambda: len(world.square.whispers) > before)
    return world.square.whispers[-1][1]


async def test_help_lists_the_commands_in_the_persons_language(world: World) -> None:
    async with world.life() as maru:
        assert "`reset`" in await say(world, maru, "Help")
        assert "초기화" in await say(world, maru, "도움말")
        assert "`forget`" in await say(world, maru, "/help")
    assert world.engine.requests == []


async def test_reset_starts_a_new_thread(world: World) -> None:
    async with world.life() as maru:
        first = await maru.receive(world.square.message("hi"))
        await world.square.until_posted("You said: hi")
        await maru.dispatcher.idle()
        assert "start over" in await say(world, maru, "reset")
        second = await maru.receive(world.square.message("hello"))
        await world.square.until_posted("You said: hello")
        await maru.dispatcher.idle()
        records = {
            record.turn.id: record.thread for record in await maru.store.archive.records("square:main")
        }
    assert records[first.turn] != records[second.turn]


async def test_reset_stops_the_answer_that_is_being_written(world: World) -> None:
    gate = Gate()
    world.engine.script([Started("r"), Text("Once"), gate])
    async with world.life() as maru:
        await maru.receive(world.square.message("a story"))
        await world.square.until_posted("Once")
        await say(world, maru, "초기화")
        await world.square.until_posted("Stopped.")


async def test_reset_with_nothing_to_reset_says_so(world: World) -> None:
    async with world.life() as maru:
        assert "at the beginning" in await say(world, maru, "reset")


async def test_stop_and_again_work_as_messages(world: World) -> None:
    gate = Gate()
    world.engine.script([Started("r"), Text("Once"), gate])
    async with world.life() as maru:
        assert "nothing to stop" in await say(world, maru, "stop")
        assert "last answer" in await say(world, maru, "again")
        await maru.receive(world.square.message("a story"))
        await world.square.until_posted("Once")
        await maru.receive(world.square.message("stop"))
        await world.square.until_posted("Stopped.")
        await maru.dispatcher.idle()
        await maru.receive(world.square.message("다시"))
        await world.square.until_posted("You said: a story")


async def test_forget_erases_the_conversation_everywhere(world: World) -> None:
    made = [Remote("conversation", "conv_1", "square:main"), Remote("file", "file_1", "square:main")]
    async with world.life() as maru:
        await maru.receive(world.square.message("my secret"))
        await world.square.until_posted("You said: my secret")
        await maru.store.remotes.made(made)
        await maru.dispatcher.idle()
        assert "1 messages" in await say(world, maru, "forget")
        assert await maru.store.archive.records("square:main") == []
        assert await maru.store.remotes.remote("square:main") == []
    assert world.engine.forgotten == made


async def test_forget_stops_what_runs_and_drops_what_waits(world: World) -> None:
    gate = Gate()
    world.engine.script([Started("r"), Text("Once"), gate, Completed()])
    async with world.life() as maru:
        await maru.receive(world.square.message("a story"))
        await world.square.until_posted("Once")
        await maru.receive(world.square.message("another"))
        await say(world, maru, "forget")
        assert await maru.store.archive.records("square:main") == []
        await maru.receive(world.square.message("hi"))
        await world.square.until_posted("You said: hi")
    assert "another" not in "".join(world.square.texts())


class Stubborn(ScriptedEngine):
    """A service that deletes nothing today."""

    async def forget(self, remote: Sequence[Remote]) -> Sequence[Remote]:
        self.forgotten += remote
        return []


async def test_what_could_not_be_deleted_is_said_and_kept_for_later(world: World) -> None:
    world.engine = Stubborn([Text("ok"), Completed()], default=echo)
    made = [Remote("conversation", "conv_1", "square:main")]
    async with world.life() as maru:
        await maru.receive(world.square.message("my secret"))
        await world.square.until_posted("ok")
        await maru.store.remotes.made(made)
        await maru.dispatcher.idle()
        assert "could not be deleted yet" in await say(world, maru, "forget")
        await maru.receive(world.square.message("hello again"))
        await world.square.until_posted("You said: hello again")
        assert [remote.id for remote in await maru.store.remotes.orphans()] == ["conv_1"]


async def test_an_unknown_command_is_answered_with_those_there_are(world: World) -> None:
    async with world.life() as maru:
        await maru.receive(Command("square:main", "k1", "dance", ANN, 1.0))
        await world.square.until(lambda: bool(world.square.whispers))
    assert "“dance”" in world.square.whispers[0][1]
    assert "`reset`" in world.square.whispers[0][1]


async def test_a_command_accepted_before_a_kill_is_carried_out_after_it(world: World) -> None:
    async with world.doomed_life() as maru:
        await maru.store.inbox.receive(Command("square:main", "k1", "help", ANN, 1.0))
    async with world.life():
        await world.square.until(lambda: bool(world.square.whispers))
    assert "`reset`" in world.square.whispers[0][1]


async def test_what_is_asked_while_a_conversation_is_forgotten_is_answered(world: World) -> None:
    gate = Gate()
    world.engine = Slow(gate, default=echo)
    made = [Remote("conversation", "conv_1", "square:main")]
    async with world.life() as maru:
        await maru.receive(world.square.message("my secret"))
        await world.square.until_posted("You said: my secret")
        await maru.dispatcher.idle()
        await maru.store.remotes.made(made)
        await maru.receive(world.square.message("forget"))
        await gate.reached.wait()
        await maru.receive(world.square.message("new question"))
        await world.square.until_posted("You said: new question")
        gate.open()
        await world.square.until(lambda: bool(world.square.whispers))
        await maru.dispatcher.idle()
        (record,) = await maru.store.archive.records("square:main")
    assert record.turn.messages[0].text == "new question"
    assert "1 messages" in world.square.whispers[0][1]


class Slow(ScriptedEngine):
    """A service that takes its time to delete."""

    def __init__(self, gate: Gate, default: Callable[[Request], Script]) -> None:
        super().__init__(default=default)
        self._gate = gate

    async def forget(self, remote: Sequence[Remote]) -> Sequence[Remote]:
        self._gate.reached.set()
        await self._gate.opened.wait()
        return remote


async def test_reset_does_not_stop_what_is_asked_after_it(world: World) -> None:
    gate = Gate()
    world.engine.script([Started("r"), Text("Once"), gate])
    async with world.life() as maru:
        await maru.receive(world.square.message("a story"))
        await world.square.until_posted("Once")
        await maru.receive(world.square.message("reset"))
        await maru.receive(world.square.message("fresh question"))
        await world.square.until_posted("You said: fresh question")
    assert world.square.texts()[0].startswith("Once")
    assert "Stopped." in world.square.texts()[0]


async def test_those_who_may_not_ask_may_not_command(world: World) -> None:
    world.square.people = {BEN.id: Person("outsider")}
    async with world.life() as maru:
        await maru.receive(world.square.message("our plans"))
        await world.square.until_posted("You said: our plans")
        await maru.receive(Command("square:main", "k1", "forget", BEN, 1.0))
        await world.square.until(lambda: bool(world.square.whispers))
        assert len(await maru.store.archive.records("square:main")) == 1
    assert "members" in world.square.whispers[0][1]


async def test_a_button_may_ask_again_by_command_and_only_for_its_own_answer(world: World) -> None:
    async with world.life() as maru:
        first = await maru.receive(world.square.message("one"))
        await world.square.until_posted("You said: one")
        await maru.dispatcher.idle()
        second = await maru.receive(world.square.message("two"))
        await world.square.until_posted("You said: two")
        await maru.dispatcher.idle()
        await maru.receive(Command("square:main", "k1", "again", ANN, 1.0, str(first.turn)))
        await world.square.until(lambda: bool(world.square.whispers))
        assert "last answer" in world.square.whispers[0][1]
        world.engine.script([Text("better"), Completed()])
        await maru.receive(Command("square:main", "k2", "again", ANN, 2.0, str(second.turn)))
        await world.square.until_posted("better")


async def test_files_that_were_fetched_are_forgotten_with_their_conversation(world: World) -> None:
    world.square.uploads = {"u1": b"The plan is lunch."}
    async with world.life() as maru:
        attached = (Attachment("plan.txt", source="u1"),)
        await maru.receive(world.square.message("read", attachments=attached))
        await world.square.until_posted("You said: read")
        await maru.dispatcher.idle()
        (record,) = await maru.store.archive.records("square:main")
        kept = world.folder / "files" / (digest := record.turn.messages[0].attachments[0].digest)[:2] / digest
        assert kept.is_file()
        await say(world, maru, "forget")
        assert not kept.exists()


async def test_where_nobody_may_ask_nobody_may_command_either(world: World) -> None:
    world.policy = Policy(places=AllowedPlaces(["square:elsewhere"]))
    async with world.life() as maru:
        assert "not open to this place" in await say(world, maru, "usage")
        assert "운영자가 정해 둔 곳" in await say(world, maru, "사용량")


async def test_a_command_waits_until_the_platform_says_whose_it_is(world: World) -> None:
    async with world.life() as maru:
        maru.adapter.unknown = 2
        await maru.receive(world.square.message("help"))
        while not world.square.whispers:
            await world.clock.advance(1)
        assert "`reset`" in world.square.whispers[-1][1]


async def test_a_command_whose_answer_ends_in_a_bug_is_not_carried_out_again(world: World) -> None:
    async with world.life() as maru:
        maru.adapter.hoarse = True
        await maru.receive(world.square.message("help"))
        while await maru.store.inbox.commands():
            await world.clock.advance(1)
    async with world.life() as maru:
        await world.clock.advance(10)
        assert not world.square.whispers
        assert "`reset`" in await say(world, maru, "help")
