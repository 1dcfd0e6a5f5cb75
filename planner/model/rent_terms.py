"""The rents that a deployment pays: reserved and other GPUs each at their own rent, from file or catalog."""

from collections.abc import Callable, Mapping

import numpy as np

from planner.arrays import pick
from planner.catalog import rents
from planner.catalog.rents import ON_DEMAND, RESERVED, Rent
from planner.errors import ScenarioError
from planner.records import dataclass
from planner.schema import HostedDeployment, Number, some
from planner.units import show


@dataclass(frozen=True)
class RentTerms:
    """The rent per GPU-hour in USD, of reserved GPUs and of the others; `notes` give the sources."""

    usd_per_gpu_hour: Number
    reserved_usd_per_gpu_hour: Number
    notes: tuple[str, ...]


def rent_terms(deployment: HostedDeployment) -> RentTerms:
    """Return a deployment's rents per GPU-hour; raise ScenarioError for a rent missing from the catalog.

    Reserved GPUs are paid at a reserved rent, GPUs beyond them at the deployment's own kind: on demand or spot. If all
    are reserved (`rent = "reserved"` without a number of them) both are the reserved rent. A rent that the file states
    applies to both parts, unless it states a reserved one too.
    """
    stated, reserved = deployment.usd_per_gpu_hour, deployment.reserved_usd_per_gpu_hour
    if stated is not None:
        return RentTerms(stated, stated if reserved is None else reserved, ("rent from the scenario",))
    if deployment.rent == "owned":
        return RentTerms(0.0, 0.0 if reserved is None else reserved, ("owned GPUs",))
    some_reserved = reserved is not None or some(deployment.reserved_gpus)
    kind = ON_DEMAND if deployment.rent == RESERVED and some_reserved else str(deployment.rent)
    usd, note = _listed(deployment, kind)
    if reserved is not None or not some_reserved:
        return RentTerms(usd, usd if reserved is None else reserved, (note,))
    try:
        reserved_usd, reserved_note = _listed(deployment, RESERVED)
    except ScenarioError:
        reserved_usd, reserved_note = _listed(deployment, ON_DEMAND)
        reserved_note += "; no reserved rent is listed, so that reserved GPUs are paid as on demand"
    return RentTerms(usd, reserved_usd, (note, reserved_note))


def _listed(deployment: HostedDeployment, kind: str) -> tuple[Number, str]:
    """Return the catalog's rent of one kind and its source, noting a rent above the on-demand rent."""
    names = np.asarray(deployment.gpu)
    provider = deployment.provider or None

    def by_gpu(one: str) -> Mapping[str, Rent]:
        return {
            gpu: rents.rent_usd_per_gpu_hour(gpu, kind=one, provider=provider)
            for gpu in sorted({str(each) for each in names.ravel().tolist()})
        }

    found = by_gpu(kind)
    first = next(iter(found.values()))
    note = f"{kind} rent, {first.provider}, {first.as_of}, {first.source}"
    if kind != ON_DEMAND:
        note += _dearer(first, kind, lambda: next(iter(by_gpu(ON_DEMAND).values())))
    if isinstance(deployment.gpu, str):
        return first.usd_per_gpu_hour, note
    return pick({name: each.usd_per_gpu_hour for name, each in found.items()}, names), note


def _dearer(rent: Rent, kind: str, on_demand: Callable[[], Rent]) -> str:
    try:
        other = on_demand()
    except ScenarioError:
        return ""
    if rent.usd_per_gpu_hour <= other.usd_per_gpu_hour:
        return ""
    own, listed = (show(each.usd_per_gpu_hour, "usd") for each in (rent, other))
    return f"; {kind} at {own} is dearer than {listed} on demand ({other.provider}, {other.as_of})"
