"""The search for moves: month 1 for every lever, then all months and draws for the most promising ones."""

import itertools
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from planner.analysis.goal import BURN, Objective, objective
from planner.analysis.moves.alike import once_each
from planner.analysis.moves.assumed import assumed
from planner.analysis.moves.headings import place
from planner.analysis.moves.judged import MOST_DRAWS, Group, Move, chance, loses, sentence, turn_usd
from planner.analysis.moves.levers import Setting, not_offered, settings
from planner.analysis.moves.neighbourhood import WORTH_CUTTING
from planner.analysis.moves.shift import Scale, Standing, scale, standing
from planner.analysis.moves.stand_ins import Tried
from planner.analysis.moves.timing import is_timing, timings
from planner.analysis.moves.trials import AllMonths, Trials, month_one, settled, trials
from planner.analysis.pieces import Progress, goes_on
from planner.analysis.verdicts import PlanResults
from planner.errors import ScenarioError
from planner.readout import METRICS, RUNWAY, improvement, within_plan
from planner.records import dataclass
from planner.schema import Scenario, steps_of

PAIRED = 8  # the best single moves, each paired with all others
SETTLED = 60  # moves evaluated over all months and draws
SETTLED_OF_MANY = 30  # the same on a plan with many workloads
DRAWS = 128
CUTTABLE = (BURN, RUNWAY, "success_share")  # goals by which parts of a plan can be ranked


@dataclass(frozen=True)
class Moves:
    """All moves, best first within each group, and what could not be tried.

    `refused` are settings that the catalog rejects, `unpriced` levers without a known price. `base` holds the metrics
    of the plan as it is, with the runway up to the horizon. `stopped`: cancelled before all were tried. `credits_usd` are
    those that pay for serving in month 1, so savings on it move later months.
    """

    found: tuple[Move, ...]
    refused: tuple[Setting, ...]
    unpriced: tuple[str, ...]
    base: Mapping[str, float]
    goal: Objective
    draws: int
    stopped: bool = False
    credits_usd: float = 0.0

    def of(self, group: Group) -> tuple[Move, ...]:
        """Return the moves of one group, best first."""
        return tuple(each for each in self.found if each.group == group)


def moves(
    scenario: Scenario, *, best: str = "", keep: Sequence[str] = (), paired: int = PAIRED,
    draws: int = DRAWS, progress: Progress | None = None,
) -> Moves:  # fmt: skip
    """Return the effect of each lever at each sensible setting, and of pairs of the best ones.

    `best` and `keep` take precedence over the file's [goal]. `progress` gets the number tried and the total; if
    it returns False, the search stops and keeps its results so far.
    """
    goal = objective(scenario, best=best, keep=keep)
    on = trials(scenario, draws=draws, whole=bool(goal.keep) or goal.best not in CUTTABLE)
    horizon = float(np.max(scenario.company.horizon_months))
    size = scale(standing(scenario, on.whole), horizon)
    single, dated = [(each,) for each in settings(scenario)], [(each,) for each in timings(scenario)]
    told = _Told(progress, [*single, *dated], _most_settled(on) + len(dated))
    done, refused = _tried(on, [*single, *dated], size, told)
    couples = [] if told.stopped else _couples(done, paired)
    twos, _ = _tried(on, couples, size, None)
    worth = {path_words(move): move.burn_cut_usd_per_month for move, _ in done}
    twos = [each for each in twos if _adds(each[0], worth, size)]
    all_months: dict[tuple[str, ...], Move] = {}
    for count, (name, move) in enumerate(_most_promising([*done, *twos], _most_settled(on)).items()):
        if not told.looks_into(count):
            break  # the rest keeps its month-1 results
        all_months[name] = _settled(on, move, goal, size)
    everything = [all_months.get(path_words(move), move) for move, _ in [*done, *twos]]
    found = sorted(once_each(everything, size), key=_order)
    counted = within_plan(on.whole)
    return Moves(
        found=tuple(found),
        refused=tuple(refused),
        unpriced=not_offered(scenario),
        base={name: float(counted[name]) for name in METRICS},
        goal=goal,
        draws=draws if on.drawn is not None else 0,
        stopped=told.stopped,
        credits_usd=float(np.sum(on.whole.months.of_month(0).get("credits_usd", 0.0))),
    )


