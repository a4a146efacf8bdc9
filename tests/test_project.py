"""The project's own files keep the promises that no tool checks."""

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
TEST_MODULES = sorted(ROOT.glob("tests/**/test_*.py"))


def pyproject() -> dict[str, Any]:
    """What pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def name_of(requirement: str) -> str:
    """`prompt_toolkit>=3` -> `prompt-toolkit`, as locks write it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0]).lower()


def pins(lock: str) -> dict[str, str]:
    """Every name in a lock, with its exact version."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", text, re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address_and_hashes_every_version(lock: str) -> None:
    """A lock works with any index, and only with the very files it was made from."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"(^|\s)(file:|/)", text)
    requirements = re.sub(r"\\\n\s*", " ", text)
    unhashed = [
        line for line in requirements.splitlines() if line[:1].isalnum() and "--hash=sha256:" not in line
    ]
    assert unhashed == []


def test_locks_hold_what_pyproject_requires() -> None:
    """Nobody adds a requirement without making the locks again."""
    project, groups = pyproject()["project"], pyproject()["dependency-groups"]
    runtime = {name_of(requirement) for requirement in project["dependencies"] + groups["build"]}
    dev = {name_of(requirement) for requirement in groups["dev"] if isinstance(requirement, str)}
    assert runtime - pins("requirements.lock").keys() == set()
    assert (runtime | dev) - pins("requirements-dev.lock").keys() == set()


def test_the_program_is_tested_with_the_versions_it_runs_with() -> None:
    """The development lock repeats every pin of the runtime lock."""
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


@pytest.mark.parametrize("module", TEST_MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_test_module_says_what_it_proves(module: Path) -> None:
    """A test module opens with one sentence."""
    assert ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
