"""API or own GPUs by volume: the chart, and the page that shows it."""

import math

import pytest
from screen import comes, opened

from planner.analysis.side_by_side import side_by_side
from planner.errors import Problem, ScenarioError
from planner.tui.screens.volume import VolumeScreen
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text
from planner.tui.widgets.charts import plain
from planner.tui.widgets.charts.volume import CostCurve, cost_curves
from planner.units import show

VOLUMES = [10.0 ** (3 + step / 4) for step in range(25)]


@pytest.fixture
def plan(chat):
    return Plan.of(chat)


def chart(**kwargs):
    flat, falling = [0.01] * len(VOLUMES), [1_000 / volume for volume in VOLUMES]
    sides = CostCurve("one (API)", flat), CostCurve("other (own GPUs)", falling)
    kwargs = {"width": 70, "height": 16, "show": lambda usd: show(usd, "usd"), "show_volume": show} | kwargs
    return plain(cost_curves(VOLUMES, *sides, **kwargs))


def test_both_axes_are_labelled_at_the_powers_of_ten_that_lie_on_them():
    shown = chart(crossing=1e5)
    for words in (
        "$1.00 ┤",
        "$0.10 ┤",
        "$0.01 ┤",
        "└1,000",
        "1M",
        "1B",
        "▲ 100,000",
        "one (API)",
        "other (own GPUs)",
    ):
        assert words in shown


def test_the_crossing_lies_where_the_curves_do():
    rows = chart(crossing=1e5, ascii_only=True).splitlines()
    column = rows[-1].index("^")
    flat = next(row for row in rows if row.count("*") > 40)
    assert {row[column] for row in rows[1:-2]} - {" "} <= {"-", ".", "*"}
    assert abs(column - next(x for x in range(len(flat)) if flat[x] == "*") - (len(flat) - 8) / 3) < 3


def test_in_ascii_the_two_sides_are_told_apart():
    shown = chart(ascii_only=True, crossing=math.nan)
    assert shown.isascii()
    assert "* one (API)   . other (own GPUs)" in shown
    assert "cross" not in shown


@pytest.mark.parametrize("size", [(10, 3), (24, 6), (40, 8), (200, 50)])
def test_the_chart_stays_inside_its_room(size):
    rows = chart(width=size[0], height=size[1], crossing=1e5).splitlines()
    assert len(rows) <= size[1]
    assert max(map(len, rows)) <= size[0]


def test_at_the_same_quality_both_solve_the_same_share(chat):
    own = side_by_side(chat, workload="chat", first="large", second="small")
    held = side_by_side(chat, workload="chat", first="large", second="small", same_quality=True)
    assert own.second.success_share < own.first.success_share
    assert held.second.success_share == pytest.approx(held.first.success_share, rel=0.02)
    assert held.first.usd_per_outcome == pytest.approx(own.first.usd_per_outcome)
    assert held.outcome_pays_from_requests <= own.outcome_pays_from_requests or math.isnan(
        own.outcome_pays_from_requests
    )


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40)])
async def test_shift_v_tells_from_which_volume_own_gpus_pay(plan, size):
    found = side_by_side(plan.scenario, workload="chat", first="large", second="small", same_quality=True)
    async with opened(plan, size=size) as (app, pilot):
        await pilot.press("V")
        await comes(pilot, lambda: "costs less" in " ".join(screen_text(app).split()))
        assert show(found.pays_from_requests) in " ".join(screen_text(app).split())


async def test_the_sides_the_quality_and_the_number_are_chosen_by_keys(plan):
    async with opened(plan, size=(120, 40)) as (app, pilot):
        await pilot.press("V")
        await comes(pilot, lambda: "both at the success of" in screen_text(app))
        await pilot.press("a")
        await comes(pilot, lambda: "each at its own success" in screen_text(app))
        await pilot.press("m")
        await pilot.pause()
        assert "Cost of an outcome" in screen_text(app)
        await pilot.press("r", *"small", "enter")
        await comes(pilot, lambda: "small alone or by small alone" in screen_text(app))


async def test_tab_leads_from_the_frontier_to_the_volume_and_on_to_the_moves(plan):
    async with opened(plan) as (app, pilot):
        await pilot.press("V")
        await comes(pilot, lambda: isinstance(app.screen, VolumeScreen))
        await pilot.press("tab")
        await comes(pilot, lambda: "Next moves" in screen_text(app))


async def test_a_plan_with_one_deployment_is_told_what_is_missing(chat):
    alone = chat.workloads["chat"].model_copy(
        update={
            "routing": chat.workloads["chat"].routing.model_copy(
                update={"tiers": ("large",), "share_to_last": 0.0}
            )
        }
    )
    one = chat.model_copy(
        update={"deployments": {"large": chat.deployments["large"]}, "workloads": {"chat": alone}}
    )
    async with opened(Plan.of(one)) as (app, pilot):
        await pilot.press("V")
        await comes(pilot, lambda: "takes a workload and two deployments" in screen_text(app))
        await pilot.press("m", "a", "w", "escape", "r", "escape", "escape")
        assert app.is_running


async def test_a_comparison_that_can_not_be_made_leaves_none_of_the_one_before(plan, monkeypatch):
    async with opened(plan, size=(120, 40)) as (app, pilot):
        await pilot.press("V")
        await comes(pilot, lambda: "both at the success of" in screen_text(app))
        monkeypatch.setattr("planner.tui.screens.volume.side_by_side", refused)
        await pilot.press("a")
        await comes(pilot, lambda: "is not a deployment" in screen_text(app))
        await pilot.press("m")
        await pilot.pause()
        assert "Cost of" not in screen_text(app)


def refused(*_, **__):
    raise ScenarioError([Problem("small", "is not a deployment.")])
