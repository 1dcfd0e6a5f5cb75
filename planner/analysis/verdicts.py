"""Check a plan against a policy: the verdict on each rule."""

import math
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np

from planner.analysis.policy import STATE, Bound, ChangeLimit, Level, Policy
from planner.model import STATES, Result
from planner.readout import number, number_text, percentile, samples_of
from planner.records import dataclass
from planner.schema import Array
from planner.units import show

COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt,
}  # fmt: skip
ROUNDING = 1e-9  # relative tolerance: 0.1 + 0.2 meets a limit of 0.3


@dataclass(frozen=True)
class PlanResults:
    """The results of one plan that rules refer to: its result, the result over samples, and its horizon."""

    point: Result
    drawn: Result
    horizon_months: float


@dataclass(frozen=True)
class Verdict:
    """The verdict on one rule. `value` is None if it can't be computed, which breaks the rule."""

    rule: str
    level: Level
    kept: bool
    words: str
    metric: str
    value: float | None = None
    limit: float | None = None

    @property
    def state(self) -> Literal["pass", "warn", "fail"]:
        """The rule's state; a broken rule counts by its level."""
        return "pass" if self.kept else self.level


def judge(
    policy: Policy, now: PlanResults, *, before: Result | None = None, repriced: Result | None = None
) -> list[Verdict]:
    """Return a verdict for each rule.

    `before` is the baseline as it was, `repriced` the baseline's inputs at today's prices: the difference between
    the two is drift, that between `repriced` and now is edits. Without a baseline, limits on change can't be met.
    """
    verdicts = [_bound(bound, now) for bound in policy.bounds]
    for change in policy.changes:
        if before is None:
            words = "no baseline to compare with; give --against"
            verdicts.append(Verdict(change.text, change.level, kept=False, words=words, metric=change.metric))
            continue
        middle = before if repriced is None else repriced
        ends = {"any": (before, now.point), "edits": (middle, now.point), "drift": (before, middle)}
        verdicts.append(_change(change, *ends[change.cause]))
    return verdicts


def _bound(bound: Bound, now: PlanResults) -> Verdict:
    blank = Verdict(bound.text, bound.level, kept=False, words="", metric=bound.metric, limit=bound.limit)
    if words := _too_far_ahead(bound, now):
        return replace(blank, words=words)
    try:
        value = _value(bound, now)
    except KeyError:
        return replace(blank, words=f"n/a: the plan has no {bound.metric}")
    if math.isnan(value):
        reason = now.point.reasons.get(bound.metric) or now.drawn.reasons.get(bound.metric)
        return replace(blank, words=f"n/a: {reason or 'it has no value in some samples'}")
    kept = _holds(value, bound.operator, bound.limit)
    return replace(blank, kept=kept, words=_is(bound, value, now.horizon_months), value=value)


def _too_far_ahead(bound: Bound, now: PlanResults) -> str:
    months = bound.limit if bound.inside is None else bound.inside.limit
    if bound.metric != "runway_months" or months <= now.horizon_months:
        return ""
    return f"the plan looks {now.horizon_months:.0f} months ahead; a longer horizon can tell"


def _value(bound: Bound, now: PlanResults) -> float:
    if bound.inside is not None:
        return _chance(bound, now.drawn)
    if bound.percent is not None:
        values = samples_of(now.drawn, bound.metric)
        return percentile(values, bound.percent) if not np.isnan(values).any() else math.nan
    return float(samples_of(now.point, bound.metric).reshape(-1)[0])


def _chance(bound: Bound, drawn: Result) -> float:
    inside = bound.inside
    assert inside is not None
    if bound.metric == STATE:
        states = np.asarray(drawn.runway_state)
        return math.nan if (states < 0).any() else float(np.mean(states == STATES.index(inside.state)))
    values: Array = samples_of(drawn, bound.metric)
    if np.isnan(values).any():
        return math.nan
    return float(np.mean(COMPARE[inside.operator](values, inside.limit)))  # type: ignore[arg-type]  # a rule on a chance has a limit


def _holds(value: float, sign: str, limit: float) -> bool:
    close = math.isclose(value, limit, rel_tol=ROUNDING)
    return sign in ("<=", ">=") if close else COMPARE[sign](value, limit)


def _is(bound: Bound, value: float, horizon_months: float) -> str:
    if bound.inside is not None:
        return f"is {show(value, 'share')}"
    return f"is {number_text(bound.metric, value, horizon_months)}"


def _change(change: ChangeLimit, before: Result, after: Result) -> Verdict:
    blank = Verdict(change.text, change.level, kept=False, words="", metric=change.metric)
    try:
        old, new = (float(samples_of(each, change.metric).reshape(-1)[0]) for each in (before, after))
    except KeyError:
        return replace(blank, words=f"n/a: one of the plans has no {change.metric}")
    if math.isnan(old) or math.isnan(new):
        return replace(blank, words="n/a in one of the plans")
    moved = 0.0 if old == new else new - old
    ends = zip((old, new), (before, after), strict=True)
    was, now = (number_text(change.metric, value, number(each.horizon_months)) for value, each in ends)
    words = f"{was} to {now}" + _by(old, moved)
    return replace(
        blank, kept=_inside(change, old, moved), words=words, value=moved if math.isfinite(moved) else None
    )


def _inside(change: ChangeLimit, old: float, moved: float) -> bool:
    """Return whether a change is within the limits; an infinite baseline allows no share of itself."""
    size = abs(old) if math.isfinite(old) else 0.0
    slack = ROUNDING * size
    for limit, is_share, step in (
        (change.rise, change.rise_is_share, moved),
        (change.fall, change.fall_is_share, -moved),
    ):
        if limit is not None and step > (limit * size if is_share else limit) + slack:
            return False
    return True


def _by(old: float, moved: float) -> str:
    if not math.isfinite(moved) or not math.isfinite(old) or old == 0:
        return ""
    return f" ({moved / abs(old):+z.1%})"
