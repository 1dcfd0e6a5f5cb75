"""Uncertainty of unmeasured speed: the serving model's error bands as ranges of a plan on own GPUs."""

from planner.errors import ScenarioError
from planner.model.resolve import Hosted, resolve
from planner.schema import HostedDeployment, Range, Scenario, path_of

_OF_FACTOR = {"speed_x": "throughput", "first_token_x": "ttft"}  # the band that each factor is drawn from


def speeds_not_measured(scenario: Scenario) -> dict[str, Range]:
    """Return the error bands of uncalibrated own GPUs, by path of the factor, with median 1.

    Two draws per deployment: the speed of its steps, shared by throughput and time per token, and the first
    token. A factor stated in the file is not drawn. None if a name is unknown, which is reported elsewhere.
    """
    unmeasured = _unmeasured(scenario)
    if not unmeasured:
        return {}
    try:
        hosted = resolve(scenario).hosted
    except ScenarioError:
        return {}
    return {
        path_of(("deployments", name, "calibration", factor)): found
        for name, deployment in unmeasured.items()
        for factor, found in _bands(hosted[name]).items()
        if getattr(deployment.calibration, factor) is None
    }


def _unmeasured(scenario: Scenario) -> dict[str, HostedDeployment]:
    """Return the unbenchmarked deployments on own GPUs that a workload uses; a dated change may use any."""
    used = {tier for workload in scenario.workloads.values() for tier in workload.routing.tiers}
    return {
        name: each
        for name, each in scenario.deployments.items()
        if isinstance(each, HostedDeployment)
        and not each.calibration.measured
        and (name in used or scenario.change)
    }


def _bands(hosted: Hosted) -> dict[str, Range]:
    from planner.model.serving.regimes import band, regime_of  # noqa: PLC0415 - reads the fitted constants, which a plan on APIs needs none of

    regime = regime_of(llm=hosted.llm, gpu=hosted.gpu, placement=hosted.placement)
    found = {factor: band(regime, metric) for factor, metric in _OF_FACTOR.items()}
    return {
        factor: Range(min(each.low_x, 1.0), max(each.high_x, 1.0), family="two lognormals", mode=1.0)
        for factor, each in found.items()
    }
