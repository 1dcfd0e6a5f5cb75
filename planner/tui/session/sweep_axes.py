"""The fields of a sweep and the values they are tried at: round ones by themselves, or those that were typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.analysis.grid import bounds, sensible_values
from planner.readout import label_in, placed_label
from planner.readout.axis import ticks
from planner.readout.field_values import value_text, value_with_unit
from planner.schema import Field, Scenario, Spec, read_number, spec_at
from planner.tui.session.field_list import lines, without_effect
from planner.tui.state import same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.analysis.sweep import Axis

MOST_TYPED = 200
_FIRST_CHOICES = ("share_to_last", "context_tokens", "chunks", "output_tokens", "customers")
_FROM_TO = re.compile(r"(.+?)\s*(?::|\bto\b|\.\.)\s*(.+?)(?:\s*(?::|\bin\b)\s*(\d+)(?:\s*steps?)?)?")
_PERCENT = 100


def first_axes(scenario: Scenario, path: str) -> tuple[str, str]:
    """Return the field to begin with, and another one that is worth sweeping against it."""
    shown = [line.field for line in lines(scenario, baseline={}) if line.field is not None]
    swept = [field.path for field in shown if sweepable(field)]
    acting = [found for found in swept if not without_effect(scenario, found)]
    wanted = [found for name in _FIRST_CHOICES for found in acting if found.endswith(f".{name}")]
    down = path if path in swept else (wanted or swept)[0]
    owner, leaf = down.rpartition(".")[0], down.rpartition(".")[2]
    others = [found for found in wanted if not found.endswith(f".{leaf}")]
    others.sort(key=lambda found: not found.startswith(owner))  # of the same workload first
    return down, next(iter(others), next((found for found in swept if found != down), swept[-1]))


def sweepable(field: Field) -> bool:
    """Say whether a field has values that can be tried one by one."""
    return field.spec.kind in ("choice", "flag") or (field.spec.numeric and field.value is not None)


def values_of(scenario: Scenario, path: str, *, steps: int) -> list[Any]:
    """Return about so many values to sweep a field over, round ones, and the plan's own among them."""
    spec, now = spec_at(scenario, path)
    if not spec.numeric:
        return sensible_values(scenario, path)
    low, high = bounds(spec, now)
    return _with_own(even_values(low, high, steps, spec), now)


def even_values(low: float, high: float, steps: int, spec: Spec) -> list[float]:
    """Return about so many round numbers from one to the other, whole ones of what is counted.

    >>> even_values(0.0, 1.0, 9, Spec("Share", "share", "share"))
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    inside = ticks(low, high, count=max(steps - 1, 1)) if high > low else [low]
    found = [float(f"{each:.12g}") for each in inside]
    if spec.kind == "count":
        found = [float(round(each)) for each in found]
    return sorted({*found} or {low})


def _with_own(values: Sequence[float], now: Any) -> list[float]:
    if now is None or isinstance(now, str | bool) or any(same(float(now), each) for each in values):
        return list(values)
    return sorted([*values, float(now)])


def typed_values(text: str, spec: Spec, *, steps: int) -> list[float]:
    """Return the values that were typed: from, to and how many, or one by one; raise ValueError in words.

    >>> tokens = Spec("Context", "positive", "tokens")
    >>> typed_values("2000:32000:5", tokens, steps=9), typed_values("1k, 4k", tokens, steps=9)
    ([2000.0, 9500.0, 17000.0, 24500.0, 32000.0], [1000.0, 4000.0])
    >>> typed_values("2k to 8k", tokens, steps=3)
    [2000.0, 5000.0, 8000.0]
    """
    found = _FROM_TO.fullmatch(text.strip())
    if found is None:
        return sorted({_read(each, spec) for each in text.replace(";", ",").split(",") if each.strip()})
    low, high = (_read(each, spec) for each in found.groups()[:2])
    if not low < high:
        message = f"The first end must be below the second; {text} is not."
        raise ValueError(message)
    count = int(found[3]) if found[3] else 0
    if count > MOST_TYPED:
        message = f"At most {MOST_TYPED} values are tried, not {count}."
        raise ValueError(message)
    if not count:
        return sorted({low, *even_values(low, high, steps, spec), high})
    even = np.linspace(low, high, max(count, 2))
    return sorted({float(each) for each in (np.rint(even) if spec.kind == "count" else even)})


def _read(text: str, spec: Spec) -> float:
    number = read_number(text.strip())
    try:
        if number is None:
            message = "a number such as 2000, 2k or 35%"
            raise ValueError(message)  # noqa: TRY301 - told like a number outside the field's rule
        value = float(spec.read(number))
    except ValueError as error:
        message = f"{text.strip()} can't be used for {spec.label.lower()}: it must be {error}."
        raise ValueError(message) from error
    return value


def range_text(values: Sequence[Any], spec: Spec) -> str:
    """Return values as they would be typed: from, to and how many."""
    low, high = (_plain(each, spec) for each in (values[0], values[-1]))
    return f"{low}:{high}:{len(values)}"


def _plain(value: Any, spec: Spec) -> str:
    return f"{value * _PERCENT:.6g}%" if spec.unit == "share" else f"{value:.10g}"


def value_head(value: Any, spec: Spec, *, unit: bool = True) -> str:
    """Return a value as the head of a row or column: with its unit, and no more digits than tell it apart.

    >>> value_head(2 / 9, Spec("Share", "share", "share")), value_head(3_600.0, Spec("Context", "positive", "tokens"))
    ('22.2%', '3,600 tokens')
    """
    if spec.unit == "share" and isinstance(value, float):
        return f"{value * _PERCENT:.3g}%"
    return value_with_unit(value, spec) if unit else value_text(value, spec)


def placed(scenario: Scenario, path: str, spec: Spec) -> str:
    """Return a swept field's label with the workload or deployment it belongs to."""
    return placed_label(path, label_in(scenario, path, spec.label))


def nearest(scenario: Scenario, axis: Axis) -> int:
    """Return which value of an axis is the one of the plan, or nearest to it."""
    value = scenario.value(axis.path)
    if axis.spec.numeric:
        return int(np.argmin([abs(float(each) - float(value)) for each in axis.values]))
    return axis.values.index(value) if value in axis.values else 0
