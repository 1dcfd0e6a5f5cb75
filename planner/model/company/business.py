"""The inputs of a plan's months: each workload's requests, the fleets, the payments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from functools import cached_property

import numpy as np

from planner.model.company import growth
from planner.model.company.asked import RequestsAsked
from planner.model.company.carried import Carried
from planner.model.company.monthly_factors import MonthlyFactors, monthly_factors
from planner.model.company.payments import Payment
from planner.model.company.segments import AllSegments
from planner.model.handed_on import ApiTerms, OwnGpus
from planner.records import dataclass
from planner.schema import ApiDeployment, Array, Number, Scenario, some


@dataclass(frozen=True)
class Stream:
    """One workload's requests with their cost and revenue. `calls` are per deployment and request.

    `api_usd` holds (month from which it counts, USD per call) per deployment; months count from 0. `flat_usd` is per
    request, `revenue_usd` per request that a customer asks. Where a deployment has units, `beside_units_usd` is what of a
    call they never carry, `unit_loads` what a call takes of each pool of them, by month as the prices; `metered` are counts
    of meters whose price goes by the month, `limited` what a call counts against each limit of a minute. `answered_by` is the share of requests that a deployment answers
    whose vendor refuses what exceeds its units, `lost_usd` what a refused one costs in failures.
    """

    name: str
    asked: RequestsAsked
    calls: Mapping[str, Number]
    api_usd: Mapping[str, Sequence[tuple[int, Number]]]
    api_tokens: Number
    flat_usd: Number
    flat_usd_per_month: Number
    revenue_usd: Number
    beside_units_usd: Mapping[str, Sequence[tuple[int, Number]]] = field(default_factory=dict)
    unit_loads: Mapping[str, Sequence[Sequence[tuple[int, Number]]]] = field(default_factory=dict)
    metered: Mapping[str, Mapping[str, Number]] = field(default_factory=dict)
    limited: Mapping[str, Mapping[str, Number]] = field(default_factory=dict)
    answered_by: Mapping[str, Number] = field(default_factory=dict)
    lost_usd: Number = 0.0


@dataclass(frozen=True)
class Business:
    """The inputs of a plan's months.

    `payments` are borne by unit cost, `own_payments` by nothing but cash. `unused_usd` is what GPUs cost a month that no
    workload lists, by deployment. `shape` is that of the plans. `carried` is where the months begin that it stands for; `segments`
    are theirs.
    """

    scenario: Scenario
    streams: Mapping[str, Stream]
    fleets: Mapping[str, OwnGpus]
    payments: Sequence[Payment]
    own_payments: Sequence[Payment]
    shape: tuple[int, ...]
    unused_usd: Mapping[str, Number] = field(default_factory=dict)
    carried: Carried = field(default_factory=Carried)
    segments: AllSegments = field(default_factory=AllSegments)
    api_terms: Mapping[str, ApiTerms] = field(default_factory=dict)

    @cached_property
    def factors(self) -> MonthlyFactors:
        """The monthly factors of the scenario."""
        return monthly_factors(self.scenario)

    @cached_property
    def acquisition_usd(self) -> Number:
        """The monthly cost of new customers, per existing customer."""
        usd = self.scenario.company.cac_usd_per_customer
        return np.maximum(self.scenario.demand.growth_share_per_month, 0.0) * usd if some(usd) else 0.0

    @cached_property
    def request_usd(self) -> dict[tuple[str, int], Number]:
        """A request's cost at APIs from a month on, cached if it doesn't depend on load."""
        return {}

    @cached_property
    def priced_from(self) -> frozenset[int]:
        """The months, counted from 0, from which a new list price applies."""
        return frozenset(
            since
            for stream in self.streams.values()
            for epochs in stream.api_usd.values()
            for since, _ in epochs
        )

    def repricings(self, months: int) -> frozenset[int]:
        """Return those of them before the given month."""
        return frozenset(since for since in self.priced_from if since < months)

    @cached_property
    def bills_follow_load(self) -> bool:
        """Whether what an API deployment bills depends on the load: units, meters by quantity, a committed spend."""
        return any(each.follows_load for each in self.api_terms.values()) or any(
            isinstance(each, ApiDeployment) and some(each.committed.usd_per_month)
            for each in self.scenario.deployments.values()
        )

    def row(self, value: Number) -> Array:
        """Return a number broadcast to all axes of the plans."""
        array = np.asarray(value, dtype=float)
        return array.reshape((1,) * (len(self.shape) - array.ndim) + array.shape)

    def growing(
        self, amount: Number, names: Iterable[str], *, month: int | None = None, reuse: bool = False
    ) -> growth.Growing:
        """Return an amount per customer and unit of usage and price, from `month` on, that grows with the named factors.

        The names are those of `MonthlyFactors`.
        """
        month = self.carried.month if month is None else month
        factor: Number = 1.0
        for name in names:
            factor = factor * getattr(self.factors, name)
            amount = amount * self._begun(name)
        start = amount * growth.power(factor, month - self.carried.month)
        return growth.Growing(self.row(start), factor, month=month, reuse=reuse)

    def _unmoved(self, name: str) -> bool:
        return growth.unmoved(getattr(self.factors, name)) and growth.unmoved(getattr(self.carried, name))

    def _begun(self, name: str) -> Number:
        """Return customers, or usage or a price relative to month 1, at the start of the months."""
        begun = getattr(self.carried, name)
        return self.scenario.demand.customers if begun is None else begun

    def carried_to(self, month: int) -> Carried:
        """Return the state handed to the epoch that starts in a month, counted from 0."""
        steps = month - self.carried.month
        values = {
            name: self._begun(name) * growth.power(getattr(self.factors, name), steps)
            for name in ("customers", "usage", "api_price", "rent", "seat_price")
        }
        return Carried(month=month, **values, segments=self.segments.after)

    def total(self, amounts: Mapping[tuple[str, ...], Number], *, month: int | None = None) -> growth.Total:
        """Return the sum of amounts by growth factor, merging those that grow alike first."""
        alike: dict[tuple[str, ...], Number] = {}
        for names, amount in amounts.items():
            if some(amount):
                key = tuple(name for name in names if name == "customers" or not self._unmoved(name))
                alike[key] = alike.get(key, 0.0) + amount
        return growth.Total(
            [self.growing(amount, key, month=month, reuse=True) for key, amount in alike.items()]
        )
