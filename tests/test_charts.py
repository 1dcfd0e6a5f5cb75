"""Charts fit their room, read without colour, and say so in words when there is nothing to draw."""

import math

import numpy as np
import pytest
from rich.cells import cell_len

from planner.tui.widgets.charts import (
    RaiseMark,
    Swing,
    breakdown_bars,
    cash_curve,
    heat_map,
    plain,
    spark,
    tornado,
    waterfall,
)

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


def cash(width, height, **changes):
    return cash_curve(CASH, **{"width": width, "height": height, "show": usd} | changes)


def costs(width, height, **changes):
    return breakdown_bars(COSTS, **{"width": width, "height": height, "show": usd} | changes)


def swings(width, height, **changes):
    return tornado(SWINGS, **{"base": 6e6, "width": width, "height": height, "show": usd} | changes)


def steps(width, height, **changes):
    given = {"width": width, "height": height, "show": usd}
    return waterfall(("A", 310e3), STEPS, ("B", 257e3), **given | changes)


def table(width, height, **changes):
    given = {"row_labels": [f"{y}0%" for y in range(8)], "column_labels": [f"{x}k" for x in range(12)]}
    return heat_map(MAP, **given | {"width": width, "height": height, "show": usd} | changes)


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
    assert "$0.00 ┤" in text
    assert "$5.00M ┤" in text
    assert "month" in text.splitlines()[-1]
    assert "median" in text


def test_the_cash_line_falls_from_the_top_left_to_the_bottom_right():
    rows = plain(cash(60, 12)).splitlines()[1:-1]
    starts = [
        min(x for x, c in enumerate(row) if ord(c) >= 0x2800)
        for row in rows
        if any(ord(c) > 0x2800 for c in row)
    ]
    assert starts[0] < 12
    assert max(x for x, c in enumerate(rows[-1]) if ord(c) > 0x2800) == 59


def test_cash_below_zero_has_the_look_of_bad_news():
    looks = {span.look for row in cash(60, 12) for span in row}
    assert {"line", "bad", "zero"} <= looks


def test_a_raise_is_marked_under_its_month():
    rows = plain(cash(78, 14, funding=[RaiseMark(18, 8e6)])).splitlines()
    months, marks = rows[-2], rows[-1]
    assert "▲ +$8.00M" in marks
    assert abs(months.index("18") - marks.index("▲")) <= 1


def test_unknown_cash_is_said_in_words():
    text = plain(cash_curve([math.nan] * 12, width=60, height=10, show=usd))
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


def test_a_waterfall_ends_where_its_steps_lead():
    rows = plain(steps(78, 8)).splitlines()
    assert rows[1].rstrip().endswith("-$42.0k")
    assert rows[3].rstrip().endswith("+$7.0k")
    assert rows[-1].count("▓") < rows[0].count("▓")


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
        [[1.0, math.nan]],
        row_labels=["a"],
        column_labels=["x", "y"],
        width=40,
        height=5,
        show=lambda value: f"{value:g}",
    )
    assert "n/a" in plain(rows)


def test_a_spark_line_leaves_a_gap_where_a_number_is_unknown():
    assert plain([spark([1.0, math.nan, 8.0], width=10)]) == "▁ █"


def test_charts_take_arrays_as_they_come_from_the_model():
    text = plain(
        cash_curve(
            np.array(CASH),
            width=60,
            height=10,
            show=usd,
            low_usd=np.array(CASH) - 1e6,
            high_usd=np.array(CASH),
        )
    )
    assert text == plain(cash(60, 10, low_usd=[usd - 1e6 for usd in CASH], high_usd=CASH))
    given = {"row_labels": ["a"] * 8, "column_labels": ["b"] * 12, "width": 60, "height": 12, "show": usd}
    assert plain(heat_map(np.array(MAP), **given)) == plain(heat_map(MAP, **given))
