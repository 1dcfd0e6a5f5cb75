"""What a reader of a plan's numbers must know: one list, shown on every surface."""

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

PEAKS_DIFFER = 0.01  # a stated peak is told from that of a profile above this
PEAKS = {"fp8": "fp8_tflops", "fp4": "fp4_tflops", "mxfp4": "fp4_tflops", "int8": "int8_tops"}


def cautions(scenario: Scenario, result: Result, *, on: date) -> tuple[str, ...]:
    """Return every warning of a plan in words: of its result, of what does not exist, of old prices.

    `on` is the reader's day, from which the age of a price is counted. Names are as the file has them.
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
    """Yield which deployments hold weights in a format that their GPU has no units for."""
    for name, each in scenario.deployments.items():
        if not isinstance(each, HostedDeployment) or not isinstance(each.gpu, str):
            continue
        peak = PEAKS.get(str(each.weights))
        gpu = _gpu(scenario, each.gpu)
        if peak and gpu is not None and not float(np.asarray(getattr(gpu, peak)).reshape(-1)[0]):
            yield (
                f"{name}: {each.gpu} has no {each.weights} units; weights are unpacked before they are "
                "multiplied, which saves memory and no time"
            )


def _stated_peaks(scenario: Scenario) -> Iterator[str]:
    """Yield which workloads state a peak that their profile contradicts."""
    for name, each in scenario.workloads.items():
        if each.profile is None or "peak_to_mean" not in each.model_fields_set:
            continue
        stated, follows = (float(np.ravel(peak)[0]) for peak in (each.peak_to_mean, own_peak(each)))
        if abs(stated - follows) > PEAKS_DIFFER * follows:
            yield (
                f"{name}: peak_to_mean is stated as {show(stated, 'x')} and does not count; "
                f"that of its profile is {show(follows, 'x')}"
            )


def _interruptions(scenario: Scenario) -> Iterator[str]:
    """Yield which deployments state interruptions that nothing can be interrupted by."""
    for name, each in scenario.deployments.items():
        if isinstance(each, HostedDeployment) and some(each.interruptions_per_hour) and each.rent != "spot":
            yield f"{name}: interruptions_per_hour counts for spot GPUs alone; these are {each.rent}"


def _gpu(scenario: Scenario, name: str) -> hardware.Gpu | None:
    if name in scenario.gpus:
        return hardware.gpu_from_table(scenario.gpus[name], where=f"gpus.{name}")
    try:
        return hardware.gpu(name)
    except ScenarioError:
        return None


def _after_the_end(scenario: Scenario) -> Iterator[str]:
    """Yield the payments and raises that come after the last month of the plan, and so never."""
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
    """Yield a sentence for each list price of the plan that is more than 60 days old."""
    for age in price_ages(scenario):
        if age.stale(on):
            old = f"the {age.noun} is of {age.as_of}, {age.days(on)} days old"
            yield f"{age.deployment}: {old}; `planner prices` lists others"
