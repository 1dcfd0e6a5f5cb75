"""The headline numbers: what each is called, its unit, which way is better, what it means and who says so."""

import math
from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from planner.records import dataclass

Direction = Literal["up", "down", ""]  # empty: neither is good news
MONTHLY = "month 1"

GRAHAM = 'P. Graham, "Default Alive or Default Dead?", 2015, paulgraham.com/aord.html'
SACKS = 'D. Sacks, "The Burn Multiple", 2020, sacks.substack.com'
SKOK = 'D. Skok, "SaaS Metrics 2.0", forentrepreneurs.com'
EROL = 'M. H. Erol et al., "Cost-of-Pass", 2025, arXiv 2504.13359'
US_GAAP = "US GAAP, ASC 705-10, cost of sales"


@dataclass(frozen=True)
class Metric:
    """One headline number. `better`: the direction of good news, if any; `source`: who defines it so."""

    name: str
    label: str
    unit: str
    better: Direction
    definition: str
    source: str = ""
    when: str = field(default=MONTHLY)

    def label_in(self, month: int) -> str:
        """Return the label with its month, counted from 1, where burn differs from month to month."""
        when = f"month {month}" if self.monthly else self.when
        return f"{self.label}, {when}" if self.unit == "USD/month" else self.label

    @property
    def monthly(self) -> bool:
        """Whether each month has its own; the others belong to the plan as a whole."""
        return self.when == MONTHLY


_ALL = (
    Metric(
        "gross_burn_usd_per_month", "Gross burn", "USD/month", "down",
        "All that is paid in the month: serving, staff, fixed costs, winning customers, one-off payments.",
    ),
    Metric(
        "net_burn_usd_per_month", "Net burn", "USD/month", "down",
        "Gross burn less revenue; money raised is no part of it.",
    ),
    Metric(
        "runway_months", "Runway", "months", "up",
        "Months until the cash there is first reaches zero at the planned burn, linear inside the month; "
        "raises count only once they have closed, and one after that month does not help.",
        GRAHAM, "whole plan",
    ),
    Metric(
        "runway_with_raises_months", "Runway with raises", "months", "up",
        "The same with the raises that are planned and have not closed.",
        GRAHAM, "whole plan",
    ),
    Metric(
        "least_cash_usd", "Least cash", "USD", "up",
        "The least that a month of the plan ends with, planned raises in it; below zero is what is missing.",
        "", "whole plan",
    ),
    Metric(
        "least_cash_month", "Month of least cash", "month", "",
        "The month that ends with the least cash, counted from 1.",
        "", "whole plan",
    ),
    Metric(
        "gross_margin_share", "Gross margin", "share", "up",
        "Revenue less the cost of serving it, over revenue.",
        US_GAAP,
    ),
    Metric(
        "contribution_margin_share", "Contribution margin", "share", "up",
        "Gross margin less the cost of winning customers, where the plan counts that as variable.",
        SKOK,
    ),
    Metric(
        "usd_per_request", "Cost per request", "USD", "down",
        "What serving costs in the month, over all requests.",
    ),
    Metric(
        "usd_per_pass", "Cost per solved task", "USD", "down",
        "Cost of pass: what serving costs, failures too, over what models solve without a person.",
        EROL,
    ),
    Metric(
        "usd_per_outcome", "Cost per outcome", "USD", "down",
        "Serving, people, and what failures cost us and the customer, over the requests that are solved.",
    ),
    Metric(
        "usd_per_mtok", "Cost per Mtok", "USD/Mtok", "down",
        "What serving costs, over the million tokens read and written.",
    ),
    Metric("success_share", "Success", "share", "up", "Requests that are solved, over all requests."),
    Metric(
        "p95_latency_s", "p95 latency", "s", "down",
        "The time that 95 % of requests keep to, in the slowest workload that promises a latency.",
    ),
    Metric("gpus", "GPUs", "", "down", "GPUs in use in the busiest hour of the month."),
    Metric(
        "burn_multiple", "Burn multiple", "ratio", "down",
        "Net burn of the first 12 months, over the yearly recurring revenue that they add; none "
        "where nothing is burnt.",
        SACKS, "first year",
    ),
    Metric(
        "cac_payback_months", "CAC payback", "months", "down",
        "Months until a customer's gross profit, those who leave counted, reaches the cost of winning it.",
        SKOK,
    ),
    Metric(
        "ltv_usd", "Lifetime value", "USD", "up",
        "Gross profit of a customer over the months that it stays, along the plan and on as in its last.",
        SKOK,
    ),
    Metric(
        "ltv_to_cac_ratio", "LTV over CAC", "ratio", "up",
        "Lifetime value over what it costs to win a customer.",
        SKOK,
    ),
)  # fmt: skip

METRICS: Mapping[str, Metric] = {each.name: each for each in _ALL}
RUNWAY, RUNWAY_WITH_RAISES = "runway_months", "runway_with_raises_months"
LEASTS = ("least_cash_usd", "least_cash_month")  # of all months of a plan
RUNWAYS = (RUNWAY, RUNWAY_WITH_RAISES)  # nan where the cash lasts: their state says how


def label(name: str) -> str:
    """Return what a result is called; a result without a definition of its own keeps its name.

    >>> label("usd_per_outcome"), label("workloads.chat.success_share")
    ('Cost per outcome', 'workloads.chat.success_share')
    """
    return METRICS[name].label if name in METRICS else name


def long_label(name: str, month: int = 1) -> str:
    """Return what a headline number is called, with its month.

    >>> long_label("net_burn_usd_per_month"), long_label("usd_per_outcome")
    ('Net burn, month 1', 'Cost per outcome')
    """
    return METRICS[name].label_in(month)


def better_when_higher(name: str) -> bool:
    """Return whether more of a metric is good news, or no bad news."""
    return METRICS[name].better != "down"


def improvement(name: str, change: float) -> float:
    """Return a change with the sign that makes good news positive.

    >>> improvement("net_burn_usd_per_month", -500.0), improvement("runway_months", -2.0)
    (500.0, -2.0)
    """
    return change if better_when_higher(name) else -change


def verdict(name: str, change: float) -> Literal["better", "worse", ""]:
    """Return what a change of a metric means; nothing where there is none, or none is good or bad news.

    >>> verdict("runway_months", 2.0), verdict("usd_per_outcome", 2.0), verdict("least_cash_month", -6.0)
    ('better', 'worse', '')
    """
    gained = improvement(name, change)
    if math.isnan(gained) or gained == 0 or not METRICS[name].better:
        return ""
    return "better" if gained > 0 else "worse"
