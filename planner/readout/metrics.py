"""The headline numbers: label, unit, better direction, meaning and source of each."""

import math
from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from planner.records import dataclass

Direction = Literal["up", "down", ""]  # "": neither is good news
MONTHLY = "month 1"

GRAHAM = 'P. Graham, "Default Alive or Default Dead?", 2015, paulgraham.com/aord.html'
SACKS = 'D. Sacks, "The Burn Multiple", 2020, sacks.substack.com'
SKOK = 'D. Skok, "SaaS Metrics 2.0", forentrepreneurs.com'
EROL = 'M. H. Erol et al., "Cost-of-Pass", 2025, arXiv 2504.13359'
US_GAAP = "US GAAP, ASC 705-10, cost of sales"


@dataclass(frozen=True)
class Metric:
    """One headline number. `better`: the direction of good news, if any; `source`: whose definition it is."""

    name: str
    label: str
    unit: str
    better: Direction
    definition: str
    source: str = ""
    when: str = field(default=MONTHLY)

    def label_in(self, month: int) -> str:
        """Return the label with its month, counted from 1, for numbers that differ by month."""
        when = f"month {month}" if self.monthly else self.when
        return f"{self.label}, {when}" if self.unit == "USD/month" else self.label

    @property
    def monthly(self) -> bool:
        """Whether each month has its own value; the others belong to the plan as a whole."""
        return self.when == MONTHLY


_ALL = (
    Metric(
        "gross_burn_usd_per_month", "Gross burn", "USD/month", "down",
        "Everything paid in the month: serving, staff, fixed costs, customer acquisition, one-off payments.",
    ),
    Metric(
        "net_burn_usd_per_month", "Net burn", "USD/month", "down",
        "Gross burn minus revenue; money raised is not included.",
    ),
    Metric(
        "runway_months", "Runway", "months", "up",
        "Months until today's cash first reaches zero at the planned burn, linear within the month; "
        "raises count only once they have closed, and a raise after that month doesn't help.",
        GRAHAM, "whole plan",
    ),
    Metric(
        "runway_with_raises_months", "Runway with raises", "months", "up",
        "The same, including planned raises that have not closed.",
        GRAHAM, "whole plan",
    ),
    Metric(
        "least_cash_usd", "Least cash", "USD", "up",
        "The lowest month-end cash of the plan, planned raises included; below zero is a shortfall.",
        "", "whole plan",
    ),
    Metric(
        "least_cash_month", "Month of least cash", "month", "",
        "The month with the lowest month-end cash, counted from 1.",
        "", "whole plan",
    ),
    Metric(
        "gross_margin_share", "Gross margin", "share", "up",
        "Revenue minus the cost of serving it, divided by revenue.",
        US_GAAP,
    ),
    Metric(
        "contribution_margin_share", "Contribution margin", "share", "up",
        "Gross margin minus CAC, if the plan counts it as variable.",
        SKOK,
    ),
    Metric(
        "usd_per_request", "Cost per request", "USD", "down",
        "The month's cost of serving divided by all requests.",
    ),
    Metric(
        "usd_per_pass", "Cost per solved task", "USD", "down",
        "Cost of pass: the cost of serving, failures included, per request that models solve alone.",
        EROL,
    ),
    Metric(
        "usd_per_outcome", "Cost per outcome", "USD", "down",
        "Serving, people and the cost of failures to us and the customer, divided by solved requests.",
    ),
    Metric(
        "usd_per_mtok", "Cost per Mtok", "USD/Mtok", "down",
        "The cost of serving per million input and output tokens.",
    ),
    Metric("success_share", "Success", "share", "up", "Solved requests divided by all requests."),
    Metric(
        "p95_latency_s", "p95 latency", "s", "down",
        "The time within which 95 % of requests finish, in the slowest workload with a latency promise.",
    ),
    Metric("gpus", "GPUs", "", "down", "GPUs in use in the busiest hour of the month."),
    Metric(
        "burn_multiple", "Burn multiple", "ratio", "down",
        "Net burn of the first 12 months divided by the annualised revenue they add; none "
        "if nothing is burnt.",
        SACKS, "first year",
    ),
    Metric(
        "cac_payback_months", "CAC payback", "months", "down",
        "Months until a customer's gross profit, after churn, reaches CAC.",
        SKOK,
    ),
    Metric(
        "ltv_usd", "Lifetime value", "USD", "up",
        "Gross profit per customer over its lifetime, through the plan's months and then as in its last.",
        SKOK,
    ),
    Metric(
        "ltv_to_cac_ratio", "LTV over CAC", "ratio", "up",
        "Lifetime value divided by CAC.",
        SKOK,
    ),
)  # fmt: skip

METRICS: Mapping[str, Metric] = {each.name: each for each in _ALL}
RUNWAY, RUNWAY_WITH_RAISES = "runway_months", "runway_with_raises_months"
LEASTS = ("least_cash_usd", "least_cash_month")  # over all months of a plan
RUNWAYS = (RUNWAY, RUNWAY_WITH_RAISES)  # nan if the cash lasts: the state says how


def label(name: str) -> str:
    """Return a result's label; a result without a definition keeps its name.

    >>> label("usd_per_outcome"), label("workloads.chat.success_share")
    ('Cost per outcome', 'workloads.chat.success_share')
    """
    return METRICS[name].label if name in METRICS else name


def long_label(name: str, month: int = 1) -> str:
    """Return a headline number's label with its month.

    >>> long_label("net_burn_usd_per_month"), long_label("usd_per_outcome")
    ('Net burn, month 1', 'Cost per outcome')
    """
    return METRICS[name].label_in(month)


def better_when_higher(name: str) -> bool:
    """Return whether a higher value of a metric is good news, or at least not bad news."""
    return METRICS[name].better != "down"


def improvement(name: str, change: float) -> float:
    """Return a change with the sign that makes good news positive.

    >>> improvement("net_burn_usd_per_month", -500.0), improvement("runway_months", -2.0)
    (500.0, -2.0)
    """
    return change if better_when_higher(name) else -change


def verdict(name: str, change: float) -> Literal["better", "worse", ""]:
    """Return whether a change is better or worse; "" for no change, or if neither direction is.

    >>> verdict("runway_months", 2.0), verdict("usd_per_outcome", 2.0), verdict("least_cash_month", -6.0)
    ('better', 'worse', '')
    """
    gained = improvement(name, change)
    if math.isnan(gained) or gained == 0 or not METRICS[name].better:
        return ""
    return "better" if gained > 0 else "worse"
