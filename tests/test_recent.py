"""Plans that were open lately are found again, wherever they were saved."""

import pytest
from screen import comes, opened
from textual.widgets import Input

from planner.files import load
from planner.files.recent import MOST_KEPT, keep_recent, recent_plans
from planner.tui.state import Plan


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


def saved(folder, name, root):
    path = folder / f"{name}.toml"
    path.write_text((root / "saved" / "seed-runway.toml").read_text())
    return path


def test_the_newest_stands_first_once_and_what_is_gone_is_left_out(tmp_path, state, root):
    paths = [saved(tmp_path, f"plan {number}", root) for number in range(3)]
    for path in [*paths, paths[0]]:
        keep_recent(path, state=state)
    paths[1].unlink()
    assert [each.path for each in recent_plans(state=state)] == [paths[0], paths[2]]


def test_only_so_many_are_kept_and_no_shipped_one(tmp_path, state, root):
    for number in range(MOST_KEPT + 5):
        keep_recent(saved(tmp_path, str(number), root), state=state)
    keep_recent(root / "saved" / "seed-runway.toml", state=state)
    assert len(recent_plans(state=state)) == MOST_KEPT


def test_a_state_folder_that_takes_nothing_or_holds_rubbish_stops_no_one(tmp_path, root):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    keep_recent(saved(tmp_path, "a", root), state=blocked)
    assert recent_plans(state=blocked) == ()
    (tmp_path / "recent.txt").write_bytes(b"\xff\x00\n" * 100)
    assert recent_plans(state=tmp_path) == ()


async def test_a_plan_saved_elsewhere_stands_in_the_library_afterwards(tmp_path, state, root):
    (tmp_path / "far").mkdir()
    plan = Plan.opened(load(saved(tmp_path, "mine", root)))
    async with opened(plan, state=state, library=tmp_path / "none") as (app, pilot):
        await pilot.press("S")
        await pilot.pause()
        app.screen.query_one(Input).value = str(tmp_path / "far" / "kept.toml")
        await pilot.press("enter")
        await comes(pilot, lambda: "kept" in [each.name for each in recent_plans(state=state)])
        await pilot.press("o")
        await pilot.pause()
        assert "kept" in [each.name for each in app.front._elsewhere]