class _Told:
    """Reports the progress of trying and examining moves, and learns whether to continue."""

    def __init__(self, progress: Progress | None, tried: Sequence[object], looked_into: int) -> None:
        self._progress, self._tried, self._looked_into = progress, len(tried), looked_into
        self._began_s = time.monotonic()
        self.stopped = False

    def goes_on(self, tried: int, looked_into: int = 0) -> bool:
        """Report how many are tried and examined, and return whether to continue; once stopped, always False."""
        done = tried + min(looked_into, self._looked_into)
        total = self._tried + self._looked_into
        self.stopped = self.stopped or not goes_on(self._progress, done, total, self._began_s)
        return not self.stopped

    def looks_into(self, count: int) -> bool:
        """Report that all are tried, and how many of them will be examined."""
        return self.goes_on(self._tried, count)


def path_words(move: Move) -> tuple[str, ...]:
    """Return a key that identifies a move."""
    return tuple(each.words for each in move.settings)


STEP = 1_000  # moves between progress reports: larger batches are faster


def _tried(
    on: Trials, tried: Sequence[tuple[Setting, ...]], size: Scale, told: _Told | None
) -> tuple[list[tuple[Move, Tried]], list[Setting]]:
    """Return the moves with their month-1 effects, and the rejected settings."""
    ordered = sorted(tried, key=lambda each: [steps_of(setting.path)[:2] for setting in each])
    done: list[tuple[Move, Tried]] = []
    refused: list[Setting] = []
    for start in range(0, len(ordered), STEP):
        if told is not None and not told.goes_on(start):
            break
        step = ordered[start : start + STEP]
        for each, outcome in zip(step, month_one(on, [_changes(one) for one in step]), strict=True):
            if outcome is None:
                refused += each
            else:
                done.append((_first_look(on, each, outcome, size), outcome))
    return done, refused


def _changes(combination: Sequence[Setting]) -> dict[str, object]:
    return {path: value for each in combination for path, value in each.changes.items()}


def _first_look(on: Trials, combination: tuple[Setting, ...], outcome: Tried, size: Scale) -> Move:
    """Return a move with its month-1 effects."""
    moved, base, made = outcome
    breaks = _broken(base, made)
    mends = tuple(name for name, kept in made.kept.items() if kept and not base.kept[name])
    gains = any(size.gains(moved).values()) or bool(mends)
    group: Group = "can't be" if breaks else "trade-off" if gains else "not worth it"
    burn = float(moved.burn_cut_usd)
    rests = [assumed(on.scenario, each.path, each.changes[each.path]) for each in combination]
    move = Move(
        settings=combination,
        group=group,
        burn_cut_usd_per_month=burn,
        cash_end_usd=math.nan,
        runway_gained_months=math.nan,
        runway_lasts=False,
        success_gained_share=float(moved.success_share),
        customers_lose_usd_per_month=float(moved.customers_lose_usd),
        latency_added_s=float(made.p95_latency_s - base.p95_latency_s),
        one_off_usd=math.nan,
        turns_at_failure_usd=turn_usd(moved),
        p_better_share=math.nan,
        gain=burn,
        rests_on=tuple(itertools.chain(*rests)),
        breaks=breaks,
        mends=mends,
    )
    return replace(move, effect="; ".join(breaks) or sentence(move, size, moved))


def _broken(base: Standing, made: Standing) -> tuple[str, ...]:
    """Return the promises kept before a change but not after it, and whether a model no longer fits."""
    if base.fits and not made.fits:
        return ("a model does not fit its GPUs",)
    return tuple(
        f"breaks the promise of {name}" for name, kept in made.kept.items() if base.kept[name] and not kept
    )


