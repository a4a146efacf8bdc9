"""What typed lines mean: words, files in them, commands."""

from pathlib import Path

import pytest

from adapters.console.client.typed import Order, Words, path_of, understand


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.pdf").write_text("a")
    (tmp_path / "my data.csv").write_text("b")
    (tmp_path / "sub").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("line", "order"),
    [
        ("/help", Order("help", typed="/help")),
        ("도움말", Order("help", typed="도움말")),
        ("/초기화", Order("reset", typed="/초기화")),
        ("again", Order("again", typed="again")),
        ("/save 2 out.csv", Order("save", "2 out.csv", "/save 2 out.csv")),
        ("/EDIT", Order("edit", "", "/EDIT")),
        ("/nonsense", Order("nonsense", "", "/nonsense")),
    ],
)
def test_a_line_with_a_slash_or_a_known_word_alone_is_a_command(
    line: str, order: Order, folder: Path
) -> None:
    assert understand(line, folder) == order


@pytest.mark.parametrize(
    "line",
    [
        "please reset my password",
        "look at a.pdf",
        "/usr/share is full",
        "@Maru hello",
        "./missing.pdf",
        "1 / 2",
    ],
)
def test_anything_else_is_said_as_it_stands(line: str, folder: Path) -> None:
    assert understand(line, folder) == Words(line)


@pytest.mark.parametrize(
    ("line", "text", "names"),
    [
        ("describe ./a.pdf", "describe a.pdf", ["a.pdf"]),
        ("@a.pdf 요약해 줘", "a.pdf 요약해 줘", ["a.pdf"]),
        ('@"my data.csv"', "my data.csv", ["my data.csv"]),
        ("./my\\ data.csv and ./a.pdf", "my data.csv and a.pdf", ["my data.csv", "a.pdf"]),
        ("./sub", "./sub", []),
    ],
)
def test_a_path_with_a_sign_in_front_is_a_file(line: str, text: str, names: list[str], folder: Path) -> None:
    assert understand(line, folder) == Words(text, tuple(folder / name for name in names))


def test_a_file_dragged_into_the_terminal_is_no_command(folder: Path) -> None:
    """File managers type the absolute path, quoted when it has spaces."""
    assert understand(f"'{folder}/my data.csv'", folder) == Words("my data.csv", (folder / "my data.csv",))
    assert understand(f"{folder}/a.pdf", folder) == Words("a.pdf", (folder / "a.pdf",))


def test_a_path_after_a_command_needs_no_quotes(folder: Path) -> None:
    assert path_of("my data.csv", folder) == folder / "my data.csv"
    assert path_of('"my data.csv"', folder) == folder / "my data.csv"
    assert path_of("~/x", folder) == Path.home() / "x"
