"""Cross-validation: predictions for held-out sources, models or GPUs."""

from collections.abc import Callable, Sequence

import numpy as np

from planner.analysis.serving_fit.fitting import Fit, FitTask, fit, values_at
from planner.analysis.serving_fit.rows import Rows, some_rows
from planner.analysis.serving_fit.table import METRICS, Errors, Prediction, errors_of, predict, relative_error
from planner.catalog.fitted import constants_from_values

ROUNDS = 3


def left_out(
    asked: FitTask, found: Fit, *, groups: np.ndarray, judged: np.ndarray, exact: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Prediction:  # fmt: skip
    """Return each row's predictions by constants fitted without its group, shape (n,).

    Each fit starts at the optimum over all rows and follows its Jacobian until there is no further gain; `exact` takes a
    Jacobian of its own, which takes a hundred times as long. Only groups with rows that are `judged` are left out.
    """
    out = {metric: np.full(groups.shape, np.nan) for metric in METRICS}
    slopes = None if exact else found.jacobian
    for group in sorted(set(groups[judged].tolist())):
        mine = groups == group
        seen = fit(asked, rounds=ROUNDS, start=found.free, keep=~mine[asked.row], jacobian=slopes)
        index = np.flatnonzero(mine)
        constants = constants_from_values(values_at(asked, seen.free))
        for metric, values in predict(some_rows(asked.rows, index), constants=constants).items():
            out[metric][index] = values
        say(f"left out {group}")
    return out


def errors_by(rows: Rows, found: Prediction, *, groups: np.ndarray, judged: np.ndarray) -> list[Errors]:
    """Return the errors of each group and metric over the judged rows; `kind` is the group's name."""
    parts: list[Errors] = []
    for group in [*sorted(set(groups[judged].tolist())), "all"]:
        mine = judged & ((groups == group) | (group == "all"))
        for metric in METRICS:
            error = relative_error(rows, found, metric)[mine]
            if np.isfinite(error).any():
                parts.append(errors_of(str(group), metric, error))
    return parts


def described(errors: Sequence[Errors], *, width: int) -> list[str]:
    """Return errors as lines of text, in percent."""
    return [
        f"{e.kind[-width:]:{width}s} {e.metric:10s} {e.rows:5d} rows  median {100 * e.median:5.1f} %"
        f"  90th {100 * e.p90:6.1f} %  bias {100 * e.bias:+6.1f} %"
        for e in errors
    ]
