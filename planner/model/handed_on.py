"""The values that the model's packages exchange: small, frozen, and passed on only by `evaluate`.

Shapes: a number is for one plan, or an array with an entry per plan, unless a field says that months come first.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property
from typing import Protocol

import numpy as np

from planner.arrays import Word
from planner.model.time_spread import TimeSpread
from planner.model.week_hours import HourlyLoad, WeekHours
from planner.records import dataclass
from planner.schema import Array, Flags, Number


@dataclass(frozen=True)
class Tries:
    """The number of attempts that a share of requests takes: mean and variance."""

    share: Number
    mean: Number
    variance: Number


@dataclass(frozen=True)
class Request:
    """The mean request of one workload, before pricing: from `request` to `serving` and `company`.

    Tokens are totals over the `session_calls` of one pass of a request (1 for a plain one). `calls` are passes per tier
    and request, retries and semantic cache hits counted; `first_calls` are those of the first attempt. `success` is that of the models, `solved` that after people took their share.
    `extras_usd` are costs per request besides the models, by line item. `route_shares` give the tier that answers an
    attempt; `tries` group requests by their number of attempts. `reasoning_per_call` are tokens before the visible ones. `returning_tokens` stood in the call before: own GPUs find as
    many of them as they have room to keep.
    """

    session_calls: Number
    reasoning_per_call: Number
    route_shares: dict[str, Number]
    tries: tuple[Tries, ...]
    input_tokens: Number
    output_tokens: Number
    cache_read_tokens: Number
    returning_tokens: Number
    cache_write_tokens: Number
    cache_write_1h_tokens: Number
    tier_success: dict[str, Number]
    calls: dict[str, Number]
    first_calls: dict[str, Number]
    success: Number
    solved: Number
    extras_usd: dict[str, Number]
    failure_usd: Number

    @property
    def input_per_call(self) -> Number:
        """Tokens of the mean prompt."""
        return self.input_tokens / self.session_calls

    @property
    def output_per_call(self) -> Number:
        """Tokens of the mean answer."""
        return self.output_tokens / self.session_calls

    def model_calls(self, tier: str) -> Number:
        """Return the calls to a tier per request, over all passes and their sessions."""
        return self.calls[tier] * self.session_calls

    def reused_share(self, of_one_call: Number) -> Number:
        """Return the prefix cache hit share on own GPUs with unlimited room: for one call, or within a session."""
        prompts = np.where(np.asarray(self.input_tokens) > 0, self.input_tokens, 1.0)
        return np.where(np.asarray(self.session_calls) > 1.0, self.returning_tokens / prompts, of_one_call)


@dataclass(frozen=True)
class UnitWeights:
    """How much of a unit's capacity one token of each kind takes; meters by the price list's unit names.

    Prompts above `long_from_tokens` take `long_input` times as much, their answers `long_output` times.
    """

    input: Number
    output: Number
    cache_read: Number
    cache_write: Number
    cache_write_1h: Number
    meters: Mapping[str, Number]
    long_from_tokens: float = np.inf
    long_input: float = 1.0
    long_output: float = 0.0


@dataclass(frozen=True)
class UnitPool:
    """Capacity units of one kind at an API deployment: capacity, terms of sale and cost. From names to `company`.

    There are `units` of them, or enough to carry `peak_share` of a month's busiest hour. `reserved` of them are paid at the term's
    price, others by the hour; `open_share` is the share of hours in which they run, the busiest ones. `weights` None:
    capacity is USD of list price.
    """

    units: Number
    peak_share: Number
    capacity_per_s: Number
    least: Number
    step: Number
    reserved: Number
    usd_per_reserved_month: Number
    usd_per_other_month: Number
    open_share: Number
    weights: UnitWeights | None


@dataclass(frozen=True)
class MeterPrice:
    """A meter's price by monthly quantity: the bands of `schema.commitment.MeterBands`, times `usd_x`."""

    rule: Word
    free: Number
    up_to: tuple[Number, ...]
    prices_usd: tuple[Number, ...]
    fees_usd: tuple[Number, ...]
    package: Number
    usd_x: Number


@dataclass(frozen=True)
class ApiTerms:
    """Agreements with an API deployment's vendor beyond its prices: from names to `company`.

    `refuses`: what exceeds the pools of units gets no answer, in place of one by the token. `limits` are what it lets through, by the kinds of `catalog.rate_limits`; `limits_of` says whose they are.
    """

    pools: tuple[UnitPool, ...] = ()
    refuses: Flags = False
    meters: Mapping[str, MeterPrice] = field(default_factory=dict)
    held_usd_per_month: Number = 0.0
    limits: Mapping[str, Number] = field(default_factory=dict)
    limits_of: str = ""
    cached_counts: Flags = True

    @property
    def follows_load(self) -> bool:
        """Whether the cost of a call depends on all calls of the month."""
        return bool(self.pools or self.meters)


