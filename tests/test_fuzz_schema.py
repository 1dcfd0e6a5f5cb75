import copy
from typing import Any

import pytest
from fuzz.schema_plans import MOST_ROUNDS, Plans, fitted, hold

SAMPLE = range(704, 728)  # tests/fuzz/schema_plans.py holds as many as are asked for
PLAIN: dict[str, Any] = {
    "schema": 1,
    "company": {"cash_usd": 1e6},
    "demand": {"customers": 100, "churn_share_per_month": "1% to 3%"},
    "revenue": {"usd_per_customer_per_month": 40},
    "deployments": {"gpt-5.4": {"kind": "api", "model": "openai:gpt-5.4"}},
    "workloads": {
        "a, b": {"requests_per_customer_per_month": 100, "routing": {"tiers": ["gpt-5.4"]}},
    },
}


def plan(**sections: Any) -> dict[str, Any]:
    """Return a plain plan with these sections beside."""
    return copy.deepcopy(PLAIN) | sections


@pytest.mark.parametrize("command", ["json", "show", "diff", "markdown", "page", "workbook", "sources"])
def test_what_the_schema_accepts_is_shown_or_refused_in_words(command, tmp_path, monkeypatch):
    monkeypatch.setenv("PLANNER_DEBUG", "1")
    for number in SAMPLE:
        made = Plans(number).table()
        try:
            hold(fitted(made)[0] if number % 2 else made, command=command, folder=tmp_path)
        except Exception as error:  # noqa: BLE001 - whatever breaks the law is what is looked for
            pytest.fail(f"plan {number} on {command}: {type(error).__name__}: {error}")


def test_a_plan_without_what_its_problems_name_is_accepted():
    assert all(fitted(Plans(number).table())[1] < MOST_ROUNDS for number in SAMPLE)


def test_a_name_of_a_kind_of_deployment_is_a_name_like_any_other(tmp_path):
    table = {"schema": 1, "workloads": {"self-hosted": {"H100-SXM": {}}, "api": {"outcomes": 1}}}
    assert hold(table, command="show", folder=tmp_path) == "show exit 2"


def test_growth_that_no_customer_follows_has_ranges(tmp_path):
    table = {
        "schema": 1,
        "demand": {"growth_share_per_month": "2% to 7%"},
        "deployments": {"a": {"kind": "api", "model": "openai:gpt-5.4"}},
        "workloads": {"chat": {"requests_per_customer_per_month": 100, "routing": {"tiers": ["a"]}}},
    }
    assert hold(table, command="json", folder=tmp_path) == "json exit 0"


@pytest.mark.parametrize(
    "sections",
    [
        {"reactions": {"churn_to_success": "-2 to -1", "at_success_share": "0.6 to 0.8"}},
        {"company": {"horizon_months": 2}, "cash": {"paid_after_days": 90}},
        {"company": {"horizon_months": "1 to 1.5"}},
        {"deployments": PLAIN["deployments"] | {
            "own": {"kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "L40S", "distillation": {"teacher": "gone"}}
        }, "workloads": {"a, b": {"requests_per_month": 9, "routing": {"tiers": ["own", "gpt-5.4"]}}}},
        {"workloads": {"a, b": {"meters": {"unheard_of": 0}, "session": {"calls": 2}, "routing": {"tiers": ["gpt-5.4"]}}}},
    ],
    ids=["reactions in ranges", "paid after the end", "a horizon of a month", "a teacher who is gone", "a meter that is never used"],
)  # fmt: skip
@pytest.mark.parametrize("command", ["json", "csv", "moves"])
def test_a_plan_whose_numbers_lie_at_an_end_is_shown(command, sections, tmp_path):
    assert hold(plan(**sections), command=command, folder=tmp_path) == f"{command} exit 0"


def test_reactions_of_one_plan_are_compared_with_segments_of_another(tmp_path):
    table = plan(
        segments={"pro": {"customers": 10, "usd_per_customer_per_month": 9}},
        reactions={"new_to_price": -1, "at_segment_usd": {"pro": 8}},
    )
    assert hold(table, command="diff", folder=tmp_path) == "diff exit 2"
