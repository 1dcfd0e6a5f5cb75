"""The results of a plan: headline numbers, their line items, months, and reasons for missing values."""

from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property

import numpy as np

from planner.arrays import Word, quotient
from planner.errors import Problem, ScenarioError
from planner.model.call_by_call import SessionCalls
from planner.model.time_spread import TimeSpread
from planner.records import dataclass
from planner.schema import Array, Flags, Number, Scenario

CASH_OUT, BEYOND_HORIZON, SELF_SUSTAINING = "cash_out", "beyond_horizon", "self_sustaining"
STATES = (CASH_OUT, BEYOND_HORIZON, SELF_SUSTAINING)


@dataclass(frozen=True)
class Runway:
    """Months until cash first reaches zero (nan if it doesn't), and the index of the state in STATES.

    Self-sustaining on today's cash means default alive: the plan reaches profitability on it.
    """

    months: Array
    state: Array


@dataclass(frozen=True)
class LineItem:
    """One cost of a month. All line items of a month sum to its gross burn."""

    name: str
    usd_per_month: Number
    group: str
    workload: str = ""
    deployment: str = ""


@dataclass(frozen=True)
class TierResult:
    """One tier of one workload; `latency` is the distribution of the promised time, over one pass."""

    calls_per_request: Number
    success_share: Number
    usd_per_call: Number
    latency: TimeSpread = field(repr=False)

    @cached_property
    def p95_latency_s(self) -> Number:
        """The time within which 95 % of passes finish, in seconds."""
        return self.latency.quantile_s(0.95)


@dataclass(frozen=True)
class WorkloadResult:
    """One workload in a month.

    `promised_latency_s` is the promised percentile of the time that the promise limits; the promise is kept if that is
    no longer than the target. `latency` is the whole distribution of that time.
    """

    requests_per_month: Number
    input_tokens: Number
    output_tokens: Number
    success_share: Number
    usd_per_request: Number
    started_usd_per_request: Number
    usd_per_pass: Number
    usd_per_outcome: Number
    value_per_request_usd: Number
    p95_latency_s: Number
    promise_kind: Word
    promise_percentile: Number
    promise_target_s: Number
    promised_latency_s: Number
    promise_met: Flags
    tiers: Mapping[str, TierResult]
    break_even_failure_usd: Mapping[str, Number]
    latency: TimeSpread = field(repr=False)

    @cached_property
    def p50_latency_s(self) -> Number:
        """The time within which half of the requests finish, in seconds."""
        return self.latency.quantile_s(0.5)

    @cached_property
    def p90_latency_s(self) -> Number:
        """The time within which 90 % of the requests finish, in seconds."""
        return self.latency.quantile_s(0.9)

    @cached_property
    def p99_latency_s(self) -> Number:
        """The time within which 99 % of the requests finish, in seconds."""
        return self.latency.quantile_s(0.99)


@dataclass(frozen=True)
class DeploymentResult:
    """One deployment in a month.

    For provisioned units: their number, their cost, the share of tokens that they carry, the share of their
    capacity used, the share from which they are cheaper than tokens (nan without
    traffic), and whether load beyond them is refused.
    """

    kind: str
    usd_per_month: Number
    gpus: Number
    replicas: Number
    busy_share: Number
    batch: Mapping[str, Number]
    fits: Flags
    usd_per_gpu_hour: Number
    notes: tuple[str, ...] = ()
    units: Number = 0.0
    units_usd_per_month: Number = 0.0
    units_carry_share: Number = 0.0
    units_used_share: Number = 0.0
    units_break_even_share: Number = np.nan
    committed_not_spent_usd_per_month: Number = 0.0
    units_refuse: Flags = False


@dataclass(frozen=True)
class FleetHours:
    """A fleet by hour of the week in a month, hours first, from Monday 0:00 UTC.

    `places` in a batch are busy, `places_of` those of each workload whose hours are known. `gpus` are there, `mean_gpus` of
    them paid in the mean; `starting_gpus` of those start for an hour to come.
    """

    places: Array
    gpus: Array
    places_of: Mapping[str, Array]
    mean_gpus: Number
    starting_gpus: Number


@dataclass(frozen=True)
class LimitResult:
    """A vendor limit and the busiest hour of each month: `peaks` in the limit's own unit, months last.

    `kind` is one of `catalog.rate_limits`; `first_month` is the first to exceed it, nan if none does.
    """

    deployment: str
    kind: str
    limit: Number
    limit_of: str
    peaks: Array
    first_month: Array