@dataclass(frozen=True)
class PlacesWanted:
    """The batch places that a deployment's calls take: from `serving` to `fleet`.

    `busy_*` are kept busy in the peak hour, `needed_*` keep the latency promise as well, each in the first and in the last
    month. `per_replica` is the batch of a replica, `held_s` how long a call holds its place. `fits`: the model fits into the
    memory of its GPUs. `week` are the hours where any workload has a profile.
    """

    busy_first: Number
    needed_first: Number
    busy_last: Number
    needed_last: Number
    per_replica: Number
    fits: Flags
    peak_per_call: Mapping[str, Number]
    mean_per_call: Mapping[str, Number]
    held_s: Number = 0.0
    week: WeekHours | None = None

    @property
    def weight_per_call(self) -> Mapping[str, Number]:
        """The weights by which calls share a fleet's cost: GPU time at the peak, or GPU time if hours are known."""
        return self.peak_per_call if self.week is None else self.mean_per_call


@dataclass(frozen=True)
class PlacesBusy:
    """The batch places that a load keeps busy: to `fleet`, months first if there are any.

    `peak` is for the busiest hour; `hourly` is the load by hour, None if the fleet doesn't follow it.
    """

    peak: Number
    hourly: HourlyLoad | None = None


@dataclass(frozen=True)
class FleetFlows:
    """A fleet's cost in some months, months first: from `fleet` to `company`. USD, and GPUs at the peak.

    `paid_usd` is rent, or power and colocation; `bought_usd` is paid for GPUs; `depreciation_usd` replaces it in
    unit cost.
    """

    gpus: Array
    paid_usd: Number
    bought_usd: Number
    depreciation_usd: Number


class FleetInMonths(Protocol):
    """A fleet that is run through the months, one stretch after another."""

    def run(self, places: PlacesBusy, *, rent_factor: Number) -> FleetFlows:
        """Run the next months, given busy places and rent relative to month 1, months first."""


@dataclass(frozen=True)
class OwnGpus:
    """A fleet as used by the monthly model: from `fleet` to `company`.

    `peak_places_per_call` and `mean_places_per_call` are the batch places that one call per month keeps busy, by workload;
    `weight_per_call` is how calls share the cost. `week` are the hours where any workload has a profile. `follows_load`: in some plan GPUs are paid as the load is, not as the peak is. `months` begins with nothing, or takes over what the epoch before has bought.
    """

    peak_places_per_call: Mapping[str, Number]
    mean_places_per_call: Mapping[str, Number]
    weight_per_call: Mapping[str, Number]
    week: WeekHours | None
    follows_load: bool
    months: Callable[["FleetInMonths | None"], FleetInMonths]


@dataclass(frozen=True)
class FleetMonth:
    """A fleet in one month: from `fleet` to `serving` (latency) and `company`; nan where nothing fits.

    `gpus` run at the peak, `paid_gpus` are paid on average. `busiest_share` of the places are busy at the peak, if the
    hours are known. `unit_usd` is the cost in unit cost: rent, or running cost
    and depreciation. `running_usd` is rent, or power and colocation; `purchase_usd` is paid for GPUs.
    """

    replicas: Number
    gpus: Number
    paid_gpus: Number
    busy_share: Number
    busiest_share: Number | None
    places_per_replica: Number
    fits: Flags
    owned: bool
    unit_usd: Number
    running_usd: Number
    purchase_usd: Number
    usd_per_gpu_hour: Number


@dataclass(frozen=True)
class WorkloadLatency:
    """The latency of one workload in one month, and whether its promise is kept: from `serving` to `company`. Seconds.

    `spread` is the distribution that the promise limits, `of_tiers` that of one pass through each tier; `promised_s` is the
    quantile at the promised percentile.
    """

    of_tiers: Mapping[str, TimeSpread]
    spread: TimeSpread
    percentile: Number
    p95_s: Number
    promised_s: Number
    kept: Flags


@dataclass(frozen=True)
class WorkloadMonth:
    """One workload in one month: from `request` and `serving` to `company`.

    `api_lines` are USD per call by line of the vendor's bill, at the month's list price, for each API deployment.
    `own_requests_per_month` are not started by other requests.
    """

    request: Request
    requests_per_month: Number
    own_requests_per_month: Number
    api_lines: Mapping[str, Mapping[str, Number]]
    latency: WorkloadLatency


@dataclass(frozen=True)
class MonthAtHand:
    """One month, by workload and fleet, before it is summarised: to `company`.

    `month` counts from 0.
    """

    month: int
    workloads: Mapping[str, WorkloadMonth]
    fleets: Mapping[str, FleetMonth]

    @cached_property
    def requests_per_month(self) -> dict[str, Number]:
        """The requests of each workload."""
        return {name: now.requests_per_month for name, now in self.workloads.items()}
