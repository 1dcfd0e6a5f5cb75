"""A file that changed while it was open: both sides are shown, one is chosen by field, neither is lost."""

import shutil

import pytest
from screen import opened, said

from planner.errors import Problem, ScenarioError
from planner.files import load
from planner.tui.screens.conflict import ConflictScreen
from planner.tui.session import saving
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text

CONTEXT, ANSWER = "workloads.chat.context_tokens", "workloads.chat.output_tokens"
FIXED = "company.fixed_costs_usd_per_month"


@pytest.fixture
def file(tmp_path, root):
    folder = tmp_path / "saved"
    folder.mkdir()
    shutil.copy(root / "saved" / "support-copilot.toml", folder / "mine.toml")
    return folder / "mine.toml"


async def save_over_theirs(file, app, pilot):
    """Change the context here, and context and fixed costs in the file; then save."""
    await pilot.press("L")
    file.write_text(file.read_text().replace("16_000", "9_000").replace("310_000", "300_000"))
    await pilot.press("s")
    await pilot.pause()
    assert isinstance(app.screen, ConflictScreen)


def saved(file, path=CONTEXT):
    return load(file).scenario.value(path)


def kept_beside(file):
    return [load(each).scenario.value(CONTEXT) for each in file.parent.glob("mine.*-*.toml")]


async def test_all_three_values_are_shown(file):
    async with opened(Plan.opened(load(file))) as (app, pilot):
        await save_over_theirs(file, app, pilot)
        shown = screen_text(app)
        row = next(line for line in shown.splitlines() if "context_tokens" in line)
        assert row.split()[-3:] == ["16000", "9000", "▸18500"]
        assert "Both changed these (1)" in shown
        assert "One side changed these (1)" in shown


async def test_mine_wins_unless_chosen_otherwise_and_theirs_is_kept_beside(file):
    async with opened(Plan.opened(load(file))) as (app, pilot):
        await save_over_theirs(file, app, pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert "Saved to" in said(app)
        assert not app.plan.unsaved
    assert (saved(file), saved(file, FIXED)) == (18_500, 300_000)
    assert kept_beside(file) == [9_000]


async def test_theirs_can_be_chosen_and_mine_is_kept_beside(file):
    async with opened(Plan.opened(load(file))) as (app, pilot):
        await save_over_theirs(file, app, pilot)
        await pilot.press("h", "enter")
        await pilot.pause()
        assert app.plan.scenario.value(CONTEXT) == 9_000
        await pilot.press("u")
        assert app.plan.scenario.value(CONTEXT) == 18_500
    assert (saved(file), saved(file, FIXED)) == (9_000, 300_000)
    assert kept_beside(file) == [18_500]


async def test_all_can_be_chosen_at_once(file):
    async with opened(Plan.opened(load(file))) as (app, pilot):
        await save_over_theirs(file, app, pilot)
        await pilot.press("H")
        assert set(app.screen.choices.values()) == {"theirs"}
        await pilot.press("L")
        assert set(app.screen.choices.values()) == {"ours"}


async def test_reading_theirs_leaves_mine_one_undo_away(file):
    async with opened(Plan.opened(load(file))) as (app, pilot):
        await save_over_theirs(file, app, pilot)
        await pilot.press("r")
        await pilot.pause()
        assert app.plan.scenario.value(CONTEXT) == 9_000
        assert not app.plan.unsaved
        await pilot.press("u")
        assert app.plan.scenario.value(CONTEXT) == 18_500
        assert app.plan.unsaved


async def test_mine_can_go_under_another_name(file):
    async with opened(Plan.opened(load(file))) as (app, pilot):
        await save_over_theirs(file, app, pilot)
        await pilot.press("S")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert app.plan.file.path == file.with_name("mine-2.toml")
    assert saved(file) == 9_000
    assert saved(file.with_name("mine-2.toml")) == 18_500


async def test_leaving_saves_nothing(file):
    async with opened(Plan.opened(load(file))) as (app, pilot):
        await save_over_theirs(file, app, pilot)
        await pilot.press("escape")
        assert app.plan.unsaved
    assert saved(file) == 9_000


async def test_a_file_that_changes_once_more_is_shown_once_more(file):
    async with opened(Plan.opened(load(file))) as (app, pilot):
        await save_over_theirs(file, app, pilot)
        file.write_text(file.read_text().replace("9_000", "9_500"))
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ConflictScreen)
        assert "9500" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
    assert saved(file) == 18_500


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40)])
async def test_the_comparison_fits_every_size(file, size):
    async with opened(Plan.opened(load(file)), size=size) as (app, pilot):
        await save_over_theirs(file, app, pilot)
        shown = screen_text(app)
        for words in ("9000", "18500", "▸"):
            assert words in shown


async def test_a_file_that_can_not_be_written_is_offered_another_name(file, monkeypatch):
    monkeypatch.setattr(saving, "_writable", lambda path: path != file)
    async with opened(Plan.opened(load(file))) as (app, pilot):
        await pilot.press("L", "s")
        await pilot.pause()
        assert "read-only" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert app.plan.file.path.name == "mine-2.toml"
        assert not app.plan.unsaved
    assert saved(file) == 16_000


async def test_a_save_that_fails_offers_another_name_with_the_reason(file, monkeypatch):

    def full(*_, **__):
        raise ScenarioError([Problem("the file", "does not fit: the disk is full (saving).")])

    async with opened(Plan.opened(load(file))) as (app, pilot):
        monkeypatch.setattr(saving, "save", full)
        await pilot.press("L", "s")
        await pilot.pause()
        assert "disk is full" in screen_text(app)
        await pilot.press("escape")
        assert app.plan.unsaved


async def test_saving_under_the_name_that_is_open_compares_as_well(file):
    async with opened(Plan.opened(load(file))) as (app, pilot):
        await pilot.press("L", "S")
        await pilot.pause()
        app.screen.query_one("Input").value = str(file)
        file.write_text(file.read_text().replace("16_000", "9_000"))
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ConflictScreen)