def _couples(done: Sequence[tuple[Move, Tried]], count: int) -> list[tuple[Setting, ...]]:
    best: dict[str, Setting] = {}
    for move, _ in sorted(done, key=lambda each: -each[0].burn_cut_usd_per_month):
        if move.group == "trade-off" and move.burn_cut_usd_per_month > 0 and len(best) < count:
            best.setdefault(move.settings[0].path, move.settings[0])
    return [
        couple for couple in itertools.combinations(best.values(), 2)
        if not set(couple[0].changes) & set(couple[1].changes)
    ]  # fmt: skip


def _adds(pair: Move, worth: Mapping[tuple[str, ...], float], size: Scale) -> bool:
    """Return whether a pair saves more than either of its moves."""
    alone = max(worth.get((each.words,), 0.0) for each in pair.settings)
    return pair.burn_cut_usd_per_month > alone + size.GAIN_SHARE * size.serving_usd


def _most_settled(on: Trials) -> int:
    return SETTLED_OF_MANY if len(on.scenario.workloads) > WORTH_CUTTING else SETTLED


def _most_promising(done: Sequence[tuple[Move, Tried]], most: int) -> dict[tuple[str, ...], Move]:
    """Return the moves worth evaluating over all months and draws, best first, plus those about timing."""
    hopeful = [move for move, _ in done if move.group == "trade-off"]
    ranks: list[Callable[[Move], float]] = [
        lambda move: move.burn_cut_usd_per_month,
        lambda move: move.success_gained_share,
    ]
    order = [sorted(hopeful, key=rank, reverse=True) for rank in ranks]
    chosen: dict[tuple[str, ...], Move] = {}
    for each in itertools.chain(*itertools.zip_longest(order[0], order[0][1:], order[1])):
        if each is not None and len(chosen) < most:
            chosen.setdefault(path_words(each), each)
    for move, _ in done:
        if any(is_timing(each) for each in move.settings):
            chosen.setdefault(path_words(move), move)
    return chosen


def _order(move: Move) -> tuple[int, float]:
    """Return a move's sort key: by heading, then by gain."""
    return place(move), -move.gain


def _settled(on: Trials, move: Move, goal: Objective, size: Scale) -> Move:
    try:
        found = settled(on, move.changes)
    except ScenarioError:
        return replace(move, group="can't be", effect="can't be computed in all months")
    moved = found.point
    gained = frozenset(name for name, there in size.gains(moved).items() if there)
    lost = [name for name, there in size.losses(moved).items() if there]
    given = [each.gives_up for each in move.settings if each.gives_up]
    breaks = _breaks_goal(on, goal, found)
    gains = bool(gained) or bool(move.mends)
    free = gains and not lost and not given
    p = chance(size, found.drawn, gained, win=free) if gains else math.nan
    group: Group = "trade-off" if gains else "not worth it"
    if breaks:
        group = "can't be"
    elif free and p >= MOST_DRAWS and not move.rests_on:
        group = "free win"
    made = replace(
        move,
        loses=gains and not free and loses(moved, found.drawn),
        group=group,
        burn_cut_usd_per_month=float(moved.burn_cut_usd),
        cash_end_usd=float(moved.cash_end_usd),
        runway_gained_months=found.runway_gained_months,
        runway_lasts=found.lasts,
        one_off_usd=found.one_off_usd,
        p_better_share=p,
        gain=_gain(on, goal, found),
        breaks=breaks,
    )
    return replace(made, effect="; ".join(breaks) or sentence(made, size, moved))


def _gain(on: Trials, goal: Objective, found: AllMonths) -> float:
    """Return a move's effect on the goal's result; above 0 is better."""
    if goal.best == BURN:
        return float(found.point.burn_cut_usd)
    if goal.best == RUNWAY:
        return found.runway_gained_months
    if goal.best == "success_share":
        return float(found.point.success_share)
    change = float(found.result.metrics[goal.best]) - float(on.whole.metrics[goal.best])
    return improvement(goal.best, change) if not math.isnan(change) else -math.inf


def _breaks_goal(on: Trials, goal: Objective, found: AllMonths) -> tuple[str, ...]:
    if not goal.keep:
        return ()
    horizon = float(np.max(on.scenario.company.horizon_months))
    broken = goal.broken(PlanResults(found.result, found.drawn_result or found.result, horizon))
    return tuple(f"breaks {each}" for each in broken)
