"""What is said of a sweep: fields without an effect, where a number turns its sign, and what is under the cursor."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.readout import RUNWAYS, label, long_label, number_text
from planner.readout.setting_words import setting_meaning
from planner.schema import replaced_many
from planner.tui.session.field_list import without_effect
from planner.tui.session.outlook import HEADLINE
from planner.tui.session.sweep_axes import placed, value_head
from planner.units import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.analysis.sweep import Axis, Sweep
    from planner.schema import Array, Scenario

_CLOSE = 1e-9
_TURNS = ("net_burn", "margin", "least_cash", "ltv_usd")  # numbers whose sign is news


def grid_of(swept: Sweep, metric: str) -> Array:
    """Return a metric over the values, shape (rows, columns); one column where one field is swept."""
    shape = tuple(len(axis.values) for axis in swept.axes)
    values = np.broadcast_to(swept.grid.metrics[metric], shape)
    return values if len(shape) > 1 else values[:, None]


def kept_at(swept: Sweep, at: tuple[int, int]) -> bool:
    """Return whether every promise is kept and every model fits at one cell."""
    shape = tuple(len(axis.values) for axis in swept.axes)
    found = np.broadcast_to(swept.grid.feasible, shape)
    return bool(found[at] if len(shape) > 1 else found[at[0]])


def metric_words(scenario: Scenario, metric: str, value: float) -> str:
    """Return a number of a cell in words: a runway that reaches the plan's end lasts all of it."""
    horizon = float(scenario.company.horizon_months)
    if metric in RUNWAYS and value >= horizon:
        return f"lasts all {horizon:.0f} months"
    return show(value, metric)


def cell_words(scenario: Scenario, metric: str, value: float) -> str:
    """Return a number as short as a cell of the map wants it."""
    return number_text(metric, value, float(scenario.company.horizon_months), brief=True)


def without_any_effect(scenario: Scenario, swept: Sweep, metric: str) -> list[str]:
    """Return a sentence for each field that does not move a number wherever the other one is."""
    values = grid_of(swept, metric)
    found = []
    for at, axis in enumerate(swept.axes):
        if len(axis.values) > 1 and not _moves(values, at):
            why = without_effect(scenario, axis.path) or _between(axis)
            label = placed(scenario, axis.path, axis.spec)
            found.append(f"{long_label(metric)} does not depend on {label}. {why}")
    return found


def _moves(values: Array, axis: int) -> bool:
    first = np.take(values, [0], axis=axis)
    apart = np.abs(values - first) > _CLOSE * np.maximum(np.abs(values), np.abs(first))
    return bool(np.any(apart | (np.isnan(values) != np.isnan(first))))


def _between(axis: Axis) -> str:
    low, high = (value_head(each, axis.spec) for each in (axis.values[0], axis.values[-1]))
    return f"It was tried from {low} to {high}."


def turn_words(swept: Sweep, metric: str, at: tuple[int, int]) -> str:
    """Say where a number whose sign is news passes zero down the column of the cursor; empty for other numbers."""
    values = grid_of(swept, metric)
    if not any(name in metric for name in _TURNS) or not swept.axes[0].spec.numeric or not _moves(values, 0):
        return ""
    column = values[:, at[1]]
    axis, name = swept.axes[0], long_label(metric)
    crossings = _crossings(axis.values, column)
    if crossings:
        places = " and ".join(value_head(_rounded(each), axis.spec) for each in crossings[:2])
        return f"{name} crosses 0 at about {places}."
    known = column[np.isfinite(column)]
    if not known.size:
        return ""
    side = "above" if known.min() >= 0 else "below"
    return f"{name} stays {side} 0 {_between(axis).removeprefix('It was tried ').removesuffix('.')}; w tries further."


def _crossings(values: Sequence[Any], column: Array) -> list[float]:
    found = []
    for (x, after), (before, y) in zip(pairwise(values), pairwise(column), strict=True):
        if math.isfinite(before) and math.isfinite(y) and before * y < 0:
            found.append(float(x) + (float(after) - float(x)) * float(before / (before - y)))
    return found


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")


def here_words(scenario: Scenario, swept: Sweep, at: tuple[int, int]) -> tuple[str, str]:
    """Return the values under the cursor, and the headline numbers that they lead to."""
    where = ", ".join(
        f"{placed(scenario, axis.path, axis.spec)} {value_head(axis.values[index], axis.spec)}"
        for axis, index in zip(swept.axes, at, strict=False)
    )
    at_hand = replaced_many(
        scenario, {axis.path: axis.values[index] for axis, index in zip(swept.axes, at, strict=False)}
    )
    meant = [setting_meaning(at_hand, each.path, at_hand.value(each.path)) for each in swept.axes]
    where += "".join(f" ({each})" for each in meant if each)
    broken = "" if kept_at(swept, at) else ": a latency promise breaks"
    numbers = [
        f"{label(name).lower()} {metric_words(scenario, name, float(grid_of(swept, name)[at]))}"
        for name in HEADLINE
    ]
    return where + broken, ", ".join(numbers)
