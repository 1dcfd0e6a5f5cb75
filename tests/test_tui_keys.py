"""The screen, driven by keys alone."""

import os
import shutil
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest
from textual import events

from planner.files import load
from planner.tui.app import PlannerApp
from planner.tui.compare import CompareScreen
from planner.tui.explain import ExplainScreen
from planner.tui.help import HelpScreen
from planner.tui.keys import KEYS, remapped
from planner.tui.library import LibraryScreen
from planner.tui.moves_screen import MovesScreen
from planner.tui.numbers import metric_text
from planner.tui.page import Status
from planner.tui.picker import Picker
from planner.tui.picture import screen_text
from planner.tui.plan_screen import PlanScreen
from planner.tui.state import Plan
from planner.tui.sweep_screen import SweepScreen

pytestmark = pytest.mark.flaky(reruns=2)  # real terminals, browsers and kills on a busy machine

TODAY = date(2026, 11, 24)
CONTEXT = "workloads.chat.context_tokens"
RAG = "workloads.chat.rag.on"
WEIGHTS = "deployments.small.weights"


@asynccontextmanager
async def opened(plan, *, size=(80, 24), **kwargs):
    """Give the app with a plan open and its numbers worked out, and the pilot."""
    kwargs = {"state": Path(os.environ["PLANNER_CACHE"]), "today": TODAY} | kwargs
    app = PlannerApp(plan, driver="plain", **kwargs)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


@pytest.fixture
def plan(chat):
    return Plan.of(chat)


@pytest.fixture
def file(tmp_path, root):
    folder = tmp_path / "saved"
    folder.mkdir()
    shutil.copy(root / "saved" / "support-copilot.toml", folder / "mine.toml")
    return folder / "mine.toml"


def said(app):
    return app.front.query_one(Status).notice.text


async def until(pilot, true):
    """Wait, a few seconds at most, until something is true."""
    for _ in range(100):
        await pilot.pause(0.05)
        if true():
            return
    pytest.fail("it never came true")


async def find(pilot, *letters):
    await pilot.press("slash", *letters, "enter")
    await pilot.pause()


async def test_the_cursor_starts_on_the_first_field(plan):
    async with opened(plan) as (app, _):
        assert app.plan_screen.inputs.line.path == CONTEXT


