"""Assistants are read from files, and a wrong file is reported with its line and the remedy."""

from pathlib import Path

import pytest

from bot import function_files
from bot.assistants import load, read
from bot.errors import AssistantError
from bot.files import Files

SHIPPED = Path(__file__).parent.parent.parent / "assistants"
GOOD = 'instructions = "Be kind."\n'


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problem(path: Path) -> str:
    with pytest.raises(AssistantError) as caught:
        read(path)
    return str(caught.value)


def test_the_shipped_assistant_works() -> None:
    """It has what the first page shows of it."""
    maru = load(SHIPPED)["maru"]
    assert maru.instructions
    assert maru.tools == ("python", "web")  # what costs nothing unasked, or next to nothing
    assert maru.description
    assert maru.starters


def test_an_assistant_is_named_after_its_file(tmp_path: Path) -> None:
    """Unless it says another name; other files are left alone."""
    write(tmp_path, "helper.toml", GOOD)
    write(tmp_path, "other.toml", 'name = "legal"\n' + GOOD)
    write(tmp_path, "notes.txt", "not an assistant")
    write(tmp_path, "README.md", "about them")
    write(tmp_path, "_draft.toml", "not finished")
    assert set(load(tmp_path)) == {"helper", "legal"}


def test_everything_that_may_be_said_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "full.toml",
        'description = "All of it"\ninstructions = "  Be kind.  "\nmodel = "gpt-x"\neffort = "low"\n'
        'functions = ["weather"]\nstarters = ["Hello?", "안녕?"]\n',
    )
    full = read(path)
    assert (full.name, full.description, full.instructions) == ("full", "All of it", "Be kind.")
    assert (full.model, full.effort) == ("gpt-x", "low")
    assert (full.functions, full.starters) == (("weather",), ("Hello?", "안녕?"))


def test_what_is_not_said_is_left_to_the_settings(tmp_path: Path) -> None:
    plain = read(write(tmp_path, "plain.toml", GOOD))
    assert (plain.model, plain.effort, plain.functions, plain.starters) == ("", "", (), ())


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        (GOOD + '\neffort = "huge"\n', 3, "effort"),
        (GOOD + "model = 5\n", 2, "model"),
        (GOOD + 'colour = "red"\n', 2, "colour"),
        ('description = "x"\ninstructions = ""\n', 2, "instructions"),
        ('description = "x"\n', 1, "instructions"),
        ('name = "Not A Name"\n' + GOOD, 1, "name"),
        (GOOD + 'starters = ["fine", 7]\n', 2, "starters.1"),
    ],
)
def test_a_wrong_value_is_found_by_its_line(tmp_path: Path, text: str, line: int, key: str) -> None:
    """The report opens with file and line, as editors understand it, and names the key."""
    path = write(tmp_path, "wrong.toml", text)
    assert problem(path).startswith(f"{path}:{line}: {key}: ")


MCP = """
[[mcp]]
label = "wiki"
url = "https://wiki.example/mcp"

[[mcp]]
label = "tracker"
url = "https://tracker.example/mcp"
"""


def test_mcp_servers_are_read(tmp_path: Path) -> None:
    """Whatever is not said is careful: everything is asked about."""
    full = MCP + 'tools = ["find", "create"]\napproval = ["create"]\nauthorization = "TRACKER_TOKEN"\n'
    wiki, tracker = read(write(tmp_path, "with.toml", GOOD + full)).mcp
    assert (wiki.asks("anything"), wiki.authorization, wiki.tools) == (True, "", ())
    assert (tracker.asks("create"), tracker.asks("find")) == (True, False)
    assert tracker.authorization == "TRACKER_TOKEN"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('authorization = "sk-12345"', 10, "mcp.1.authorization: name an environment variable"),
        ('authorization = "ghp_abcDEF"', 10, "mcp.1.authorization: name an environment variable"),
        ('approval = "sometimes"', 10, "mcp.1.approval: "),
        ('tools = ["find"]\napproval = ["create"]', 7, "mcp.1: approval names create"),
        ('colour = "red"', 10, "mcp.1.colour: there is no such key; take it out."),
        ('[[mcp]]\nlabel = "wiki"\nurl = "https://x.example"', 3, "mcp: two servers are called wiki"),
        ('[[mcp]]\nlabel = "no label"\nurl = "https://x.example"', 11, "mcp.2.label: "),
        ('[[mcp]]\nlabel = "x"\nurl = "x.example"', 12, "mcp.2.url: give it as an address"),
        ('[[mcp]]\nlabel = "x"', 10, "mcp.2.url: it is missing; add it."),
    ],
)
def test_a_wrong_mcp_server_is_reported_with_its_line_and_without_secrets(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    path = write(tmp_path, "wrong.toml", GOOD + MCP + text + "\n")
    with pytest.raises(AssistantError) as caught:
        read(path)
    assert any(report.startswith(f"{path}:{line}: {says}") for report in str(caught.value).splitlines())
    assert "12345" not in f"{caught.value} {caught.value.__cause__}"
    assert "abcDEF" not in f"{caught.value} {caught.value.__cause__}"


def test_every_wrong_value_of_a_file_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path, "wrong.toml", 'effort = "huge"\nmodel = 5\n' + GOOD)
    assert [report.split(": ")[1] for report in problem(path).splitlines()] == ["model", "effort"]


