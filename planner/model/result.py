"""What a plan leads to: headline numbers, the line items that made them, months, and reasons."""

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
    """Months until cash first reaches zero (nan where it does not), and the index of the state in STATES.

    Self-sustaining on the cash there is means default alive: profit is reached on it.
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
    """One tier of one workload; `latency` is the distribution of what is promised, over one pass."""

    calls_per_request: Number
    success_share: Number
    usd_per_call: Number
    latency: TimeSpread = field(repr=False)

    @cached_property
    def p95_latency_s(self) -> Number:
        """The time that 95 % of the passes keep to."""
        return self.latency.quantile_s(0.95)


@dataclass(frozen=True)
class WorkloadResult:
    """One workload in a month.

    `promised_latency_s` is the time that the promised percentile of requests keeps to; the promise is kept where that is
    no longer than the target. `latency` is the whole distribution of what is promised.
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
        """The time that half of the requests keep to."""
        return self.latency.quantile_s(0.5)

    @cached_property
    def p90_latency_s(self) -> Number:
        """The time that 90 % of the requests keep to."""
        return self.latency.quantile_s(0.9)

    @cached_property
    def p99_latency_s(self) -> Number:
        """The time that 99 % of the requests keep to."""
        return self.latency.quantile_s(0.99)


@dataclass(frozen=True)
class DeploymentResult:
    """One deployment in a month.

    Of provisioned units: how many there are, what they cost, the share of its tokens that they carry, the share of their
    capacity that this uses, the share from which on they cost less than tokens would (nan without
    traffic), and whether what exceeds them is refused.
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
    """A fleet through the hours of a week in a month, hours first, from Monday 0:00 UTC on.

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
    """What a vendor lets through, against the busiest hour of each month: `peaks` in the limit's own unit, months last.

    `kind` is one of `catalog.rate_limits`; `first_month` is the first that exceeds it, nan where none does.
    """

    deployment: str
    kind: str
    limit: Number
    limit_of: str
    peaks: Array
    first_month: Array


@dataclass(frozen=True)
class TenthsResult:
    """A customer of each tenth of a segment in a month, from the lightest to the heaviest: tenths are the last axis.

    `cost_share` is the tenth's share of what the segment's requests cost; `ltv_usd` goes along the months that a new
    customer is there, without what it becomes.
    """

    requests_per_customer: Array
    cost_share: Array
    revenue_usd_per_customer: Array
    cogs_usd_per_customer: Array
    margin_usd_per_customer: Array
    ltv_usd: Array


@dataclass(frozen=True)
class SegmentResult:
    """One segment in a month. `cogs` is serving, payment fees and other costs that follow revenue.

    `months_there` is how long a new customer stays in the segment, `ltv_usd` the gross profit that it brings there and in
    the segments that it moves on to; nan where some never leave.
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
        """What customers have paid, owe and have paid ahead, and what credits pay and cash earns; empty without any of it."""
        return {name: self._flows[name] for name in CASH_FLOWS if name in self._flows}

    @property
    def cash_usd(self) -> Array:
        """Cash at the end of the month, planned raises in it."""
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
        """What customers pay."""
        return self._flows["revenue_usd"]

    @property
    def cogs_usd(self) -> Array:
        """The cost of serving, one-off spend of deployments spread over their months."""
        return self._flows["cogs_usd"]

    @property
    def fixed_costs_usd(self) -> Array:
        """Fixed costs with the hiring plan."""
        return self._flows["fixed_costs_usd"]

    @property
    def acquisition_usd(self) -> Array:
        """The cost to win new customers."""
        return self._flows["acquisition_usd"]

    @property
    def one_off_usd(self) -> Array:
        """Single payments and purchases of GPUs, in cash."""
        return self._flows["one_off_usd"]

    @property
    def gross_burn_usd(self) -> Array:
        """All that is paid."""
        return self._flows["gross_burn_usd"]

    @property
    def net_burn_usd(self) -> Array:
        """All that is charged less what customers pay and credits cover; funding is no part of it."""
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
        """What of the money raised comes from raises that have not closed."""
        return self._flows["planned_funding_usd"]

    @property
    def gross_profit_usd(self) -> Array:
        """Revenue less the cost of serving it."""
        return self.revenue_usd - self.cogs_usd

    @property
    def gross_margin_share(self) -> Array:
        """Gross profit over revenue; nan in a month without revenue."""
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
    """What `evaluate` returns. A metric that can't be computed is nan, and `reasons` says why.

    `metrics` holds one number for each entry of `readout.METRICS`. `horizon_months` is how far the plan looks ahead.
    All that belongs to one month is that of `month`, counted from 1: its metrics, workloads, deployments, line items,
    segments, reasons and warnings; `scenario` is what holds in it, dated changes made. What belongs to the whole plan
    (runway, least cash, burn multiple, lifetime value, `months`) is the same from wherever it is looked at.
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
        """Return the same plan seen from another month, counted from 1: nothing of the months is computed again.

        Of a plan month m of 36 costs about what month 1 does, some ms. Raises ScenarioError for a month that the plan lacks.
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
        """What vendors let through, against the busiest hour of each month; empty where nothing is limited."""
        return self.let_through()

    @cached_property
    def segments(self) -> Mapping[str, SegmentResult]:
        """The segments of the month."""
        return self.kinds()

    @cached_property
    def fleet_hours(self) -> Mapping[str, FleetHours]:
        """Own GPUs hour by hour, by deployment, where the hours of a workload are known."""
        return self.week()

    @cached_property
    def reasons(self) -> Mapping[str, str]:
        """Why a metric is nan, in the plans where it is."""
        return self.missing()
