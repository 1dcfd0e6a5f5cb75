"""Each part of a fleet is paid at the rent of its own kind."""

import pytest

from planner.catalog.rents import rent_usd_per_gpu_hour
from planner.errors import ScenarioError
from planner.model.rent_terms import rent_terms
from planner.schema import HostedDeployment


def h100(**fields):
    return HostedDeployment(model="llama-3.1-8b", gpu="H100-SXM", **fields)


def listed(kind):
    return rent_usd_per_gpu_hour("H100-SXM", kind=kind).usd_per_gpu_hour


@pytest.mark.parametrize("kind", ["on-demand", "spot"])
def test_what_exceeds_reserved_gpus_is_paid_at_the_deployments_own_kind(kind):
    terms = rent_terms(h100(rent=kind, reserved_gpus=4, reserved_usd_per_gpu_hour=1.5))
    assert (terms.usd_per_gpu_hour, terms.reserved_usd_per_gpu_hour) == (listed(kind), 1.5)


@pytest.mark.parametrize("kind", ["on-demand", "spot"])
def test_reserved_gpus_without_a_price_are_paid_at_the_listed_reserved_rent(kind):
    assert rent_terms(h100(rent=kind, reserved_gpus=4)).reserved_usd_per_gpu_hour == listed("reserved")


def test_what_exceeds_reserved_gpus_of_a_reserved_fleet_is_rented_on_demand():
    terms = rent_terms(h100(rent="reserved", reserved_gpus=4))
    assert (terms.usd_per_gpu_hour, terms.reserved_usd_per_gpu_hour) == (
        listed("on-demand"),
        listed("reserved"),
    )


def test_a_fleet_that_is_reserved_whole_is_paid_at_the_reserved_rent():
    assert rent_terms(h100(rent="reserved")).usd_per_gpu_hour == listed("reserved")


@pytest.mark.parametrize("kind", ["spot", "reserved"])
@pytest.mark.parametrize("gpu", ["A100-SXM-80GB", "H100-SXM", "H200-SXM", "L4", "MI300X"])
def test_a_rent_dearer_than_on_demand_says_so(kind, gpu):
    try:
        found = rent_usd_per_gpu_hour(gpu, kind=kind)
    except ScenarioError:
        pytest.skip(f"no {kind} rent of {gpu} is listed")
    terms = rent_terms(HostedDeployment(model="llama-3.1-8b", gpu=gpu, rent=kind))
    dearer = found.usd_per_gpu_hour > rent_usd_per_gpu_hour(gpu).usd_per_gpu_hour
    assert any("dearer" in note for note in terms.notes) == dearer
