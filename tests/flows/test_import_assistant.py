"""`maru import assistant`, as a team that moves in uses it."""

import json
from pathlib import Path

from tests.fakes.processes import run_maru

OLD = {
    "id": "asst_abc123",
    "object": "assistant",
    "created_at": 1698984975,
    "name": "Shop Helper",
    "description": None,
    "model": "gpt-4o",
    "instructions": "You know our shop.",
    "tools": [
        {"type": "code_interpreter"},
        {
            "type": "function",
            "function": {
                "name": "get_order",
                "description": "Look up an order.",
                "parameters": {
                    "type": "object",
                    "properties": {"number": {"type": "string"}},
                    "required": ["number"],
                },
            },
        },
    ],
    "tool_resources": {"code_interpreter": {"file_ids": []}},
    "metadata": {},
    "top_p": 1.0,
    "temperature": 1.0,
    "response_format": "auto",
}


def exported(folder: Path) -> Path:
    path = folder / "old.json"
    path.write_text(json.dumps(OLD), encoding="utf-8")
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_an_assistant_moves_in_and_is_found_with_its_functions(tmp_path: Path) -> None:
    exported(tmp_path)
    status, said = await run_maru(tmp_path, {}, "import assistant old.json")
    assert status == 0, said
    assert "assistants/shop-helper.toml: written" in said
    assert "OpenAI names gpt-6-luna in its place" in said
    assert "assistants is new: from the next start on it takes the place of" in said
    status, said = await run_maru(tmp_path, {}, "assistants")
    assert (status, "get_order: there is no such function. Write it" in said) == (1, True)
    draft = tmp_path / "functions" / "_get_order.py"
    code = draft.read_text(encoding="utf-8").replace(
        'raise NotImplementedError("get_order is', "return number"
    )
    draft.with_name("get_order.py").write_text(code.replace(' not written yet.")', ""), encoding="utf-8")
    status, said = await run_maru(tmp_path, {}, "assistants")
    assert (status, said) == (0, "shop-helper – Shop Helper\n  get_order\n")


async def test_a_dry_run_shows_everything_and_writes_nothing(tmp_path: Path) -> None:
    exported(tmp_path)
    status, said = await run_maru(tmp_path, {}, "import assistant old.json --dry-run")
    assert status == 0, said
    assert "  | You know our shop." in said
    assert "  | def get_order(" in said
    assert names(tmp_path) == ["old.json"]


async def test_a_repeat_does_nothing_and_a_changed_file_is_left_alone_unless_forced(tmp_path: Path) -> None:
    exported(tmp_path)
    await run_maru(tmp_path, {}, "import assistant old.json")
    status, said = await run_maru(tmp_path, {}, "import assistant old.json")
    assert (status, said.count("stands there already")) == (0, 2)
    own = tmp_path / "assistants" / "shop-helper.toml"
    own.write_text('instructions = "Ours now."\n', encoding="utf-8")
    status, said = await run_maru(tmp_path, {}, "import assistant old.json")
    assert (status, "left as it is. --force replaces it." in said) == (1, True)
    assert "Ours now." in own.read_text(encoding="utf-8")
    status, said = await run_maru(tmp_path, {}, "import assistant old.json --force")
    assert (status, "shop-helper.toml: replaced" in said) == (0, True)
    assert "You know our shop." in own.read_text(encoding="utf-8")


async def test_an_assistant_that_another_file_defines_is_not_written_twice(tmp_path: Path) -> None:
    exported(tmp_path)
    (tmp_path / "assistants").mkdir()
    mine = tmp_path / "assistants" / "mine.toml"
    mine.write_text('name = "shop-helper"\ninstructions = "Hi."\n', encoding="utf-8")
    status, said = await run_maru(tmp_path, {}, "import assistant old.json")
    assert (status, "mine.toml: defines shop-helper already" in said) == (1, True)
    assert names(tmp_path / "assistants") == ["mine.toml"]


async def test_a_broken_file_ends_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text('{"id": "asst_1",\n "model": }', encoding="utf-8")
    status, said = await run_maru(tmp_path, {}, "import assistant old.json")
    assert (status, "old.json:2:11: not valid JSON" in said) == (2, True)
