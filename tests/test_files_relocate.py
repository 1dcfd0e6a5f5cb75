"""A file is renamed or deleted in one step, keeps its mode, and comes back."""

import stat
import threading

import pytest

from planner.errors import ScenarioError
from planner.files.atomic import FileChangedError, atomic_write
from planner.files.loading import digest_of
from planner.files.relocate import list_trash, rename_file, restore_file, trash_file


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text("old")
    path.chmod(0o600)
    return path


def test_a_renamed_file_keeps_its_mode(path):
    there = path.with_name("b.toml")
    rename_file(path, there)
    assert (there.read_text(), stat.S_IMODE(there.stat().st_mode), path.exists()) == ("old", 0o600, False)


def test_a_name_that_is_taken_stays_with_its_file(path):
    other = path.with_name("b.toml")
    other.write_text("other")
    with pytest.raises(ScenarioError, match="exists already"):
        rename_file(path, other)
    assert (path.read_text(), other.read_text()) == ("old", "other")


def test_a_deleted_file_comes_back_as_it_was(path, tmp_path):
    trashed = trash_file(path, trash=tmp_path / "trash")
    assert not path.exists()
    assert list_trash(trash=tmp_path / "trash") == (trashed,)
    restore_file(trashed)
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("old", 0o600)
    assert list_trash(trash=tmp_path / "trash") == ()
    assert [*(tmp_path / "trash").iterdir()] == []


def test_a_deleted_file_replaces_no_newer_one(path, tmp_path):
    trashed = trash_file(path, trash=tmp_path / "trash")
    path.write_text("newer")
    with pytest.raises(ScenarioError, match="exists already"):
        restore_file(trashed)
    assert path.read_text() == "newer"
    assert list_trash(trash=tmp_path / "trash") == (trashed,)


def test_what_else_lies_in_the_trash_is_passed_over(tmp_path):
    (tmp_path / "x.origin.json").write_text("[1")
    (tmp_path / "y.origin.json").write_text('{"origin": "/a", "deleted_s": 1}')
    assert list_trash(trash=tmp_path) == ()


def test_no_save_that_was_done_is_lost_by_a_rename(path):
    """Each of many saves that came through stands in one of the two files, or another came after it."""
    there, last = path.with_name("b.toml"), "old"
    for turn in range(60):
        text = f"text {turn}"
        other = threading.Thread(target=_renamed_and_back, args=(path, there))
        other.start()
        try:
            atomic_write(path, text, expect=digest_of(last))
            last = text
        except FileChangedError:
            pass
        other.join()
        assert (path if path.exists() else there).read_text() == last
        if not path.exists():
            rename_file(there, path)


def _renamed_and_back(path, there):
    rename_file(path, there)
