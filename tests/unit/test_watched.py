"""Changed files are taken up without a restart; a wrong one is reported and the old stay in use."""

from pathlib import Path

import pytest

from bot.assistants import load
from bot.errors import AssistantError
from bot.watched import Watched


def write(folder: Path, instructions: str, name: str = "maru") -> None:
    (folder / f"{name}.toml").write_text(f"instructions = {instructions}\n", encoding="utf-8")


def test_a_changed_new_or_deleted_file_is_taken_up(tmp_path: Path) -> None:
    write(tmp_path, '"Be kind."')
    watched = Watched(tmp_path, load)
    assert not watched.refresh()
    write(tmp_path, '"Be very kind."')
    write(tmp_path, '"Cook."', "cook")
    assert watched.refresh()
    assert (watched["maru"].instructions, len(watched)) == ("Be very kind.", 2)
    (tmp_path / "cook.toml").unlink()
    assert watched.refresh()
    assert list(watched) == ["maru"]


def test_a_wrong_file_is_reported_once_and_the_old_stay_in_use(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, '"Be kind."')
    watched = Watched(tmp_path, load)
    write(tmp_path, "nonsense")
    assert not watched.refresh()
    assert not watched.refresh()
    (report,) = (record.getMessage() for record in caplog.records)
    assert report.startswith(f"{tmp_path / 'maru.toml'}: not valid TOML")
    assert "stays in use" in report
    assert watched["maru"].instructions == "Be kind."
    write(tmp_path, '"Mended."')
    assert watched.refresh()
    assert watched["maru"].instructions == "Mended."


def test_a_folder_that_is_gone_is_reported_once_and_the_old_stay_in_use(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where a folder without files would be right, as for functions."""
    folder = tmp_path / "assistants"
    folder.mkdir()
    write(folder, '"Be kind."')
    watched = Watched(folder, lambda there: load(there) if there.is_dir() else {})
    folder.rename(tmp_path / "away")
    assert not watched.refresh()
    assert not watched.refresh()
    (report,) = (record.getMessage() for record in caplog.records)
    assert "cannot be looked at. Put it back" in report
    assert list(watched) == ["maru"]
    (tmp_path / "away").rename(folder)
    write(folder, '"Be back."')
    assert watched.refresh()
    assert watched["maru"].instructions == "Be back."


def test_at_the_start_a_wrong_file_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "nonsense")
    with pytest.raises(AssistantError):
        Watched(tmp_path, load)
