"""A screen that others look at: it reads and writes the folder that it was started on, or nothing."""

import pytest

from planner.errors import ScenarioError
from planner.files import atomic_write, load
from planner.files.bounds import read_text
from planner.files.confined import confine, is_read_only, set_free
from planner.files.library import folders
from planner.files.relocate import list_trash, rename_file, restore_file, trash_file
from planner.tui.session.unsaved import Keeper
from planner.tui.state import Plan

OUTSIDE = "is outside the folder shown here"
LOOKING = "this screen is read-only"


@pytest.fixture(autouse=True)
def _free_again():
    yield
    set_free()


@pytest.fixture
def elsewhere(tmp_path):
    path = tmp_path / "private.toml"
    path.write_text("schema = 1\n")
    return path


def test_a_visitor_reads_and_writes_the_folder_that_is_shown_and_nothing_else(file, elsewhere):
    beside = elsewhere.with_name("other.toml")
    deleted = trash_file(beside_of(elsewhere, "deleted"))
    (file.parent / "link.toml").symlink_to(elsewhere)
    confine(file.parent)
    atomic_write(file, load(file).text)
    for attempt in (
        lambda: read_text(elsewhere),
        lambda: read_text(file.parent / "link.toml"),
        lambda: atomic_write(beside, "x"),
        lambda: atomic_write(file.parent / "link.toml", "x"),
        lambda: rename_file(file, beside),
        lambda: rename_file(elsewhere, file.parent / "new.toml"),
        lambda: trash_file(elsewhere),
        lambda: restore_file(deleted),
    ):
        with pytest.raises(ScenarioError, match=OUTSIDE):
            attempt()
    assert deleted not in list_trash()
    assert file.exists()
    assert elsewhere.read_text() == "schema = 1\n"


def beside_of(path, name):
    path.with_name(name).write_text("x")
    return path.with_name(name)


def test_a_visitor_s_library_is_what_is_shown_and_what_came_with_the_planner(file):
    confine(file.parent)
    first, *rest = folders("saved")
    assert first == file.parent
    assert len(rest) <= 1


def test_a_plan_that_extends_one_outside_is_refused(file, elsewhere):
    file.write_text(f'extends = "{elsewhere}"\nschema = 1\n')
    confine(file.parent)
    with pytest.raises(ScenarioError, match="outside"):
        load(file, library=elsewhere.parent)


def test_for_looking_only_nothing_is_written_not_even_what_is_not_saved(file, tmp_path):
    confine(file.parent, read_only=True)
    assert is_read_only()
    with pytest.raises(ScenarioError, match=LOOKING):
        atomic_write(file, "x")
    with pytest.raises(ScenarioError, match=LOOKING):
        trash_file(file)
    keeper = Keeper(state=tmp_path / "state")
    keeper.follow(Plan.opened(load(file)))
    assert keeper.flush()
    assert not (tmp_path / "state").exists()
