"""Other screens and lists by keys: each opens, does its work, and leads back to the plan."""

import numpy as np
import pytest
from screen import CONTEXT, comes, opened, said

from planner.analysis.seek import seek
from planner.analysis.sweep import sweep
from planner.readout import metric_text
from planner.schema import spec_at
from planner.tui.config.keys import KEYS
from planner.tui.dialogs.picker import Picker
from planner.tui.screens import sweep as page
from planner.tui.screens.compare import CompareScreen
from planner.tui.screens.explain import ExplainScreen
from planner.tui.screens.help import HelpScreen
from planner.tui.screens.moves import MovesScreen
from planner.tui.screens.plan import PlanScreen
from planner.tui.screens.sweep import SweepScreen
from planner.tui.session.sweep_axes import value_head, values_of
from planner.tui.session.sweep_words import metric_words
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text
from planner.tui.widgets.panels import PANELS


@pytest.fixture
def plan(chat):
    return Plan.of(chat)


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
        await comes(pilot, lambda: "Why net burn" in screen_text(app))
        shown = screen_text(app)
        assert "Why net burn, month 1 changed" in shown
        assert "Context" in shown


async def test_e_on_the_cost_of_an_outcome_shows_its_formula_with_numbers(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("tab", "3", "j", "e")
        await pilot.pause()
        shown = screen_text(app)
        assert "requests solved" in shown
        assert f"= {metric_text(app.outlook.result, 'usd_per_outcome', brief=True)}" in shown


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


async def test_every_action_and_every_chart_and_table_stands_in_the_palette(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("colon")
        await pilot.pause()
        assert isinstance(app.screen, Picker)
        offered = {option.value for option in app.screen._options}
        assert offered == {key.action for key in app.front.keys} | {f"panel('{name}')" for name in PANELS}


async def test_g_finds_the_value_that_reaches_a_goal(plan):
    async with opened(plan) as (app, pilot):
        goal = float(app.outlook.result.metrics["usd_per_request"]) * 0.9
        await pilot.press("j", "j", "j", "g", *"cost per request", "enter", *f"{goal:.6f}", "enter", "1")
        await pilot.pause()
        assert app.outlook.result.metrics["usd_per_request"] == pytest.approx(goal, rel=1e-3)


async def test_a_move_is_taken_with_enter_and_taken_back_with_u(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("x")
        await comes(pilot, lambda: "Free wins" in screen_text(app))
        await pilot.press("enter")
        await comes(pilot, lambda: isinstance(app.screen, PlanScreen))
        assert app.plan.unsaved
        await pilot.press("u")
        assert not app.plan.unsaved


async def test_tab_in_the_moves_sweeps_two_fields(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("x", "tab")
        await comes(pilot, lambda: isinstance(app.screen, SweepScreen) and app.screen.map.swept)
        await pilot.press("j", "l", "enter")
        await pilot.pause()
        assert app.plan.scenario.value(CONTEXT) != 4000


async def test_one_field_is_swept_as_a_curve_over_values_that_are_typed_and_says_where_margin_turns(plan):
    async with opened(plan, size=(120, 36)) as (app, pilot):
        await pilot.press("x", "tab")
        await comes(pilot, lambda: isinstance(app.screen, SweepScreen) and app.screen.map.swept)
        for keys in (("m", *"gross margin"), ("c", *"none"), ("w", "ctrl+u", *"1k:1M:200")):
            await pilot.press(*keys, "enter")
            await pilot.pause()
            await comes(pilot, lambda: app.screen.map.swept)
        (axis,) = app.screen.map.swept.axes
        assert (axis.values[0], axis.values[-1], len(axis.values)) == (1_000, 1_000_000, 200)
        turn = seek(plan.scenario, axis.path, "gross_margin_share", 0.0, lo=1_000, hi=1_000_000).solutions[0]
        near = value_head(float(f"{turn.value:.3g}"), axis.spec)
        assert f"Gross margin crosses 0 at about {near}." in said(app)
        assert screen_text(app).count("●") > 30


async def test_a_field_without_effect_is_named_in_place_of_equal_cells(chat):
    context = "workloads.chat.context_tokens"
    plan = Plan.of(chat.with_value("workloads.chat.rag.on", True))
    async with opened(plan, size=(120, 36)) as (app, pilot):
        app.plan_screen.go_to(context)
        await pilot.press("x", "tab")
        await comes(pilot, lambda: isinstance(app.screen, SweepScreen) and app.screen.map.swept)
        await pilot.press("c", *"none", "enter")
        await comes(pilot, lambda: app.screen.map.swept and len(app.screen.map.swept.axes) == 1)
        shown = screen_text(app)
        assert "does not depend on chat: Context. No effect while RAG is on" in shown
        assert "●" not in shown


def test_heads_of_a_sweep_are_round_and_runways_to_the_horizon_last_the_plan(plan):
    for path in (CONTEXT, "workloads.chat.routing.share_to_last", "demand.customers"):
        spec, now = spec_at(plan.scenario, path)
        values = values_of(plan.scenario, path, steps=9)
        assert float(now) in values
        assert all(len(value_head(each, spec, unit=False)) <= 6 for each in values)
        apart = np.diff([each for each in values if each != float(now)])
        assert apart.max() <= 2 * apart.min() * 1.0001
    horizon = float(plan.scenario.company.horizon_months)
    assert metric_words(plan.scenario, "runway_months", horizon) == f"lasts all {horizon:.0f} months"


async def test_a_sweep_runs_beside_the_screen_and_can_be_stopped(plan, monkeypatch):
    def slow(*given, progress, **more):
        while progress(1, 100, 1.0):
            pass
        return sweep(*given, **more)

    monkeypatch.setattr(page, "sweep", slow)
    async with opened(plan) as (app, pilot):
        await pilot.press("x", "tab")
        await comes(pilot, lambda: said(app) == "Trying values: 1 of 100")
        await pilot.press("space")
        await comes(pilot, lambda: app.screen.map.swept)


async def test_the_frontier_offers_a_plan_that_costs_less_per_outcome(plan):
    async with opened(plan) as (app, pilot):
        before = app.outlook.result.metrics["usd_per_outcome"]
        await pilot.press("x", "tab", "tab")
        await comes(pilot, lambda: app.screen.query("ScrollSheet") and app.screen.sheet.chosen)
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


async def test_every_key_is_in_the_help(plan):
    async with opened(plan, size=(80, 90)) as (app, pilot):
        await pilot.press("question_mark")
        await pilot.pause()
        shown = screen_text(app)
        assert [key.help for key in app.plan_screen.keys if key.help[:40] not in shown] == []


def test_no_help_of_a_key_is_cut_off_at_eighty_columns():
    assert [key.help for key in KEYS if len(key.help) > 57] == []


async def test_e_on_a_field_that_moves_nothing_says_so(plan):
    async with opened(plan, size=(100, 40)) as (app, pilot):
        await pilot.press("j", "space", "k", "e")  # with RAG on, the chunks replace the context
        await pilot.pause()
        assert "No headline number" in screen_text(app)


async def test_in_a_narrow_comparison_no_number_is_cut_off(plan):
    async with opened(plan, size=(40, 24)) as (app, pilot):
        await pilot.press("L", "d")
        await comes(pilot, lambda: "Why net burn" in screen_text(app))
        shown = screen_text(app)
        assert "Net burn, month 1" in shown
        assert f" to {metric_text(app.outlook.result, 'net_burn_usd_per_month', brief=True)}" in shown
        assert "worse" in shown