@dataclass(frozen=True)
class TenthsResult:
    """A customer in each tenth of a segment in a month, from lightest to heaviest; tenths are the last axis.

    `cost_share` is the tenth's share of the cost of the segment's requests; `ltv_usd` covers the months that a new
    customer stays in the segment, without later segments.
    """

    requests_per_customer: Array
    cost_share: Array
    revenue_usd_per_customer: Array
    cogs_usd_per_customer: Array
    margin_usd_per_customer: Array
    ltv_usd: Array


@dataclass(frozen=True)
class SegmentResult:
    """One segment in a month. `cogs` is serving, payment fees and other costs that scale with revenue.

    `months_there` is how long a new customer stays in the segment, `ltv_usd` its gross profit there and in
    the segments it moves on to; nan if some never leave.
    """

    customers: Number
    requests_per_month: Number
    seats_usd_per_month: Number
    overage_usd_per_month: Number
    revenue_usd_per_month: Number
    serving_usd_per_month: Number
    cogs_usd_per_month: Number
    margin_usd_per_month: Number
    margin_usd_per_customer: Number
    gross_margin_share: Number
    months_there: Number
    ltv_usd: Number
    tenths: TenthsResult


FLOWS = (
    "customers", "requests", "revenue_usd", "cogs_usd", "fixed_costs_usd", "acquisition_usd", "one_off_usd",
    "gross_burn_usd", "net_burn_usd", "funding_usd", "planned_funding_usd", "cash_usd", "gpus",
)  # fmt: skip


CASH_FLOWS = ("collected_usd", "receivable_usd", "deferred_usd", "credits_usd", "interest_usd")


@dataclass(frozen=True)
class Months:
    """The plan month by month: arrays of shape (..., months), in USD unless the name says otherwise.

    What the headline needs is here from the start: the cash at the end, when it runs out (`runway` on the cash there is and
    raises that have closed, `with_raises` with those that are planned too), the least a month ends with, the flows of month 1 (`first`), and
    net burn of the first 12 months with the revenue of the 13th, to which it led (of a shorter plan: the last month's, and
    the burn before it). `flows` computes the rest when it is first asked for. A flow that is the same in all plans keeps the
    shape (1, ..., months).
    """

    cash_end_usd: Array
    runway: Runway
    with_raises: Runway
    needs_raise_month: Array
    least_cash_usd: Array
    least_cash_month: Array
    ltv_usd: Array
    cac_payback_months: Array
    first: Mapping[str, Array]
    year_net_burn_usd: Number
    year_revenue_usd: Array
    flows: Callable[[], Mapping[str, Array]] = field(repr=False)

    @cached_property
    def _flows(self) -> Mapping[str, Array]:
        return self.flows()

    def of_month(self, month: int) -> Mapping[str, Array]:
        """Return the flows of a month, counted from 0, without an axis for months."""
        return self.first if month == 0 else {name: each[..., month] for name, each in self._flows.items()}

    @property
    def settlement(self) -> Mapping[str, Array]:
        """Collected, owed and prepaid revenue, credits used and interest earned; empty without any of these."""
        return {name: self._flows[name] for name in CASH_FLOWS if name in self._flows}

    @property
    def cash_usd(self) -> Array:
        """Cash at the end of the month, planned raises included."""
        return self._flows["cash_usd"]

    @property
    def customers(self) -> Array:
        """Customers at the start of the month."""
        return self._flows["customers"]

    @property
    def requests(self) -> Array:
        """Requests of all workloads."""
        return self._flows["requests"]

    @property
    def revenue_usd(self) -> Array:
        """Revenue from customers."""
        return self._flows["revenue_usd"]

    @property
    def cogs_usd(self) -> Array:
        """The cost of serving, with one-off spend on deployments spread over its months."""
        return self._flows["cogs_usd"]

    @property
    def fixed_costs_usd(self) -> Array:
        """Fixed costs, including the hiring plan."""
        return self._flows["fixed_costs_usd"]

    @property
    def acquisition_usd(self) -> Array:
        """The cost of acquiring new customers."""
        return self._flows["acquisition_usd"]

    @property
    def one_off_usd(self) -> Array:
        """One-off payments and GPU purchases, in cash."""
        return self._flows["one_off_usd"]

    @property
    def gross_burn_usd(self) -> Array:
        """Everything paid in the month."""
        return self._flows["gross_burn_usd"]

    @property
    def net_burn_usd(self) -> Array:
        """All costs minus what customers pay and credits cover; funding is not included."""
        return self._flows["net_burn_usd"]

    @property
    def gpus(self) -> Array:
        """GPUs at the peak."""
        return self._flows["gpus"]

    @property
    def funding_usd(self) -> Array:
        """Money raised, at the start of the month."""
        return self._flows["funding_usd"]

    @property
    def planned_funding_usd(self) -> Array:
        """The part of the money raised that comes from raises that have not closed."""
        return self._flows["planned_funding_usd"]

    @property
    def gross_profit_usd(self) -> Array:
        """Revenue minus the cost of serving it."""
        return self.revenue_usd - self.cogs_usd

    @property
    def gross_margin_share(self) -> Array:
        """Gross profit divided by revenue; nan in a month without revenue."""
        return np.asarray(quotient(self.gross_profit_usd, self.revenue_usd))


