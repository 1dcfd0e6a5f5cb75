"""Writing a file replaces it whole, or leaves it as it was and says why."""

import errno
import fcntl
import os
import stat
from types import SimpleNamespace

import pytest

from planner.errors import ScenarioError
from planner.files import atomic, folder_lock
from planner.files.atomic import MISSING, FileChangedError, atomic_write
from planner.files.loading import digest_of

OLD, NEW = "old\n" * 10, "new\n" * 20_000


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text(OLD)
    return path


def names_in(folder):
    return [found.name for found in folder.iterdir()]


def test_a_file_is_replaced_whole_and_nothing_stays_beside_it(path):
    atomic_write(path, NEW)
    assert path.read_text() == NEW
    assert names_in(path.parent) == ["a.toml"]


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755])
def test_permissions_stay(path, mode):
    path.chmod(mode)
    atomic_write(path, NEW)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_new_file_gets_the_usual_permissions(tmp_path):
    before = os.umask(0o027)
    try:
        atomic_write(tmp_path / "b.toml", NEW)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "b.toml").stat().st_mode) == 0o640


def test_a_link_stays_a_link(path, tmp_path):
    (tmp_path / "other").mkdir()
    link = tmp_path / "other" / "link.toml"
    link.symlink_to("../a.toml")
    atomic_write(link, NEW)
    assert link.is_symlink()
    assert path.read_text() == NEW


def words_of(path, text=NEW):
    with pytest.raises(ScenarioError) as caught:
        atomic_write(path, text)
    return str(caught.value)


def test_places_that_can_not_be_written_are_said_in_words(path, tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    assert "doesn't exist" in words_of(tmp_path / "none" / "a.toml")
    assert "part of its path is a file" in words_of(path / "b.toml")
    assert "it is not a regular file" in words_of(tmp_path)
    assert "points to itself" in words_of(tmp_path / "loop")
    assert "has a name that is too long" in words_of(tmp_path / ("a" * 300))
    assert "half a character" in words_of(path, "\ud800")
    assert path.read_text() == OLD


def test_a_read_only_file_is_left_alone(path):
    path.chmod(0o444)
    assert "is read-only. Save under another name" in words_of(path)
    assert path.read_text() == OLD


def test_a_file_that_another_program_changed_is_left_alone(path):
    with pytest.raises(FileChangedError):
        atomic_write(path, NEW, expect=digest_of("something else"))
    with pytest.raises(FileChangedError):
        atomic_write(path, NEW, expect=MISSING)
    atomic_write(path, NEW, expect=digest_of(OLD))
    assert path.read_text() == NEW


def test_what_a_killed_planner_left_is_swept(path):
    abandoned = path.parent / f"{atomic._own_prefix('a.toml')}999999999-ab.tmp"
    in_use = path.parent / f"{atomic._own_prefix('a.toml')}{os.getppid()}-ab.tmp"
    for left in (abandoned, in_use):
        left.write_text("half")
    atomic_write(path, NEW)
    assert not abandoned.exists()
    assert in_use.exists()


WORDS = {errno.ENOSPC: "the disk is full", errno.EIO: "the disk reports an error", errno.EACCES: "permission denied",
         errno.EROFS: "read-only disk", errno.EDQUOT: "your disk quota is used up"}  # fmt: skip
STEPS = ["open", "stat", "fchmod", "write", "fsync", "rename", "listdir"]


@pytest.mark.parametrize("code", WORDS)
@pytest.mark.parametrize("step", STEPS)
def test_a_fault_at_any_step_leaves_the_old_file_and_nothing_else(path, monkeypatch, code, step):
    def fail(*_args, **_options):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(atomic, "os", SimpleNamespace(**vars(os) | {step: fail}))
    words = words_of(path)
    monkeypatch.undo()
    assert WORDS[code] in words
    assert path.read_text() == OLD
    assert names_in(path.parent) == ["a.toml"]


def test_short_writes_are_continued(path, monkeypatch):
    short = {"write": lambda descriptor, view: os.write(descriptor, view[:1000])}
    monkeypatch.setattr(atomic, "os", SimpleNamespace(**vars(os) | short))
    atomic_write(path, NEW)
    assert path.read_text() == NEW


def test_a_hard_link_stays_the_same_file(path):
    other = path.with_name("other.toml")
    other.hardlink_to(path)
    atomic_write(path, NEW)
    assert other.read_text() == NEW
    assert other.samefile(path)
    assert sorted(names_in(path.parent)) == ["a.toml", "other.toml"]


def test_a_file_whose_owner_we_can_not_give_is_written_in_place(path, monkeypatch):
    before = path.stat()
    monkeypatch.setattr(atomic, "_same_owner", lambda *_: False)
    path.chmod(0o640)
    atomic_write(path, NEW)
    assert path.read_text() == NEW
    assert path.stat().st_ino == before.st_ino
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_fault_while_writing_in_place_leaves_what_was_there(path, monkeypatch):
    path.with_name("other.toml").hardlink_to(path)
    real, calls = atomic._write_all, []

    def full(descriptor, raw):
        calls.append(raw)
        if len(calls) == 2:  # the first is the new file beside it
            os.write(descriptor, raw[:10])
            raise OSError(errno.ENOSPC, "full")
        real(descriptor, raw)

    monkeypatch.setattr(atomic, "_write_all", full)
    with pytest.raises(ScenarioError, match="disk is full"):
        atomic_write(path, NEW)
    assert path.read_text() == OLD
    assert sorted(names_in(path.parent)) == ["a.toml", "other.toml"]


def test_a_new_file_is_as_private_as_the_one_it_comes_from(path):
    path.chmod(0o600)
    atomic_write(path.with_name("b.toml"), NEW, like=path)
    assert stat.S_IMODE(path.with_name("b.toml").stat().st_mode) == 0o600


def test_a_folder_that_another_planner_holds_for_long_is_said(path, monkeypatch):
    monkeypatch.setattr(folder_lock, "LOCK_WAIT_S", 0.05)
    holder = os.open(path.parent, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    try:
        with pytest.raises(ScenarioError, match="being written by another program"):
            atomic_write(path, NEW)
    finally:
        os.close(holder)
    assert path.read_text() == OLD


def test_a_file_system_without_locks_gets_a_lock_file(path, monkeypatch):
    monkeypatch.setattr(folder_lock, "fcntl", None)
    monkeypatch.setattr(folder_lock, "LOCK_WAIT_S", 0.05)
    atomic_write(path, NEW)
    assert names_in(path.parent) == ["a.toml"]
    (path.parent / folder_lock.LOCK_FILE).touch()
    with pytest.raises(ScenarioError, match="being written by another program"):
        atomic_write(path, OLD)
    os.utime(path.parent / folder_lock.LOCK_FILE, (0, 0))
    atomic_write(path, OLD)
    assert names_in(path.parent) == ["a.toml"]


def test_where_no_folder_can_be_held_open_a_file_is_still_replaced_in_one_step(tmp_path, monkeypatch):
    monkeypatch.setattr("planner.files.atomic.HOLDS_FOLDERS", False)
    path = tmp_path / "plan.toml"
    atomic_write(path, "one", expect=MISSING)
    with pytest.raises(FileChangedError):
        atomic_write(path, "two", expect=MISSING)
    atomic_write(path, "two", expect=digest_of("one"))
    with pytest.raises(ScenarioError, match="is a folder"):
        atomic_write(tmp_path, "x")
    assert path.read_text() == "two"
    assert [*tmp_path.iterdir()] == [path]
