"""The plan that a log leads to: it opens, it costs what the log cost, and it merges into a plan that is there."""

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from planner.files import load, load_text
from planner.model import evaluate, evaluate_month_one
from planner.schema import Scenario
from planner.usage import read_log
from planner.usage.into_plan import merged_into, preview_of_log
from planner.usage.measures import Estimate
from planner.usage.toml_numbers import number, share

ROOT = Path(__file__).parents[1]
START_S = datetime(2026, 11, 20, tzinfo=UTC).timestamp()
NEAR = 0.005


def log_of(folder, rows, name="log.jsonl"):
    """Write calls, one every ten minutes, in the form of raw responses; return what the import says."""
    path = folder / name
    lines = [json.dumps({"created": START_S + 600 * place, **row}) for place, row in enumerate(rows)]
    path.write_text("\n".join(lines))
    return read_log(path)


def call(model, prompt, output, **usage):
    return {"model": model, "usage": {"prompt_tokens": prompt, "completion_tokens": output, **usage}}


def claude(fresh, output, *, read=0, short=0, hour=0, searches=0):
    written = {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": hour}
    return {"model": "claude-sonnet-4-5", "usage": {
        "input_tokens": fresh, "output_tokens": output, "cache_read_input_tokens": read,
        "cache_creation_input_tokens": short + hour, "cache_creation": written,
        "server_tool_use": {"web_search_requests": searches}}}  # fmt: skip


def usd_per_month(text):
    return float(
        evaluate_month_one(Scenario.from_table(tomllib.loads(text))).metrics["gross_burn_usd_per_month"]
    )


RNG = np.random.default_rng(3)
LOGS = {
    "two models of unlike lengths": [
        call("gpt-4o", 500, 2_000) if place % 2 else call("gpt-4o-mini", 20_000, 200) for place in range(144)
    ],
    "one model, cached": [call("gpt-4o", 4_000, 300, prompt_tokens_details={"cached_tokens": 3_000})] * 144,
    "writes of both lifetimes": [
        claude(100, 300, read=8_000, short=2_000) if place % 3 else claude(100, 300, hour=9_000)
        for place in range(144)
    ],
    "writes of an hour": [claude(100, 300, read=8_000, hour=10_000)] * 144,
    "searches": [claude(1_000, 500, searches=place % 4) for place in range(144)],
    "both sides of a step": [
        call("gemini-2.5-pro", 340_000 if place % 2 else 50_000, 1_000) for place in range(144)
    ],
    "prompts that spread": [
        call("gemini-2.5-pro", int(size), 800) for size in RNG.lognormal(np.log(120_000), 0.7, 300)
    ],
    "steps of other models": [
        call("gpt-5.4", 272_000, 1_000) if place % 2 else call("gemini-2.5-pro", 200_001, 1_000)
        for place in range(144)
    ],
    "batch and standard": [
        call("gpt-5", 10_000, 1_000) | ({"service_tier": "flex"} if place % 2 else {}) for place in range(144)
    ],
    "fast mode": [call("gpt-5.4", 10_000, 1_000) | {"service_tier": "fast"}] * 20,
    "sound": [
        call("gpt-realtime", 1_100, 300, prompt_tokens_details={"audio_tokens": 900, "cached_tokens": 0},
             completion_tokens_details={"audio_tokens": 200})
    ] * 60,
    "answers out of a gateway's cache": [
        call("gpt-4o", 2_000, 500) | {"cache_hit": place % 3 == 0} for place in range(90)
    ],
    "many models": [
        call(("gpt-4o", "gpt-5", "claude-haiku-4-5", "gemini-2.5-flash", "o3", "grok-4")[place % 6],
             1_000 * (1 + place % 6), 100 * (6 - place % 6)) for place in range(288)
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", LOGS)
def test_the_plan_costs_what_the_log_did(name, tmp_path):
    found = log_of(tmp_path, LOGS[name])
    expected = found.totals["list_usd"] / found.requests * found.requests_per_month.value
    plan = found.plan()
    assert usd_per_month(plan.text) == pytest.approx(expected, rel=NEAR)
    assert plan.plan_usd_per_month == pytest.approx(usd_per_month(plan.text))
    assert plan.near


def test_a_log_of_one_kind_is_one_workload_under_its_name(tmp_path):
    read = tomllib.loads(log_of(tmp_path, LOGS["one model, cached"]).as_toml("chat"))
    assert list(read["workloads"]) == ["chat"]
    assert read["workloads"]["chat"]["cache"] == {"prefix_hit_share": 0.75}


def test_prompts_on_both_sides_of_a_step_are_two_workloads_on_one_deployment(tmp_path):
    read = tomllib.loads(log_of(tmp_path, LOGS["both sides of a step"]).as_toml("chat"))
    assert sorted(read["workloads"]) == ["chat-gemini-2-5-pro", "chat-gemini-2-5-pro-over-200k"]
    assert list(read["deployments"]) == ["gemini-2-5-pro"]


@pytest.mark.parametrize(
    "row",
    [
        call("<synthetic>", 1_000, 100),
        call("", 1_000, 100),
        call("our-own-model", 1_000, 100) | {"cost": 0.02},
        call("claude-sonnet-4-5", 1_000, 100) | {"service_tier": "priority"},
        call("hosted_vllm/meta-llama/Llama-3.1-8B-Instruct", 1_000, 100),
        call("gpt-4o", 1_000, 100) | {"service_tier": "scale"},
    ],
    ids=["synthetic", "unnamed", "unlisted", "unpriced tier", "own servers", "capacity"],
)
def test_a_plan_with_what_has_no_price_opens_all_the_same(row, tmp_path):
    found = log_of(tmp_path, [row, row, call("gpt-4o", 1_000, 100)])
    usd_per_month(found.as_toml())


@pytest.mark.parametrize("name", ["a.b", 'a."b\n[x]', "chat room", "ü", "-", "workloads"])
def test_a_plan_opens_under_any_name_of_its_workload(name, tmp_path):
    text = log_of(tmp_path, LOGS["one model, cached"]).as_toml(name)
    assert list(load_text(text, path=tmp_path / "plan.toml").scenario.workloads) == [name]


def test_the_median_of_a_written_range_is_the_value():
    read = tomllib.loads(
        f"a = {number(Estimate(1_000.0, 500.0, 1_900.0))}\nb = {share(Estimate(0.2, 0.1, 0.4))}"
    )
    ends = [float(end.replace("_", "")) for end in read["a"].split(" to ")]
    assert np.sqrt(ends[0] * ends[1]) == pytest.approx(1_000.0, rel=1e-4)
    low, high = (float(end) for end in read["b"].split(" to "))
    assert np.sqrt(low / (1 - low) * high / (1 - high)) == pytest.approx(0.25, rel=1e-3)


def test_a_log_merges_into_a_plan_and_its_comments_stay(tmp_path):
    path = tmp_path / "support.toml"
    path.write_text((ROOT / "saved/support-copilot.toml").read_text())
    found = log_of(tmp_path, [call("gpt-5.4-2026-03-05", 9_000, 400)] * 200)
    before = load(path)
    merged = merged_into(before, found, "chat")
    chat, held = merged.scenario.workloads["chat"], before.scenario.workloads["chat"]
    assert chat.routing.tiers == ("frontier",)
    assert float(chat.prompt_tokens + chat.context_tokens + chat.history_tokens) == 9_000
    customers = float(before.scenario.demand.customers)
    each = found.requests_per_month.value / customers
    assert float(chat.requests_per_customer_per_month) == pytest.approx(each, rel=1e-3)
    assert (chat.latency_target_s, chat.outcome) == (held.latency_target_s, held.outcome)
    comments = [line for line in path.read_text().splitlines() if line.startswith("#")]
    assert all(line in merged.text for line in comments)
    assert any(line.startswith("-prompt_tokens") for line in merged.preview())
    assert path.read_text() == merged.loaded.text  # nothing is written yet


def test_a_log_that_needs_several_workloads_takes_the_place_of_one(tmp_path):
    path = tmp_path / "support.toml"
    path.write_text((ROOT / "saved/support-copilot.toml").read_text())
    before, found = load(path), log_of(tmp_path, LOGS["both sides of a step"])
    after = merged_into(before, found, "chat").scenario
    assert set(after.workloads) - set(before.scenario.workloads) == {"chat-gemini-2-5-pro"}
    mine = [after.workloads["chat"], after.workloads["chat-gemini-2-5-pro"]]
    each = found.requests_per_month.value / float(after.demand.customers)
    assert sum(float(one.requests_per_customer_per_month) for one in mine) == pytest.approx(each, rel=1e-3)
    assert {one.latency_target_s for one in mine} == {before.scenario.workloads["chat"].latency_target_s}
    bill = [
        float(item.usd_per_month)
        for item in evaluate(after).line_items
        if item.deployment == "gemini-2-5-pro"
    ]
    expected = found.totals["list_usd"] / found.requests * found.requests_per_month.value
    assert sum(bill) == pytest.approx(expected, rel=NEAR)


def test_a_log_of_another_model_brings_its_deployment_and_names_what_is_no_longer_used(tmp_path):
    path = tmp_path / "support.toml"
    path.write_text((ROOT / "saved/support-copilot.toml").read_text())
    found = log_of(tmp_path, [call("gpt-4o-mini", 9_000, 400)] * 200)
    merged = merged_into(load(path), found, "chat")
    assert merged.scenario.deployments["gpt-4o-mini"].model == "openai:gpt-4o-mini"
    assert any("frontier" in words for words in merged.remarks)
    assert any("no tokens read from a cache: chat has none now" in words for words in merged.remarks)


def test_a_preview_for_the_screen_has_the_new_text_or_says_what_is_wrong(tmp_path):
    path = tmp_path / "support.toml"
    path.write_text((ROOT / "saved/support-copilot.toml").read_text())
    before = load(path)
    found = log_of(tmp_path, [call("gpt-5.4", 9_000, 400)] * 50)
    shown = preview_of_log(before, tmp_path / "log.jsonl", "chat")
    assert shown.merged == merged_into(before, found, "chat")
    assert any(line.startswith("prompt: 9,000") for line in shown.lines)
    assert any(line.startswith("+output_tokens") for line in shown.lines)
    for name, workload in (
        ("none.jsonl", "chat"),
        ("support.toml", "chat"),
        ("log.jsonl", " "),
    ):
        wrong = preview_of_log(before, tmp_path / name, workload)
        assert wrong.problems
        assert wrong.merged is None
    assert path.read_text() == before.text


def test_the_command_shows_a_merge_and_writes_it_only_when_told(planner, tmp_path):
    path = tmp_path / "support.toml"
    path.write_text((ROOT / "saved/support-copilot.toml").read_text())
    log_of(tmp_path, [call("gpt-5.4", 9_000, 400)] * 50)
    before = path.read_text()
    code, out, _ = planner("import", str(tmp_path / "log.jsonl"), "--into", str(path), "--workload", "chat")
    assert code == 0
    assert "+output_tokens" in out
    assert path.read_text() == before
    code, out, _ = planner(
        "import", str(tmp_path / "log.jsonl"), "--into", str(path), "--workload", "chat", "--force"
    )
    assert code == 0
    assert load(path).scenario.workloads["chat"].output_tokens == 400
