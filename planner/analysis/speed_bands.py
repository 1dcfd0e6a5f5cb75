"""Speed that nobody measured: the error band of the serving model, as ranges of a plan on own GPUs."""

from planner.errors import ScenarioError
from planner.model.resolve import Hosted, resolve
from planner.schema import HostedDeployment, Range, Scenario, path_of

_OF_FACTOR = {"speed_x": "throughput", "first_token_x": "ttft"}  # which band each factor is drawn from


def speeds_not_measured(scenario: Scenario) -> dict[str, Range]:
    """Return the error bands of own GPUs that no benchmark calibrates, by the path of the factor, 1 in the middle.

    Two draws for each deployment: the speed of its steps, which throughput and time per token share, and the first
    token. A factor that the file states is not drawn. None where a name is not known: that is said elsewhere.
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
    """Return the deployments on own GPUs without a benchmark that a workload uses; a dated change may use any."""
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
