"""A self-hosted deployment over the months: load, replicas, GPUs, dollars."""

from collections.abc import Mapping

import numpy as np

from planner.model.fleet import rent, staffing
from planner.model.resolve import Hosted
from planner.records import dataclass
from planner.schema import Flags, HostedDeployment, Number
from planner.units import HOURS_PER_MONTH, SECONDS_PER_MONTH


@dataclass(frozen=True)
class Fleet:
    """What turns a month's calls into GPUs. `slots_per_call` and `peak_to_mean` are per workload."""

    deployment: HostedDeployment
    hosted: Hosted
    rule: staffing.StaffRule
    batch: Number
    fits: Flags
    peak_slots_per_call: Mapping[str, Number]
    mean_slots_per_call: Mapping[str, Number]
    depreciation_usd_per_gpu: Number
    running_usd_per_gpu: Number


@dataclass(frozen=True)
class FleetMonth:
    """A fleet in one month. `gpus` are there at the peak, `paid_gpus` are paid on average; nan where nothing fits."""

    replicas: Number
    gpus: Number
    paid_gpus: Number
    busy_share: Number


def fleet(
    deployment: HostedDeployment,
    hosted: Hosted,
    *,
    first: Mapping[str, staffing.Load],
    last: Mapping[str, staffing.Load],
) -> Fleet:
    """Return the fleet that carries the loads of the first and the last month, and those between."""
    first_load = sum((load.peak_slots for load in first.values()), start=np.asarray(0.0))
    last_load = sum((load.peak_slots for load in last.values()), start=np.asarray(0.0))
    first_slots = staffing.slots_needed(list(first.values()))
    rule = staffing.staff_rule(
        first_load=first_load,
        first_slots=first_slots,
        last_load=last_load,
        last_slots=first_slots if last is first else staffing.slots_needed(list(last.values())),
    )
    in_replicas = sum((load.peak_replicas for load in first.values()), start=np.asarray(0.0))
    owned = deployment.owned
    return Fleet(
        deployment=deployment,
        hosted=hosted,
        rule=rule,
        batch=np.where(first_load > 0, first_load / np.where(in_replicas > 0, in_replicas, 1.0), 1.0),
        fits=np.all(np.broadcast_arrays(*(load.lane.fits for load in first.values())), axis=0),
        peak_slots_per_call={
            name: load.lane.slot_s * load.peak_to_mean / SECONDS_PER_MONTH for name, load in first.items()
        },
        mean_slots_per_call={name: load.lane.slot_s / SECONDS_PER_MONTH for name, load in first.items()},
        depreciation_usd_per_gpu=rent.depreciation_usd_per_month(
            capex_usd=hosted.owned_capex_usd, residual_share=owned.residual_share, life_years=owned.life_years
        ),
        running_usd_per_gpu=rent.running_usd_per_month(
            kw_per_gpu=owned.kw_per_gpu,
            site_power_ratio=owned.site_power_ratio,
            usd_per_kwh=owned.usd_per_kwh,
            colocation_usd_per_kw_month=owned.colocation_usd_per_kw_month,
        ),
    )


def fleet_month(fleet: Fleet, calls: Mapping[str, Number]) -> FleetMonth:
    """Return the fleet that carries `calls` a month, per workload."""
    peak = sum(
        (calls[name] * each for name, each in fleet.peak_slots_per_call.items()), start=np.asarray(0.0)
    )
    mean = sum(
        (calls[name] * each for name, each in fleet.mean_slots_per_call.items()), start=np.asarray(0.0)
    )
    there, paid = gpus(fleet, peak, mean)
    capacity = paid / fleet.hosted.gpus_per_replica * fleet.batch
    busy = np.where(capacity > 0, mean / np.where(capacity > 0, capacity, 1.0), 0.0)
    return FleetMonth(
        replicas=there / fleet.hosted.gpus_per_replica,
        gpus=there,
        paid_gpus=paid,
        busy_share=np.minimum(busy, 1.0),
    )


def gpus(fleet: Fleet, peak_slots: Number, mean_slots: Number | None) -> tuple[Number, Number]:
    """Return the GPUs that are there at the peak, and those paid for on average; nan where nothing fits.

    The slots are places in a batch that calls keep busy; the mean's are needed where the fleet follows the load.
    """
    deployment, size = fleet.deployment, fleet.hosted.gpus_per_replica
    idle = np.asarray(peak_slots) <= 0
    places = fleet.rule.slots(peak_slots)
    if idle.any():
        places = np.where(idle, 0.0, places)

    def whole(slots: Number) -> Number:
        found = staffing.replicas(
            slots=slots, batch=fleet.batch,
            min_replicas=deployment.min_replicas, spare_replicas=deployment.spare_replicas,
        ) * size  # fmt: skip
        return found if np.all(fleet.fits) else np.where(fleet.fits, found, np.nan)

    at_peak = whole(places)
    if deployment.autoscale is False or mean_slots is None:
        return at_peak, at_peak
    follows = whole(places * mean_slots / np.where(idle, 1.0, peak_slots))
    return at_peak, np.where(deployment.autoscale, follows, at_peak)


def unused_usd(deployment: HostedDeployment, hosted: Hosted) -> Number:
    """Return what a deployment costs a month that no workload lists: its reserved GPUs."""
    if hosted.owned:
        return 0.0
    return HOURS_PER_MONTH * deployment.reserved_gpus * hosted.reserved_usd_per_gpu_hour


def rent_usd(fleet: Fleet, month: FleetMonth, rent_factor: Number) -> Number:
    """Return what a month of the fleet costs in unit cost: rent, or depreciation and running cost."""
    return unit_usd(fleet, month.gpus, month.paid_gpus, rent_factor)


def unit_usd(fleet: Fleet, there: Number, paid: Number, rent_factor: Number) -> Number:
    """Return what a number of GPUs costs a month in unit cost: rent, or depreciation and running cost."""
    owned_usd = fleet.depreciation_usd_per_gpu if fleet.hosted.owned else 0.0
    return paid_usd(fleet, there, paid, rent_factor) + there * owned_usd


def paid_usd(fleet: Fleet, there: Number, paid: Number, rent_factor: Number) -> Number:
    """Return what a number of GPUs costs a month in cash, purchases apart."""
    if fleet.hosted.owned:
        return there * fleet.running_usd_per_gpu
    return rent.rented_usd_per_month(
        gpus=paid,
        reserved_gpus=fleet.deployment.reserved_gpus,
        usd_per_gpu_hour=fleet.hosted.usd_per_gpu_hour * rent_factor,
        reserved_usd_per_gpu_hour=fleet.hosted.reserved_usd_per_gpu_hour,
    )


def usd_per_paid_gpu_hour(fleet: Fleet, month: FleetMonth) -> Number:
    """Return the mean price of a GPU-hour in use or idle."""
    gpus = np.maximum(np.where(fleet.hosted.owned, month.gpus, month.paid_gpus), 1e-12)
    return rent_usd(fleet, month, 1.0) / (gpus * HOURS_PER_MONTH)
