"""A move and its verdict: a free win, a trade-off with its price, or not worth it."""

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np

from planner.analysis.moves.levers import Setting
from planner.analysis.moves.shift import PlanShift, Scale
from planner.records import dataclass
from planner.units import show

Group = Literal["free win", "trade-off", "not worth it", "can't be"]
Footing = Literal["what is stated", "defaults", "a loss", "month 1"]

MOST_DRAWS = 0.8  # a win holds in at least four out of five draws
FEW_DRAWS = 0.05
LEAST_TURN_USD = 1e-6  # lower values are rounding errors
SHOWN_ASSUMED = 2
SHOWN_MONTHS = 0.05


@dataclass(frozen=True)
class Move:
    """One or two settings and their effect on the plan, in month 1 unless the name says otherwise.

    Our cash: `burn_cut_usd_per_month` is the fall in net burn, without one-off payments, revenue included;
    `one_off_usd` is paid once; `cash_end_usd` is gained by the end of the plan, `runway_gained_months` at least,
    where `runway_lasts`. `customers_lose_usd_per_month` is what failures cost customers more, in no other number.
    `turns_at_failure_usd`: the cost of a failure above which the balance of money and success turns (nan: never).
    `loses`: at what a failure costs in the plan it costs more than it brings, customers' part counted, in all but a few draws.
    `p_better_share`: the share of draws in which it holds. `gain` is what it does to the goal, better above 0.
    nan where all months were not run, because month 1 already shows no gain, or many others gain more.
    """

    settings: tuple[Setting, ...]
    group: Group
    burn_cut_usd_per_month: float
    cash_end_usd: float
    runway_gained_months: float
    runway_lasts: bool
    success_gained_share: float
    customers_lose_usd_per_month: float
    latency_added_s: float
    one_off_usd: float
    turns_at_failure_usd: float
    p_better_share: float
    gain: float
    loses: bool = False
    rests_on: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    mends: tuple[str, ...] = ()
    effect: str = ""

    @property
    def words(self) -> str:
        """The move as text."""
        return "; ".join(each.words for each in self.settings)

    @property
    def footing(self) -> Footing:
        """The basis of the verdict, most certain first; moves are ranked among those with the same basis."""
        if math.isnan(self.p_better_share):
            return "month 1"
        if self.loses:
            return "a loss"
        return "defaults" if self.rests_on else "what is stated"

    @property
    def changes(self) -> Mapping[str, object]:
        """The fields that the move changes."""
        return {path: value for each in self.settings for path, value in each.changes.items()}


def turn_usd(moved: PlanShift) -> float:
    """Return the failure cost at which money and success balance; nan if both go the same way.

    Our share of today's failure cost is in the burn; it is taken out, so that the answer is for the whole cost.
    """
    cut = float(moved.burn_cut_usd) + float(moved.paid_usd)
    failures = float(moved.failures)
    turn = cut / failures if cut * failures > 0 else math.nan
    return turn if turn > LEAST_TURN_USD else math.nan


def loses(moved: PlanShift, drawn: PlanShift | None) -> bool:
    """Return whether money and success together are a loss at the plan's failure cost, whoever bears it.

    Our share of that cost is in the burn; the customers' is added. False if no failure cost is stated, or if
    the balance is positive in more than a few draws.
    """
    if not float(moved.failures) or not float(moved.paid_usd) + float(moved.customers_lose_usd):
        return False
    every = moved if drawn is None else drawn
    return float(np.mean(np.asarray(every.burn_cut_usd) > np.asarray(every.customers_lose_usd))) < FEW_DRAWS


def chance(size: Scale, drawn: PlanShift | None, gained: frozenset[str], *, win: bool) -> float:
    """Return the share of draws in which there is a gain and, for a win, nothing gets worse."""
    if drawn is None or not gained:
        return 1.0
    held = size.gains(drawn)
    good = np.any(np.broadcast_arrays(*(held[name] for name in gained)), axis=0)
    if win:
        good = good & ~np.any(np.broadcast_arrays(*size.losses(drawn).values()), axis=0)
    return float(np.mean(good))


def sentence(move: Move, size: Scale, moved: PlanShift) -> str:
    """Return what is gained at the expense of what, as text."""
    gains = {name for name, there in size.gains(moved).items() if there}
    losses = {name for name, there in size.losses(moved).items() if there}
    parts = [_gained(move, gains)]
    if paid := _paid(move, losses):
        parts.append(f"for {paid}")
    told = " ".join(filter(None, parts)) or "no gain that counts"
    told_of = (words for each in move.settings for words in (each.means, each.gives_up) if words)
    notes = [told, *dict.fromkeys(told_of)]
    if not math.isnan(move.turns_at_failure_usd):
        turn = show(move.turns_at_failure_usd, "usd")
        word = "loses" if float(moved.failures) > 0 else "pays"
        at_plan = ", and in this plan it does" if move.loses and word == "loses" else ""
        at_plan = ", more than in this plan" if move.loses and word == "pays" else at_plan
        notes.append(f"{word} once a failure costs over {turn}{at_plan}")
    if gains and not losses and move.p_better_share < MOST_DRAWS:
        notes.append(f"holds in {move.p_better_share:.0%} of draws only")
    if move.rests_on:
        told_once = list(
            dict.fromkeys(move.rests_on)
        )  # a pair may rely on the same assumption for two workloads
        shown = ", ".join(told_once[:SHOWN_ASSUMED])
        more = len(told_once) - SHOWN_ASSUMED
        notes.append(f"rests on defaults: {shown}" + (f" and {more} more" if more > 0 else ""))
    return "; ".join(notes)


def _gained(move: Move, gains: set[str]) -> str:
    found = [f"keeps the promise of {name}" for name in move.mends]
    if "burn" in gains:
        found.append(f"saves {show(move.burn_cut_usd_per_month, 'usd')} a month")
    elif "cash" in gains:
        found.append(f"leaves {show(move.cash_end_usd, 'usd')} more cash at the end")
    if "success" in gains:
        found.append(f"gains {move.success_gained_share * 100:.1f} points of success")
    elif "customers" in gains:
        found.append(f"spares customers {show(-move.customers_lose_usd_per_month, 'usd')} a month")
    return " and ".join(found)


def _paid(move: Move, losses: set[str]) -> str:
    found = []
    if "burn" in losses:
        found.append(f"{show(-move.burn_cut_usd_per_month, 'usd')} more burn a month")
    elif "cash" in losses:
        found.append(f"{show(-move.cash_end_usd, 'usd')} less cash at the end")
    if move.runway_gained_months < -SHOWN_MONTHS:
        over = "at least " if move.runway_lasts else ""
        found.append(f"{over}{-move.runway_gained_months:.1f} months of runway")
    if "success" in losses:
        lost = -move.success_gained_share
        found.append(f"{lost * 100:.1f} points of success" if lost > 0 else "lower success of some workloads")
    elif "customers" in losses:
        found.append(f"{show(move.customers_lose_usd_per_month, 'usd')} a month that customers lose")
    return " and ".join(found)
