"""A team's own benchmark at several loads: factors by batch size, interpolated between measured loads."""

import itertools
from collections.abc import Sequence

import numpy as np

from planner.model.serving.batch_choice import batches
from planner.schema import Number
from planner.schema.deployment import Calibration


def factors(calibration: Calibration) -> tuple[Number, Number, Number]:
    """Return measured over predicted throughput, first token and time per token, by batch size if loads were measured.

    Between two loads a factor is interpolated linearly in logarithms; beyond the last it is constant. One copy of the model
    was measured, so its concurrency is a replica's.
    """
    loads, one = calibration.at_concurrency, calibration.factors
    return (
        _by_batch(loads, calibration.throughput_x_at, one[0]),
        _by_batch(loads, calibration.ttft_x_at, one[1]),
        _by_batch(loads, calibration.tpot_x_at, one[2]),
    )


def _by_batch(loads: Sequence[Number], measured: Sequence[Number], one: Number) -> Number:
    """Return the factor at each batch size, on the axis of `batches`; the overall factor if there is none by load."""
    if not measured:
        return one
    found = sorted(zip(map(float, loads), map(np.log, measured), strict=True), key=lambda pair: pair[0])
    size, (_, total) = np.log(batches()), found[0]
    for (load, factor), (next_load, next_factor) in itertools.pairwise(found):
        passed = (size - np.log(load)) / np.log(next_load / load)  # a batch's position between two loads
        total = total + np.clip(passed, 0.0, 1.0) * (next_factor - factor)
    return np.asarray(np.exp(total + 0.0 * size))
