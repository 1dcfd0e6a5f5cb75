"""Which fields may hold arrays of plans, and how plans are stacked into one evaluation."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.schema import Scenario, Spec, steps_of

# These fields decide which functions run, so plans can't differ in them within one evaluation.
_ONE_AT_A_TIME = (
    "horizon_months", "cac_in_contribution_margin", "start", "rent", "provider", "processing", "policy", "tiers",
    "fine_tuning.on", "fine_tuning.every_months", "distillation.on", "distillation.teacher",
)  # fmt: skip
_OF_A_CHANGE = (".month", ".months", ".both_months")
CHANGED = 3  # steps before the path set by a dated change


def stackable(scenario: Scenario, path: str, spec: Spec) -> bool:
    """Return whether the plans of one evaluation may differ in the field at `path`."""
    if not (spec.numeric or spec.kind in ("choice", "flag")) or path.endswith(_ONE_AT_A_TIME):
        return False
    parts = steps_of(path)
    if parts[0] == "change" and len(parts) > CHANGED:
        return stackable(scenario, parts[CHANGED], spec)
    if path.endswith(_OF_A_CHANGE) and parts[0] == "change":
        return False
    if isinstance(scenario.value(path), tuple):
        return False
    is_api_model = parts[0] == "deployments" and parts[-1] == "model" and scenario.value(path).count(":") > 0
    return not is_api_model


def along(values: Any, *, axis: int, axes: int) -> NDArray[Any]:
    """Return one-dimensional `values` on their own axis out of `axes`.

    >>> along([1.0, 2.0], axis=0, axes=3).shape
    (2, 1, 1)
    """
    array = np.asarray(values)
    return array.reshape([array.size if index == axis else 1 for index in range(axes)])
