"""Where a plan leads: its numbers at once, their ranges a moment later."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from planner.analysis.draws import in_blocks, ranges
from planner.analysis.sensitivity import Tornado, tornado
from planner.analysis.uncertainty import CashWatch, Drawn
from planner.model import Result, evaluate
from planner.model.shared import Parts, Shared
from planner.readout import Percentiles
from planner.records import dataclass
from planner.schema import Array, Scenario
from planner.tui.session.happened import Happened
from planner.tui.session.undisturbed import GivenUpError, Undisturbed, nothing_else
from planner.tui.state import Plan

if TYPE_CHECKING:
    from planner.schema.actuals import ActualMonth, Actuals

TYPING_SAMPLES, SETTLED_SAMPLES, BLOCK_SAMPLES = 1_024, 8_192, 1_024

HEADLINE = ("net_burn_usd_per_month", "runway_months", "gross_margin_share", "usd_per_outcome")
WATCHED = (  # the headline, and what a wide screen shows beside it
    *HEADLINE, "least_cash_usd", "success_share", "runway_with_raises_months", "ltv_to_cac_ratio",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Outlook:
    """All that the screen shows beside the inputs: a scenario, what it leads to, and the same of the baseline.

    `spread` holds the percentiles of each metric once they are drawn; `cash` the
    5th and 95th percentile of cash by month; `swings` what each range does to one number;
    `happened` what is known of months that are over, counted from 1.
    """

    blank: ClassVar["Outlook"]

    scenario: Scenario
    result: Result | None = None
    baseline: Result | None = None
    spread: Mapping[str, Percentiles] = field(default_factory=dict)
    cash: tuple[Sequence[float], Sequence[float]] = ((), ())
    swings: Tornado | None = None
    happened: Mapping[int, "ActualMonth"] = field(default_factory=dict)

    def actuals_of(self, scenario: Scenario) -> "Actuals":
        """Return what happened in the months that a plan has, by calendar month."""
        from planner.analysis.actuals.planned import calendar_month  # noqa: PLC0415 - few plans have actuals
        from planner.schema.actuals import Actuals  # noqa: PLC0415 - as above

        last = int(np.max(scenario.company.horizon_months))
        found = {
            calendar_month(scenario, at - 1): month
            for at, month in sorted(self.happened.items())
            if 0 < at <= last
        }
        return Actuals(months=found)

    def at_month(self, month: int) -> "Outlook":
        """Return the same outlook seen from another month, counted from 1 and no later than the plan's last.

        `result` has the headline, workloads, line items, segments, promises and warnings of that month, and
        `result.scenario` what holds in it; the baseline is seen from there too, or from its last month. Percentiles of
        the month shown before are dropped, `by_and_by` draws those of this one; the cash is that of all months.
        """
        if self.result is None:
            return self
        baseline = self.baseline
        if baseline is not None:
            baseline = baseline.at_month(min(month, int(np.max(baseline.horizon_months))))
        kept = self.spread if month == self.result.month else {}
        return replace(self, result=self.result.at_month(month), baseline=baseline, spread=kept)


Outlook.blank = Outlook(Scenario())


class Forecast:
    """Remembers the result of the baseline and the parts of the last scenario: an edit computes what it reaches."""

    def __init__(self) -> None:
        self._parts = Shared()
        self._baseline: tuple[Scenario, Result] | None = None
        self._month = 1
        self._happened = Happened()

    def outlook(self, plan: Plan, scenario: Scenario) -> Outlook:
        """Return what `scenario` leads to, beside the plan's baseline; raise ScenarioError if it can't be computed."""
        happened = self._happened.months(plan, scenario)
        result = evaluate(scenario, parts=self._parts.next_plan())
        if plan.baseline is scenario:
            self._baseline = (scenario, result)
        return self._seen(Outlook(scenario, result, self._result_of(plan.baseline), happened=happened))

    def seen_from(self, month: int, outlook: Outlook) -> Outlook:
        """Return an outlook seen from another month, counted from 1; so is every one after it."""
        self._month = month
        return self._seen(outlook)

    def _seen(self, outlook: Outlook) -> Outlook:
        """Return an outlook seen from the month that is looked at, or from its last one."""
        last = int(np.max(outlook.scenario.company.horizon_months))
        return outlook.at_month(min(max(self._month, 1), last))

    def _result_of(self, baseline: Scenario) -> Result:
        if self._baseline is None or self._baseline[0] is not baseline:
            self._baseline = (baseline, evaluate(baseline, parts=self._parts))
        return self._baseline[1]


def by_and_by(
    outlook: Outlook, *, samples: int, wanted: Callable[[], bool] = nothing_else, kept: Shared | None = None
) -> Iterator[Outlook]:
    """Yield the outlook after each block of samples, last with its percentiles: a key may come in between.

    Where something else is `wanted` in the middle of a block it is yielded too, and the block goes on afterwards.
    `kept` may hold what the samples of an earlier plan were made of, where all of them are one block.
    """
    if not uncertain(outlook.scenario):
        yield replace(outlook, spread={}, cash=((), ()))
        return
    drawn, cash = Drawn(WATCHED), CashWatch()
    month = outlook.result.month if outlook.result else 1
    for scenario, size in in_blocks(outlook.scenario, n=samples, most=BLOCK_SAMPLES, parts=kept):
        parts = Undisturbed(wanted, kept if size == samples else None)
        while (found := _block(scenario, parts)) is None:
            yield outlook
        result, of_block = found
        drawn.take(result.at_month(month), size)
        cash.take(of_block)
        yield outlook
    start, fan = float(outlook.scenario.company.cash_usd), cash.fan()
    low, high = ([start, *end.tolist()] for end in (fan.p5, fan.p95))
    yield replace(outlook, spread=drawn.percentiles(), cash=(low, high))


def _block(scenario: Scenario, parts: Undisturbed) -> tuple[Result, CashWatch] | None:
    """Return a stack of plans evaluated, and its cash; None where something else is wanted first."""
    cash = CashWatch()

    def watch(month: int, cash_usd: Array) -> None:
        parts.look()
        cash.month(month, cash_usd)

    try:
        return evaluate(scenario, watch, parts), cash
    except GivenUpError:
        return None


def with_swings(outlook: Outlook, metric: str, parts: Parts | None = None) -> Outlook:
    """Return the outlook with what each range of the scenario does to one number; `parts` may give up."""
    if not uncertain(outlook.scenario):
        return replace(outlook, swings=None)
    return replace(outlook, swings=tornado(outlook.scenario, metric, parts))


def uncertain(scenario: Scenario) -> bool:
    """Say whether anything in a scenario is drawn: a range, or the speed of GPUs that nobody measured."""
    return bool(ranges(scenario))
