"""Columns of the months for segments: customers by age, what they ask and pay: see `model.company.segments`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from planner.export.workbook.book import number, total
from planner.export.workbook.inputs import Inputs
from planner.export.workbook.table import Table
from planner.model.company.segments import AllSegments, credits_usd, use_of
from planner.schema import Number, Scenario, Segment, path_of
from planner.units import MONTHS_PER_YEAR

TINY = "1E-300"


@dataclass(frozen=True)
class SegmentFlows:
    """Where the sums over all segments stand in a row: formulas, "0" without segments. `requests` is by workload."""

    customers: str
    left: str
    seats: str
    overage: str
    paying: str
    acquisition: str
    requests: Mapping[str, str]


@dataclass(frozen=True)
class SegmentInputs:
    """A scenario of the plan with the cells of its inputs, and what the planner found of its segments."""

    scenario: Scenario
    of: Inputs
    found: AllSegments

    def __call__(self, *steps: str) -> str:
        """Return the cell of a field of the segments."""
        return self.of[path_of(("segments", *steps))]


def add_columns(table: Table, now: SegmentInputs, before: SegmentInputs | None) -> SegmentFlows:
    """Add the columns of all segments; `before` is the epoch that ends where this one begins."""
    names = list(now.scenario.segments)
    for name in names:
        _ages(table, now, before, name)
    for name in names:
        _movements(table, now, name)
    for name in names:
        _prices(table, now, before, name)
    own = {
        workload: total(_use(table, now, name, workload) for name in names)
        for workload in now.scenario.workloads
    }

    def sum_of(what: str) -> str:
        return total(table.at(f"Segment {name}: {what}") for name in names)

    for name in names:
        _payments(table, now, name)
    return SegmentFlows(
        customers=sum_of("customers"), left=sum_of("leave"), seats=sum_of("seats"),
        overage=sum_of("overage"), paying=sum_of("paying"), acquisition=sum_of("won at a cost of"),
        requests=own,
    )  # fmt: skip


def _leaving(at: SegmentInputs, name: str) -> tuple[list[str], list[str]]:
    """Return the share of each age that stays, and that moves on."""
    segment = at.scenario.segments[name]
    left = ["1", *(at(name, "retention", str(index)) for index in range(len(segment.retention)))]
    kept = [f"MIN(MAX({after}/MAX({ahead},{TINY}),0),1)" for ahead, after in pairwise(left)]
    kept.append(f"(1-{at(name, 'churn_share_per_month')})")
    moving = _moving(at, name)
    moves = [f"MIN({share},{moving})" for share in kept]
    return [f"({share}-{moved})" for share, moved in zip(kept, moves, strict=True)], moves


def _moving(at: SegmentInputs, name: str) -> str:
    return f"({total(at(name, 'becomes', other) for other in at.scenario.segments[name].becomes)})"


def _later(table: Table, at: SegmentInputs, name: str) -> list[str]:
    """Return the customers by age in the row at hand, as those of the row above became; those who arrived are in."""
    stays, _ = _leaving(at, name)
    here = [
        f"{table.at(f'Segment {name}: age {age}', '{before}')}*{share}" for age, share in enumerate(stays)
    ]
    arrived = table.at(f"Segment {name}: arrive", "{before}")
    if len(here) == 1:
        return [f"{here[0]}+{arrived}"]
    return [arrived, *here[:-2], f"{here[-2]}+{here[-1]}"]


def _of_ages(by_age: Sequence[str], count: int) -> list[str]:
    """Return customers by so many ages, as `ages.of_ages` does."""
    if len(by_age) >= count:
        return [*by_age[: count - 1], total(by_age[count - 1 :])]
    return [*by_age[:-1], *["0"] * (count - len(by_age)), by_age[-1]]


def _ages(table: Table, now: SegmentInputs, before: SegmentInputs | None, name: str) -> None:
    segment = now.scenario.segments[name]
    count = len(segment.retention) + 1
    first = _of_ages([now(name, "customers")], count)
    every = _later(table, now, name)
    entering = _of_ages(_later(table, before, name), count) if before else first
    for age in range(count):
        table.add(f"Segment {name}: age {age}", every[age], first[age], entering[age])
    here = total(table.at(f"Segment {name}: age {age}") for age in range(count))
    table.add(f"Segment {name}: customers", here)


def _movements(table: Table, now: SegmentInputs, name: str) -> None:
    """Add who stays, moves on, joins, leaves and arrives after the month."""
    stays, moves = _leaving(now, name)
    here = [table.at(f"Segment {name}: age {age}") for age in range(len(stays))]
    stay = table.add(
        f"Segment {name}: stay", total(f"{count}*{share}" for count, share in zip(here, stays, strict=True))
    )
    moved = table.add(
        f"Segment {name}: move on",
        total(f"{count}*{share}" for count, share in zip(here, moves, strict=True)),
    )
    customers = table.at(f"Segment {name}: customers")
    growth, new = now(name, "growth_share_per_month"), now(name, "new_customers_per_month")
    join = table.add(f"Segment {name}: join", f"MAX({customers}*{growth}+{new},-({stay}))")
    table.add(f"Segment {name}: leave", f"{customers}-{stay}-{moved}")
    arrive = [join]
    for other, segment in now.scenario.segments.items():
        if name in segment.becomes:
            share = f"{now(other, 'becomes', name)}/MAX({_moving(now, other)},{TINY})"
            arrive.append(f"{table.at(f'Segment {other}: move on')}*{share}")
    table.add(f"Segment {name}: arrive", total(arrive))


def _prices(table: Table, now: SegmentInputs, before: SegmentInputs | None, name: str) -> None:
    """Add usage over that of month 1, and what a seat costs."""

    def later(what: str, at: SegmentInputs) -> str:
        path = table.at(f"Segment {name}: {what}", "{before}")
        if what == "usage":
            return f"{path}*EXP(LN({at(name, 'usage_growth_x_per_year')})/{number(MONTHS_PER_YEAR)})"
        return f"{path}*(1+{at(name, 'expansion_share_per_month')})"

    for what in ("usage", "price"):
        table.add(f"Segment {name}: {what}", later(what, now), "1", later(what, before or now))
    seat = f"{now(name, 'usd_per_customer_per_month')}*{table.at(f'Segment {name}: price')}"
    table.add(f"Segment {name}: a seat costs", seat)


def _use(table: Table, now: SegmentInputs, name: str, workload: str) -> str:
    """Add what a customer asks of a workload and pays beyond what is included; return the requests of all."""
    segment, what = now.scenario.segments[name], f"Segment {name}: {workload}"
    asks = (
        now(name, "requests", workload)
        if workload in segment.requests
        else now.of[path_of(("workloads", workload, "requests_per_customer_per_month"))]
    )
    mean = table.add(f"{what} wanted by a customer", f"{asks}*{table.at(f'Segment {name}: usage')}")
    cap = now(name, "limit", workload) if workload in segment.limit else ""
    used = table.add(f"{what} of a customer", capped(now, name, segment, mean, cap))
    overage = "0"
    if workload in segment.price_bands:
        overage = _by_month(now, use_of(now.scenario, segment, workload, usage=_usage(now, name)).overage_usd)
    elif workload in segment.overage_usd:
        included = now(name, "included", workload) if workload in segment.included else "0"
        within = capped(now, name, segment, mean, f"MIN({included},{cap})" if cap else included)
        overage = f"({used}-{within})*{now(name, 'overage_usd', workload)}"
    table.add(f"{what} pays beyond", overage)
    return f"{table.at(f'Segment {name}: customers')}*{used}"


def _usage(now: SegmentInputs, name: str) -> Number:
    return now.found.months[name].usage


def _by_month(now: SegmentInputs, values: Number) -> str:
    """Return what the planner computed for each month of the epoch, one alternative for each."""
    count = len(next(iter(now.found.months.values())).customers)
    flat = np.broadcast_to(np.asarray(values, dtype=float), (count,))
    return "<<" + "|".join(f"{now.found.first + at}@{number(value)}" for at, value in enumerate(flat)) + ">>"


def capped(now: SegmentInputs, name: str, segment: Segment, mean: str, cap: str) -> str:
    """Return the mean of what customers use, none more than the cap: see `planner.model.company.use_spread`."""
    if not cap:
        return mean
    if segment.use_tenths:
        each = [now(name, "use_tenths", str(place)) for place in range(len(segment.use_tenths))]
        whole = f"({total(each)})"
        return f"({total(f'MIN({mean}*{len(each)}*{part}/{whole},{cap})' for part in each)})/{len(each)}"
    if segment.use_tail is not None:
        return f"IF({mean}>0,{_pareto(now(name, 'use_tail'), mean, cap)},0)"
    spread = f"SQRT(LN(1+{now(name, 'use_cv')}^2))"
    at_cap = f"((LN(MAX({cap},{TINY})/{mean})+{spread}^2/2)/{spread})"
    below = f"{mean}*ERFC(-({at_cap}-{spread})/SQRT(2))/2"
    spread_out = f"{below}+{cap}*ERFC({at_cap}/SQRT(2))/2"
    return f"IF({mean}>0,IF({now(name, 'use_cv')}>0,{spread_out},MIN({mean},{cap})),0)"


def _pareto(index: str, mean: str, cap: str) -> str:
    least = f"({mean}*({index}-1)/{index})"
    beyond = f"EXP(-{index}*LN(MAX({cap}/{least},1)))"
    return f"IF({cap}<{least},{cap},{mean}*(1-({beyond})^(1-1/{index}))+{cap}*{beyond})"


def _payments(table: Table, now: SegmentInputs, name: str) -> None:
    """Add what all customers of the segment pay, and who pays anything."""
    customers, seat = table.at(f"Segment {name}: customers"), table.at(f"Segment {name}: a seat costs")
    paid = [table.at(f"Segment {name}: {workload} pays beyond") for workload in now.scenario.workloads]
    if (segment := now.scenario.segments[name]).credits.requests:
        usd = credits_usd(now.scenario, segment, usage=_usage(now, name))
        paid.append(table.add(f"Segment {name}: pays for credits", _by_month(now, usd)))
    beyond = total(paid)
    table.add(f"Segment {name}: seats", f"{customers}*{seat}")
    table.add(f"Segment {name}: overage", f"{customers}*({beyond})")
    table.add(f"Segment {name}: paying", f"IF(OR({seat}>0,({beyond})>0),{customers},0)")
    joined = table.at(f"Segment {name}: join")
    table.add(f"Segment {name}: won at a cost of", f"MAX({joined},0)*{now(name, 'cac_usd_per_customer')}")