@dataclass(frozen=True)
class MonthOne:
    """Month 1 alone. `feasible`: every model fits and every latency promise is kept; `first` holds the flows."""

    metrics: Mapping[str, Number]
    feasible: Flags
    fits: Flags
    workloads: Mapping[str, WorkloadResult]
    first: Mapping[str, Number]


@dataclass(frozen=True)
class Result:
    """The result of `evaluate`. A metric that can't be computed is nan, and `reasons` says why.

    `metrics` has one number per entry of `readout.METRICS`. `horizon_months` is the length of the plan.
    Monthly values are those of `month`, counted from 1: its metrics, workloads, deployments, line items,
    segments, reasons and warnings; `scenario` is the one in effect then, with dated changes applied. Whole-plan values
    (runway, least cash, burn multiple, lifetime value, `months`) are the same for every month.
    `items`, `missing`, `kinds`, `week` and `let_through` compute line items, reasons, segments, hours and limits when they are first asked for: many samples
    never are.
    """

    metrics: Mapping[str, Number]
    runway_state: Array
    horizon_months: Number
    month: int
    scenario: Scenario = field(repr=False)
    workloads: Mapping[str, WorkloadResult]
    deployments: Mapping[str, DeploymentResult]
    months: Months
    items: Callable[[], tuple[LineItem, ...]] = field(repr=False)
    missing: Callable[[], Mapping[str, str]] = field(repr=False)
    kinds: Callable[[], Mapping[str, SegmentResult]] = field(repr=False)
    calls: Callable[[], Mapping[tuple[str, str], SessionCalls]] = field(repr=False)
    week: Callable[[], Mapping[str, FleetHours]] = field(repr=False)
    others: Callable[[int], "Result"] = field(repr=False)
    let_through: Callable[[], tuple[LimitResult, ...]] = field(repr=False)
    warnings: tuple[str, ...] = ()

    def at_month(self, month: int) -> "Result":
        """Return the same plan as of another month, counted from 1, without running the months again.

        Any month of a 36-month plan takes about as long as month 1, a few ms. Raises ScenarioError for a month beyond the plan.
        """
        last = int(np.max(self.horizon_months))
        if not 1 <= month <= last:
            what = f"is {month}; the plan has months 1 to {last}."
            raise ScenarioError([Problem("month", what)])
        return self if month == self.month else self.others(month - 1)

    @cached_property
    def line_items(self) -> tuple[LineItem, ...]:
        """The costs of the month, one by one."""
        return self.items()

    @cached_property
    def sessions(self) -> Mapping[tuple[str, str], SessionCalls]:
        """The sessions call by call, by workload and deployment; those of one call are left out."""
        return self.calls()

    @cached_property
    def limits(self) -> tuple[LimitResult, ...]:
        """Vendor limits and the busiest hour of each month; empty if nothing is limited."""
        return self.let_through()

    @cached_property
    def segments(self) -> Mapping[str, SegmentResult]:
        """The segments of the month."""
        return self.kinds()

    @cached_property
    def fleet_hours(self) -> Mapping[str, FleetHours]:
        """Own GPUs by hour and deployment, if the hours of a workload are known."""
        return self.week()

    @cached_property
    def reasons(self) -> Mapping[str, str]:
        """Why a metric is nan, in the plans where it is."""
        return self.missing()
