"""Charts fit their room, read without colour, and say so in words when there is nothing to draw."""

import itertools
import math
import re

import numpy as np
import pytest
from rich.cells import cell_len

from planner.tui.widgets.charts import (
    CashCourse,
    Mark,
    Swing,
    breakdown_bars,
    cash_curve,
    month_at,
    plain,
    spark,
    tornado,
    waterfall,
)
from planner.tui.widgets.charts.heat import HeatTable, heat_map

COSTS = [
    ("input tokens", 18_200.0),
    ("output tokens", 31_200.0),
    ("GPU idle", 9_100.0),
    ("cache credit", -2_100.0),
]
SWINGS = [Swing("growth", 3.1e6, 9e6), Swing("success rate", 8e6, 5.1e6), Swing("no matter", 6e6, 6e6)]
STEPS = [("context", -42e3), ("routing", -18e3), ("gpu", 7e3)]
MAP = [[x * y * 1.3 + 2 for x in range(12)] for y in range(8)]
CASH = [5e6 - 3e5 * month for month in range(37)]


def usd(value):
    sign, size = "-" if value < 0 else "", abs(value)
    return (
        f"{sign}${size / 1e6:.2f}M"
        if size >= 1e6
        else f"{sign}${size / 1e3:.1f}k"
        if size >= 1e3
        else f"{sign}${size:.2f}"
    )


def cash(width, height, usd_by_month=CASH, *, ascii_only=False, month=None, **parts):
    given = {"width": width, "height": height, "show": usd, "ascii_only": ascii_only, "month": month}
    return cash_curve(CashCourse(usd_by_month, **parts), **given)


def costs(width, height, **changes):
    return breakdown_bars(COSTS, **{"width": width, "height": height, "show": usd} | changes)


def swings(width, height, **changes):
    return tornado(SWINGS, **{"base": 6e6, "width": width, "height": height, "show": usd} | changes)


def steps(width, height, **changes):
    given = {"width": width, "height": height, "show": usd}
    return waterfall(("A", 310e3), STEPS, ("B", 257e3), **given | changes)


def table(width, height, **changes):
    named = HeatTable(MAP, [f"{y}0%" for y in range(8)], [f"{x}k" for x in range(12)])
    return heat_map(named, **{"width": width, "height": height, "show": usd} | changes)


@pytest.mark.parametrize("chart", [cash, costs, swings, steps, table])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_chart_never_leaves_its_room(chart, ascii_only):
    for width in (*range(1, 60), 79, 120, 200):
        for height in (0, 1, 3, 4, 5, 8, 20, 50):
            rows = plain(chart(width, height, ascii_only=ascii_only)).splitlines()
            assert len(rows) <= height
            assert all(cell_len(row) <= width for row in rows), (width, height)
            assert not ascii_only or all(row.isascii() for row in rows)


def test_the_cash_axis_holds_zero_and_round_amounts_and_says_its_unit():
    text = plain(cash(78, 14, low_usd=[usd - 1e6 for usd in CASH], high_usd=[usd + 1e6 for usd in CASH]))
    assert "$0 ┤" in text
    assert "$2M ┤" in text
    assert text.splitlines()[-1].startswith("mo")
    assert "median" in text


def test_the_cash_line_falls_from_the_top_left_to_the_bottom_right():
    rows = plain(cash(60, 12)).splitlines()[1:-1]
    starts = [
        min(x for x, c in enumerate(row) if ord(c) >= 0x2800)
        for row in rows
        if any(ord(c) > 0x2800 for c in row)
    ]
    assert starts[0] < 12
    assert max(starts) > 25


def test_cash_below_zero_takes_no_more_than_a_quarter_of_what_is_above_it():
    """Cash falls from $5M to -$5.8M; the room is for what there is, not for debt that nobody lends."""
    rows = plain(cash(60, 14)).splitlines()[1:-1]
    zero = next(at for at, row in enumerate(rows) if "$0 ┤" in row)
    drawn = [at for at, row in enumerate(rows) if "│" in row or "┤" in row]
    assert (drawn[-1] - zero) / (zero - drawn[0]) <= 0.35


def test_cash_below_zero_has_the_look_of_bad_news():
    looks = {span.look for row in cash(60, 12) for span in row}
    assert {"line", "bad", "zero"} <= looks


def test_a_raise_is_marked_under_its_month():
    rows = plain(cash(78, 14, marks=[Mark(18, "+$8.00M", "▲", "good")])).splitlines()
    months, marks = rows[-2], rows[-1]
    assert "▲ +$8.00M" in marks
    assert months.index("18") == marks.index("▲")


def test_every_raise_is_marked_however_many_there_are_and_however_little_room():
    many = [Mark(month, f"+${month}.00M", "▲", "good") for month in range(3, 36, 3)]
    for width, height in ((36, 8), (60, 12), (140, 20)):
        assert plain(cash(width, height, marks=many)).count("▲") == len(many)


def test_months_on_the_axis_are_as_far_apart_as_they_are_in_time():
    for width in range(36, 160):
        axis = plain(cash(width, 14)).splitlines()[-1]
        starts = [(int(found[0]), found.start()) for found in re.finditer(r"\d+", axis)]
        assert starts[0][0] == 0
        gaps = {(x - starts[0][1]) / month for month, x in starts[1:]}
        assert len(gaps) == 1, axis


def test_amounts_on_the_axis_lie_as_far_apart_as_they_are():
    for height in range(7, 30):
        for most in (0.7e6, 1.6e6, 2.4e6, 5e6, 13e6, 24e6):
            rows = plain(cash(70, height, [most - most / 50 * month for month in range(37)])).splitlines()
            at = [number for number, row in enumerate(rows) if "┤" in row]
            gaps = [second - first for first, second in itertools.pairwise(at)]
            assert min(gaps, default=1) >= 0.75 * max(gaps, default=1), (height, most)


