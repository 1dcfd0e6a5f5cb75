"""A self-hosted deployment over the months: load, replicas, GPUs, dollars."""

from collections.abc import Mapping
from functools import partial

import numpy as np

from planner.model.fleet import rent, staffing
from planner.model.handed_on import FleetFlows, FleetInMonths, FleetMonth, OwnGpus, PlacesWanted
from planner.records import dataclass
from planner.schema import Array, HostedDeployment, Number
from planner.units import HOURS_PER_MONTH


@dataclass(frozen=True)
class GpuTerms:
    """On what terms a deployment has its GPUs: rented at these prices, or owned."""

    gpus_per_replica: Number
    usd_per_gpu_hour: Number
    reserved_usd_per_gpu_hour: Number
    owned: bool


@dataclass(frozen=True)
class Fleet:
    """What turns the places that a month's calls take into GPUs, and GPUs into dollars. USD a month, per GPU."""

    deployment: HostedDeployment
    terms: GpuTerms
    rule: staffing.StaffRule
    wanted: PlacesWanted
    capex_usd_per_gpu: Number
    depreciation_usd_per_gpu: Number
    running_usd_per_gpu: Number


def fleet(deployment: HostedDeployment, terms: GpuTerms, wanted: PlacesWanted) -> Fleet:
    """Return the fleet that carries the loads of the first and the last month, and those between."""
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
        running_usd_per_gpu=rent.running_usd_per_month(
            kw_per_gpu=owned.kw_per_gpu,
            site_power_ratio=owned.site_power_ratio,
            usd_per_kwh=owned.usd_per_kwh,
            colocation_usd_per_kw_month=owned.colocation_usd_per_kw_month,
        ),
    )


class FleetRun:
    """A fleet that is taken through the months, in runs one after the other: it keeps what has been bought."""

    def __init__(self, fleet: Fleet, before: FleetInMonths | None = None) -> None:
        self._fleet = fleet
        self._owned: Number = before.owned if isinstance(before, FleetRun) else 0.0

    def run(self, *, peak_places: Number, mean_places: Number | None, rent_factor: Number) -> FleetFlows:
        """Return the next months: places busy in their peak and mean hour, and rent over that of month 1, months first."""
        fleet = self._fleet
        there, paid = gpus(fleet, peak_places, mean_places)
        if not fleet.terms.owned:
            return FleetFlows(np.asarray(there), paid_usd(fleet, there, paid, rent_factor), 0.0, 0.0)
        return FleetFlows(
            gpus=np.asarray(there),
            paid_usd=there * fleet.running_usd_per_gpu,
            bought_usd=self._bought(there) * fleet.capex_usd_per_gpu,
            depreciation_usd=there * fleet.depreciation_usd_per_gpu,
        )

    @property
    def owned(self) -> Number:
        """The GPUs bought so far."""
        return self._owned

    def _bought(self, there: Number) -> Array:
        """Return the GPUs bought in each month: those beyond the most that there were."""
        most = np.maximum(np.maximum.accumulate(np.asarray(there), axis=0), self._owned)
        before = np.concatenate([np.broadcast_to(self._owned, most[:1].shape), most[:-1]])
        self._owned = most[-1:]
        return np.asarray(most - before)


def in_months(fleet: Fleet) -> OwnGpus:
    """Return the fleet as the months see it."""
    return OwnGpus(
        peak_places_per_call=fleet.wanted.peak_per_call,
        mean_places_per_call=fleet.wanted.mean_per_call,
        follows_load=fleet.deployment.autoscale is not False,
        months=partial(FleetRun, fleet),
    )


def fleet_month(fleet: Fleet, calls: Mapping[str, Number]) -> FleetMonth:
    """Return the fleet of month 1, which carries `calls` a month, per workload."""
    wanted, size = fleet.wanted, fleet.terms.gpus_per_replica
    peak = sum((calls[name] * each for name, each in wanted.peak_per_call.items()), start=np.asarray(0.0))
    mean = sum((calls[name] * each for name, each in wanted.mean_per_call.items()), start=np.asarray(0.0))
    there, paid = gpus(fleet, peak, mean)
    capacity = paid / size * wanted.per_replica
    busy = np.where(capacity > 0, mean / np.where(capacity > 0, capacity, 1.0), 0.0)
    running = paid_usd(fleet, there, paid, 1.0)
    unit = running + (there * fleet.depreciation_usd_per_gpu if fleet.terms.owned else 0.0)
    counted = np.maximum(there if fleet.terms.owned else paid, 1e-12)
    return FleetMonth(
        replicas=there / size,
        gpus=there,
        paid_gpus=paid,
        busy_share=np.minimum(busy, 1.0),
        places_per_replica=wanted.per_replica,
        fits=wanted.fits,
        owned=fleet.terms.owned,
        unit_usd=unit,
        running_usd=running,
        purchase_usd=there * fleet.capex_usd_per_gpu if fleet.terms.owned else 0.0,
        usd_per_gpu_hour=unit / (counted * HOURS_PER_MONTH),
    )


def gpus(fleet: Fleet, peak_slots: Number, mean_slots: Number | None) -> tuple[Number, Number]:
    """Return the GPUs that are there at the peak, and those paid for on average; nan where nothing fits.

    The slots are places in a batch that calls keep busy; the mean's are needed where the fleet follows the load.
    """
    deployment, size, fits = fleet.deployment, fleet.terms.gpus_per_replica, fleet.wanted.fits
    idle = np.asarray(peak_slots) <= 0
    places = fleet.rule.slots(peak_slots)
    if idle.any():
        places = np.where(idle, 0.0, places)

    def whole(slots: Number) -> Number:
        found = staffing.replicas(
            slots=slots, batch=fleet.wanted.per_replica,
            min_replicas=deployment.min_replicas, spare_replicas=deployment.spare_replicas,
        ) * size  # fmt: skip
        return found if np.all(fits) else np.where(fits, found, np.nan)

    at_peak = whole(places)
    if deployment.autoscale is False or mean_slots is None:
        return at_peak, at_peak
    follows = whole(places * mean_slots / np.where(idle, 1.0, peak_slots))
    return at_peak, np.where(deployment.autoscale, follows, at_peak)


def unused_usd(deployment: HostedDeployment, terms: GpuTerms) -> Number:
    """Return what a deployment costs a month that no workload lists: its reserved GPUs."""
    if terms.owned:
        return 0.0
    return HOURS_PER_MONTH * deployment.reserved_gpus * terms.reserved_usd_per_gpu_hour


def paid_usd(fleet: Fleet, there: Number, paid: Number, rent_factor: Number) -> Number:
    """Return what a number of GPUs costs a month in cash, purchases apart."""
    if fleet.terms.owned:
        return there * fleet.running_usd_per_gpu
    return rent.rented_usd_per_month(
        gpus=paid,
        reserved_gpus=fleet.deployment.reserved_gpus,
        usd_per_gpu_hour=fleet.terms.usd_per_gpu_hour * rent_factor,
        reserved_usd_per_gpu_hour=fleet.terms.reserved_usd_per_gpu_hour,
    )
