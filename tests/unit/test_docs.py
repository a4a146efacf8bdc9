"""The documents say what the code does: settings, commands, ports, files and links."""

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from adapters.slack.setup import manifest
from bot import cli, ports
from bot.environment import read
from bot.settings import Settings

ROOT = Path(__file__).parent.parent.parent
READMES = ("README.md", "README.ko.md")
TOP = {"bot", "adapters", "storage", "tests", "docs", "assistants", "functions", "knowledge"}
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(page for top in TOP for page in (ROOT / top).rglob("*.md"))]
    if path.is_file()
)
FIELDS = {str(field.validation_alias): field for field in Settings.model_fields.values()}

page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(text: str, columns: int) -> list[list[str]]:
    """The rows of all tables with so many columns, without their heads."""
    found = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in text.splitlines()
        if line[:1] == "|"
    ]
    return [row for row in found if len(row) == columns and row[0].startswith("`")]


def settings_table(name: str) -> dict[str, tuple[str, str]]:
    """Name -> default and description, as a README has them."""
    return {row[0].strip("`"): (row[1], row[2]) for row in rows(text_of(name), 3)}


def shown(default: Any) -> str:
    """A default as it is written in a table."""
    match default:
        case None | "" | () | {}:
            return "–"
        case bool():
            return f"`{str(default).lower()}`"
        case (host, port):
            return f"`{host}:{port}`"
    return f"`{default}`"


def code(path: Path) -> list[str]:
    """Everything on a page that is set as code, in spans and blocks."""
    tokens = MarkdownIt().parse(path.read_text(encoding="utf-8"))
    inner = [child for token in tokens for child in token.children or ()]
    return [token.content for token in [*tokens, *inner] if token.type in {"fence", "code_inline"}]


def links(path: Path) -> list[str]:
    """The addresses of all links and pictures on a page."""
    tokens = MarkdownIt().enable("table").parse(path.read_text(encoding="utf-8"))
    inner = [child for token in tokens for child in token.children or ()]
    return [str(token.attrs[name]) for token in inner for name in ("href", "src") if name in token.attrs]


def anchors(path: Path) -> set[str]:
    """The names under which the headings of a page can be linked to."""
    heads = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def program_commands() -> list[str]:
    """The commands that `maru --help` lists."""
    printed = StringIO()
    with redirect_stdout(printed), pytest.raises(SystemExit):
        cli.main(["--help"])
    listed = re.search(r"\{([a-z,]+)\}", printed.getvalue())
    assert listed
    return listed[1].split(",")


def test_the_readme_lists_the_settings_as_they_are() -> None:
    """Names, order, defaults and descriptions are those of the code."""
    expected = {name: (shown(field.default), field.description) for name, field in FIELDS.items()}
    table = settings_table("README.md")
    assert table == expected
    assert list(table) == list(expected)


def test_both_readmes_list_the_same_settings() -> None:
    """Names, order and defaults; the descriptions are translated."""
    english, korean = (settings_table(name) for name in READMES)
    assert [(name, default) for name, (default, _) in korean.items()] == [
        (name, default) for name, (default, _) in english.items()
    ]
    assert all(re.search("[가-힣]", description) for _, description in korean.values())


def test_both_readmes_name_the_same_commands() -> None:
    """What is to be typed does not depend on the language."""
    english, korean = (
        [line for text in code(ROOT / name) for line in text.splitlines() if not line.startswith("#")]
        for name in READMES
    )
    assert set(korean) == set(english)


@page
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    """Files exist, and headings too."""
    broken = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@page
def test_every_path_and_command_exists(page: Path) -> None:
    """Files of the repository, targets of the Makefile and commands of the program."""
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    commands = program_commands()
    unknown = []
    for text in code(page):
        for name in re.findall(r"(?:^|\n)make ([a-z]+)", text):
            unknown += [f"make {name}"] if name not in targets else []
        for name in re.findall(r"(?:^|\n|/)maru ([a-z]+)", text):
            unknown += [f"maru {name}"] if name not in commands else []
        if re.fullmatch(r"\.?[\w-]+(/[\w.-]+)*/?", text) and text.split("/")[0] in TOP and "/" in text:
            unknown += [text] if not (ROOT / text).exists() else []
    assert unknown == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_handbook_names_the_permissions_that_slack_is_asked_for(language: str) -> None:
    lines = text_of(f"knowledge/{language}/slack.md").splitlines()
    named = [set(re.findall(r"`([a-z_.:]+)`", line)) for line in lines]
    asked = manifest()
    assert set(asked["oauth_config"]["scopes"]["bot"]) in named
    assert set(asked["settings"]["event_subscriptions"]["bot_events"]) in named


def test_the_architecture_lists_the_ports_as_they_are() -> None:
    """Every port with every member, in their order within each port."""
    protocols = {
        name: [member for member in vars(port) if not member.startswith("_")]
        for name, port in vars(ports).items()
        if getattr(port, "_is_protocol", False) and port.__module__.startswith(ports.__name__)
    }
    table = {row[0].strip("`"): re.findall(r"`(\w+)`", row[2]) for row in rows(text_of("ARCHITECTURE.md"), 3)}
    assert {name: sorted(members) for name, members in table.items()} == {
        name: sorted(members) for name, members in protocols.items()
    }


def test_the_architecture_links_to_every_decision() -> None:
    """A decision that nobody finds was not written down."""
    linked = [link for link in links(ROOT / "ARCHITECTURE.md") if link.startswith("docs/adr/")]
    assert linked == [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs/adr").glob("*.md"))]


def test_the_example_settings_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the file stands nothing is set, and with every line switched on nothing is wrong."""
    monkeypatch.chdir(ROOT)
    example = ROOT / ".env.example"
    assert read({}, example) == Settings()
    everything = tmp_path / ".env"
    everything.write_text(
        re.sub(r"^#([A-Z_]+=)", r"\1", example.read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    settings = read({}, everything)
    assert settings.openai_base_url
    names = re.findall(r"^#([A-Z_]+)=", example.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(names) <= FIELDS.keys()
