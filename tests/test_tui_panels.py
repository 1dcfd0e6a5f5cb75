"""The panels beside the form: each layout uses its room, no panel leaves it, and what has nothing to say is not there."""

from dataclasses import replace
from functools import cache

import pytest
from plans import shipped
from rich.cells import cell_len

from planner.files import load
from planner.model import evaluate
from planner.schema import Scenario
from planner.tui.session.outlook import Outlook
from planner.tui.widgets import outputs
from planner.tui.widgets.charts import plain
from planner.tui.widgets.panels import PANELS, Room, Scene, arranged

SAVED = [path for path in shipped() if path.parent.name == "saved"]
BESIDE = {"80x24": (39, 15), "120x40": (67, 30), "200x50": (147, 40)}  # the form and its margin taken off


@cache
def scene(path):
    scenario = load(path).scenario
    return Scene(Outlook(scenario, evaluate(scenario)))


def crowded(count=30):
    """Return a plan with many workloads on one model."""
    price = {"input_usd_per_mtok": 2.5, "output_usd_per_mtok": 10.0}
    one = {"context_tokens": 500.0, "output_tokens": 200.0, "routing": {"tiers": ["api"]}}
    return Scenario.model_validate(
        {
            "company": {"cash_usd": 1e6, "fixed_costs_usd_per_month": 2e4},
            "deployments": {"api": {"kind": "api", "model": "own", "success_share": 0.8, "price": price}},
            "workloads": {
                f"work {at}": one | {"requests_per_month": 1000.0 * at} for at in range(1, count + 1)
            },
        }
    )


def areas(seen, size):
    wanted = {
        name: Room(min(each.least, most), most) for name, each in PANELS.items() if (most := each.most(seen))
    }
    return arranged(size[0], size[1], wanted)


@pytest.mark.parametrize("size", BESIDE)
@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_panels_fill_their_room_and_none_leaves_it_or_lies_over_another(path, size):
    width, height = BESIDE[size]
    taken = set()
    for area in areas(scene(path), (width, height)):
        cells = {
            (x, y) for x in range(area.x, area.x + area.width) for y in range(area.y, area.y + area.height)
        }
        assert not cells & taken
        taken |= cells
        rows = PANELS[area.name].draw(scene(path), area.width, area.height - 1)
        assert len(rows) < area.height
        assert all(cell_len(line) <= area.width for line in plain(rows).splitlines()), area.name
    assert all(0 <= x < width and 0 <= y < height for x, y in taken)
    assert len(taken) >= 0.85 * width * height


def test_a_wide_screen_holds_every_month_of_three_years_and_what_a_small_one_leaves_out():
    path = next(path for path in SAVED if path.stem == "support-copilot")
    wide = {area.name: area for area in areas(scene(path), BESIDE["200x50"])}
    assert {"cash", "costs", "swings", "months", "workloads"} <= wide.keys()
    assert wide["months"].height > 32
    assert {area.name for area in areas(scene(path), BESIDE["80x24"])} == {"cash", "costs"}


def test_the_tenths_of_a_segment_say_who_is_lost_money_on():
    path = next(path for path in SAVED if path.stem == "freemium-assistant")
    rows = PANELS["tenths"].draw(scene(path), 74, 11)
    assert plain(rows[1:2]).startswith("heaviest")
    assert {"bad"} <= {span.look for span in rows[1]}
    assert {"good"} <= {span.look for span in rows[-1]}
    assert "█│" in plain(rows[1:2])
    assert "│█" in plain(rows[-1:])
    assert PANELS["tenths"].most(scene(SAVED[0])) in (0, 11)
    team = replace(scene(path), segment="team")
    assert PANELS["tenths"].title(team) == "A customer of team by use, a month, 3 of 3"


@pytest.mark.parametrize("size", BESIDE)
def test_thirty_workloads_leave_room_for_the_rest_and_are_counted(size):
    scenario = crowded()
    seen = Scene(Outlook(scenario, evaluate(scenario)))
    found = {area.name: area for area in areas(seen, BESIDE[size])}
    assert {"cash", "costs"} <= found.keys()
    if size != "80x24":
        area = found["workloads"]
        rows = plain(PANELS["workloads"].draw(seen, area.width, area.height - 1)).splitlines()
        assert rows[1].startswith("work 30")
        assert rows[-1] == f"and {30 - len(rows) + 2} more"


def test_gpus_by_hour_follow_a_workload_that_works_in_offices():
    own = {
        "kind": "self-hosted",
        "model": "llama-3.1-70b",
        "gpu": "H100-SXM",
        "tensor_parallel": 4,
        "usd_per_gpu_hour": 2.5,
    }
    table = {
        "demand": {"customers": 1_000},
        "deployments": {"own": own | {"autoscale": True}},
        "workloads": {
            "chat": {
                "requests_per_customer_per_month": 9_000,
                "profile": "office",
                "routing": {"tiers": ["own"]},
            }
        },
    }
    scenario = Scenario.from_table(table)
    seen = Scene(Outlook(scenario, evaluate(scenario)))
    assert PANELS["hours"].title(seen) == "GPUs of own by hour"
    rows = plain(PANELS["hours"].draw(seen, 78, 9)).splitlines()
    bars = [sum(row.ljust(78)[3 + 3 * hour] == "█" for row in rows[1:]) for hour in range(24)]
    assert bars[12] > bars[0]
    assert rows[-1].split() == ["0:00", "6:00", "12:00", "18:00"]
    assert PANELS["hours"].most(scene(SAVED[0])) == 0


def test_a_session_is_drawn_along_its_calls_where_a_request_takes_several():
    path = next(path for path in SAVED if path.stem == "coding-agent")
    assert PANELS["session"].title(scene(path)) == "A session of task on frontier, call by call, 2 of 3"
    rows = plain(PANELS["session"].draw(scene(path), 74, 10)).splitlines()
    assert rows[-2].lstrip().startswith("cost")
    told = " ".join(rows[:3])
    assert "32.5 calls on average" in told
    assert "Compacted before call 51" in told
    assert "^51" in rows[-1]
    search = replace(scene(path), session="search")
    assert PANELS["session"].title(search) == "A session of search on small, call by call, 3 of 3"
    plain_path = next(path for path in SAVED if path.stem == "support-copilot")
    assert PANELS["session"].most(scene(plain_path)) == 0


def test_charts_follow_keys_that_keep_coming_but_wait_for_a_pause_while_a_number_is_typed(monkeypatch):
    monkeypatch.setattr(outputs, "CHARTS_EVERY_S", -1.0)  # a moment has always passed
    before = scene(SAVED[0]).outlook
    after = replace(before, result=replace(before.result))
    pane, drawn = outputs.Outputs(), []
    monkeypatch.setattr(pane, "redraw", lambda: drawn.append(pane.follows))
    for pane.follows in (False, True):
        pane.watch_outlook(before, after)
    assert drawn == [True]
