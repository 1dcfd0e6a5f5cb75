import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from plans import CHAT, chat

from planner.analysis import draw
from planner.files import load
from planner.model import STATES, evaluate
from planner.model.evaluate import join
from planner.schema import Scenario

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


def test_plans_of_different_length_end_the_same_alone_and_in_a_large_stack():
    table = tomllib.loads(CHAT)
    table["company"] |= {"cash_usd": 1e8, "one_off": [{"month": 13, "amount_usd": 9e6, "label": "office"}]}
    table["demand"] |= {"growth_share_per_month": 0.1, "churn_share_per_month": 0.0}
    table["revenue"]["usd_per_customer_per_month"] = 900
    plan, lengths = Scenario.from_table(table), (12.0, 13.0, 36.0)
    many = plan.with_value("demand.growth_share_per_month", np.full(18_000, 0.1))
    together = evaluate(many.with_value("company.horizon_months", np.repeat(lengths, 6000)))
    alone = [evaluate(plan.with_value("company.horizon_months", months)).runway_state for months in lengths]
    assert [STATES[int(each)] for each in alone] == ["self_sustaining", "beyond_horizon", "self_sustaining"]
    assert together.runway_state[::6000].tolist() == [int(each) for each in alone]