def test_a_file_that_is_no_toml_is_reported_with_the_place(tmp_path: Path) -> None:
    path = write(tmp_path, "broken.toml", GOOD + "model = \n")
    assert problem(path).startswith(f"{path}: not valid TOML: ")
    assert "line 2" in problem(path)
    assert "Mend that place." in problem(path)


def test_a_file_that_is_no_text_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes('instructions = "süß"'.encode("latin-1"))
    assert problem(path).startswith(f"{path}: cannot be read (")


def test_every_wrong_file_of_a_folder_is_reported_at_once(tmp_path: Path) -> None:
    """A good file beside them changes nothing."""
    write(tmp_path, "good.toml", GOOD)
    first = write(tmp_path, "one.toml", "model = 5\n" + GOOD)
    second = write(tmp_path, "two.toml", "=\n")
    with pytest.raises(AssistantError) as caught:
        load(tmp_path)
    assert str(first) in str(caught.value)
    assert str(second) in str(caught.value)


def test_two_files_of_one_name_are_reported(tmp_path: Path) -> None:
    write(tmp_path, "maru.toml", GOOD)
    second = write(tmp_path, "second.toml", 'name = "maru"\n' + GOOD)
    with pytest.raises(AssistantError, match=r"'maru'\. Give this one a new name") as caught:
        load(tmp_path)
    assert str(caught.value).startswith(str(second))


def test_a_folder_without_assistants_is_reported(tmp_path: Path) -> None:
    with pytest.raises(AssistantError, match="Put a file like"):
        load(tmp_path)


def test_markdown_has_settings_in_front_and_instructions_below(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "trip.md",
        "---\ndescription: Plans trips.\nfunctions: [weather]\naccess:\n  - slack:T1/U1\n---\n"
        "\nBe *kind*.\n\n---\n\nAnd brief.\n",
    )
    trip = load(tmp_path)["trip"]
    assert trip == read(path)
    assert (trip.description, trip.functions, trip.access) == ("Plans trips.", ("weather",), ("slack:T1/U1",))
    assert trip.instructions == "Be *kind*.\n\n---\n\nAnd brief."


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("Be kind.\n", 1, "no front matter"),
        ("---\nmodel: x\n", 1, "no front matter"),
        ("---\nmodel: x\neffort: huge\n---\nBe kind.\n", 3, "effort"),
        ("---\nmodel: [x\neffort: low\n---\nBe kind.\n", 3, "not valid YAML"),
        ("---\nmodel: 2026-13-01\n---\nBe kind.\n", 1, "month must be in 1..12"),
        ("---\nmodel: !!int six\n---\nBe kind.\n", 1, "not valid YAML"),
        (f"---\nmodel: {'[' * 3_000}\n---\nBe kind.\n", 1, "not valid YAML"),
        ("---\n- model\n---\nBe kind.\n", 2, "must be lines"),
        ("---\nmodel: x\ninstructions: y\n---\nBe kind.\n", 3, "below the front matter"),
        ("---\nmodel: x\n---\n", 1, "instructions"),
    ],
)
def test_wrong_markdown_is_found_by_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    path = write(tmp_path, "wrong.md", text)
    assert problem(path).startswith(f"{path}:{line}: ")
    assert says in problem(path)


def test_tools_and_servers_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "full.toml",
        GOOD + 'tools = ["web"]\npython = "always"\n',
    )
    full = read(path)
    assert (full.tools, full.python) == (("web",), "always")
    write(tmp_path, "full.toml", GOOD + 'tools = ["web", "fax"]\n')
    assert problem(path).startswith(f"{path}:2: tools.1: ")


def test_the_shipped_assistants_call_functions_that_ship(tmp_path: Path) -> None:
    shipped = function_files.load(SHIPPED.parent / "functions", Files(tmp_path), {})
    found = load(SHIPPED)
    assert set(found) == {"maru", "weather", "travel"}
    assert {name for assistant in found.values() for name in assistant.functions} <= shipped.keys()
