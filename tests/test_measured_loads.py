"""Factors of a benchmark by load: between two loads a line, each load once, many plans at once."""

import numpy as np
import pytest
from plans import chat

from planner.errors import ScenarioError
from planner.model.serving.batch_choice import BATCHES
from planner.model.serving.measured_loads import factors
from planner.schema.deployment import Calibration


def test_between_two_loads_a_factor_is_a_straight_line_in_logarithms():
    both = Calibration(ttft_x=2.0, tpot_x=1.5, at_concurrency=(64, 4), ttft_x_at=(4.0, 1.0))
    throughput_x, ttft_x, tpot_x = factors(both)
    by_batch = dict(zip(BATCHES.tolist(), np.ravel(ttft_x).tolist(), strict=True))
    assert (by_batch[1], by_batch[16], by_batch[2048]) == pytest.approx((1.0, 2.0, 4.0))
    assert (throughput_x, tpot_x) == (1.0, 1.5)


def test_lists_of_factors_have_an_entry_for_each_load():
    with pytest.raises(ScenarioError, match="has 2 entries; at_concurrency has 1"):
        chat(deployments__small__calibration__at_concurrency=[8]).with_value(
            "deployments.small.calibration.ttft_x_at", [1.0, 2.0]
        )


@pytest.mark.parametrize("loads", [[8.0, 8.0], [np.array([1.0, 2.0]), 4.0]])
def test_a_load_that_stands_twice_or_is_no_plain_number_is_refused(loads):
    base = chat(
        deployments__small__calibration__at_concurrency=[4, 8],
        deployments__small__calibration__ttft_x_at=[1.0, 2.0],
    )
    with pytest.raises(ScenarioError, match="plain numbers, each once"):
        base.with_value("deployments.small.calibration.at_concurrency", loads)


def test_factors_at_loads_may_be_many_plans():
    many = Calibration(at_concurrency=(4.0, 64.0), ttft_x_at=(np.array([1.0, 2.0]), np.array([4.0, 8.0])))
    one = Calibration(at_concurrency=(4.0, 64.0), ttft_x_at=(2.0, 8.0))
    assert factors(many)[1][..., 1].ravel() == pytest.approx(np.ravel(factors(one)[1]), rel=1e-12)
