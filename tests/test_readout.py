"""One definition for each number: whatever shows it says the same."""

import json
import math
import re
import tomllib
from html import unescape

import numpy as np
import pytest
from conftest import CHAT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.analysis.policy import read_policy
from planner.analysis.uncertainty import spread
from planner.analysis.verdicts import PlanResults, judge
from planner.export import as_page, as_report_markdown, report
from planner.files import table_of
from planner.files.saving import new_text
from planner.model import evaluate
from planner.readout import METRICS, change_text, metric_text, percentile, range_text, verdict
from planner.schema import Range, Scenario
from planner.tui.session.outlook import HEADLINE, Outlook, by_and_by
from planner.tui.widgets.headline_numbers import reading
from planner.units import NOT_AVAILABLE

SAMPLES = 128
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PLANS = st.fixed_dictionaries(
    {
        "company.cash_usd": st.sampled_from([0.0, 4e5, 2e6, 9e6, 1e9]),
        "company.fixed_costs_usd_per_month": st.floats(1e3, 6e5),
        "company.horizon_months": st.sampled_from([1, 12, 36]),
        "demand.customers": st.sampled_from([0.0, 900.0, 2e4]),
        "demand.growth_share_per_month": st.sampled_from(
            [0.0, Range(0.01, 0.15, family="normal"), Range(-0.1, 0.3, family="normal")]
        ),
        "demand.churn_share_per_month": st.sampled_from([0.0, Range(0.01, 0.2, family="normal")]),
        "deployments.small.success_share": st.sampled_from([0.0, 0.8, Range(0.3, 0.9, family="normal")]),
    }
)


def planned(changed):
    scenario = Scenario.from_table(tomllib.loads(CHAT))
    for path, value in changed.items():
        scenario = scenario.with_value(path, value)
    return Scenario.from_table(tomllib.loads(new_text(table_of(scenario))))


def expected(scenario, *, brief=False):
    """Return the words of every metric and of its range, straight from the definitions."""
    result, drawn = evaluate(scenario), spread(scenario, n=SAMPLES)
    return {
        name: (
            metric_text(result, name, brief=brief),
            range_text(name, drawn.ranges[name], float(scenario.company.horizon_months), brief=brief),
        )
        for name in METRICS
    }


def cells(line):
    return [each.strip() for each in re.split(r"\s{2,}", line.strip())]


@given(changed=PLANS)
@FEW
def test_show_prints_the_value_and_range_of_each_metric(changed, planner, tmp_path):
    scenario = planned(changed)
    shown = printed(planner, tmp_path, scenario)
    lines = {cells(line)[0]: cells(line)[1:] for line in shown.splitlines() if line.startswith("  ")}
    for name, (value, ends) in expected(scenario).items():
        if value != NOT_AVAILABLE:
            assert lines[METRICS[name].label] == [value, ends] if ends else [value]


def printed(planner, tmp_path, scenario, *options):
    path = tmp_path / "plan.toml"
    path.write_text(new_text(table_of(scenario)))
    code, out, _ = planner("show", path, "--samples", SAMPLES, *options)
    assert code == 0
    return out


@given(changed=PLANS)
@FEW
def test_json_holds_the_numbers_behind_the_words(changed, planner, tmp_path):
    scenario = planned(changed)
    shown = json.loads(printed(planner, tmp_path, scenario, "--json"))
    drawn = spread(scenario, n=SAMPLES)
    for name, ends in drawn.ranges.items():
        for end in ("p5", "p50", "p95"):
            number = getattr(ends, end)
            assert shown["ranges"][name][end] == (number if math.isfinite(number) else None)


@given(changed=PLANS)
@FEW
def test_page_and_markdown_say_what_show_says(changed):
    scenario = planned(changed)
    found = report(scenario, file="plan.toml", samples=SAMPLES)
    page = unescape(re.sub(r"(</?t[dhr][^>]*>)+", "|", as_page(found)))
    markdown = as_report_markdown(found).replace("\\", "")
    for name, (value, ends) in expected(scenario).items():
        said = ends if value != NOT_AVAILABLE else found.result.reasons[name]
        row = "|".join(each for each in (METRICS[name].label, value, said) if each)
        assert f"|{row}|" in page
        assert f"| {METRICS[name].label} | {value} | {said} |" in markdown


@given(changed=PLANS)
@FEW
def test_the_screen_says_what_show_says_in_fewer_words(changed):
    scenario = planned(changed)
    *_, outlook = by_and_by(Outlook(scenario, evaluate(scenario)), samples=SAMPLES)
    for name in HEADLINE:
        now = reading(outlook, name)
        assert (now.value, now.spread) == expected(scenario, brief=True)[name]


@given(changed=PLANS)
@FEW
def test_a_guardrail_is_held_against_the_percentile_that_is_shown(changed):
    scenario = planned(changed)
    drawn = spread(scenario, n=SAMPLES)
    rules = [f"p95({name}) <= 1" for name in METRICS if name != "runway_months"] + ["p95(runway_months) <= 1"]
    found = judge(
        read_policy({"fail": rules}),
        PlanResults(evaluate(scenario), drawn.result, float(scenario.company.horizon_months)),
    )
    for each in found:
        if each.value is not None:
            assert each.value == pytest.approx(drawn.ranges[each.metric].p95, rel=1e-12)


FINITE = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40)


@given(values=FINITE, percent=st.integers(0, 100))
def test_a_percentile_lies_on_the_line_between_its_two_neighbours(values, percent):
    assert percentile(np.array(values), percent) == pytest.approx(
        float(np.quantile(values, percent / 100)), rel=1e-9, abs=1e-6
    )


@given(values=FINITE, beyond=st.integers(1, 40), missing=st.integers(0, 5))
def test_a_percentile_is_beyond_the_plan_once_a_sample_above_it_is(values, beyond, missing):
    samples = np.array([*values, *[np.inf] * beyond, *[np.nan] * missing])
    for percent in (5, 50, 95):
        place = percent / 100 * (len(values) + beyond - 1)
        found = percentile(samples, percent)
        assert math.isinf(found) == (math.ceil(round(place, 9)) >= len(values))


def test_a_range_that_reaches_beyond_the_plan_says_how_far_the_plan_goes():
    scenario = planned({"company.cash_usd": 4e6, "company.horizon_months": 15})
    drawn = spread(scenario, n=SAMPLES)
    words = range_text("runway_months", drawn.ranges["runway_months"], 15.0)
    assert words.endswith(" to >15 months")


def test_every_metric_says_what_it_means_and_which_way_is_better(chat):
    assert set(METRICS) == set(evaluate(chat).metrics)
    for metric in METRICS.values():
        assert metric.definition.endswith(".")
        assert metric.better in ("up", "down", "")


def test_less_burn_is_better_and_less_runway_is_worse():
    assert (verdict("net_burn_usd_per_month", -1.0), verdict("runway_months", -1.0)) == ("better", "worse")
    assert change_text("runway_months", -1.0) == "-1.0 months"


def test_the_glossary_defines_each_headline_number_with_its_source(planner):
    _, shown, _ = planner("glossary")
    assert all(
        metric.name in shown and metric.definition in " ".join(shown.split()) for metric in METRICS.values()
    )
    _, one, _ = planner("glossary", "runway", "--json")
    assert ("runway_months", "up") in [(each["name"], each["better"]) for each in json.loads(one)]


def test_a_word_that_the_glossary_lacks_is_refused_with_the_nearest(planner):
    code, _, said = planner("glossary", "runwya")
    assert code == 2
    assert "Did you mean Runway?" in said
