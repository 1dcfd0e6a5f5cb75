"""Try changes against the current plan: many at once, and only on the part of the plan that a change affects."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.analysis.draws import draw, ranges
from planner.analysis.moves.neighbourhood import WORTH_CUTTING, additive, adds_up_at_first, cut, touched
from planner.analysis.moves.shift import PlanShift, Standing, one_by_one, shift, standing
from planner.analysis.moves.stand_ins import Changes, Tried, month_one_of, workload_of
from planner.analysis.stack import stackable
from planner.errors import ScenarioError
from planner.model import Result, evaluate, evaluate_month_one
from planner.model.company.runway import runway
from planner.model.shared import Shared
from planner.readout import RUNWAY, within_plan
from planner.records import dataclass
from planner.schema import Scenario, replaced_many, spec_at, steps_of
from planner.schema.cross import cross_problems

STAND_INS = "stand-ins"
MOST_STAND_INS = 1_000


@dataclass(frozen=True)
class Trials:
    """A plan, its draws, and results for its parts so far.

    `adds_up`: a workload's cost in month 1 doesn't depend on others, except through shared deployments. `cuts`:
    the part of the plan that a change affects is enough. `made_of` and `drawn_of` hold the parts of the plan and its draws:
    a change recomputes only what it affects.
    """

    scenario: Scenario
    drawn: Scenario | None
    whole: Result
    cuts: bool
    adds_up: bool
    made_of: Shared = field(default_factory=Shared, repr=False)
    drawn_of: Shared = field(default_factory=Shared, repr=False)
    first: dict[Any, Standing] = field(default_factory=dict)
    runs: dict[Any, Result] = field(default_factory=dict)


def trials(scenario: Scenario, *, draws: int, seed: int = 0, whole: bool = False) -> Trials:
    """Return the base on which changes of `scenario` are tried; `whole` if every result of a change is needed."""
    drawn = draw(scenario, n=draws, seed=seed) if ranges(scenario) else None
    many, made_of = len(scenario.workloads) > WORTH_CUTTING, Shared()
    found = evaluate(scenario, parts=made_of)
    evaluate_month_one(scenario, made_of)  # fleets differ if only a single month is evaluated
    return Trials(
        scenario,
        drawn,
        found,
        cuts=not whole and many and additive(scenario),
        adds_up=adds_up_at_first(scenario),
        made_of=made_of,
    )


def month_one(on: Trials, tried: Sequence[Changes]) -> list[Tried | None]:
    """Return each change's month-1 effect, with the standings before and after; None if it is rejected.

    Changes that differ only in fields that can be arrays are evaluated together, as are those that alter the
    structure of one workload each.
    """
    out: list[Tried | None] = [None] * len(tried)
    together: dict[Any, list[int]] = {}
    for index, changes in enumerate(tried):
        structural = {path: v for path, v in changes.items() if not _stacks(on.scenario, path, v)}
        name = workload_of(on.scenario, changes) if structural and on.adds_up else ""
        part = _part(on, changes) if structural or _of_catalog(changes) else None
        key = STAND_INS if name else (part, repr(sorted(structural.items())))
        together.setdefault(key, []).append(index)
    for key, indices in _portions(together):
        for index, found in zip(indices, _together(on, key, [tried[i] for i in indices]), strict=True):
            out[index] = found
    return out


def _portions(together: Mapping[Any, Sequence[int]]) -> Iterator[tuple[Any, Sequence[int]]]:
    """Yield the groups, splitting stand-ins, whose work grows with the square of their number."""
    for key, indices in together.items():
        step = MOST_STAND_INS if key == STAND_INS else len(indices)
        yield from ((key, indices[at : at + step]) for at in range(0, len(indices), step))


def _together(on: Trials, key: Any, tried: Sequence[Changes]) -> list[Tried | None]:
    """Return the effects of changes evaluated together; if that is rejected, split them in halves."""
    try:
        if key == STAND_INS:
            named = [(workload_of(on.scenario, changes), changes) for changes in tried]
            at_first = on.scenario.model_copy(update={"change": ()})  # all changes come later
            return [*month_one_of(at_first, named, requests=_requests(on.whole))]
        return [*_stacked(on, key[0], tried)]
    except ScenarioError:
        if len(tried) == 1:
            return [None]
        half = len(tried) // 2
        return [*_together(on, key, tried[:half]), *_together(on, key, tried[half:])]


def _stacked(on: Trials, part: Any, tried: Sequence[Changes]) -> Iterator[Tried]:
    structural = {path: v for path, v in tried[0].items() if not _stacks(on.scenario, path, v)}
    rows = [{path: v for path, v in changes.items() if path not in structural} for changes in tried]
    values = structural | _arrays(on.scenario, rows)
    if problems := cross_problems(replaced_many(on.scenario, values)):
        raise ScenarioError(problems)
    changed = replaced_many(_reduced(on.scenario, part), values)
    found = evaluate_month_one(changed, on.made_of.beside())
    made, base = standing(changed, found), _first(on, part)
    moved = shift(base, made, requests=_requests(on.whole))
    for row, each in enumerate(one_by_one(made, len(tried))):
        yield moved.at(row, len(tried)), base, each


def _of_catalog(changes: Changes) -> bool:
    return any(path.endswith(".gpu") for path in changes)


@dataclass(frozen=True)
class AllMonths:
    """A change over all months: `point` at the medians of the ranges, `drawn` over their draws, shape (draws,)."""

    point: PlanShift
    drawn: PlanShift | None
    runway_months: float
    runway_gained_months: float
    lasts: bool
    one_off_usd: float
    result: Result
    drawn_result: Result | None


def settled(on: Trials, changes: Changes) -> AllMonths:
    """Return the effect of a change over all months, and over the draws."""
    part, requests = _part(on, changes), _requests(on.whole)
    changed = replaced_many(_reduced(on.scenario, part), changes)
    base, made = _run(on, part, drawn=False), evaluate(changed, parts=on.made_of.beside())
    months, state = _runway(on, base, made)
    horizon = float(np.max(on.scenario.company.horizon_months))
    before = float(within_plan(on.whole)[RUNWAY])
    after = horizon if state > 0 else months
    drawn, of_draws = None, None
    if on.drawn is not None:
        again, of_base = replaced_many(_reduced(on.drawn, part), changes), _run(on, part, drawn=True)
        of_draws = evaluate(again, parts=on.drawn_of.beside())
        drawn = _between(on.drawn, again, of_base, of_draws, requests)
    return AllMonths(
        point=_between(on.scenario, changed, base, made, requests),
        drawn=drawn,
        runway_months=after,
        runway_gained_months=after - before,
        lasts=state > 0 or int(on.whole.runway_state) > 0,
        one_off_usd=float(np.sum(made.months.one_off_usd) - np.sum(base.months.one_off_usd)),
        result=made,
        drawn_result=of_draws,
    )


def _between(before: Scenario, after: Scenario, base: Result, made: Result, requests: Any) -> PlanShift:
    cash = np.asarray(made.months.cash_end_usd) - np.asarray(base.months.cash_end_usd)
    return shift(standing(before, base), standing(after, made), requests=requests, cash_end_usd=cash)


def _runway(on: Trials, base: Result, made: Result) -> tuple[float, int]:
    """Return the whole plan's runway, in months and state, with a change evaluated on a part of it."""
    if not on.cuts:
        return float(made.metrics[RUNWAY]), int(made.runway_state)
    whole, before, after = on.whole.months, base.months, made.months
    planned = np.cumsum(whole.planned_funding_usd)
    cash = whole.cash_usd - planned + (after.cash_usd - before.cash_usd)
    burn = whole.net_burn_usd + (after.net_burn_usd - before.net_burn_usd)
    if not np.isfinite(cash).all():
        return math.nan, -1
    found = runway(cash_usd=cash, net_burn_usd=burn, horizon_months=len(cash))
    return float(found.months), int(found.state)


