"""A team's own benchmark at several loads: the factors of each batch size, between those that were measured."""

from collections.abc import Sequence

import numpy as np

from planner.model.serving.batch_choice import BATCHES, batches
from planner.schema import Number
from planner.schema.deployment import Calibration


def factors(calibration: Calibration) -> tuple[Number, Number, Number]:
    """Return measured over predicted throughput, first token and time per token, by batch size where loads were measured.

    Between two loads a factor is a straight line, in logarithms of both; beyond the last it stays. One copy of the model
    was measured: its open requests are a replica's.
    """
    loads, one = calibration.at_concurrency, calibration.factors
    return (
        _by_batch(loads, calibration.throughput_x_at, one[0]),
        _by_batch(loads, calibration.ttft_x_at, one[1]),
        _by_batch(loads, calibration.tpot_x_at, one[2]),
    )


def _by_batch(loads: Sequence[Number], measured: Sequence[Number], one: Number) -> Number:
    """Return the factor at each batch size, on the axis of `batches`; that of all loads where none is told apart."""
    if not measured:
        return one
    found = sorted((float(load), float(factor)) for load, factor in zip(loads, measured, strict=True))
    at, factor = np.log(found).T
    return np.asarray(np.exp(np.interp(np.log(BATCHES), at, factor))).reshape(batches().shape)
