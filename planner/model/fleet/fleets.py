"""A self-hosted deployment by month: load, replicas, GPUs, dollars."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial

import numpy as np

from planner.arrays import quotient
from planner.model.fleet import rent, staffing
from planner.model.fleet.assets import OwnedGpus
from planner.model.fleet.hours import following_gpus
from planner.model.handed_on import (
    FleetFlows,
    FleetInMonths,
    FleetMonth,
    OwnGpus,
    PlacesBusy,
    PlacesWanted,
)
from planner.model.result import FleetHours
from planner.model.week_hours import WeekHours, busiest, hourly_loads, mean_of, summed
from planner.records import dataclass
from planner.schema import Array, HostedDeployment, Number, some
from planner.units import HOURS_PER_MONTH, SECONDS_PER_HOUR


@dataclass(frozen=True)
class GpuTerms:
    """The terms on which a deployment has its GPUs: rented at these prices, or owned."""

    gpus_per_replica: Number
    usd_per_gpu_hour: Number
    reserved_usd_per_gpu_hour: Number
    owned: bool


@dataclass(frozen=True)
class Fleet:
    """Converts the places that a month's calls take into GPUs, and GPUs into dollars. USD per month and GPU."""

    deployment: HostedDeployment
    terms: GpuTerms
    rule: staffing.StaffRule
    wanted: PlacesWanted
    capex_usd_per_gpu: Number
    depreciation_usd_per_gpu: Number
    power_usd_per_gpu: Number
    housing_usd_per_gpu: Number
    up_share: Number = 1.0

    @cached_property
    def places_up(self) -> Number:
        """Mean places of a replica, over its up and down time."""
        return self.wanted.per_replica * self.up_share

    @cached_property
    def fits_in_all(self) -> bool:
        """Whether the model fits its GPUs in all plans."""
        return bool(np.all(self.wanted.fits))


def fleet(deployment: HostedDeployment, terms: GpuTerms, wanted: PlacesWanted) -> Fleet:
    """Return the fleet for the loads of the first and last month, and those between."""
    owned = deployment.owned
    capex_usd = rent.owned_capex_usd(gpu_usd=owned.gpu_usd, network_share=owned.network_share)
    return Fleet(
        deployment=deployment,
        terms=terms,
        rule=staffing.staff_rule(
            first_load=wanted.busy_first,
            first_slots=wanted.needed_first,
            last_load=wanted.busy_last,
            last_slots=wanted.needed_last,
        ),
        wanted=wanted,
        capex_usd_per_gpu=capex_usd,
        depreciation_usd_per_gpu=rent.depreciation_usd_per_month(
            capex_usd=capex_usd, residual_share=owned.residual_share, life_years=owned.life_years
        ),
        power_usd_per_gpu=rent.power_usd_per_month(
            kw_per_gpu=owned.kw_per_gpu,
            site_power_ratio=owned.site_power_ratio,
            usd_per_kwh=owned.usd_per_kwh,
        ),
        housing_usd_per_gpu=owned.kw_per_gpu * owned.colocation_usd_per_kw_month,
        up_share=rent.up_share(
            per_hour=deployment.interruptions_per_hour, lost_s=deployment.start_s + wanted.held_s / 2.0
        )
        if deployment.rent == "spot"
        else 1.0,
    )


def idle(fleet: Fleet) -> Fleet:
    """Return a fleet without requests: nothing runs, and owned GPUs are kept until the end of their life."""
    none = {"min_replicas": 0.0, "spare_replicas": 0.0, "reserved_gpus": 0.0, "autoscale": False}
    return replace(
        fleet,
        deployment=fleet.deployment.model_copy(update=none),
        wanted=replace(fleet.wanted, peak_per_call={}, mean_per_call={}, week=None),
        rule=staffing.StaffRule(slack=0.0, slack_per_root=0.0),
    )


