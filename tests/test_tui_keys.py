"""The screen, driven by keys alone."""

import importlib
import pkgutil
from pathlib import Path

import pytest
from screen import CONTEXT, RAG, WEIGHTS, comes, find, opened, said

from planner.files import load
from planner.tui import screens
from planner.tui.app import PlannerApp
from planner.tui.config.keys import on_screen, remapped
from planner.tui.dialogs.picker import Picker
from planner.tui.screens import motions
from planner.tui.screens.page import Page
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text
from planner.tui.widgets.charts import plain

SAVED = Path("saved")


def pages():
    """Every screen there is."""
    for found in pkgutil.iter_modules(screens.__path__):
        importlib.import_module(f"{screens.__name__}.{found.name}")
    below = [Page]
    for page in below:
        below += page.__subclasses__()
    return [page for page in below if page.page]


@pytest.fixture
def plan(chat):
    return Plan.of(chat)


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
        assert "a number from 0% to 100%" in said(app)
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


async def test_slash_finds_a_headline_number_and_goes_to_it(plan):
    async with opened(plan) as (app, pilot):
        for words, name in (("runway", "runway_months"), ("gross margin", "gross_margin_share")):
            await find(pilot, *words)
            assert app.plan_screen.outputs.chosen == name
        await pilot.press("right")
        assert app.plan_screen.outputs.chosen == "usd_per_outcome"
        await pilot.press("right", "right", "left")
        assert app.plan_screen.outputs.chosen == "gross_margin_share"
        await pilot.press("e")
        await pilot.pause()
        assert "Explain: Gross margin" in screen_text(app)


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


async def test_tab_goes_to_the_numbers_then_to_each_chart_and_table_and_back(plan):
    async with opened(plan) as (app, pilot):
        outputs = app.plan_screen.outputs
        await pilot.press("tab")
        assert outputs.has_focus
        assert said(app).startswith("Net burn, month 1:")
        seen = []
        while outputs.has_focus:
            await pilot.press("tab")
            seen.append(outputs.panel)
            assert outputs.panel in {"", *(place.name for place in outputs.places(*outputs.size))}
        assert set(seen[:-1]) == set(outputs.names())
        assert app.plan_screen.inputs.has_focus


async def test_a_chart_alone_says_which_of_all_it_is_and_which_keys_lead_on(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("z", "z")
        assert f"2 of {len(app.plan_screen.outputs.names())}  z next, esc back" in screen_text(app)
        await pilot.press("escape")
        assert "z next, esc back" not in screen_text(app)


@pytest.mark.parametrize(
    "words", ["session", "segments", "tenths", "months", "actuals", "goal", "chart", "retention"]
)
async def test_the_palette_and_the_finder_know_the_words_that_people_use(plan, words):
    async with opened(plan) as (app, pilot):
        for key in ("colon", "slash"):
            await pilot.press(key, *words)
            assert app.screen.chosen
            await pilot.press("escape")


async def test_a_workload_that_is_clicked_shows_its_session():
    async with opened(Plan.opened(load(SAVED / "coding-agent.toml")), size=(120, 40)) as (app, pilot):
        outputs = app.plan_screen.outputs
        area = next(each for each in outputs.places(*outputs.size) if each.name == "workloads")
        await pilot.click(outputs, offset=(area.x + 2, area.y + 3))
        await comes(pilot, lambda: outputs.large == "session")
        assert outputs.session == "search on small"


async def test_a_field_of_a_session_is_explained_with_its_picture_and_what_compacting_saves():
    async with opened(Plan.opened(load(SAVED / "coding-agent.toml")), size=(120, 50)) as (app, pilot):
        app.plan_screen.go_to("workloads.task.session.compact_at_tokens")
        await pilot.press("e")
        await comes(pilot, lambda: app.front.page == "explain" and app.front.sheet.entries)
        told = " ".join(plain([entry.row]) for entry in app.front.sheet.entries)
        assert "A session of task on frontier" in told
        assert "Compacting saves $" in told


async def test_a_shows_every_field(plan):
    async with opened(plan) as (app, pilot):
        before = len(app.plan_screen.inputs.lines)
        await pilot.press("a")
        assert len(app.plan_screen.inputs.lines) > before


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
        assert "Cash by month" not in screen_text(app)
        await pilot.press("tab")
        await pilot.pause()
        assert "Cash by month" in screen_text(app)


async def test_gg_goes_to_the_first_row_and_a_count_names_a_row(plan, monkeypatch):
    monkeypatch.setattr(motions, "PAIR_S", 60.0)  # a busy machine types slowly
    async with opened(plan) as (app, pilot):
        await pilot.press("G")
        last = app.plan_screen.inputs.cursor
        await pilot.press("g", "g")
        first = app.plan_screen.inputs.cursor
        assert first < last
        await pilot.press("5", "G")
        assert app.plan_screen.inputs.cursor == first + 4
        await pilot.press("3", "g", "g")
        assert app.plan_screen.inputs.cursor == first + 2
        assert app.screen is app.plan_screen


async def test_one_g_seeks_a_goal_at_once_where_letters_follow_and_else_after_a_moment(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("j", "j", "j", "g", *"run")
        assert app.screen.chosen == "runway_months"
        await pilot.press("escape", "g")
        await comes(pilot, lambda: isinstance(app.screen, Picker))


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.page)
def test_every_key_of_a_screen_does_something_there(page):
    for key in on_screen(page.page):
        owner = PlannerApp if key.action.startswith("app.") else page
        assert hasattr(owner, f"action_{key.name}"), key.action


async def test_a_peak_that_the_hours_settle_is_shown_as_what_follows_and_not_typed(chat):
    peak = "workloads.chat.peak_to_mean"
    plan = Plan.of(chat.with_value("workloads.chat.profile", "office"))
    async with opened(plan, size=(120, 40)) as (app, pilot):
        app.plan_screen.go_to(peak)
        line = app.plan_screen.inputs.line
        assert line.path == peak
        assert float(line.settled.value.removesuffix("x")) > chat.workloads["chat"].peak_to_mean
        assert f"{line.settled.value} from Hours" in screen_text(app)
        for key in ("enter", "l"):
            await pilot.press(key)
            assert said(app) == "Peak over mean follows from Hours (office): change Hours."
            assert app.plan is plan


async def test_a_key_that_does_nothing_is_told_and_a_typed_letter_is_not(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("Z")
        assert said(app) == "Z does nothing here."
        await pilot.press("slash", "Z")
        assert said(app) == "Z does nothing here."
        await pilot.press("escape", "j")
        assert "nothing" not in said(app)
