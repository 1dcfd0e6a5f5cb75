"""Cases worked out by hand: `cases/*.toml`.

A case is a `title`, `cites` (where the rule or the figures come from), `working` (the arithmetic, so that it can be followed
with a pencil), a `[scenario]` as in any scenario file, and a list of `[[expect]]`: `what` names a result, `is` its value, `within`
a relative tolerance (1e-9 if left out). A result that can't be computed `is = "n/a"`, and `because` holds words of its reason (empty
where a number beside the headline has none).
With `[against]` (fields and other values for them) an expectation may give a `ratio` to that other plan in place of `is`.
"""

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest

from planner.model import STATES, evaluate
from planner.schema import Scenario

CASES = {
    path.stem: tomllib.loads(path.read_text())
    for path in sorted((Path(__file__).parent / "cases").glob("*.toml"))
}
EXPECTED = [(name, index) for name, case in CASES.items() for index in range(len(case["expect"]))]
TIGHT = 1e-9


def found(result, what):
    """Return the result that `what` names: metrics.X, runway_state, workloads.W.X, months.X.N, line_items.NAME."""
    kind, _, rest = what.partition(".")
    if kind == "runway_state":
        return STATES[int(result.runway_state)]
    if kind == "metrics":
        return float(result.metrics[rest])
    if kind == "months":
        name, _, month = rest.partition(".")
        return float(getattr(result.months, name)[int(month) - 1])
    if kind == "line_items":
        return float(sum(item.usd_per_month for item in result.line_items if item.name == rest))
    value = result.workloads
    for name in rest.split("."):
        value = value[name] if isinstance(value, dict) else getattr(value, name)
    return float(value)


def scenario_of(case):
    return Scenario.from_table(case["scenario"])


def against(case):
    scenario = scenario_of(case)
    for path, value in case["against"].items():
        scenario = scenario.with_value(path, value)
    return scenario


@pytest.mark.parametrize(("name", "index"), EXPECTED)
def test_the_planner_agrees_with_the_pencil(name, index):
    case = CASES[name]
    expect = case["expect"][index]
    result = evaluate(scenario_of(case))
    got = found(result, expect["what"])
    within = expect.get("within", TIGHT)
    if "ratio" in expect:
        other = found(evaluate(against(case)), expect["what"])
        assert got / other == pytest.approx(expect["ratio"], rel=within)
    elif expect["is"] == "n/a":
        assert math.isnan(got)
        if expect["because"]:
            assert expect["because"] in result.reasons[expect["what"].removeprefix("metrics.")]
    elif isinstance(expect["is"], str):
        assert got == expect["is"]
    else:
        assert got == pytest.approx(expect["is"], rel=within, abs=1e-12)


def test_there_are_cases_and_each_shows_its_working():
    assert len(CASES) >= 25
    assert all(case["title"] and case["cites"] and len(case["working"]) > 10 for case in CASES.values())


@pytest.mark.parametrize("name", CASES)
def test_a_case_has_no_number_that_is_missing_without_reason(name):
    result = evaluate(scenario_of(CASES[name]))
    missing = {metric for metric, value in result.metrics.items() if np.isnan(value).any()}
    assert missing == set(result.reasons)
    assert not any(np.isinf(value).any() for value in result.metrics.values())
