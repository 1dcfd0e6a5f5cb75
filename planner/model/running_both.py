"""A change that runs in parallel with what it replaces, so its savings at a deployment start some months later.

    USD(t) = sum over deployments d of max(without_d(t) - with_d(t), 0),    month <= t < month + both_months

`with_d` is the cost of d in month t of the plan, `without_d` in the plan without this change. So an abandoned fleet is
still paid at its size, an abandoned API still answers its requests, and a deployment that gets dearer adds nothing.
It is part of the one-off cost of the change: it affects cash and net burn, but not gross margin.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from planner.model.company.month_lines import deployments_usd
from planner.model.company.payments import Payment
from planner.model.joining import Joined, stages
from planner.model.shared import Parts
from planner.schema import Scenario, some
from planner.schema.change import Change


def with_both_paid(
    found: Sequence[Joined], whole: Scenario, horizon: int, parts: Parts | None
) -> list[Joined]:
    """Return the epochs `found` of a plan, with the payments for changes that run in parallel with what they replace."""
    due = both_payments(found, whole, horizon, parts)
    if not due:
        return list(found)
    return [
        replace(each, business=replace(each.business, own_payments=[*each.business.own_payments, *due]))
        for each in found
    ]


def both_payments(
    found: Sequence[Joined], whole: Scenario, horizon: int, parts: Parts | None = None
) -> list[Payment]:
    """Return the cost of running both, by month within the plan, one change after another."""
    return [
        payment
        for index, change in enumerate(whole.change)
        if some(change.both_months)
        for payment in _payments(found, _without(whole, index), change, horizon, parts)
    ]


def _without(whole: Scenario, index: int) -> Scenario:
    others = [change for at, change in enumerate(whole.change) if at != index]
    return whole.model_copy(update={"change": tuple(others)})


def _payments(
    found: Sequence[Joined], without: Scenario, change: Change, horizon: int, parts: Parts | None
) -> list[Payment]:
    """Return the cost of one change while both run; `without` is the plan without it."""
    first = int(np.max(change.month)) - 1
    until = min(first + int(np.max(change.both_months)), horizon)
    if first >= until:
        return []
    now = deployments_usd([each.business for each in found if each.business.carried.month < until], until)
    before = deployments_usd([each.business for each in stages(without, until, parts=parts)], until)
    if not before:
        return []
    saved = sum((np.maximum(usd[first:] - now[tier][first:], 0.0) for tier, usd in before.items()), start=0.0)
    return [Payment(first + 1.0 + at, usd, 1.0) for at, usd in enumerate(np.asarray(saved))]