async def test_j_goes_down_and_k_up(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("j", "j", "k")
        assert app.plan_screen.inputs.line.path == RAG


async def test_a_count_repeats_a_move(plan):
    async with opened(plan) as (app, pilot):
        start = app.plan_screen.inputs.cursor
        await pilot.press("5", "j")
        assert app.plan_screen.inputs.cursor == start + 5


async def test_a_count_before_another_key_is_forgotten(plan):
    async with opened(plan) as (app, pilot):
        start = app.plan_screen.inputs.cursor
        await pilot.press("5", "b", "j")
        assert app.plan_screen.inputs.cursor == start + 1


async def test_capital_j_goes_to_the_next_section(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("J")
        assert app.plan_screen.inputs.line.path.startswith("deployments.small.")


async def test_l_raises_a_value_by_its_step_and_h_takes_it_back(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("l")
        assert app.plan.scenario.value(CONTEXT) == 4250
        await pilot.press("h")
        assert app.plan.scenario.value(CONTEXT) == 4000


async def test_shift_makes_the_step_ten_times_as_large(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("L")
        assert app.plan.scenario.value(CONTEXT) == 6500


async def test_three_l_raises_by_three_steps_and_dot_repeats_it(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("3", "l", "full_stop")
        assert app.plan.scenario.value(CONTEXT) == 5500


async def test_every_nudge_recomputes_the_numbers_at_once(plan):
    async with opened(plan) as (app, pilot):
        before = app.outlook.result.metrics["usd_per_outcome"]
        await pilot.press("L")
        assert app.outlook.result.metrics["usd_per_outcome"] > before


async def test_space_switches_rag_on(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("j", "space")
        assert app.plan.scenario.value(RAG) is True


async def test_enter_types_a_value_and_enter_keeps_it(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("enter", *"12k", "enter")
        assert app.plan.scenario.value(CONTEXT) == 12_000


async def test_letters_typed_into_a_row_are_not_keys(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("enter", *"qjlu")
        await pilot.press("escape")
        assert app.is_running
        assert app.plan.scenario.value(CONTEXT) == 4000


async def test_the_numbers_follow_what_is_typed_and_come_back_on_escape(plan):
    async with opened(plan) as (app, pilot):
        before = app.outlook.result.metrics["usd_per_outcome"]
        await pilot.press("enter", *"40k")
        assert app.outlook.result.metrics["usd_per_outcome"] > before
        await pilot.press("escape")
        assert app.outlook.result.metrics["usd_per_outcome"] == before


async def test_a_range_can_be_typed(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("enter", *"3k to 9k", "enter")
        assert str(app.plan.scenario.value(CONTEXT)) == "3000 to 9000"


async def test_a_value_that_breaks_its_rule_is_told_while_typed_and_not_kept(plan):
    async with opened(plan) as (app, pilot):
        await find(pilot, *"share to the last")
        await pilot.press("enter", *"35")
        assert "a number from 0 to 1" in said(app)
        assert "Did you mean 35%?" in said(app)
        await pilot.press("enter")
        assert app.plan.scenario.value("workloads.chat.routing.share_to_last") == 0.25


async def test_a_choice_is_made_from_a_list(plan):
    async with opened(plan) as (app, pilot):
        await find(pilot, *"weights")
        await pilot.press("enter", *"int8", "enter")
        await pilot.pause()
        assert app.plan.scenario.value(WEIGHTS) == "int8"


async def test_slash_finds_a_field_by_a_few_letters(plan):
    async with opened(plan) as (app, pilot):
        await find(pilot, *"churn")
        assert app.plan_screen.inputs.line.path == "demand.churn_share_per_month"


async def test_finding_a_hidden_field_shows_it(plan):
    async with opened(plan) as (app, pilot):
        await find(pilot, *"burstiness")
        assert app.plan_screen.inputs.line.path == "workloads.chat.interarrival_cv2"


async def test_u_takes_an_edit_back_and_ctrl_r_makes_it_again(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("l", "u")
        assert app.plan.scenario.value(CONTEXT) == 4000
        await pilot.press("ctrl+r")
        assert app.plan.scenario.value(CONTEXT) == 4250


async def test_undo_goes_to_the_field_that_it_changes(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("l", "j", "j", "u")
        assert app.plan_screen.inputs.line.path == CONTEXT
        assert said(app) == "Undone: Context is 4,000 again."


async def test_r_gives_a_field_the_value_of_the_baseline(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("L", "r")
        assert app.plan.scenario.value(CONTEXT) == 4000


async def test_b_makes_the_plan_the_baseline(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("L", "b")
        assert app.plan.baseline is app.plan.scenario


async def test_the_change_against_the_baseline_stands_under_its_number(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("L")
        await pilot.pause()
        assert "worse" in screen_text(app).splitlines()[4]


async def test_tab_goes_to_the_numbers_and_back(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("tab")
        assert app.plan_screen.outputs.has_focus
        assert said(app).startswith("Net burn, month 1:")
        await pilot.press("tab")
        assert app.plan_screen.inputs.has_focus


async def test_a_shows_every_field(plan):
    async with opened(plan) as (app, pilot):
        before = len(app.plan_screen.inputs.lines)
        await pilot.press("a")
        assert len(app.plan_screen.inputs.lines) > before


@pytest.mark.parametrize(
    ("key", "screen"),
    [("d", CompareScreen), ("question_mark", HelpScreen), ("e", ExplainScreen), ("x", MovesScreen)],
)
async def test_a_key_opens_its_screen_and_escape_comes_back(plan, key, screen):
    async with opened(plan) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        assert isinstance(app.screen, screen)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, PlanScreen)


async def test_d_tells_why_a_number_changed(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("L", "d")
        await until(pilot, lambda: "Why net burn" in screen_text(app))
        shown = screen_text(app)
        assert "Why net burn, month 1 changed" in shown
        assert "Context" in shown


async def test_e_on_the_cost_of_an_outcome_shows_its_formula_with_numbers(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("tab", "3", "j", "e")
        await pilot.pause()
        shown = screen_text(app)
        assert "requests solved" in shown
        assert f"= {metric_text(app.outlook.result, 'usd_per_outcome')}" in shown


async def test_e_on_a_field_shows_what_it_moves(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("e")
        await pilot.pause()
        assert "What it moves" in screen_text(app)


async def test_the_palette_does_any_action(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("ctrl+p", *"every field", "enter")
        await pilot.pause()
        assert app.plan_screen.inputs.everything


async def test_every_action_stands_in_the_palette(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("colon")
        await pilot.pause()
        assert isinstance(app.screen, Picker)
        offered = {option.value for option in app.screen._options}
        assert offered == {key.action for key in app.front.keys}


async def test_g_finds_the_value_that_reaches_a_goal(plan):
    async with opened(plan) as (app, pilot):
        goal = float(app.outlook.result.metrics["usd_per_request"]) * 0.9
        await pilot.press("j", "j", "j", "g", *"cost per request", "enter", *f"{goal:.6f}", "enter", "1")
        await pilot.pause()
        assert app.outlook.result.metrics["usd_per_request"] == pytest.approx(goal, rel=1e-3)


async def comes(pilot, happens, seconds=30):
    """Wait for what a busy machine may take long for."""
    for _ in range(seconds * 10):
        if happens():
            return
        await pilot.pause(0.1)
    raise AssertionError("it did not come")


async def test_a_move_is_taken_with_enter_and_taken_back_with_u(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("x")
        await comes(pilot, lambda: "Worth making" in screen_text(app))
        await pilot.press("enter")
        await comes(pilot, lambda: isinstance(app.screen, PlanScreen))
        assert app.plan.unsaved
        await pilot.press("u")
        assert not app.plan.unsaved


async def test_tab_in_the_moves_sweeps_two_fields(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("x", "tab")
        await until(pilot, lambda: isinstance(app.screen, SweepScreen) and app.screen.map.swept)
        await pilot.press("j", "l", "enter")
        await pilot.pause()
        assert app.plan.scenario.value(CONTEXT) != 4000


async def test_the_frontier_offers_a_plan_that_costs_less_per_outcome(plan):
    async with opened(plan) as (app, pilot):
        before = app.outlook.result.metrics["usd_per_outcome"]
        await pilot.press("x", "tab", "tab")
        await until(pilot, lambda: app.screen.query("Sheet") and app.screen.sheet.chosen)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, PlanScreen)
        assert app.outlook.result.metrics["usd_per_outcome"] < before


async def test_shift_c_shows_the_claims_and_enter_one_in_full(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("C")
        await pilot.pause()
        assert "contradicted" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "What is claimed" in screen_text(app)
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert isinstance(app.screen, PlanScreen)


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
        assert copy.read_text() == file.read_text()
        await pilot.press("D")
        assert not copy.exists()
        await pilot.press("u")
        assert copy.exists()
        await pilot.press("u")
        assert not copy.exists()
        assert app.is_running


async def test_every_key_is_in_the_help(plan):
    async with opened(plan, size=(80, 90)) as (app, pilot):
        await pilot.press("question_mark")
        await pilot.pause()
        shown = screen_text(app)
        assert [key.help for key in app.plan_screen.keys if key.help[:40] not in shown] == []


def test_no_help_of_a_key_is_cut_off_at_eighty_columns():
    assert [key.help for key in KEYS if len(key.help) > 57] == []


async def test_copying_says_what_was_copied(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("y")
        assert app.clipboard == f"{CONTEXT} = 4000"


async def test_a_keymap_changes_what_a_key_does(plan):
    keys, _ = remapped({"higher": "plus"})
    async with opened(plan, keys=keys) as (app, pilot):
        await pilot.press("plus")
        assert app.plan.scenario.value(CONTEXT) == 4250


@pytest.mark.parametrize("size", [(40, 12), (60, 16), (80, 24), (120, 40), (200, 50), (300, 80)])
async def test_no_row_is_cut_off_at_any_size(plan, size):
    async with opened(plan, size=size) as (app, _):
        shown = screen_text(app).splitlines()
        assert len(shown) <= size[1]
        assert "Context" in "\n".join(shown)
        assert "help" in shown[-1]


async def test_with_a_narrow_terminal_tab_shows_the_other_pane(plan):
    async with opened(plan, size=(40, 12)) as (app, pilot):
        assert "Cash, by month" not in screen_text(app)
        await pilot.press("tab")
        await pilot.pause()
        assert "Cash, by month" in screen_text(app)


async def test_keys_that_arrive_in_one_piece_do_what_they_do_one_by_one(plan):
    async with opened(plan) as (app, pilot):
        for key in ("enter", "1", "2", "k", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: app.plan.scenario.value(CONTEXT) == 12_000)


async def test_a_search_typed_ahead_loses_no_letter(plan):
    async with opened(plan) as (app, pilot):
        for key in ("slash", *"churn", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: app.plan_screen.inputs.line.path == "demand.churn_share_per_month")


async def test_what_is_typed_ahead_is_edited_in_its_order(plan):
    async with opened(plan) as (app, pilot):
        for key in ("enter", "9", "ctrl+u", "1", "5", "backspace", "2", "k", "enter", "j", "j"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: app.plan_screen.inputs.cursor == 3)
        assert app.plan.scenario.value(CONTEXT) == 12_000


async def test_a_name_typed_ahead_of_its_question_arrives_whole(plan, tmp_path):
    async with opened(plan, library=tmp_path) as (app, pilot):
        for key in ("S", "ctrl+u", *str(tmp_path / "new"), "enter"):
            key = "slash" if key == "/" else key  # noqa: PLW2901 - as Textual calls it
            app.post_message(events.Key(key, "/" if key == "slash" else key if len(key) == 1 else None))
        await until(pilot, (tmp_path / "new.toml").exists)


async def test_e_on_a_field_that_moves_nothing_says_so(plan):
    async with opened(plan, size=(100, 40)) as (app, pilot):
        await pilot.press("j", "space", "k", "e")  # with RAG on, the chunks replace the context
        await pilot.pause()
        assert "No headline number" in screen_text(app)


async def test_in_a_narrow_comparison_no_number_is_cut_off(plan):
    async with opened(plan, size=(40, 24)) as (app, pilot):
        await pilot.press("L", "d")
        await until(pilot, lambda: "Why net burn" in screen_text(app))
        shown = screen_text(app)
        assert "Net burn, month 1" in shown
        assert f" to {metric_text(app.outlook.result, 'net_burn_usd_per_month')}" in shown
        assert "worse" in shown


async def test_a_key_typed_ahead_of_another_pane_goes_to_that_pane(plan):
    async with opened(plan) as (app, pilot):
        for key in ("tab", "j", "e"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: isinstance(app.screen, ExplainScreen))
        await until(pilot, lambda: "Explain: Runway" in screen_text(app))
