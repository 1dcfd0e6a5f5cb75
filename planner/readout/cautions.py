"""Warnings about a plan's numbers: one list, shown in every output."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from planner.catalog import hardware
from planner.catalog.ages import price_ages
from planner.errors import ScenarioError
from planner.model import Result
from planner.model.week_hours import own_peak
from planner.readout.vendor_terms import limits_hit
from planner.schema import HostedDeployment, Scenario, some, unknown_sources
from planner.units import show

PEAKS_DIFFER = 0.01  # larger differences between a stated peak and the profile's are reported
PEAKS = {"fp8": "fp8_tflops", "fp4": "fp4_tflops", "mxfp4": "fp4_tflops", "int8": "int8_tops"}


def cautions(scenario: Scenario, result: Result, *, on: date) -> tuple[str, ...]:
    """Return every warning about a plan: from its result, on missing hardware support, on old prices.

    `on` is today's date, from which the age of a price is counted. Names are as in the file.
    """
    found = (
        *result.warnings,
        *limits_hit(result),
        *_formats(scenario),
        *_stated_peaks(scenario),
        *_interruptions(scenario),
        *_after_the_end(scenario),
        *_old_prices(scenario, on),
        *(str(problem) for problem in unknown_sources(scenario)),
    )
    return tuple(dict.fromkeys(found))


def _formats(scenario: Scenario) -> Iterator[str]:
    """Yield warnings on weight formats that the GPU has no units for."""
    for name, each in scenario.deployments.items():
        if not isinstance(each, HostedDeployment) or not isinstance(each.gpu, str):
            continue
        peak = PEAKS.get(str(each.weights))
        gpu = _gpu(scenario, each.gpu)
        if peak and gpu is not None and not float(np.asarray(getattr(gpu, peak)).reshape(-1)[0]):
            yield (
                f"{name}: {each.gpu} has no {each.weights} units; weights are unpacked before they are "
                "multiplied, which saves memory but no time"
            )


def _stated_peaks(scenario: Scenario) -> Iterator[str]:
    """Yield warnings on stated peaks that contradict the workload's profile."""
    for name, each in scenario.workloads.items():
        if each.profile is None or "peak_to_mean" not in each.model_fields_set:
            continue
        stated, follows = (float(np.ravel(peak)[0]) for peak in (each.peak_to_mean, own_peak(each)))
        if abs(stated - follows) > PEAKS_DIFFER * follows:
            yield (
                f"{name}: peak_to_mean is stated as {show(stated, 'x')} but ignored; "
                f"its profile gives {show(follows, 'x')}"
            )


def _interruptions(scenario: Scenario) -> Iterator[str]:
    """Yield warnings on interruption rates of deployments without spot GPUs."""
    for name, each in scenario.deployments.items():
        if isinstance(each, HostedDeployment) and some(each.interruptions_per_hour) and each.rent != "spot":
            yield f"{name}: interruptions_per_hour applies to spot GPUs only; these are {each.rent}"


def _gpu(scenario: Scenario, name: str) -> hardware.Gpu | None:
    if name in scenario.gpus:
        return hardware.gpu_from_table(scenario.gpus[name], where=f"gpus.{name}")
    try:
        return hardware.gpu(name)
    except ScenarioError:
        return None


def _after_the_end(scenario: Scenario) -> Iterator[str]:
    """Yield warnings on payments and raises after the last month of the plan, which never happen."""
    company = scenario.company
    last = float(np.max(company.horizon_months))
    planned = [
        *(("the raise", each.month, each.amount_usd) for each in company.funding),
        *(("the one-off payment", each.month, each.amount_usd) for each in company.one_off),
        *(("the hiring step", each.month, each.usd_per_month) for each in company.hiring),
    ]
    for what, month, usd in planned:
        first = float(np.min(month))
        if first > last:
            amount = show(float(np.mean(usd)), "usd")
            yield f"{what} of month {first:.0f} ({amount}) is after the plan's last, month {last:.0f}"


def _old_prices(scenario: Scenario, on: date) -> Iterator[str]:
    """Yield a warning for each list price that is more than 60 days old."""
    for age in price_ages(scenario):
        if age.stale(on):
            old = f"the {age.noun} is of {age.as_of}, {age.days(on)} days old"
            yield f"{age.deployment}: {old}; `planner prices` lists others"
