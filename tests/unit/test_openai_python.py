"""Python in a container: files go in, what it makes comes out, and old containers are replaced."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.assistants import Assistant
from bot.events import Calls as AsksFor
from bot.events import FileMade
from bot.files import FILE_BYTES, Files
from bot.messages import Attachment
from bot.openai.sse import Json
from tests.fakes.openai import Answer, Asks, Calls, Computes, FakeOpenAI, Play, Says
from tests.fakes.openai.containers import Container
from tests.fakes.openai.talk import Talk, Told, talking
from tests.fakes.people import delete

CSV = b"a,b\n1,2\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


@pytest.fixture
async def talk(fake: FakeOpenAI, tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path, fake) as talk:
        talk.functions = {"start_python": "It is on."}
        yield talk


async def attached(folder: Path, name: str = "sales.csv", data: bytes = CSV) -> Attachment:
    kept = await Files(folder / "files").keep_bytes(data)
    return Attachment(name, kept.size, digest=kept.digest)


def tools(request: Json) -> list[str]:
    return [tool.get("name") or tool["type"] for tool in request.get("tools") or []]


def only(fake: FakeOpenAI) -> Container:
    (container,) = fake.containers.all.values()
    return container


def cited(container: str, file: str, text: str, start: int = 0) -> Json:
    return {
        "type": "container_file_citation",
        "container_id": container,
        "file_id": file,
        "filename": "cited.csv",
        "start_index": start,
        "end_index": len(text),
    }


def names(told: Told) -> list[str]:
    return [file.name for file in told.turn.draft.files]


async def test_nothing_is_paid_for_until_it_is_needed(talk: Talk, fake: FakeOpenAI) -> None:
    """Without data the model can only ask for Python."""
    await talk.ask("hello")
    assert tools(fake.requests[0]) == ["start_python"]
    assert not fake.containers.all


async def test_the_model_asks_for_python_and_keeps_it(talk: Talk, fake: FakeOpenAI) -> None:
    """From the next step on it is there, in this turn and in later ones, in one container."""
    fake.script(Calls(Asks("start_python")), Play((Computes("1+1"), Says("Two."))))
    await talk.ask("1+1?")
    await talk.ask("and now?")
    assert [tools(request) for request in fake.requests] == [
        ["start_python"],
        ["code_interpreter"],
        ["code_interpreter"],
    ]
    assert {request["tools"][-1]["container"] for request in fake.requests[1:]} == {only(fake).id}


async def test_an_assistant_may_always_have_python(talk: Talk, fake: FakeOpenAI) -> None:
    talk.assistant = replace_assistant(talk, python="always")
    await talk.ask("hello")
    assert tools(fake.requests[0]) == ["code_interpreter"]


async def test_an_assistant_without_python_is_not_offered_any(
    talk: Talk, fake: FakeOpenAI, tmp_path: Path
) -> None:
    talk.assistant = replace_assistant(talk, tools=())
    await talk.ask("hello", attachments=(await attached(tmp_path),))
    assert tools(fake.requests[0]) == []
    assert not fake.containers.all


async def test_data_goes_to_python_and_stays_for_later_turns(
    talk: Talk, fake: FakeOpenAI, tmp_path: Path
) -> None:
    """The file is uploaded once, and the model is told where it is."""
    await talk.ask("sum it", attachments=(await attached(tmp_path),))
    await talk.ask("and the mean?")
    assert only(fake).names("user") == {"sales.csv": CSV}
    assert fake.counts["POST /v1/containers/{id}/files"] == 1
    assert tools(fake.requests[1]) == ["code_interpreter"]
    assert '"sales.csv" is for the python tool, in /mnt/data' in str(fake.requests[0]["input"])


async def test_two_files_of_one_name_both_reach_python(talk: Talk, fake: FakeOpenAI, tmp_path: Path) -> None:
    first, second = await attached(tmp_path), await attached(tmp_path, data=b"c\n3\n")
    await talk.ask("compare", attachments=(first, second))
    assert sorted(only(fake).names("user").values()) == [CSV, b"c\n3\n"]


async def test_a_restart_puts_no_file_in_twice(fake: FakeOpenAI, tmp_path: Path) -> None:
    async with talking(tmp_path, fake) as talk:
        await talk.ask("sum it", attachments=(await attached(tmp_path),))
    async with talking(tmp_path, fake) as talk:
        talk._number = 10  # noqa: SLF001 - message keys of the first life are taken
        await talk.ask("and the mean?")
    assert fake.counts["POST /v1/containers"] == 1
    assert fake.counts["POST /v1/containers/{id}/files"] == 1


@pytest.mark.parametrize("unnoticed", [True, False])
async def test_an_expired_container_is_replaced_and_nobody_notices(
    talk: Talk, fake: FakeOpenAI, tmp_path: Path, unnoticed: bool
) -> None:
    """Also when the service says so only to the request; the files are put back."""
    fake.script(Play((Computes("sum"), Says("Three."))))
    await talk.ask("sum it", attachments=(await attached(tmp_path),))
    old = only(fake).id
    fake.containers.expire(old)
    if not unnoticed:
        await talk.clock.sleep(1_000)
    fake.script(Play((Computes("mean"), Says("One and a half."))))
    told = await talk.ask("and the mean?")
    assert told.text == "One and a half."
    assert told.turn.draft.note == ""
    new = fake.requests[-1]["tools"][-1]["container"]
    assert new != old
    assert fake.containers.all[new].names("user") == {"sales.csv": CSV}
    assert [r.id for r in await talk.store.remotes.remote("web:room") if r.kind == "container"] == [new]


async def test_an_expired_container_without_data_is_not_paid_for_again(talk: Talk, fake: FakeOpenAI) -> None:
    fake.script(Calls(Asks("start_python")), Play((Computes("1+1"), Says("Two."))))
    await talk.ask("1+1?")
    fake.containers.expire(only(fake).id)
    await talk.clock.sleep(2_000)
    told = await talk.ask("thanks")
    assert told.text == "You said: thanks"
    assert tools(fake.requests[-1]) == ["start_python"]
    assert fake.counts["POST /v1/containers"] == 1


async def test_every_file_comes_back_once_cited_or_not(talk: Talk, fake: FakeOpenAI, tmp_path: Path) -> None:
    """A double under a made-up name is the same file, pictures are pictures, and links stand for files."""
    text = "See [it](sandbox:/mnt/data/cited.csv) and [the chart](sandbox:/mnt/data/chart.png)."
    end = text.index(")") + 1
    computes = Computes(
        "plot",
        files=(
            ("cfile_1", "cited.csv", b"x\n1\n"),
            ("cfile_2", "cfile_2.png", PNG),
            ("cfile_3", "chart.png", PNG),
            ("cfile_4", "uncited.txt", b"hello"),
        ),
    )
    await talk.ask("here", attachments=(await attached(tmp_path),))
    annotation = cited(only(fake).id, "cfile_1", text[:end])
    fake.script(Play((computes, Says(text, annotations=(annotation,)))))
    told = await talk.ask("plot it")
    assert names(told) == ["cited.csv", "chart.png", "uncited.txt"]
    assert [file.role for file in told.turn.draft.files] == ["file", "picture", "file"]
    links = dict(told.turn.draft.links)
    assert links["sandbox:/mnt/data/chart.png"] == told.turn.draft.files[1].digest
    assert links["sandbox:/mnt/data/cited.csv"] == told.turn.draft.files[0].digest
    later = await talk.ask("thanks")
    assert not later.of(FileMade)


async def test_the_code_that_ran_is_kept_once_also_when_a_step_is_tried_again(
    talk: Talk, fake: FakeOpenAI, tmp_path: Path
) -> None:
    """In order over the steps of a turn; what a failed try ran is taken back with what it said."""
    fake.script(
        Play((Computes("one"), Asks("start_python"))),
        Play((Computes("lost"), Says("a b")), end="failed", after=0),
        Play((Computes("two"), Says("said", "commentary"), Computes("three"), Says("Done."))),
    )
    told = await talk.ask("go", attachments=(await attached(tmp_path),))
    assert told.turn.draft.code == ("one", "two", "three")


async def test_files_of_earlier_steps_do_not_come_again(talk: Talk, fake: FakeOpenAI, tmp_path: Path) -> None:
    fake.script(
        Play((Computes("x", files=(("cfile_1", "one.txt", b"1"),)), Asks("start_python"))),
        Play((Computes("y", files=(("cfile_2", "two.txt", b"2"),)), Says("Done."))),
    )
    told = await talk.ask("go", attachments=(await attached(tmp_path),))
    assert names(told) == ["one.txt", "two.txt"]
    assert len(told.of(FileMade)) == 2


async def test_files_of_one_name_in_two_folders_both_come_and_links_lead_to_the_right_one(
    talk: Talk, fake: FakeOpenAI, tmp_path: Path
) -> None:
    text = "[A](sandbox:/mnt/data/a/out.csv) and [B](sandbox:/mnt/data/b/out.csv)"
    files = (("cfile_1", "a/out.csv", b"a"), ("cfile_2", "b/out.csv", b"b"))
    fake.script(Play((Computes("both", files=files), Says(text))))
    told = await talk.ask("go", attachments=(await attached(tmp_path),))
    assert names(told) == ["out.csv", "out.csv"]
    links, (first, second) = dict(told.turn.draft.links), told.turn.draft.files
    assert links["sandbox:/mnt/data/a/out.csv"] == first.digest
    assert links["sandbox:/mnt/data/b/out.csv"] == second.digest


async def test_a_file_too_large_to_bring_is_named(talk: Talk, fake: FakeOpenAI, tmp_path: Path) -> None:
    files = (("cfile_1", "film.mp4", b"x" * (FILE_BYTES + 1)), ("cfile_2", "small.txt", b"x"))
    fake.script(Play((Computes("film", files=files), Says("Both."))))
    told = await talk.ask("go", attachments=(await attached(tmp_path),))
    assert names(told) == ["small.txt"]
    (notice,) = told.turn.draft.notices
    assert "“film.mp4”" in notice
    assert "larger than 50 MB" in notice


async def test_a_file_that_went_with_its_container_is_named(
    talk: Talk, fake: FakeOpenAI, tmp_path: Path
) -> None:
    """It was cited while it was there, and gone when it was fetched."""
    await talk.ask("here", attachments=(await attached(tmp_path),))
    text = "See it."
    annotation = cited(only(fake).id, "cfile_1", text)
    fake.script(Play((Says(text, annotations=(annotation,)),)))
    told = await talk.ask("plot it")
    assert told.text == "See it."
    assert names(told) == []
    assert "“cited.csv”" in told.turn.draft.notices[0]


@pytest.mark.parametrize("said", [0, 2])
async def test_a_container_that_dies_in_the_middle_of_a_step_is_replaced(
    talk: Talk, fake: FakeOpenAI, tmp_path: Path, said: int
) -> None:
    """The files are put back, and the answer is there once."""
    await talk.ask("sum it", attachments=(await attached(tmp_path),))
    old = only(fake).id
    dies = Play((Computes("1"), Says("a b c")), end="failed", after=said, message="Container is expired.")
    fake.script(dies, Play((Computes("2"), Says("Three."))))
    told = await talk.ask("and again")
    assert (told.text, told.turn.draft.code, told.turn.draft.notices) == ("Three.", ("2",), ())
    new = fake.requests[-1]["tools"][-1]["container"]
    assert new != old
    assert fake.containers.all[new].names("user") == {"sales.csv": CSV}


@pytest.mark.parametrize("deleted", [False, True])
async def test_a_container_that_is_gone_when_a_new_file_comes_is_replaced(
    talk: Talk, fake: FakeOpenAI, tmp_path: Path, deleted: bool
) -> None:
    await talk.ask("sum it", attachments=(await attached(tmp_path),))
    old = only(fake).id
    if deleted:
        fake.containers.delete(old)
    else:
        fake.containers.expire(old)
    more = await attached(tmp_path, "more.csv", b"c\n3\n")
    fake.script(Answer("Both."))
    assert (await talk.ask("and this", attachments=(more,))).text == "Both."
    new = fake.requests[-1]["tools"][-1]["container"]
    assert fake.containers.all[new].names("user") == {"sales.csv": CSV, "more.csv": b"c\n3\n"}


@pytest.mark.parametrize("restart", [False, True])
async def test_the_file_of_a_deleted_message_leaves_the_container(
    fake: FakeOpenAI, tmp_path: Path, restart: bool
) -> None:
    """Another file of its name stays, or takes its place."""
    async with talking(tmp_path, fake) as talk:
        await talk.ask("one", attachments=(await attached(tmp_path, data=b"secret,1\n"),))
        await talk.ask("two", attachments=(await attached(tmp_path), await attached(tmp_path, "b.csv", b"b")))
        assert len(only(fake).names("user")) == 3
        await talk.receive(delete(1))
        if not restart:
            await talk.ask("three")
    if restart:
        async with talking(tmp_path, fake) as talk:
            talk._number = 10  # noqa: SLF001 - message keys of the first life are taken
            await talk.ask("three")
    assert only(fake).names("user") == {"sales.csv": CSV, "b.csv": b"b"}


async def test_a_server_without_containers_is_asked_once(tmp_path: Path) -> None:
    """The answer comes all the same, and Python is not offered any more."""
    async with FakeOpenAI(hosted=False) as fake, talking(tmp_path, fake) as talk:
        talk.functions = {"start_python": "It is on."}
        fake.script(Calls(Asks("start_python")), Answer("I cannot."))
        told = await talk.ask("1+1?")
        await talk.ask("sure?")
        assert told.text == "I cannot."
        assert "has no Python here" in str(fake.requests[1]["input"])
        assert "It is on." not in str(fake.requests[-1]["input"])
        assert fake.counts["POST /v1/containers"] == 1
        assert tools(fake.requests[-1]) == []


def replace_assistant(talk: Talk, **more: object) -> Assistant:
    return talk.assistant.model_copy(update=more)


async def test_a_session_is_accounted_for_once(talk: Talk, fake: FakeOpenAI) -> None:
    """In the step for which the container was made."""
    fake.script(Calls(Asks("start_python")), Play((Computes("1+1"), Says("Two."))))
    told = await talk.ask("1+1?")
    later = await talk.ask("and now?")
    counts = [event.usage.containers for event in (*told.of(AsksFor), told.last, later.last)]
    assert counts == [0, 1, 0]
