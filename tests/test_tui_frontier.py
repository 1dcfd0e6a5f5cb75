"""The frontier on the screen: searched beside it, inside limits, with the plan as it is among the points."""

import asyncio

import pytest
from screen import comes, opened, said

from planner.tui.screens import frontier as page
from planner.tui.screens.sweep import SweepScreen
from planner.tui.session import front_words
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import screen_text
from planner.tui.widgets.charts import plain
from planner.tui.widgets.charts.scatter import Point, PointAxis, scatter


@pytest.fixture
def plan(chat):
    return Plan.of(chat)


async def searched(app, pilot):
    await asked_for(app, pilot)
    await comes(pilot, lambda: app.screen._front is not None)


async def asked_for(app, pilot):
    await pilot.press("x")
    for kind in (SweepScreen, page.FrontierScreen):
        await pilot.press("tab")
        await comes(pilot, lambda kind=kind: isinstance(app.screen, kind))


async def test_the_plan_as_it_is_stands_among_the_points_and_what_differs_comes_first(plan):
    async with opened(plan, size=(200, 50)) as (app, pilot):
        await searched(app, pilot)
        front, shown = app.screen._front, screen_text(app)
        assert "◆ now" in shown or "now ◆" in shown
        assert shown.count("●") > 1
        assert len(set(front_words.differences(plan.scenario, front))) == len(front.choices)
        for at in range(len(front.choices)):
            assert front_words.shared(plan.scenario, front) in front_words.whole(plan.scenario, front, at)


async def test_a_limit_that_no_plan_keeps_is_answered_with_how_near_one_comes(plan):
    async with opened(plan, size=(120, 40)) as (app, pilot):
        await searched(app, pilot)
        await pilot.press("w", *"success_share >= 99.9%", "enter")
        await comes(pilot, lambda: "None reaches 99.9% success; the best is" in screen_text(app))
        await pilot.press("w", *["backspace"] * 40, *"succes > 1", "enter")
        await comes(pilot, lambda: "Did you mean success_share?" in screen_text(app))
        await pilot.press("w", *["backspace"] * 40, "enter")
        await comes(pilot, lambda: "combinations" in screen_text(app))
        before = app.screen._front.metrics[0]
        await pilot.press("m")
        await comes(pilot, lambda: app.screen._front.metrics[0] != before)


async def test_a_search_runs_beside_the_screen_and_can_be_stopped(plan, monkeypatch):
    began, real = asyncio.Event(), page.front_of

    def slow(scenario, *, best, where, progress):
        app.call_from_thread(began.set)
        while progress(1, 100, 1.0):
            pass
        return real(scenario, best=best, where=where, progress=lambda *_: True)

    monkeypatch.setattr(page, "front_of", slow)
    async with opened(plan) as (app, pilot):
        await asked_for(app, pilot)
        await began.wait()
        await comes(pilot, lambda: said(app) == "Trying combinations: 1 of 100")
        await pilot.press("space")
        await comes(pilot, lambda: app.screen._front is not None)


def test_ticks_of_a_scatter_are_even_and_points_stand_where_their_numbers_are():
    points = [Point(x, x * 10, "●", "line") for x in (1.0, 2.0, 4.0)]
    axes = {"across": PointAxis("cost", lambda x: f"{x:g}"), "up": PointAxis("gain", lambda y: f"{y:g}")}
    rows = plain(scatter(points, **axes, width=60, height=16)).splitlines()
    at = [(row.index("●"), y) for y, row in enumerate(rows) if "●" in row]
    assert [x for x, _ in at] == sorted((x for x, _ in at), reverse=True)
    tops = [row.index("┴") for row in rows if "┴" in row]
    axis = next(row for row in rows if "┴" in row)
    gaps = [len(part) for part in axis.split("┴")[1:-1]]
    assert tops
    assert max(gaps) - min(gaps) <= 1
