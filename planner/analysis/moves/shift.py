"""The effect of a change on a plan's money, success and promises, in month 1 and to the end."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.model import MonthOne, Result
from planner.records import dataclass
from planner.schema import Flags, Number, Scenario


@dataclass(frozen=True)
class Standing:
    """Month 1 of a plan, USD per month; each number has shape () or (n,). `burn_usd` excludes one-off payments.

    Of the cost of failures, `paid_usd` is our share, included in burn; `customers_lose_usd` falls on customers.
    """

    burn_usd: Number
    serving_usd: Number
    paid_usd: Number
    customers_lose_usd: Number
    requests: Number
    failures: Number
    success: Mapping[str, Number]
    kept: Mapping[str, Flags]
    fits: Flags
    p95_latency_s: Number


def standing(scenario: Scenario, found: MonthOne | Result) -> Standing:
    """Return a plan's standing in month 1."""
    first = found.first if isinstance(found, MonthOne) else found.months.first
    paid: Number = 0.0
    lost: Number = 0.0
    requests: Number = 0.0
    failures: Number = 0.0
    serving: Number = 0.0
    for name, each in found.workloads.items():
        outcome, volume = scenario.workloads[name].outcome, np.asarray(each.requests_per_month, dtype=float)
        failed = volume * (1.0 - each.success_share)
        requests, failures = requests + volume, failures + failed
        paid = paid + failed * outcome.failure_usd * outcome.failure_paid_share
        lost = lost + failed * outcome.failure_usd * (1.0 - outcome.failure_paid_share)
        serving = serving + np.where(volume > 0, each.usd_per_request, 0.0) * volume
    return Standing(
        burn_usd=first["net_burn_usd"] - first["one_off_usd"],
        serving_usd=serving,
        paid_usd=paid,
        customers_lose_usd=lost,
        requests=requests,
        failures=failures,
        success={name: each.success_share for name, each in found.workloads.items()},
        kept={name: each.promise_met for name, each in found.workloads.items()},
        fits=_fits(found),
        p95_latency_s=found.metrics["p95_latency_s"],
    )


def one_by_one(every: Standing, rows: int) -> list[Standing]:
    """Return the standings of a stack of plans one by one, as plain numbers."""

    def listed(value: Any) -> Any:
        return np.broadcast_to(value, (rows,)).tolist()

    plain = {name: listed(value) for name, value in vars(every).items() if not isinstance(value, Mapping)}
    success = {name: listed(value) for name, value in every.success.items()}
    kept = {name: listed(value) for name, value in every.kept.items()}
    return [
        replace(
            every,
            **{name: values[row] for name, values in plain.items()},
            success={name: values[row] for name, values in success.items()},
            kept={name: values[row] for name, values in kept.items()},
        )
        for row in range(rows)
    ]


def _fits(found: MonthOne | Result) -> Flags:
    if isinstance(found, MonthOne):
        return found.fits
    fine: Any = np.asarray(True)
    for each in found.deployments.values():
        fine = fine & each.fits
    return np.asarray(fine)


@dataclass(frozen=True)
class PlanShift:
    """The effect of a change; each number has shape () or (n,).

    `burn_cut_usd` and `cash_end_usd` (at the end of the plan, one-off payments included) are our cash;
    `customers_lose_usd` is what customers lose more, and no part of them. `worst_success_share` is the change of
    success of the workload that fares worst. `cash_end_usd` is nan where the months were not run.
    """

    burn_cut_usd: Number
    cash_end_usd: Number
    success_share: Number
    worst_success_share: Number
    customers_lose_usd: Number
    failures: Number
    paid_usd: Number

    def at(self, row: int, rows: int) -> "PlanShift":
        """Return one of several plans."""
        return PlanShift(
            **{name: float(np.broadcast_to(value, (rows,))[row]) for name, value in vars(self).items()}
        )


def shift(base: Standing, made: Standing, *, requests: Number, cash_end_usd: Number = np.nan) -> PlanShift:
    """Return the difference between two standings; success is over all `requests` of the plan."""
    failures = made.failures - base.failures
    worst: Number = 0.0
    for name, after in made.success.items():
        worst = np.minimum(worst, after - base.success[name])
    return PlanShift(
        burn_cut_usd=base.burn_usd - made.burn_usd,
        cash_end_usd=cash_end_usd,
        success_share=-failures / np.where(np.asarray(requests) > 0, requests, 1.0),
        worst_success_share=worst,
        customers_lose_usd=made.customers_lose_usd - base.customers_lose_usd,
        failures=failures,
        paid_usd=made.paid_usd - base.paid_usd,
    )


@dataclass(frozen=True)
class Scale:
    """The smallest differences that count as gains, in the plan's units."""

    serving_usd: float
    failure_usd: float
    months: float

    GAIN_SHARE = 0.005  # share of the monthly cost of serving
    GAIN_SUCCESS = 0.0005
    ROUNDING = 1e-7

    def gains(self, moved: PlanShift) -> dict[str, NDArray[np.bool_]]:
        """Return where a change improves burn, cash at the end, success or customers' losses."""
        usd = self.GAIN_SHARE * self.serving_usd
        return {
            "burn": np.asarray(moved.burn_cut_usd) > usd,
            "cash": np.asarray(moved.cash_end_usd) > usd * self.months,
            "success": np.asarray(moved.success_share) > self.GAIN_SUCCESS,
            "customers": -np.asarray(moved.customers_lose_usd) > self.GAIN_SHARE * max(self.failure_usd, 1.0),
        }

    def losses(self, moved: PlanShift) -> dict[str, NDArray[np.bool_]]:
        """Return where a change worsens any of them at all: a win may cost nothing that matters."""
        usd = self.ROUNDING * max(self.serving_usd, 1.0)
        return {
            "burn": -np.asarray(moved.burn_cut_usd) > usd,
            "cash": -np.asarray(moved.cash_end_usd) > usd * self.months,
            "success": -np.asarray(moved.worst_success_share) > self.ROUNDING,
            "customers": np.asarray(moved.customers_lose_usd) > self.ROUNDING * max(self.failure_usd, 1.0),
        }


def scale(base: Standing, months: float) -> Scale:
    """Return the smallest differences from this plan that count."""
    return Scale(
        serving_usd=float(np.mean(base.serving_usd)),
        failure_usd=float(np.mean(base.paid_usd + base.customers_lose_usd)),
        months=months,
    )