class FleetRun:
    """A fleet run through the months in successive stretches; it remembers the GPUs bought."""

    def __init__(self, fleet: Fleet, before: FleetInMonths | None = None) -> None:
        self._fleet = fleet
        own = OwnedGpus(fleet.deployment.owned.life_years)
        self._assets = before.assets if isinstance(before, FleetRun) else own

    @property
    def assets(self) -> OwnedGpus:
        """The GPUs bought so far, and their ages."""
        return self._assets

    def run(self, places: PlacesBusy, *, rent_factor: Number) -> FleetFlows:
        """Run the next months, months first, given busy places and rent relative to month 1."""
        fleet = self._fleet
        count = gpus(fleet, places)
        if not fleet.terms.owned:
            return FleetFlows(np.asarray(count.there), rented_usd(fleet, count, rent_factor), 0.0, 0.0)
        assets = self._assets.run(np.asarray(count.there))
        resold = assets.sold * fleet.deployment.owned.residual_share
        housed_usd = assets.owned * fleet.housing_usd_per_gpu
        return FleetFlows(
            gpus=np.asarray(count.there),
            paid_usd=count.there * fleet.power_usd_per_gpu + housed_usd,
            bought_usd=(assets.bought - resold) * fleet.capex_usd_per_gpu,
            depreciation_usd=assets.depreciating * fleet.depreciation_usd_per_gpu,
        )


def in_months(fleet: Fleet) -> OwnGpus:
    """Return the fleet as used by the monthly model."""
    return OwnGpus(
        peak_places_per_call=fleet.wanted.peak_per_call,
        mean_places_per_call=fleet.wanted.mean_per_call,
        weight_per_call=fleet.wanted.weight_per_call,
        week=fleet.wanted.week,
        follows_load=fleet.deployment.autoscale is not False,
        months=partial(FleetRun, fleet),
    )


def fleet_month(fleet: Fleet, calls: Mapping[str, Number], flows: FleetFlows | None = None) -> FleetMonth:
    """Return the fleet in a month that carries `calls` per month, by workload.

    `flows` are its costs in that month, after the earlier ones; without them it is month 1.
    """
    wanted, size = fleet.wanted, fleet.terms.gpus_per_replica
    busy_places = places_busy(fleet, calls)
    mean = _places(wanted.mean_per_call, calls, wanted.mean_per_call)
    count = gpus(fleet, busy_places)
    there, paid = count.there, count.paid
    busy = _share_of(mean, paid / size * fleet.places_up)
    running = rented_usd(fleet, count, 1.0)
    unit = running
    if fleet.terms.owned:
        running = there * (fleet.power_usd_per_gpu + fleet.housing_usd_per_gpu)
        unit = running + there * fleet.depreciation_usd_per_gpu
    bought = there * fleet.capex_usd_per_gpu if fleet.terms.owned else 0.0
    if flows is not None:
        running, bought = flows.paid_usd, flows.bought_usd
        unit = running + flows.depreciation_usd
    counted = np.maximum(there if fleet.terms.owned else paid, 1e-12)
    return FleetMonth(
        replicas=there / size,
        gpus=there,
        paid_gpus=paid,
        busy_share=np.minimum(busy, 1.0),
        busiest_share=None
        if wanted.week is None
        else _share_of(busy_places.peak, there / size * fleet.places_up),
        places_per_replica=fleet.places_up,
        fits=wanted.fits,
        owned=fleet.terms.owned,
        unit_usd=unit,
        running_usd=running,
        purchase_usd=bought,
        usd_per_gpu_hour=unit / (counted * HOURS_PER_MONTH),
    )


def places_busy(fleet: Fleet, calls: Mapping[str, Number]) -> PlacesBusy:
    """Return the batch places that `calls` per month keep busy, by workload."""
    wanted, week = fleet.wanted, fleet.wanted.week
    mean, peak = wanted.mean_per_call, wanted.peak_per_call
    if week is None:
        at_peak = _places(peak, calls, peak)
        follows = fleet.deployment.autoscale is not False
        return PlacesBusy(
            at_peak, hourly_loads(mean=_places(mean, calls, mean), peak=at_peak) if follows else None
        )
    hourly = summed(
        week,
        [_places(mean, calls, each.names) for each in week.known],
        rest_mean=_places(mean, calls, week.unknown),
        rest_peak=_places(peak, calls, week.unknown),
    )
    return PlacesBusy(busiest(hourly), hourly)


