"""People who take care of the team's documents do so in chat."""

from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.errors import BackendUnreachable
from bot.events import Source
from bot.knowledge.folder import LARGEST
from bot.knowledge.library import Library
from bot.knowledge.marks import Shown
from bot.messages import Attachment, Person
from bot.ports import Collection
from storage.sqlite.index import SqliteIndex
from tests.fakes.openai import Answer, Asks, FakeOpenAI, arguments
from tests.fakes.openai import Calls as AsksFor
from tests.fakes.papers import pdf
from tests.fakes.reading import Reading, reading
from tests.fakes.square import ANN, BEN

LEAVE = ("leave.md", b"# Leave\n\nEverybody gets 25 days.\n")
MARK = Shown().mark("", Source("law:leave.md#0", ""))


async def found(maru: Reading, query: str, name: str = "law") -> list[str]:
    return [passage.text for passage in await maru.library.search(query, 5, [name])]


async def test_an_added_document_answers_the_next_question(tmp_path: Path) -> None:
    """It is kept with who sent it, and survives the next sync."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        assert await maru.command("knowledge add law", LEAVE) == "Added to `law`: `leave.md`."
        await maru.library.sync("law")
        fake.script(
            AsksFor(Asks("search_knowledge", arguments(query="How much leave?"))), Answer(f"25 days {MARK}.")
        )
        assert await maru.ask("How much leave?") == "25 days.\n[1] Leave"
        (added,) = await maru.library.additions("law")
    assert (added.path, added.author) == ("leave.md", ANN.id)


async def test_without_a_name_it_goes_into_the_built_in_collection(tmp_path: Path) -> None:
    """In the person's language; several files at once."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "handbook") as maru:
        said = await maru.command("지식 추가", ("휴가.md", "연차는 15일이에요.".encode()), LEAVE)
        assert said == "`handbook`에 더했어요: `휴가.md`, `leave.md`"
        assert (await found(maru, "연차", "handbook"))[0] == "연차는 15일이에요."


async def test_the_same_name_again_takes_the_place_of_the_first(tmp_path: Path) -> None:
    """And the first one's bytes are gone."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        await maru.command("knowledge add law", LEAVE)
        (first,) = await maru.library.additions("law")
        await maru.command("knowledge add law", ("leave.md", b"Everybody gets 30 days."))
        assert await found(maru, "days") == ["Everybody gets 30 days."]
        assert not maru.core.files.path(first.file.digest).exists()


async def test_each_file_that_cannot_be_used_is_named_with_the_reason(tmp_path: Path) -> None:
    """The others are added; a bad one does not take the place of a good one of its name."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        await maru.command("knowledge add law", LEAVE)
        said = await maru.command(
            "knowledge add law",
            ("photo.png", b"\x89PNG"),
            ("leave.md", b"\0\0\0"),
            ("long.txt", b"x" * (LARGEST + 1)),
            ("../../rota.md", b"The rota is on the door."),
        )
        assert "Added to `law`: `rota.md`." in said
        assert "I could not use “photo.png”: it is of a kind that cannot be read" in said
        assert "I could not use “leave.md”: it is not text, whatever its name says." in said
        assert "“long.txt” is too large for me: at most 2 MB per file." in said
        assert await found(maru, "days") == ["Everybody gets 25 days."]


async def test_in_korean_the_reasons_are_korean_too(tmp_path: Path) -> None:
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        said = await maru.command(
            "지식 추가 law",
            ("사진.png", b"\x89PNG"),
            ("휴가.md", b"\0\0\0"),
            ("잠금.pdf", pdf("secret", password="x")),
            ("표.docx", b"PK\x03\x04 no archive"),
            ("스캔.pdf", pdf("")),
        )
        problems = said.split("\n\n")
        assert problems[0].startswith("“사진.png”은(는) 쓸 수 없어요. 읽을 수 없는 종류의 파일이에요.")
        assert problems[1:] == [
            "“휴가.md”은(는) 쓸 수 없어요. 이름과 달리 텍스트 파일이 아니에요.",
            "“잠금.pdf”은(는) 쓸 수 없어요. 비밀번호가 걸려 있어요. 비밀번호 없이 저장해 주세요.",
            "“표.docx”은(는) 쓸 수 없어요. 파일이 깨졌거나 .docx 형식이 아니에요. 열어서 다시 저장해 주세요.",
            "“스캔.pdf”은(는) 쓸 수 없어요. 글이 그림으로만 들어 있어요. 문자 인식(OCR)을 거쳐 주세요.",
        ]


