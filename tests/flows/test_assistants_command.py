"""`maru assistants`, as an operator uses it, and files that change while Maru runs."""

import signal
from pathlib import Path

from tests.fakes.processes import run_maru, start_maru, until


async def test_it_lists_the_assistants_with_their_functions(tmp_path: Path) -> None:
    status, said = await run_maru(tmp_path, {}, "assistants")
    assert status == 0, said
    assert "weather – Knows the weather" in said
    assert "  current_weather\n" in said


async def test_a_function_that_does_not_exist_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "assistants"
    folder.mkdir()
    (folder / "own.toml").write_text('instructions = "Hi."\nfunctions = ["fly"]\n', encoding="utf-8")
    status, said = await run_maru(tmp_path, {}, "assistants")
    assert (status, "fly: there is no such function" in said) == (1, True)


async def test_an_assistant_is_chosen_for_a_channel_beside_a_maru_that_runs(tmp_path: Path) -> None:
    maru, _ = await start_maru(tmp_path, {})
    first = await run_maru(tmp_path, {}, "assistants web:general")
    chosen = await run_maru(tmp_path, {}, "assistants web:general weather")
    then = await run_maru(tmp_path, {}, "assistants web:general")
    assert await maru.end(signal.SIGTERM) == 0
    assert first == (0, "web:general: the default assistant\n")
    assert chosen == then == (0, "web:general: weather\n")


async def test_wrong_names_are_refused_with_the_remedy(tmp_path: Path) -> None:
    status, said = await run_maru(tmp_path, {}, "assistants web:general clown")
    assert (status, "There are: maru, travel, weather." in said) == (2, True)
    pins = {"MARU_CHANNELS": "web:general=weather"}
    status, said = await run_maru(tmp_path, pins, "assistants web:general travel")
    assert (status, "Change that setting instead." in said) == (2, True)
    status, said = await run_maru(tmp_path, {"MARU_CHANNELS": "web:general=clown"}, "chat")
    assert (status, "MARU_CHANNELS: there is no assistant clown" in said) == (2, True)
    status, said = await run_maru(tmp_path, {"MARU_CHANNELS": "web:general"}, "chat")
    assert (status, "MARU_CHANNELS: give it as place=assistant" in said) == (2, True)


async def test_a_wrong_file_of_functions_ends_the_start_with_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "functions"
    folder.mkdir()
    (folder / "own.py").write_text("\ndef f(a): ...\n", encoding="utf-8")
    status, said = await run_maru(tmp_path, {}, "run")
    assert status == 2
    assert "own.py:2: f: it has no docstring" in said


async def test_a_wrong_file_is_reported_while_maru_goes_on_and_a_mended_one_is_taken_up(
    tmp_path: Path,
) -> None:
    folder, log = tmp_path / "assistants", tmp_path / "maru.log"
    folder.mkdir()
    own = folder / "own.toml"
    own.write_text('instructions = "Hi."\n', encoding="utf-8")
    maru, _ = await start_maru(tmp_path, {})

    async def logged(text: str) -> bool:
        return text in log.read_text(encoding="utf-8")

    own.write_text('instructions = "Hi."\ncolour = "red"\n', encoding="utf-8")
    await until(lambda: logged("own.toml:2: colour: there is no such key; take it out."))
    own.write_text('instructions = "Mended."\n', encoding="utf-8")
    await until(lambda: logged("was read again: own"))
    assert await maru.end(signal.SIGTERM) == 0


async def test_a_collection_that_does_not_exist_is_pointed_out(tmp_path: Path) -> None:
    """Until somebody makes it."""
    (tmp_path / "assistants").mkdir()
    (tmp_path / "assistants" / "maru.toml").write_text(
        'instructions = "Be kind."\nknowledge = ["law", "handbook"]\n'
    )
    status, said = await run_maru(tmp_path, {}, "assistants")
    assert (status, said.count("there is no such collection")) == (1, 1)
    assert "  law: there is no such collection." in said
    await run_maru(tmp_path, {}, "knowledge add law")
    assert (await run_maru(tmp_path, {}, "assistants"))[0] == 0


async def test_what_is_no_place_is_not_taken_for_one(tmp_path: Path) -> None:
    """Somebody who gives the assistant first reads what goes first."""
    status, said = await run_maru(tmp_path, {}, "assistants weather maru")
    assert status
    assert said == "weather is no place. Write one such as slack:T1/C1 or discord:G1/C1.\n"
