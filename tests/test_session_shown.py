"""A session call by call: what is shown sums to what is paid, on every surface."""

import json

import numpy as np
import pytest

from planner.export.content import report
from planner.export.markdown import as_report_markdown
from planner.export.page import as_page
from planner.files import load_text
from planner.model import evaluate
from planner.readout import METRICS, call_rows, kinds_of_call, lines_of_bill, sum_text
from planner.tui.screens.session_entries import session_entries
from planner.tui.widgets.charts import plain
from planner.tui.widgets.charts.session import CallCourse, session_chart

PLAN = """\
schema = 1
[company]
cash_usd = 1_000_000
horizon_months = 3
[deployments.frontier]
kind = "api"
model = "m"
discount_share = 0.1
price = { input_usd_per_mtok = 5, output_usd_per_mtok = 25, cache_read_usd_per_mtok = 0.5, cache_write_usd_per_mtok = 6.25 }
[deployments.unused]
kind = "self-hosted"
model = "llama-3.1-8b"
gpu = "H100-SXM"
usd_per_gpu_hour = 2.5
[workloads.agent]
requests_per_month = 100
prompt_tokens = 1_000
context_tokens = 3_000
output_tokens = 200
latency = "none"
routing = { tiers = ["frontier"] }
[workloads.agent.session]
calls = 30
added_tokens = 800
compact_at_tokens = 20_000
compact_to_tokens = 6_000
gap_s = 25
"""
AGENT = ("agent", "frontier")


def plan(**values):
    scenario = load_text(PLAN, path="agent.toml").scenario
    for path, value in values.items():
        scenario = scenario.with_value(path.replace("__", "."), value)
    return scenario


def test_the_calls_of_a_fixed_number_sum_to_the_session_exactly():
    result = evaluate(plan())
    session, tier = result.sessions[AGENT], result.workloads["agent"].tiers["frontier"]
    assert session.mean_usd == pytest.approx(float(tier.usd_per_call), rel=1e-9)
    assert session.prompt_tokens.sum() == pytest.approx(
        float(result.workloads["agent"].input_tokens), rel=1e-9
    )
    assert list(np.flatnonzero(session.compacted) + 1) == [18]  # 4,000 + 16 x 1,000; then 6,000 + 14 x 1,000


@pytest.mark.parametrize("cv", [0.4, 1.2])
def test_the_calls_of_sessions_that_differ_sum_to_their_mean(cv):
    result = evaluate(plan(workloads__agent__session__calls_cv=cv))
    session, tier = result.sessions[AGENT], result.workloads["agent"].tiers["frontier"]
    assert session.mean_usd == pytest.approx(float(tier.usd_per_call), rel=2e-3)
    assert session.reached_share.sum() == pytest.approx(30, rel=2e-3)


def test_the_parts_of_a_session_sum_to_it_by_kind_of_call_and_by_line_of_the_bill():
    session = evaluate(plan(workloads__agent__session__calls_cv=0.7)).sessions[AGENT]
    assert sum(usd for _, _, usd in kinds_of_call(session)) == pytest.approx(session.mean_usd)
    assert sum(usd for _, usd in lines_of_bill(session)) == pytest.approx(session.mean_usd)


def test_the_sum_is_written_with_its_numbers():
    """4,000 tokens written at 6.25 and 200 made at 25, less a tenth: 0.027 USD for the first call."""
    words = sum_text(evaluate(plan()).sessions[AGENT])
    assert words.startswith("100.0% x $0.027 (call 1) + 100.0% x $0.0")
    assert words.endswith("over 30 calls on average")


def test_own_gpus_show_the_tokens_of_a_session_and_no_price():
    session = evaluate(plan(workloads__agent__routing__tiers=("unused",))).sessions["agent", "unused"]
    assert session.usd == {}
    assert np.isnan(session.mean_usd)
    assert "tokens over 30 calls" in sum_text(session)


def test_a_request_of_one_call_has_no_session_to_show():
    assert evaluate(plan(workloads__agent__session__calls=1)).sessions == {}


def test_the_rows_hold_the_call_before_a_compaction_and_the_last():
    session = evaluate(plan()).sessions[AGENT]
    shown = {row.call for row in call_rows(session)}
    first = int(np.flatnonzero(session.compacted)[0]) + 1
    assert {1, first - 1, first, 30} <= shown


def test_every_surface_has_the_session_and_the_cost_per_solved_task(planner, tmp_path):
    path = tmp_path / "agent.toml"
    path.write_text(PLAN)
    _, text, _ = planner("show", path, "--samples", 64)
    _, found, _ = planner("show", path, "--json", "--samples", 64)
    result = evaluate(plan())
    words = sum_text(result.sessions[AGENT])
    said = json.loads(found)
    assert said["sessions"][0]["workload"] == "agent"
    assert sum(said["sessions"][0]["prompt_tokens"]) == pytest.approx(
        float(result.workloads["agent"].input_tokens)
    )
    made = report(plan(), file="agent.toml", samples=64)
    screen = plain([entry.row for entry in session_entries(result, 100)])
    label = METRICS["usd_per_pass"].label
    for each in (text, as_report_markdown(made).replace("\\", ""), as_page(made)):
        assert label in each
    for each in (text, as_report_markdown(made).replace("\\", ""), as_page(made), screen):
        assert words[:40] in each


def test_a_chart_marks_what_is_new_in_every_prompt():
    course = CallCourse([4_000, 5_000, 6_000, 2_000], [0, 4_000, 5_000, 0], [0.03, 0.01, 0.01, 0.02])
    rows = plain(
        session_chart(course, width=60, height=8, show_tokens=str, show_usd="${:.2f}".format, ascii_only=True)
    )
    assert "cost $0.01 to $0.03 a call" in rows
    columns = list(zip(*(line[5:9].ljust(4) for line in rows.splitlines()[1:6]), strict=True))
    assert ["".join(column).count("#") > 0 for column in columns] == [True] * 4
    assert ["".join(column).count(".") > 0 for column in columns] == [False, True, True, False]
