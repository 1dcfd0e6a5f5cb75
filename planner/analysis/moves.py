"""What to do next: every lever at each sensible setting, and the best pairs, with what they save and lose."""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from planner.analysis.assumed import assumed
from planner.analysis.grid import can_be
from planner.analysis.levers import Setting, settings
from planner.analysis.stack import stackable
from planner.errors import ScenarioError
from planner.model import Result, evaluate
from planner.readout import METRICS, within_plan
from planner.records import dataclass
from planner.schema import Array, Scenario, replaced_many, spec_at
from planner.units import show

PAIRED = 12  # of the best single moves, each with all others
TIE_SHARE = 0.005
TOLERANCE = 1e-9

Verdict = Literal["saves", "tie", "costs", "trap", "breaks a promise", "does not fit"]
Rank = Literal[
    "saves_usd_per_month", "burn_cut_usd_per_month", "runway_gained_months", "success_gained_share"
]


@dataclass(frozen=True)
class Move:
    """One or two settings, and what they do against the plan as it is, in month 1.

    `saves_usd_per_month` counts serving, people and the cost of failures; `serving_cut_usd_per_month` only what
    is billed; `burn_cut_usd_per_month` is net burn without one-off spend. The runway ends at the horizon where
    the cash lasts, before the move or after it; `runway_lasts` says so, and the gain is then at least what is
    counted. `break_even_failure_usd` is the cost of a failure above which a move that loses success
    costs more than it saves (nan where it loses none). `assumes` names the defaults that the effect rests on
    because the file does not state them.
    """

    settings: tuple[Setting, ...]
    saves_usd_per_month: float
    saves_share: float
    serving_cut_usd_per_month: float
    burn_cut_usd_per_month: float
    runway_gained_months: float
    success_gained_share: float
    latency_added_s: float
    one_off_usd: float
    break_even_failure_usd: float
    verdict: Verdict
    metrics: Mapping[str, float]
    assumes: tuple[str, ...] = ()
    runway_lasts: bool = False

    @property
    def words(self) -> str:
        """What the move is."""
        return "; ".join(each.words for each in self.settings)

    @property
    def feasible(self) -> bool:
        """Whether every model fits and every latency promise is kept."""
        return self.verdict not in ("breaks a promise", "does not fit")

    @property
    def effect(self) -> str:
        """What the move does, in words, and what that rests on."""
        rests = f"; assumes {', '.join(self.assumes)}, which the file does not state" if self.assumes else ""
        return _effect(self) + rests


@dataclass(frozen=True)
class Moves:
    """All single moves and the best pairs, each by saving; `refused` are settings that the catalog refuses."""

    singles: tuple[Move, ...]
    pairs: tuple[Move, ...]
    refused: tuple[Setting, ...]
    base: Mapping[str, float]

    def ranked(self, by: Rank = "saves_usd_per_month", *, feasible: bool = True) -> list[Move]:
        """Return singles and pairs together, best first."""
        found = [each for each in (*self.singles, *self.pairs) if each.feasible or not feasible]
        return _by(found, by)


@dataclass(frozen=True)
class _Outcome:
    """What one evaluated plan says that a move is judged by."""

    metrics: Mapping[str, float]
    whole_usd: float
    serving_usd: float
    failures: float
    burn_usd: float
    one_off_usd: float
    feasible: bool
    fits: bool
    lasts: bool


def moves(scenario: Scenario, *, paired: int = PAIRED) -> Moves:
    """Return what each lever does at each sensible setting, and the pairs of the best ones.

    Ranges count as their middle. `paired` single moves, no two on one field, are tried two by two.
    """
    found = settings(scenario)
    base, *outcomes = _outcomes(scenario, [(), *((each,) for each in found)])
    assert base is not None
    singles = [
        _move(scenario, (each,), base, outcome)
        for each, outcome in zip(found, outcomes, strict=True)
        if outcome is not None
    ]
    refused = tuple(each for each, outcome in zip(found, outcomes, strict=True) if outcome is None)
    couples = _couples(singles, paired)
    pairs = [
        _move(scenario, couple, base, outcome)
        for couple, outcome in zip(couples, _outcomes(scenario, couples), strict=True)
        if outcome is not None
    ]
    return Moves(
        singles=tuple(_by(singles, "saves_usd_per_month")),
        pairs=tuple(_by(pairs, "saves_usd_per_month")),
        refused=refused,
        base=base.metrics,
    )


def _by(found: Iterable[Move], rank: Rank) -> list[Move]:
    return sorted(found, key=lambda each: -np.nan_to_num(getattr(each, rank), nan=-math.inf))


def _couples(singles: Sequence[Move], count: int) -> list[tuple[Setting, ...]]:
    best: dict[str, Setting] = {}
    for each in _by(singles, "saves_usd_per_month"):
        if each.feasible and each.verdict in ("saves", "trap") and len(best) < count:
            best.setdefault(each.settings[0].path, each.settings[0])
    return [
        couple for couple in itertools.combinations(best.values(), 2)
        if not set(couple[0].changes) & set(couple[1].changes)
    ]  # fmt: skip