def _part(on: Trials, changes: Changes) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return the workloads that a change affects and the deployments that it names; None for the whole plan."""
    if not on.cuts:
        return None
    tiers = {path: value for path, value in changes.items() if path.endswith(".routing.tiers")}
    workloads = touched(on.scenario, changes, tiers)
    named = {steps_of(path)[1] for path in changes if path.startswith("deployments.")}
    return workloads, frozenset({*named, *(tier for listed in tiers.values() for tier in listed)})


def _reduced(scenario: Scenario, part: Any) -> Scenario:
    return scenario if part is None else cut(scenario, *part)


def _first(on: Trials, part: Any) -> Standing:
    if part not in on.first:
        scenario = _reduced(on.scenario, part)
        on.first[part] = one_by_one(standing(scenario, evaluate_month_one(scenario)), 1)[0]
    return on.first[part]


def _run(on: Trials, part: Any, *, drawn: bool) -> Result:
    if part is None and not drawn:
        return on.whole
    if (part, drawn) not in on.runs:
        scenario = on.drawn if drawn else on.scenario
        assert scenario is not None
        kept = on.drawn_of if drawn else on.made_of
        on.runs[part, drawn] = evaluate(_reduced(scenario, part), parts=kept)
    return on.runs[part, drawn]


def _requests(whole: Result) -> float:
    return float(sum(np.mean(each.requests_per_month) for each in whole.workloads.values()))


def _stacks(scenario: Scenario, path: str, value: Any) -> bool:
    spec, now = spec_at(scenario, path)
    return None not in (now, value) and stackable(scenario, path, spec)


def _arrays(scenario: Scenario, rows: Sequence[Changes]) -> dict[str, NDArray[Any]]:
    columns = {}
    for path in {path for row in rows for path in row}:
        now = scenario.value(path)
        values = [row.get(path, now) for row in rows]
        columns[path] = np.array(values if isinstance(now, str | bool) else [float(each) for each in values])
    return columns
