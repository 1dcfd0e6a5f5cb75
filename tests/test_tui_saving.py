"""Saving, leaving and the library, by keys."""

import pytest
from screen import CONTEXT, comes, opened

from planner.files import load
from planner.files.actuals import actuals_path
from planner.tui.screens.library import LibraryScreen
from planner.tui.screens.plan import PlanScreen
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text


@pytest.fixture
def plan(chat):
    return Plan.of(chat)


async def test_s_writes_the_edit_into_the_file_and_keeps_its_comments(file):
    async with opened(Plan.opened(load(file))) as (app, pilot):
        await pilot.press("L", "s")
        await pilot.pause()
        assert not app.plan.unsaved
    text = file.read_text()
    assert "18_500" in text
    assert text.startswith("#")


async def test_a_plan_without_a_file_is_saved_under_a_name(plan, tmp_path):
    async with opened(plan, library=tmp_path) as (app, pilot):
        await pilot.press("s", *["ctrl+u"], *str(tmp_path / "new"), "enter")
        await pilot.pause()
        assert app.plan.file.path == tmp_path / "new.toml"
    assert load(tmp_path / "new.toml").scenario.title == plan.scenario.title


async def test_q_leaves_a_saved_plan_at_once(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("q")
        await pilot.pause()
    assert app.return_code == 0


async def test_q_asks_about_unsaved_edits_and_can_save_them(file):
    async with opened(Plan.opened(load(file))) as (app, pilot):
        await pilot.press("L", "q")
        await pilot.pause()
        assert app.is_running
        assert "not saved" in screen_text(app)
        await pilot.press("s")
        await pilot.pause()
    assert "18_500" in file.read_text()


async def test_q_can_drop_unsaved_edits(file):
    before = file.read_text()
    async with opened(Plan.opened(load(file))) as (app, pilot):
        await pilot.press("L", "q", "n")
        await pilot.pause()
    assert app.return_code == 0
    assert file.read_text() == before


async def test_a_file_changed_by_another_program_is_not_overwritten(file):
    async with opened(Plan.opened(load(file))) as (app, pilot):
        await pilot.press("L")
        file.write_text(file.read_text().replace("310_000", "300_000"))
        await pilot.press("s")
        await pilot.pause()
        assert "changed by another program" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
    saved = load(file).scenario
    assert saved.value("company.fixed_costs_usd_per_month") == 300_000
    assert saved.value(CONTEXT) == 18_500


async def test_an_edit_is_on_the_disk_when_the_user_rests(file, tmp_path):
    async with opened(Plan.opened(load(file)), state=tmp_path) as (app, pilot):
        await pilot.press("L")
        await app.settling.settled.wait()
        kept = (tmp_path / "unsaved").glob("*.jsonl")
        assert any(CONTEXT in path.read_text() for path in kept)


async def test_leaving_on_purpose_leaves_no_journal(file, tmp_path):
    async with opened(Plan.opened(load(file)), state=tmp_path) as (app, pilot):
        await pilot.press("L")
        await app.settling.settled.wait()
        await pilot.press("q", "n")
        await pilot.pause()
    assert not list((tmp_path / "unsaved").glob("*.jsonl"))


async def test_the_library_opens_the_plan_under_its_cursor(file):
    async with opened(Plan.blank, library=file.parent, from_library=True) as (app, pilot):
        await pilot.pause()
        await pilot.press("slash", *"mine", "enter")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, PlanScreen)
        assert app.plan.file.path == file
        await pilot.press("o")
        await pilot.pause()
        assert isinstance(app.screen, LibraryScreen)


async def test_the_library_copies_deletes_and_takes_back(file):
    copy = file.with_name("other.toml")
    async with opened(Plan.blank, library=file.parent, from_library=True) as (app, pilot):
        await pilot.press("slash", *"mine", "enter")
        await pilot.press("c", *["backspace"] * 20, *"other", "enter")
        await pilot.pause()
        assert load(copy).scenario == load(file).scenario.model_copy(update={"title": "Other"})
        await pilot.press("D")
        assert not copy.exists()
        await pilot.press("u")
        assert copy.exists()
        await pilot.press("u")
        assert not copy.exists()
        assert app.is_running