def _outcomes(scenario: Scenario, tried: Sequence[tuple[Setting, ...]]) -> list[_Outcome | None]:
    """Return what each combination of settings leads to, None where the catalog refuses it.

    Those that differ only in fields that can be arrays become one evaluation.
    """
    out: list[_Outcome | None] = [None] * len(tried)
    together: dict[str, list[int]] = {}
    plans = [
        {path: value for each in combination for path, value in each.changes.items()} for combination in tried
    ]
    kept = [{path: v for path, v in plan.items() if not _stacks(scenario, path, v)} for plan in plans]
    for index, structural in enumerate(kept):
        together.setdefault(repr(sorted(structural.items())), []).append(index)
    for indices in together.values():
        structural = kept[indices[0]]
        rows = [{path: v for path, v in plans[i].items() if path not in structural} for i in indices]
        try:
            result = evaluate(replaced_many(scenario, structural | _arrays(scenario, rows)))
        except ScenarioError:
            continue
        for row, index in enumerate(indices):
            out[index] = _outcome(result, row, len(indices))
    return out


def _stacks(scenario: Scenario, path: str, value: Any) -> bool:
    spec, now = spec_at(scenario, path)
    catalog = path.endswith((".gpu", ".model"))  # a refused name would refuse the whole stack
    return not catalog and None not in (now, value) and stackable(scenario, path, spec)


def _arrays(scenario: Scenario, rows: Sequence[Mapping[str, Any]]) -> dict[str, NDArray[Any]]:
    paths = {path for row in rows for path in row}
    columns = {}
    for path in paths:
        now = scenario.value(path)
        values = [row.get(path, now) for row in rows]
        columns[path] = np.array(values if isinstance(now, str | bool) else [float(each) for each in values])
    return columns


def _outcome(result: Result, row: int, count: int) -> _Outcome:
    def at(values: Any) -> float:
        return float(np.broadcast_to(values, (count,))[row])

    counted = within_plan(result)
    metrics = {name: at(counted[name]) for name in METRICS}
    volume = sum(at(each.requests_per_month) for each in result.workloads.values())
    solved = metrics["success_share"] * volume
    months: Array = result.months.one_off_usd
    one_off = np.broadcast_to(months, (*np.broadcast_shapes(months.shape[:-1], (count,)), months.shape[-1]))[
        row
    ]
    people = sum(at(item.usd_per_month) for item in result.line_items if item.name == "people")
    return _Outcome(
        metrics=metrics,
        whole_usd=metrics["usd_per_outcome"] * solved,
        serving_usd=metrics["usd_per_request"] * volume + people,
        failures=volume - solved,
        burn_usd=metrics["net_burn_usd_per_month"] - float(one_off[0]),
        one_off_usd=float(one_off.sum()),
        feasible=at(can_be(result)) > 0,
        fits=all(at(each.fits) > 0 for each in result.deployments.values()),
        lasts=at(result.runway_state) > 0,
    )


def _move(scenario: Scenario, combination: tuple[Setting, ...], base: _Outcome, made: _Outcome) -> Move:
    saves, cut = base.whole_usd - made.whole_usd, base.serving_usd - made.serving_usd
    failed = made.failures - base.failures
    return Move(
        settings=combination,
        saves_usd_per_month=saves,
        saves_share=saves / base.whole_usd if base.whole_usd > 0 else math.nan,
        serving_cut_usd_per_month=cut,
        burn_cut_usd_per_month=base.burn_usd - made.burn_usd,
        runway_gained_months=made.metrics["runway_months"] - base.metrics["runway_months"],
        success_gained_share=made.metrics["success_share"] - base.metrics["success_share"],
        latency_added_s=made.metrics["p95_latency_s"] - base.metrics["p95_latency_s"],
        one_off_usd=made.one_off_usd - base.one_off_usd,
        break_even_failure_usd=cut / failed if failed > TOLERANCE * max(base.failures, 1.0) else math.nan,
        verdict=_verdict(base, made, saves, cut),
        metrics=made.metrics,
        assumes=tuple(
            words for each in combination for words in assumed(scenario, each.path, each.changes[each.path])
        ),
        runway_lasts=made.lasts or base.lasts,
    )


def _verdict(base: _Outcome, made: _Outcome, saves: float, cut: float) -> Verdict:
    if not made.fits:
        return "does not fit"
    if not made.feasible:
        return "breaks a promise"
    if not abs(saves) > TIE_SHARE * base.whole_usd:
        return "tie"
    if saves > 0:
        return "saves"
    return "trap" if cut > TIE_SHARE * base.serving_usd else "costs"


def _effect(move: Move) -> str:
    share, at = abs(move.saves_share), move.break_even_failure_usd
    if move.verdict in ("does not fit", "breaks a promise"):
        return move.verdict
    if move.verdict == "tie":
        return "makes no difference" if math.isnan(at) or at <= 0 else f"makes no difference; {_limit(at)}"
    if move.verdict == "trap":
        cut = show(move.serving_cut_usd_per_month, "usd")
        return f"cuts the bill by {cut} a month, but costs {share:.0%} more with its failures; {_limit(at)}"
    if move.verdict == "costs":
        return f"costs {share:.0%} more"
    return f"saves {share:.0%}" if math.isnan(at) or at <= 0 else f"saves {share:.0%}, but {_limit(at)}"


def _limit(break_even_usd: float) -> str:
    return f"costs more once a failure costs over {show(break_even_usd, 'usd')}"
