import random

import pytest
from fuzz.schema_plans import Plans, hold

EVERY_PLAN = 40  # a sample; tests/fuzz/schema_plans.py holds as many as are asked for
FIRST = random.SystemRandom().randrange(10**9)


@pytest.mark.parametrize("command", ["json", "show", "diff", "markdown", "page", "workbook", "sources"])
def test_what_the_schema_accepts_is_shown_or_refused_in_words(command, tmp_path, monkeypatch):
    monkeypatch.setenv("PLANNER_DEBUG", "1")
    for number in range(FIRST, FIRST + EVERY_PLAN):
        try:
            hold(Plans(number).table(), command=command, folder=tmp_path)
        except Exception as error:  # noqa: BLE001 - whatever breaks the law is what is looked for
            pytest.fail(f"plan {number} on {command}: {type(error).__name__}: {error}")


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
