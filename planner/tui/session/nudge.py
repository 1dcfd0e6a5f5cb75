"""What a nudge does to a value: one step of its declaration up or down, inside its bounds."""

from collections.abc import Sequence
from typing import Any

from planner.schema import Range, Spec

LARGE_STEPS = 10
_DIGITS = 12


def nudged(value: Any, spec: Spec, steps: int, choices: Sequence[str] = ()) -> Any:
    """Return `value` so many steps on: a number by its step, a range as a whole, a choice to the next one.

    A value that can't move (text, an empty default, the end of its bounds) comes back as it is.
    """
    if isinstance(value, bool):
        return value if steps % 2 == 0 and abs(steps) < LARGE_STEPS else not value
    if spec.kind == "choice":
        return _next_choice(str(value), choices or spec.choices, steps)
    if not spec.numeric or value is None:
        return value
    if isinstance(value, Range):
        return _moved(value, spec, steps)
    return _inside(float(value) + steps * spec.step, spec)


def _next_choice(value: str, choices: Sequence[str], steps: int) -> str:
    if value not in choices:
        return value
    direction = 1 if steps > 0 else -1
    return choices[(choices.index(value) + direction * (abs(steps) % LARGE_STEPS or 1)) % len(choices)]


def _inside(value: float, spec: Spec) -> float:
    return float(f"{min(max(value, spec.lo), spec.hi):.{_DIGITS}g}")


def _moved(value: Range, spec: Spec, steps: int) -> Range:
    """Return a range with both ends moved; where an end would leave its bounds, it stays."""
    low, high = (_inside(end + steps * spec.step, spec) for end in (value.low, value.high))
    open_ended = value.family in ("logit-normal", "lognormal")
    if low >= high or (open_ended and (low <= spec.lo or high >= spec.hi)):
        return value
    if value.family == "triangular":
        mode = min(max(_inside(value.mode + steps * spec.step, spec), low), high)
        return Range(low, high, family=value.family, mode=mode)
    return Range(low, high, family=value.family)
