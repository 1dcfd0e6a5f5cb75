"""One result of many plans as an array of samples."""

from dataclasses import is_dataclass
from typing import Any

import numpy as np

from planner.model import STATES, Result
from planner.schema import Array


def samples_of(result: Result, name: str) -> Array:
    """Return a result by name, shape (n,) or () where no plan differs; nan where it can't be computed.

    Names are those of the metrics, and "workloads.NAME.FIELD" or "deployments.NAME.FIELD". A runway that
    does not end within the plan is infinite. Raises KeyError for a name that the result lacks.
    """
    if name in result.metrics:
        values = np.asarray(result.metrics[name], dtype=float)
        return _runway(result, values) if name == "runway_months" else values
    part, _, rest = name.partition(".")
    key, _, attribute = rest.rpartition(".")
    held: Any = {"workloads": result.workloads, "deployments": result.deployments}[part][key]
    value = getattr(held, attribute, None)
    if is_dataclass(value) or not isinstance(value, int | float | np.ndarray | np.generic):
        raise KeyError(name)
    return np.asarray(value, dtype=float)


def _runway(result: Result, values: Array) -> Array:
    state = np.asarray(result.runway_state)
    return np.where(state > STATES.index("cash_out"), np.inf, values)


def percentile(values: Array, percent: float) -> float:
    """Return a percentile of the samples that have a value, nan where none has; infinite ones are the largest.

    >>> percentile(np.array([1.0, 2.0, 3.0]), 50.0), percentile(np.array([1.0, np.inf]), 75.0)
    (2.0, inf)
    """
    known = np.sort(values[~np.isnan(values)], axis=None)
    if not known.size:
        return float("nan")
    place = percent / 100.0 * (known.size - 1)
    low = int(place)
    high = min(low + 1, known.size - 1)
    if np.isinf(known[high]):
        return float(known[high] if place > low else known[low])
    return float(known[low] + (known[high] - known[low]) * (place - low))
