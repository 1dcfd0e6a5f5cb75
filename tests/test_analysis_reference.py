import sys
from pathlib import Path

import numpy as np
import pytest
from plans import chat

from planner.analysis.draws import draw
from planner.files import load
from planner.model import evaluate
from planner.model.evaluate import join

sys.path.append(str(Path(__file__).parent / "benchmarks"))
import month_by_month

SAVED = sorted(Path(__file__).parent.parent.joinpath("saved").glob("*.toml"))


def scenarios():
    yield chat()
    yield chat(deployments__small__rent="owned", deployments__small__autoscale=True)
    yield chat(workloads__chat__requests_per_month=1e5, demand__expansion_share_per_month=0.02).with_value(
        "decline.same_model_price_x_per_year", "1.1 to 2.5"
    )
    for path in SAVED:
        yield load(path).scenario


@pytest.mark.parametrize("scenario", list(scenarios()), ids=lambda each: each.title.split()[0])
def test_the_months_equal_a_plain_loop(scenario):
    samples = draw(scenario, n=32)
    count = int(np.max(scenario.company.horizon_months))
    plain = month_by_month.months(join(samples).company, count)
    result = evaluate(samples)
    scale = np.abs(plain["gross_burn_usd"]).max() + np.abs(plain["revenue_usd"]).max()
    for name, values in plain.items():
        fast = np.broadcast_to(np.moveaxis(getattr(result.months, name), -1, 0), values.shape)
        assert fast == pytest.approx(values, rel=1e-12, abs=1e-12 * scale), name
    expected = month_by_month.runway(plain, scenario.company.cash_usd)
    assert np.broadcast_to(result.metrics["runway_months"], expected.shape) == pytest.approx(
        expected, rel=1e-12, nan_ok=True
    )


@pytest.mark.parametrize("n", [1, 7, 700, 9000])
def test_the_cash_while_it_runs_is_the_cash_of_the_plan(n):
    seen = []
    result = evaluate(draw(chat(), n=n), lambda _month, cash: seen.append(np.array(cash)))
    whole = np.moveaxis(result.months.cash_usd, -1, 0)
    assert len(seen) == len(whole)
    for month, cash in enumerate(seen):
        assert np.broadcast_to(cash, whole[month].shape) == pytest.approx(whole[month], rel=1e-11, abs=1e-4)