def test_however_little_cash_is_below_zero_the_stretch_is_drawn_through():
    short = [25e6 - 1e6 * month for month in range(26)] + [-1_000.0, -500.0, 2e6, 9e6]
    rows = cash(70, 14, short)
    assert {span.look for row in rows for span in row if "━" in span.text} == {"bad"}
    assert "━" not in plain(cash(70, 14, [each + 2_000 for each in short]))


def test_a_month_under_the_cursor_is_drawn_and_a_click_finds_the_month_back():
    rows = plain(cash(90, 14, month=7)).splitlines()
    assert "month 7: $2.90M" in rows[0]
    assert month_at(rows[-1].index(" 7 ") + 1, CashCourse(CASH), width=90, height=14, show=usd) == 7


def test_unknown_cash_is_said_in_words():
    text = plain(cash(60, 10, [math.nan] * 12))
    assert text == "No cash by month to draw."


def test_cost_bars_are_sorted_and_their_shares_add_up_to_the_whole_but_for_rounding():
    rows = plain(costs(78, 10)).splitlines()
    assert [row.split("  ")[0].split(" █")[0].split(" ▒")[0] for row in rows] == [
        "output tokens",
        "input tokens",
        "GPU idle",
        "cache credit",
    ]
    shares = [int(row.split()[-1].rstrip("%")) for row in rows]
    assert sum(shares) == pytest.approx(100, abs=len(rows) / 2)


def test_costs_that_do_not_fit_are_added_up():
    assert "2 others" in plain(costs(78, 3))
    assert "$7.0k" in plain(costs(78, 3))


def test_a_tornado_puts_the_widest_swing_first_and_tells_low_from_high_without_colour():
    rows = plain(swings(78, 6)).splitlines()
    assert rows[1].startswith("growth")
    assert "░░│██" in rows[1]
    assert "██│░░" in rows[2]
    assert len(rows) == 3


def test_a_tornado_goes_from_the_least_to_the_most_and_says_over_which_range():
    ranged = [Swing("churn", 8e6, 5.1e6, "1.5% to 4%")]
    row = plain(tornado(ranged, base=6e6, width=78, height=4, show=usd)).splitlines()[1]
    assert re.match(r"churn +1\.5% to 4% +\$5\.10M .*\$8\.00M$", row)


def test_a_name_is_whole_as_long_as_there_is_a_bar():
    name = "a rather long name of what is paid"
    for width in range(20, 90):
        rows = plain(
            breakdown_bars([(name, 5e3), ("rest", 2e3)], width=width, height=4, show=usd)
        ).splitlines()
        assert name in rows[0] or "█" not in rows[0]


def test_a_waterfall_ends_where_its_steps_lead():
    rows = plain(steps(78, 8)).splitlines()
    assert rows[1].rstrip().endswith("-$42.0k")
    assert rows[3].rstrip().endswith("+$7.0k")
    assert rows[4].count("▓") < rows[0].count("▓")


def test_a_waterfall_of_small_changes_starts_near_the_baseline_and_says_where():
    rows = waterfall(
        ("A", 212e3), [("a", 700.0), ("b", -1_500.0)], ("B", 211.2e3), width=80, height=8, show=usd
    )
    text = plain(rows)
    assert [line.split()[0] for line in text.splitlines()] == ["A", "b", "a", "B", "bars"]
    assert text.splitlines()[1].count("░") > 20
    coloured = waterfall(
        ("A", 212e3), [("a", 700.0)], ("B", 212.7e3), width=80, height=8, show=usd, look=lambda _: "bad"
    )
    assert {span.look for span in coloured[1]} == {"", "bad"}


def test_a_heat_map_shows_numbers_where_they_fit_and_shades_where_not():
    assert "[" in plain(table(140, 12, cursor=(3, 5)))
    assert usd(MAP[3][5]) in plain(table(140, 12))
    narrow = plain(table(40, 12, cursor=(7, 11)))
    assert "[█]" in narrow
    assert "░▒▓█" in narrow.splitlines()[-1]


def test_a_map_larger_than_its_room_says_which_part_it_shows():
    assert "rows 4-7 of 8" in plain(table(100, 6, cursor=(5, 0)))


def test_a_setting_without_a_result_reads_n_a():
    rows = heat_map(
        HeatTable([[1.0, math.nan]], ["a"], ["x", "y"]),
        width=40,
        height=5,
        show=lambda value: f"{value:g}",
    )
    assert "n/a" in plain(rows)


def test_a_spark_line_leaves_a_gap_where_a_number_is_unknown():
    assert plain([spark([1.0, math.nan, 8.0], width=10)]) == "▁ █"


def test_charts_take_arrays_as_they_come_from_the_model():
    array = np.array(CASH)
    text = plain(cash(60, 10, array, low_usd=array - 1e6, high_usd=array))
    assert text == plain(cash(60, 10, low_usd=[usd - 1e6 for usd in CASH], high_usd=CASH))
    given = {"width": 60, "height": 12, "show": usd}
    tables = [HeatTable(values, ["a"] * 8, ["b"] * 12) for values in (np.array(MAP), MAP)]
    assert plain(heat_map(tables[0], **given)) == plain(heat_map(tables[1], **given))


def test_a_heat_map_fills_its_room_and_its_legend_has_its_own_colours():
    rows = table(190, 40, cursor=(3, 5))
    assert len(rows) == 34
    assert all(len(plain([row])) > 170 for row in rows[2:-1:4])
    assert [span.look for span in rows[-1]][1:6] == [f"heat{level}" for level in range(5)]
