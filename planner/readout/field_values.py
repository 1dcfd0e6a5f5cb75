"""A field's value as displayed and as typed, its unit, and its valid range."""

import math
from typing import Any

from planner.schema import Range, Scenario, Spec, spec_at
from planner.schema.ends import ends_text
from planner.schema.ends import unit_text as unit_of
from planner.units import show

EMPTY = "(default)"


def value_text(value: Any, spec: Spec) -> str:
    """Return a field's value as text.

    >>> share = Spec("Churn", "share", "share")
    >>> value_text(0.25, share), value_text(Range(0.04, 0.12, family="normal"), share)
    ('25%', '4% to 12%')
    >>> value_text((0.9, 0.85), share)
    '90%, 85%'
    """
    if value is None:
        return EMPTY
    if isinstance(value, tuple):
        return ", ".join(value_text(each, spec) for each in value) or "(none)"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Range):
        return f"{_short(value.low, spec)} to {_short(value.high, spec)}"
    if spec.unit == "x/year" and value == 1:
        return "no growth" if "growth" in spec.label.lower() else "no decline"
    if spec.numeric:
        return _short(float(value), spec)
    return str(value) or "(none)"


def value_with_unit(value: Any, spec: Spec) -> str:
    """Return a field's value as text, with its unit if the value doesn't show it.

    >>> value_with_unit(4000.0, Spec("Context", "positive", "tokens"))
    '4,000 tokens'
    >>> value_with_unit(0.25, Spec("Churn", "share", "share"))
    '25%'
    """
    text, unit = value_text(value, spec), unit_text(spec) if spec.numeric and value is not None else ""
    return f"{text}{unit}" if unit.startswith("/") or not unit else f"{text} {unit}"


def value_at(scenario: Scenario, path: str) -> str:
    """Return the value of the field at a path, as text."""
    spec, value = spec_at(scenario, path)
    return value_text(value, spec)


def _short(value: float, spec: Spec) -> str:
    """Return a number without trailing zeros."""
    text = show(value, "" if spec.kind == "count" else spec.unit)
    if text.endswith("%"):
        return exact(value, spec)
    return text.replace(".00", "") if text.endswith(".00") else text


def exact(value: Any, spec: Spec) -> str:
    """Return a value as a person would type it, without rounding.

    >>> exact(0.375, Spec("Churn", "share", "share")), exact(1_200_000.0, Spec("Cash", "positive", "USD"))
    ('37.5%', '1.2M')
    >>> exact(0.8, Spec("Target", "positive", "s")), exact(4321.0, Spec("Context", "positive", "tokens"))
    ('800ms', '4321')
    """
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(value_text(each, spec) for each in value) or "(none)"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Range):
        low, high = exact(value.low, spec), exact(value.high, spec)
        if math.isnan(value.mode):
            return f"{low} to {high}"
        return f"triangular {low}, {exact(value.mode, spec)}, {high}"
    return _exact_number(float(value), spec) if spec.numeric else str(value)


def _exact_number(value: float, spec: Spec) -> str:
    if spec.unit == "share":
        return f"{round(value * 100, 10):.10g}%"
    if spec.unit == "s" and 0 < abs(value) < 1:
        return f"{round(value * 1000, 10):.10g}ms"
    for scale, letter in ((1e9, "B"), (1e6, "M")):
        if abs(value) >= scale and round(value / scale, 3) * scale == value:
            return f"{value / scale:.10g}{letter}"
    return f"{value:.12g}"


def rule_text(spec: Spec) -> str:
    """Return a field's valid range, in the units in which its values are shown.

    >>> rule_text(Spec("Churn", "share", "share", lo=0, hi=1))
    '0% to 100%'
    >>> rule_text(Spec("Cash", "positive", "USD", lo=0, hi=1e12))
    '$0 to $1T'
    >>> rule_text(Spec("Month", "count", lo=1, hi=120)), rule_text(Spec("Size", "positive", "GB", lo=0))
    ('a whole number, 1 to 120', '0 or more GB')
    """
    ends = ends_text(spec.lo, spec.hi, spec.unit) if spec.numeric else ""
    if not ends:
        return spec.rule()
    return f"a whole number, {ends}" if spec.kind == "count" else ends


def unit_text(spec: Spec) -> str:
    """Return the text after a field's value: its unit, without the part that the value already shows."""
    return unit_of(spec.unit)