async def test_a_file_that_cannot_be_fetched_is_said_to_be_lost(tmp_path: Path) -> None:
    """Nothing is added silently without it."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        lost = maru.square.message("knowledge add law", attachments=(Attachment("a.md", source="nowhere"),))
        await maru.dispatcher.receive(lost)
        await maru.square.until(lambda: bool(maru.square.whispers))
        assert maru.square.whispers[-1][1] == "I could not get “a.md”. Please send it again."
        assert await maru.library.collections() == []


async def test_a_file_that_is_said_to_be_huge_is_not_fetched(tmp_path: Path) -> None:
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        huge = Attachment("all.pdf", 200_000_000, source="nowhere")
        await maru.dispatcher.receive(maru.square.message("knowledge add law", attachments=(huge,)))
        await maru.square.until(lambda: bool(maru.square.whispers))
        assert "“all.pdf” is too large for me: at most 50 MB per file." in maru.square.whispers[-1][1]


async def test_what_was_added_is_listed_and_removed(tmp_path: Path) -> None:
    """A file by its name, a collection as a whole; then nothing of it is found or kept."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        await maru.command("knowledge add law", LEAVE, ("old rules.md", b"Everybody gets 9 days."))
        listed = await maru.command("knowledge list")
        assert listed.splitlines()[2:] == [
            "- `law` – documents: 2",
            "  - `leave.md`, by square:ann",
            "  - `old rules.md`, by square:ann",
        ]
        gone = await maru.command("knowledge remove law old rules.md")
        assert gone == "`old rules.md` is no longer in `law`."
        assert await found(maru, "days") == ["Everybody gets 25 days."]
        (added,) = await maru.library.additions("law")
        assert await maru.command("지식 삭제 law") == "`law` 컬렉션을 문서와 함께 없앴어요."
        assert await maru.library.collections() == []
        assert not maru.core.files.path(added.file.digest).exists()
        assert await maru.command("knowledge") == "There are no collections yet."


async def test_what_the_operator_put_there_stays(tmp_path: Path) -> None:
    """Chat takes out only what came in by chat."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        await maru.collect(Collection("law"), rules="Everybody gets 25 days.")
        await maru.command("knowledge add law", ("rules.md", b"Everybody gets 30 days."))
        assert await found(maru, "days") == ["Everybody gets 30 days."]
        assert "only they can remove it" in await maru.command("knowledge remove law")
        await maru.command("knowledge remove law rules.md")
        assert await found(maru, "days") == ["Everybody gets 25 days."]
        said = await maru.command("knowledge remove law rules.md")
        assert said.startswith("Nobody added “rules.md” to `law` in chat.")


@pytest.mark.parametrize("text", ["knowledge list", "knowledge remove law", "knowledge add law"])
async def test_others_are_told_kindly(tmp_path: Path, text: str) -> None:
    """And nothing of theirs is fetched."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        await maru.collect(Collection("law"), rules="Everybody gets 25 days.")
        files = [LEAVE] if "add" in text else []
        said = await maru.command(text, *files, author=BEN)
        assert said.startswith("Only administrators and those named for it")
        assert f"add you to `MARU_LIBRARIANS`, as `{BEN.id}`." in said
        assert await maru.library.additions("law") == []
        assert await found(maru, "days") == ["Everybody gets 25 days."]


async def test_somebody_in_a_named_group_takes_care_of_them_too(tmp_path: Path) -> None:
    """The platform says who is in it."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        maru.square.people[BEN.id] = Person("member", groups=frozenset({"group:librarians"}))
        assert "Added to `law`" in await maru.command("knowledge add law", LEAVE, author=BEN)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("knowledge add law", "Attach the files to the message: `knowledge add law`."),
        ("knowledge add", "Attach the files to the message: `knowledge add handbook`."),
        ("knowledge remove laws", "There is no collection `laws`."),
        ("knowledge remove ../law", "A collection cannot be called “../law”."),
    ],
)
async def test_a_mistake_is_explained(tmp_path: Path, text: str, said: str) -> None:
    """With what to do instead."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        assert (await maru.command(text)).startswith(said)


async def test_a_collection_that_nobody_searches_is_pointed_out(tmp_path: Path) -> None:
    """Adding to it would help nobody."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        assert "No assistant searches `lew` yet" in await maru.command("knowledge add lew", LEAVE)


async def test_a_collection_that_is_being_read_is_not_removed(tmp_path: Path) -> None:
    """The person is asked to try again."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        await maru.command("knowledge add law", LEAVE)
        async with maru.store.collections.alone("law"):
            assert "being read right now" in await maru.command("knowledge remove law")
        assert "is gone" in await maru.command("knowledge remove law")


async def test_forgetting_the_conversation_leaves_the_document(tmp_path: Path) -> None:
    """It is the team's now."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        await maru.command("knowledge add law", LEAVE)
        await maru.command("forget")
        await maru.library.sync("law")
        assert await found(maru, "days") == ["Everybody gets 25 days."]


@pytest.mark.parametrize("text", ["knowledge add law", "knowledge list", "knowledge remove law"])
async def test_what_cannot_be_reached_now_is_said_to_be_so(tmp_path: Path, text: str) -> None:
    """The reason is for the operator: the key was taken back."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        await maru.store.collections.put(Collection("law", backend="openai"))
        await maru.store.uploads.open("law", "vs_1")
        fake.key = "another"
        said = await maru.command(text, *([LEAVE] if "add" in text else []))
        assert said.startswith("What keeps these documents cannot be reached now.")


async def test_a_removal_that_was_cut_short_can_be_asked_for_again(tmp_path: Path) -> None:
    """No document stays that nobody can name any more."""
    async with FakeOpenAI() as fake, reading(tmp_path, fake, "law") as maru:
        await maru.command("knowledge add law", LEAVE)
        fails = Library(
            {"local": Stuck(maru.store.database)}, maru.store.collections, maru.core.files, SystemClock()
        )
        with pytest.raises(BackendUnreachable):
            await fails.drop("law", "leave.md")
        assert await maru.command("knowledge remove law leave.md") == "`leave.md` is no longer in `law`."
        assert await found(maru, "days") == []


class Stuck(SqliteIndex):
    """It does not get to remove anything."""

    async def remove(self, collection: str, path: str) -> None:
        raise BackendUnreachable(f"{path} stays in {collection}")