def _places(per_call: Mapping[str, Number], calls: Mapping[str, Number], names: Iterable[str]) -> Number:
    return sum((calls[name] * per_call[name] for name in names), start=np.asarray(0.0))


def _share_of(places: Number, capacity: Number) -> Number:
    return quotient(places, capacity, otherwise=0.0)


@dataclass(frozen=True)
class GpuCount:
    """GPUs at the peak, mean paid GPUs, and the mean of those beyond the reserved ones."""

    there: Number
    paid: Number
    beyond_reserved: Number


def gpus(fleet: Fleet, places: PlacesBusy) -> GpuCount:
    """Return the GPUs for a load, by hour in whole replicas if the fleet follows it; nan if nothing fits."""
    deployment, reserved = fleet.deployment, fleet.deployment.reserved_gpus
    at_peak = gpus_at(fleet, places.peak)
    beyond = np.maximum(at_peak - reserved, 0.0) if some(reserved) else at_peak
    if deployment.autoscale is False or places.hourly is None:
        return GpuCount(at_peak, at_peak, beyond)
    follows = following_gpus(
        partial(gpus_at, fleet),
        places.hourly,
        reserved_gpus=reserved,
        start_h=deployment.start_s / SECONDS_PER_HOUR,
    )
    return GpuCount(
        at_peak,
        np.where(deployment.autoscale, follows.paid, at_peak),
        np.where(deployment.autoscale, follows.beyond_reserved, beyond),
    )


def gpus_at(fleet: Fleet, places: Number) -> Number:
    """Return the GPUs of an hour with this many busy places; nan if the model doesn't fit."""
    wanted = fleet.rule.slots(places)
    idle = np.asarray(places) <= 0
    found = staffing.replicas(
        slots=np.where(idle, 0.0, wanted) if idle.any() else wanted, batch=fleet.places_up,
        min_replicas=fleet.deployment.min_replicas, spare_replicas=fleet.deployment.spare_replicas,
    ) * fleet.terms.gpus_per_replica  # fmt: skip
    return found if fleet.fits_in_all else np.where(fleet.wanted.fits, found, np.nan)


def fleet_hours(fleet: Fleet, calls: Mapping[str, Number]) -> FleetHours | None:
    """Return a fleet by hour of the week; None if no hours are known. `calls` per month by workload."""
    wanted, week = fleet.wanted, fleet.wanted.week
    if week is None:
        return None
    places = places_busy(fleet, calls)
    assert places.hourly is not None
    count = gpus(fleet, places)
    by_kind = [
        np.where(fleet.deployment.autoscale, gpus_at(fleet, each), count.there)
        for each in places.hourly.loads
    ]
    alone = {
        name: [
            each.over_mean[kind] * calls[name] * wanted.mean_per_call[name]
            for kind in range(len(week.shares))
        ]
        for each in week.known
        for name in each.names
    }
    return FleetHours(
        places=_in_week(week, places.hourly.loads),
        gpus=_in_week(week, by_kind),
        places_of={name: _in_week(week, each) for name, each in alone.items()},
        mean_gpus=count.paid,
        starting_gpus=count.paid - mean_of(by_kind, places.hourly),
    )


def _in_week(week: WeekHours, by_kind: Sequence[Number]) -> Array:
    return np.stack(np.broadcast_arrays(*by_kind))[list(week.kinds)]


def unused_usd(deployment: HostedDeployment, terms: GpuTerms) -> Number:
    """Return the monthly cost of a deployment that no workload lists: its reserved GPUs."""
    if terms.owned:
        return 0.0
    return HOURS_PER_MONTH * deployment.reserved_gpus * terms.reserved_usd_per_gpu_hour


def rented_usd(fleet: Fleet, count: GpuCount, rent_factor: Number) -> Number:
    """Return a month's rent: reserved GPUs whether used or not, the rest by the hour."""
    return rent.rented_usd_per_month(
        beyond_reserved=count.beyond_reserved,
        reserved_gpus=fleet.deployment.reserved_gpus,
        usd_per_gpu_hour=fleet.terms.usd_per_gpu_hour * rent_factor,
        reserved_usd_per_gpu_hour=fleet.terms.reserved_usd_per_gpu_hour,
    )
