"""Payments in a given month: one-off spend, hiring steps, raises."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.records import dataclass
from planner.schema import Number, Scenario, some
from planner.schema.change import Change
from planner.schema.company import Company, CompanyOneOff, OneOff
from planner.schema.deployment import Deployment


@dataclass(frozen=True)
class Payment:
    """A payment in cash in one month, spread over `amortise_months` in unit cost from then on."""

    month: Number
    amount_usd: Number
    amortise_months: Number


def borne_by_unit_cost(scenario: Scenario) -> list[Payment]:
    """Return every payment that counts in unit cost: the deployments', and those the company spreads."""
    months = int(np.max(scenario.company.horizon_months))
    own = [each for deployment in scenario.deployments.values() for each in payments(deployment, months)]
    return [*from_one_off(scenario.company.one_off), *own]


def payments(deployment: Deployment, months: int) -> list[Payment]:
    """Return the one-off spend of a deployment: training, distillation and every round of fine-tuning."""
    found = from_one_off(deployment.one_off)
    tuning, distillation = deployment.fine_tuning, deployment.distillation
    if some(distillation.on):
        run_usd = _when(np.asarray(distillation.on), distillation.run_usd * distillation.steps)
        found.append(Payment(1.0, run_usd, distillation.amortise_months))
    if some(tuning.on):
        every = np.asarray(tuning.every_months)
        found += [
            Payment(
                float(start),
                _when(_is_round(start, every) & tuning.on, tuning.run_usd),
                tuning.amortise_months,
            )
            for start in range(1, months + 1)
            if np.any(_is_round(start, every))
        ]
    return found


def _is_round(month: int, every_months: NDArray[Any]) -> NDArray[np.bool_]:
    """Return whether a round repeated every so many months falls in a month, counted from 1; 0 means once only."""
    again = np.remainder(month - 1.0, np.where(every_months > 0, every_months, np.inf)) == 0
    return np.asarray(again | (month == 1))


def from_one_off(one_off: Iterable[OneOff | CompanyOneOff]) -> list[Payment]:
    """Return the payments that a file lists and spreads."""
    return [
        Payment(each.month, each.amount_usd, each.amortise_months)
        for each in one_off
        if each.amortise_months is not None
    ]


def never_spread(one_off: Iterable[CompanyOneOff]) -> list[Payment]:
    """Return the company's payments that aren't a cost of serving, paid in cash in a single month."""
    return [Payment(each.month, each.amount_usd, 1.0) for each in one_off if each.amortise_months is None]


def of_changes(changes: Iterable[Change]) -> list[Payment]:
    """Return the one-off costs of dated changes: in cash, in the month in which they start."""
    return [Payment(each.month, each.usd, 1.0) for each in changes if some(each.usd)]


def paid_usd(due: Sequence[Payment], month: Number) -> Number:
    """Return the cash paid in a month, counted from 1."""
    return sum((_when(month == np.asarray(each.month), each.amount_usd) for each in due), start=0.0)


def amortised_usd(due: Sequence[Payment], month: Number) -> Number:
    """Return the part of all payments allocated to a month, counted from 1."""
    total: Number = 0.0
    for each in due:
        begun = np.asarray(each.month) <= month
        running = begun & (month < np.asarray(each.month) + each.amortise_months)
        total = total + _when(running, each.amount_usd / each.amortise_months)
    return total


def fixed_usd(company: Company, month: Number) -> Number:
    """Return the fixed costs of a month, counted from 1, hiring steps included."""
    steps = (_when(np.asarray(step.month) <= month, step.usd_per_month) for step in company.hiring)
    return sum(steps, start=company.fixed_costs_usd_per_month + 0.0)  # a range counts as its middle


def raised_usd(company: Company, month: Number) -> Number:
    """Return the funding that arrives at the start of a month, counted from 1."""
    return sum(
        (_when(month == np.asarray(each.month), each.amount_usd) for each in company.funding), start=0.0
    )


def planned_usd(company: Company, month: Number) -> Number:
    """Return the part of a month's funding, counted from 1, from raises that have not closed."""
    return sum(
        (
            _when(np.asarray(month == np.asarray(each.month)) & ~np.asarray(each.closed), each.amount_usd)
            for each in company.funding
        ),
        start=0.0,
    )


def _when(condition: NDArray[np.bool_] | np.bool_ | bool, value: Number) -> Number:
    if np.ndim(condition) == 0:
        return value if condition else 0.0
    return np.where(condition, value, 0.0)
