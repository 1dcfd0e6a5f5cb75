"""Look up one result of a plan, or of many plans at once, by name."""

import math
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

import numpy as np

from planner.model import STATES, Result
from planner.readout.metrics import RUNWAY, RUNWAYS
from planner.schema import Array

BEYOND, SUSTAINED = STATES.index("beyond_horizon"), STATES.index("self_sustaining")


def samples_of(result: Result, name: str) -> Array:
    """Return a result by name, shape (n,), or () if all plans agree; nan where it can't be computed.

    Names are those of the metrics, and "workloads.NAME.FIELD" or "deployments.NAME.FIELD". A runway that
    doesn't end within the plan is infinite. Raises KeyError for an unknown name.
    """
    if name in result.metrics:
        values = np.asarray(result.metrics[name], dtype=float)
        return np.where(states_of(result, name) >= BEYOND, np.inf, values) if name in RUNWAYS else values
    part, _, rest = name.partition(".")
    key, _, attribute = rest.rpartition(".")
    held: Any = {"workloads": result.workloads, "deployments": result.deployments}[part][key]
    value = getattr(held, attribute, None)
    if is_dataclass(value) or not isinstance(value, int | float | np.ndarray | np.generic):
        raise KeyError(name)
    return np.asarray(value, dtype=float)


def within_plan(result: Result) -> Mapping[str, Any]:
    """Return the metrics, with the horizon as the runway of a plan whose cash lasts, so plans compare."""
    found = dict(result.metrics)
    for name in RUNWAYS:
        state = states_of(result, name)
        lasts = np.where(state >= BEYOND, result.horizon_months, np.nan)
        found[name] = np.where(state == STATES.index("cash_out"), result.metrics[name], lasts)
    return found


def states_of(result: Result, name: str = RUNWAY) -> Array:
    """Return the index in STATES of a runway: on today's cash, or with planned raises."""
    if name == RUNWAY:
        return np.asarray(result.runway_state)
    return np.where(np.asarray(result.runway_state) < 0, -1, result.months.with_raises.state)


def closed_cash_usd(result: Result) -> Array | None:
    """Return cash at each month's end without raises that have not closed, USD, which the runway counts on.

    Shape (months,) or (n, months); None where no raise is open, and cash is the same with all of them.
    """
    planned = np.asarray(result.months.planned_funding_usd)
    return result.months.cash_usd - np.cumsum(planned, axis=-1) if planned.any() else None


def number(value: Any) -> float:
    """Return a number of a result as a plain float; nan if it is missing."""
    return math.nan if value is None else float(np.asarray(value, dtype=float).reshape(-1)[0])


def runway_state(result: Result, name: str = RUNWAY) -> str | None:
    """Return the name of one plan's runway state; None if it can't be computed."""
    state = int(number(states_of(result, name)))
    return STATES[state] if state >= 0 else None
