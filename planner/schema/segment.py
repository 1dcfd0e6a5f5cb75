"""Segments: customers with the same prices and usage, such as a pricing plan or free users."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

import numpy as np

from planner.arrays import Number
from planner.errors import Problem
from planner.schema.commitment import MeterBands, band_problems
from planner.schema.declare import ratio, real, share, usd
from planner.schema.ranges import Range
from planner.schema.section import Section
from planner.schema.spec import Spec
from planner.schema.steps import step_text

if TYPE_CHECKING:
    from planner.schema.scenario import Scenario

TENTHS = 10


def _per_customer(label: str, help: str) -> Spec:
    """Declare requests per customer and month for a workload."""
    return ratio(label, help, unit="requests", role="lever", hi=1e9, step=1)


class Credits(MeterBands):
    """Credits that requests consume; beyond the free ones they are sold in bands or packages."""

    requests: dict[
        str,
        Annotated[
            Number, ratio("Credits of a request", "Per workload.", unit="credits", role="lever", hi=1e9)
        ],
    ] = {}


class Segment(Section):
    """Customers with the same prices and usage; [demand] and [revenue] cover those outside segments."""

    customers: Annotated[
        Number,
        ratio("Customers", "In month 1; past the months listed in retention.", unit="", hi=1e10, step=50),
    ] = 0.0
    new_customers_per_month: Annotated[
        Number, ratio("New customers", "From month 2, in addition to growth.", unit="", hi=1e10, step=10)
    ] = 0.0  # fmt: skip
    growth_share_per_month: Annotated[
        Number,
        real("Growth", "New customers as a share of customers, each month.", lo=-0.5, hi=3.0, step=0.01),
    ] = 0.0
    churn_share_per_month: Annotated[
        Number,
        share(
            "Churn", "Customers who leave each month, after the retention months.", role="unknown", step=0.005
        ),
    ] = 0.0
    retention: tuple[
        Annotated[
            Number,
            share("Retention", "Share of new customers left after each first month; then churn.", role="unknown"),
        ],
        ...,
    ] = ()  # fmt: skip
    becomes: dict[
        str,
        Annotated[Number, share("Moves on", "To another segment, per month.", role="unknown", step=0.005)],
    ] = {}
    usd_per_customer_per_month: Annotated[Number, usd("Price per seat", step=1, unit="USD/month")] = 0.0
    expansion_share_per_month: Annotated[
        Number,
        real("Expansion", "Monthly rise in what a customer pays per seat.", lo=-0.2, hi=1.0, step=0.005),
    ] = 0.0
    cac_usd_per_customer: Annotated[
        Number, usd("Cost to win a customer", "CAC, per new customer; not for those who move here.", step=10,
                    role="unknown")
    ] = 0.0  # fmt: skip
    requests: dict[str, Annotated[Number, _per_customer("Made a month", "Per customer and workload.")]] = {}
    limit: dict[str, Annotated[Number, _per_customer("At most a month", "Per customer and workload.")]] = {}
    included: dict[
        str, Annotated[Number, _per_customer("Included a month", "Per customer and workload.")]
    ] = {}
    overage_usd: dict[
        str, Annotated[Number, usd("Overage", "Per request beyond the included ones.", step=0.01)]
    ] = {}
    usage_growth_x_per_year: Annotated[
        Number,
        ratio("Usage growth", "Requests per customer, times per year.", lo=0.01, hi=1000, unit="x/year"),
    ] = 1.0
    use_cv: Annotated[
        Number,
        ratio("Spread of use", "Across customers, lognormal: standard deviation over mean.", unit="", hi=50),
    ] = 0.0
    use_tail: Annotated[
        Number | None,
        ratio("Tail of use", "Pareto index, instead of the spread: 1.2 is very heavy, 3 light. Empty: lognormal.",
              unit="", lo=1.01, hi=100, optional=True),
    ] = None  # fmt: skip
    use_tenths: tuple[
        Annotated[
            Number,
            ratio("Use of a tenth", "Share of all usage, from the lightest tenth to the heaviest.", unit="", hi=1e9),
        ],
        ...,
    ] = ()  # fmt: skip
    price_bands: dict[str, MeterBands] = {}
    credits: Credits = Credits()


def segment_problems(scenario: "Scenario") -> list[Problem]:
    """Return every broken rule that relates segments to other fields."""
    problems: list[Problem] = []
    for name, each in scenario.segments.items():
        where = f"segments.{step_text(name)}"
        known = ", ".join(scenario.workloads) or "none"
        problems += [
            Problem(
                f"{where}.{field}.{step_text(workload)}",
                "is not a workload of this file.",
                f"Known: {known}.",
            )
            for field in ("requests", "limit", "included", "overage_usd", "price_bands")
            for workload in getattr(each, field)
            if workload not in scenario.workloads
        ]
        problems += [
            Problem(f"{where}.becomes.{step_text(other)}", "is not another segment of this file.")
            for other in each.becomes
            if other == name or other not in scenario.segments
        ]
        problems += [
            Problem(
                f"{where}.credits.requests.{step_text(workload)}",
                "is not a workload of this file.",
                f"Known: {known}.",
            )
            for workload in each.credits.requests
            if workload not in scenario.workloads
        ]
        problems += [
            *_leaving(where, each),
            *_allowance(where, each),
            *_priced(where, each),
            *_spread(where, each),
        ]
    return problems


def _leaving(where: str, each: Segment) -> list[Problem]:
    problems = []
    left = [_middle(share) for share in each.retention]
    if any(np.any(np.asarray(after) > before) for before, after in pairwise(left)):
        what = "rises; each entry is the share still left of all who joined."
        problems.append(Problem(f"{where}.retention", what, "For example [0.86, 0.79, 0.75]."))
    gone = sum((_middle(share) for share in each.becomes.values()), start=_middle(each.churn_share_per_month))
    if each.becomes and np.any(np.asarray(gone) > 1.0):
        what = f"and churn together are {float(np.max(gone)):.12g}; they can't exceed 1."
        problems.append(Problem(f"{where}.becomes", what))
    return problems


def _allowance(where: str, each: Segment) -> list[Problem]:
    return [
        Problem(
            f"{where}.included.{step_text(name)}",
            "is more than the limit.",
            f"Keep it within limit.{step_text(name)}.",
        )
        for name, included in each.included.items()
        if name in each.limit and np.any(np.asarray(_middle(included)) > _middle(each.limit[name]))
    ]


def _spread(where: str, each: Segment) -> Iterator[Problem]:
    """Yield the problems with the spread of usage across customers."""
    given = {
        "use_cv": bool(np.any(_middle(each.use_cv))),
        "use_tail": each.use_tail is not None,
        "use_tenths": bool(each.use_tenths),
    }
    said = [name for name, there in given.items() if there]
    if len(said) > 1:
        yield Problem(f"{where}.{said[1]}", f"and {said[0]} are both given.", "State one of them.")
    if not each.use_tenths:
        return
    tenths = [_middle(share) for share in each.use_tenths]
    if len(tenths) != TENTHS:
        yield Problem(
            f"{where}.use_tenths", f"has {len(tenths)} entries; it needs {TENTHS}.", "Give one per tenth."
        )
    elif any(np.any(np.asarray(after) < before) for before, after in pairwise(tenths)):
        yield Problem(f"{where}.use_tenths", "must rise: the lightest tenth comes first.")
    elif not np.all(sum(tenths)):
        yield Problem(
            f"{where}.use_tenths", "are all 0.", "Give shares of usage, for example 0.6 for the last."
        )


def _priced(where: str, each: Segment) -> Iterator[Problem]:
    """Yield the problems with prices that depend on quantity."""
    for workload, bands in each.price_bands.items():
        at = f"{where}.price_bands.{step_text(workload)}"
        yield from band_problems(at, bands)
        if not bands.prices_usd:
            yield Problem(f"{at}.prices_usd", "is missing.", "Give one price per band.")
        if workload in each.overage_usd:
            yield Problem(
                f"{where}.overage_usd.{step_text(workload)}",
                "and price_bands are both given.",
                "State one of them.",
            )
    if not each.credits.requests:
        return
    yield from band_problems(f"{where}.credits", each.credits)
    if not each.credits.prices_usd:
        yield Problem(
            f"{where}.credits.prices_usd", "is missing.", "Give the price of a credit, or of a package."
        )
    for workload in each.credits.requests:
        for field in ("overage_usd", "price_bands", "limit"):
            if workload in getattr(each, field):
                what = "is given for a workload that credits pay for."
                yield Problem(
                    f"{where}.{field}.{step_text(workload)}",
                    what,
                    "Remove it, or remove the workload's credits.",
                )


def _middle(value: Number) -> Number:
    """Return the number that rules compare: the median of a range, since draws of two ranges may cross."""
    return float(value) if isinstance(value, Range) else value
