"""A plan in a few sentences, for readers of nothing else."""

import math
from collections.abc import Iterator, Mapping

import numpy as np

from planner.model import Result
from planner.readout.metrics import RUNWAY, RUNWAY_WITH_RAISES
from planner.readout.percentile import Percentiles
from planner.readout.promises import promises
from planner.readout.samples import number, runway_state
from planner.readout.vendor_terms import limits_hit
from planner.readout.wording import number_text, range_text
from planner.schema import Scenario
from planner.units import NOT_AVAILABLE, show


def summary(scenario: Scenario, result: Result, ranges: Mapping[str, Percentiles]) -> tuple[str, ...]:
    """Return what a board wants to know, one sentence each: burn, cash, the raise needed, margin, promises.

    `ranges` are the 5th to 95th percentiles of the metrics; a metric without one is stated without a range.
    """
    return (
        *_burn(result),
        *_cash(result, ranges),
        *_raises(scenario, result),
        *_value(result),
        *_kept(result),
    )


def _burn(result: Result) -> Iterator[str]:
    burn, revenue = (
        number(result.metrics["net_burn_usd_per_month"]),
        number(result.months.first["revenue_usd"]),
    )
    if math.isnan(burn):
        return
    taken = f"on revenue of {show(revenue, 'usd')}" if revenue else "without revenue"
    yield f"The company {'burns' if burn > 0 else 'earns'} {show(abs(burn), 'usd')} a month, {taken}."


def _cash(result: Result, ranges: Mapping[str, Percentiles]) -> Iterator[str]:
    state, horizon = runway_state(result), number(result.horizon_months)
    if state is None:
        return
    if state == "cash_out":
        lasts = number_text(RUNWAY, number(result.metrics[RUNWAY]), horizon)
    else:
        lasts = f"all {horizon:.0f} months of the plan"
    spread = range_text(RUNWAY, ranges[RUNWAY], horizon) if RUNWAY in ranges else ""
    yield f"Cash in hand lasts {lasts}{f' ({spread} in nine of ten cases)' if spread else ''}."
    if (month := _profitable_from(result)) and state != "cash_out":
        yield "It is profitable from the start." if month == 1 else f"It is profitable from month {month}."
    least, when = number(result.metrics["least_cash_usd"]), number(result.metrics["least_cash_month"])
    if least < 0:
        yield f"In month {when:.0f}, it is {show(-least, 'usd')} short, planned raises included."


def _profitable_from(result: Result) -> int:
    """Return the first month after which no month burns cash, counted from 1; 0 if the last one does."""
    burning = np.flatnonzero(np.ravel(result.months.net_burn_usd) > 0)
    months = result.months.cash_usd.shape[-1]
    first = int(burning[-1]) + 2 if burning.size else 1
    return first if first <= months else 0


def _raises(scenario: Scenario, result: Result) -> Iterator[str]:
    planned = [each for each in scenario.company.funding if not each.closed]
    if not planned or runway_state(result) != "cash_out":
        return
    needed = number(result.months.needs_raise_month)
    if not math.isnan(needed):
        yield f"It needs the raise of month {needed:.0f}, which has not closed."
    elif runway_state(result, RUNWAY_WITH_RAISES) == "cash_out":
        lasts, alone = (number(result.metrics[name]) for name in (RUNWAY_WITH_RAISES, RUNWAY))
        if lasts > alone:
            yield f"With planned raises, it lasts {number_text(RUNWAY, lasts)}."
        else:
            first = min(each.month for each in planned)
            yield f"The raise planned for month {first:.0f} comes after the cash has run out."


def _value(result: Result) -> Iterator[str]:
    margin, success = (number(result.metrics[name]) for name in ("gross_margin_share", "success_share"))
    usd = show(number(result.metrics["usd_per_outcome"]), "usd")
    told = [f"gross margin is {show(margin, 'share')}"] if not math.isnan(margin) else []
    if usd != NOT_AVAILABLE and not math.isnan(success):
        solved = f"{show(success, 'share')} of requests are solved"
        told.append(f"{solved}, each at a cost of {usd} including the cost of failures")
    if told:
        text = ", ".join(told)
        yield f"{text[:1].upper()}{text[1:]}."


def _kept(result: Result) -> Iterator[str]:
    made = promises(result)
    broken, unsure = ([each for each in made if each.state == state] for state in ("broken", "not known"))
    if unsure:
        words = "; ".join(each.words for each in unsure)
        yield f"{len(unsure)} of {len(made)} latency promises can't be judged: {words}."
    if broken:
        words = "; ".join(each.words for each in broken)
        yield f"{len(broken)} of {len(made)} latency promises are broken: {words}."
    elif made and not unsure:
        yield (
            "The latency promise is kept."
            if len(made) == 1
            else f"{'Both' if len(made) == len('ab') else f'All {len(made)}'} latency promises are kept."
        )
    if hit := list(limits_hit(result)):
        yield f"Vendor limits: {'; '.join(hit)}."
    lost = [name for name, each in result.deployments.items() if not np.all(each.fits)]
    if lost:
        yield f"The model doesn't fit the memory of {', '.join(lost)}."