@pytest.fixture
def shipped(monkeypatch, tmp_path, root):
    """Give a shipped plan, with the user's own folder in a place of its own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return root / "saved" / "support-copilot.toml"


async def test_a_shipped_plan_is_saved_among_the_users_own(shipped, tmp_path):
    before = shipped.read_bytes()
    async with opened(Plan.opened(load(shipped)), size=(120, 40)) as (app, pilot):
        await pilot.press("L", "s")
        await pilot.pause()
        assert "came with the planner" in screen_text(app)
        await pilot.press("ctrl+u", *"ours", "enter")
        await pilot.pause()
        assert app.plan.file.path == tmp_path / "data" / "planner" / "saved" / "ours.toml"
        assert not app.plan.unsaved
        await pilot.press("L", "s")
        await pilot.pause()
    assert shipped.read_bytes() == before
    assert load(tmp_path / "data" / "planner" / "saved" / "ours.toml").scenario.value(CONTEXT) == 21_000


async def test_no_name_leads_into_the_shipped_folder(shipped):
    async with opened(Plan.opened(load(shipped)), size=(120, 40)) as (app, pilot):
        await pilot.press("S", "ctrl+u")
        app.screen.query_one("Input").value = str(shipped.with_name("ours.toml"))
        await pilot.press("enter")
        await pilot.pause()
        assert "nothing is written there" in screen_text(app)
    assert not shipped.with_name("ours.toml").exists()


async def test_a_shipped_plan_that_extends_another_can_be_opened_again(shipped, tmp_path):
    extending = shipped.with_name("support-copilot-rag-routing.toml")
    async with opened(Plan.opened(load(extending))) as (app, pilot):
        await pilot.press("S", "enter")
        await pilot.pause()
        path, scenario = app.plan.file.path, app.plan.scenario
    assert path == tmp_path / "data" / "planner" / "saved" / "support-copilot-rag-routing-2.toml"
    assert load(path).scenario == scenario


async def test_save_as_edits_the_name_alone_and_stays_in_the_plans_folder(file):
    async with opened(Plan.opened(load(file))) as (app, pilot):
        await pilot.press("S")
        await pilot.pause()
        assert app.screen.query_one("Input").value == "mine-2"
        await pilot.press("end", "x", "enter")
        await pilot.pause()
        assert app.plan.file.path == file.with_name("mine-2x.toml")


async def test_save_as_asks_before_it_makes_a_folder_and_takes_along_what_happened(file):
    actuals_path(file).write_text('schema = 1\n[months."2026-12"]\ncash_usd = 90000.0\n')
    async with opened(Plan.opened(load(file)), size=(120, 40)) as (app, pilot):
        copy = file.parent / "q3" / "board.toml"
        await pilot.press("S", *str(copy), "enter")
        await comes(pilot, lambda: "There is no folder" in screen_text(app))
        assert not copy.parent.exists()
        await pilot.press("enter")
        await comes(pilot, lambda: app.plan.file.path == copy)
        assert actuals_path(copy).read_text() == actuals_path(file).read_text()
        assert "Actuals are copied to board.actuals.toml." in screen_text(app)


async def test_a_name_that_is_taken_is_asked_again(file):
    async with opened(Plan.opened(load(file)), size=(120, 40)) as (app, pilot):
        file.with_name("other.toml").write_text("")
        await pilot.press("S", "ctrl+u", *"other", "enter")
        await pilot.pause()
        assert "exists already" in screen_text(app)
        await pilot.press("end", "2", "enter")
        await pilot.pause()
        assert app.plan.file.path == file.with_name("other2.toml")
