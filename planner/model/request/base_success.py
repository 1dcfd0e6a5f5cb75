"""A deployment's base success rate on a workload, before prompt effects: measured, distilled or tuned."""

import numpy as np

from planner.model.request import quality
from planner.schema import Number, Scenario, some


def base_success(scenario: Scenario, workload: str, tier: str) -> Number:
    """Return a deployment's success on a workload at short prompts and BF16, as a share.

    A rate stated by the workload was measured on the deployment as it runs, so neither distillation nor tuning is
    added to it.
    """
    deployment = scenario.deployments[tier]
    measured = scenario.workloads[workload].success
    if tier in measured:
        return measured[tier] + 0.0  # a range counts as its middle
    base: Number = deployment.success_share
    distillation, tuning = deployment.distillation, deployment.fine_tuning
    if some(distillation.on):
        teacher = measured.get(distillation.teacher, scenario.deployments[distillation.teacher].success_share)
        kept = quality.distillation_retention(
            first_step_retention=distillation.first_step_retention_share,
            loss_growth_x=distillation.loss_growth_x_per_step,
            steps=distillation.steps,
        )
        base = np.where(distillation.on, teacher * kept, base)
    return np.clip(base + np.where(tuning.on, tuning.gain_share, 0.0), 0.0, 1.0)
