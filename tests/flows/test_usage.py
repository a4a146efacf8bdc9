"""`maru usage`, as an operator uses it."""

from dataclasses import replace
from pathlib import Path

from bot.clock import SystemClock
from bot.events import Completed, File, Text, Usage
from bot.ports import Remote
from storage.sqlite.store import Store
from tests.fakes.people import BEN, message
from tests.fakes.processes import run_maru


async def spend(folder: Path) -> None:
    """Two people ask in one room."""
    store = await Store.open(folder / "maru.db", SystemClock())
    for number, (author, usage) in enumerate(
        (
            (message().author, Usage("gpt-6.2-sol", 1_000_000, 0, 0, containers=1)),
            (BEN, Usage("gpt-6-luna", 1_000, 0, 10, pictures=1)),
        ),
        start=1,
    ):
        await store.inbox.receive(replace(message("hi", number), author=author))
        (turn,) = await store.turns.claim(1, ["web"])
        await store.threads.open(turn, "maru")
        draft = turn.draft.apply(Text("hello")).apply(Completed())
        await store.turns.answer(turn, draft, "done", (), usage)
        await store.turns.done(turn)
    await store.close()


async def test_it_shows_what_was_spent_by_person_dearest_first(tmp_path: Path) -> None:
    await spend(tmp_path)
    status, said = await run_maru(tmp_path, {}, "usage --by person")
    assert status == 0
    head, ann, ben, *_ = said.splitlines()
    assert head.startswith("person\tdollars\tinput_tokens")
    # A million tokens in one step count as very long input, at twice the price.
    assert ann.split("\t")[:3] == ["web:ann", "4.0300", "1000000"]
    assert ben.split("\t")[:3] == ["web:ben", "0.0001", "1000"]
    assert "Not counted, no price is known: pictures." in said


async def test_by_assistant_and_with_prices_of_ones_own(tmp_path: Path) -> None:
    await spend(tmp_path)
    own = (Path(__file__).parents[2] / "bot" / "prices.toml").read_text(encoding="utf-8")
    (tmp_path / "own.toml").write_text(own + "pictures = 0.5\n", encoding="utf-8")
    status, said = await run_maru(tmp_path, {"MARU_PRICES": "own.toml"}, "usage --by assistant")
    assert status == 0
    assert said.splitlines()[1].startswith("maru\t4.5301\t")
    assert "Not counted" not in said


async def test_each_turn_for_itself(tmp_path: Path) -> None:
    await spend(tmp_path)
    status, said = await run_maru(tmp_path, {}, "usage --by turn")
    assert status == 0
    assert [line.split("\t")[:2] for line in said.splitlines()[1:3]] == [["T1", "4.0300"], ["T2", "0.0001"]]


async def test_what_lies_at_the_service_is_shown_with_its_conversation(tmp_path: Path) -> None:
    """Files there have no price today; one of one's own is applied."""
    await spend(tmp_path)
    store = await Store.open(tmp_path / "maru.db", SystemClock())
    await store.files.own("web:stored", 0, File("d" * 64, "big.pdf", "application/pdf", 10**12))
    await store.remotes.made([Remote("file", "file-1", "web:stored", digest="d" * 64)])
    ago = SystemClock().now() - 86_400
    await store.database.write(lambda c: c.execute("UPDATE remote SET created_at = ?", (ago,)))
    await store.close()
    own = (Path(__file__).parents[2] / "bot" / "prices.toml").read_text(encoding="utf-8")
    (tmp_path / "own.toml").write_text(own.replace("files = 0.0", "files = 0.01"), encoding="utf-8")
    status, said = await run_maru(tmp_path, {"MARU_PRICES": "own.toml"}, "usage")
    assert status == 0
    head, first, *_ = (line.split("\t") for line in said.splitlines())
    assert (head[-1], first[0]) == ("gb_days", "web:stored")
    assert abs(float(first[-1]) - 1_000) < 1
    assert abs(float(first[1]) - 10) < 0.01


async def test_nothing_was_spent(tmp_path: Path) -> None:
    status, said = await run_maru(tmp_path, {}, "usage --days 7")
    assert (status, "7 days: $0.00" in said) == (0, True)
