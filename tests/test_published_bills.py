"""What others published of bills, prices and agents, against the same as a plan; data in published_bills.toml."""

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest

from planner.model import evaluate
from planner.schema import Scenario

HERE = Path(__file__).parent
BILLS = tomllib.loads((HERE / "published_bills.toml").read_text())["bill"]
NOT_OF_A_PLAN = {"id", "from", "flaw", "expect", "within"}
EXACT = 1e-9


def plan(bill):
    """Return the plan of a bill: what it states, and calls to its first deployment where it names none."""
    table = {name: each for name, each in bill.items() if name not in NOT_OF_A_PLAN}
    first = next(iter(table["deployments"]))
    table["deployments"] = {name: {"kind": "api", **each} for name, each in table["deployments"].items()}
    table["workloads"] = {
        name: {"routing": {"tiers": [first]}, **each} for name, each in table["workloads"].items()
    }
    return Scenario.from_table({"company": {"start": "2026-11", "horizon_months": 6}, **table})


def found(result, what):
    """Return the result that `what` names: metrics.X, line_items.NAME, months.X.N, workloads.W.X, segments.S.X."""
    kind, _, rest = what.partition(".")
    if kind == "metrics":
        return float(result.metrics[rest])
    if kind == "line_items":
        return float(sum(item.usd_per_month for item in result.line_items if item.name == rest))
    name, _, field = rest.partition(".")
    if kind == "months":
        return float(np.asarray(getattr(result.months, name)).reshape(-1)[int(field) - 1])
    return float(np.asarray(getattr(getattr(result, kind)[name], field)))


@pytest.mark.parametrize("bill", BILLS, ids=[bill["id"] for bill in BILLS])
def test_a_published_bill_is_what_its_plan_costs(bill):
    result = evaluate(plan(bill))
    for what, published in bill["expect"].items():
        within = bill.get("within", EXACT)
        assert found(result, what) == pytest.approx(published, rel=EXACT, abs=within), what


def test_a_write_to_the_cache_pays_from_as_many_reads_as_its_vendor_says():
    """Anthropic, pricing page, 2026-05: a write of five minutes pays from the first read, one of an hour from the second."""
    reads = np.array([0.0, 1.0, 2.0, 3.0])
    run = {"requests_per_month": 1_000, "context_tokens": 10_000, "output_tokens": 0}
    base = {"deployments": {"api": {"model": "anthropic:claude-sonnet-4-5"}}}
    plain = evaluate(plan({**base, "workloads": {"run": run}})).metrics["usd_per_request"]
    for lifetime, needed in (("5m", 1), ("1h", 2)):
        cached = plan({**base, "workloads": {"run": {**run, "cache": {"lifetime": lifetime}}}})
        cached = cached.with_value("workloads.run.cache.prefix_hit_share", reads / (1 + reads))
        cached = cached.with_value("workloads.run.cache.prefix_write_share", 1 / (1 + reads))
        pays = evaluate(cached).metrics["usd_per_request"] < plain
        assert int(reads[np.argmax(pays)]) == needed


# SWE-bench Verified, bash-only, mini-SWE-agent, 500 tasks each; leaderboards.json of swe-bench.github.io @f1176b65, 2025-07 to
# 2025-12: calls of a task (median, 90th percentile, mean), its cost in USD (the same), tasks solved.
TASKS = {
    "anthropic:claude-opus-4-5": ((34, 67, 38.042), (0.52636, 1.42468, 0.72124), 0.744),
    "google:gemini-3-pro-preview": ((36, 66, 40.326), (0.37641, 0.78227, 0.45996), 0.742),
    "anthropic:claude-sonnet-4-5": ((47, 79.1, 50.988), (0.46488, 0.95323, 0.55833), 0.706),
    "anthropic:claude-opus-4-0": ((28, 51, 31.076), (0.95235, 2.21129, 1.13127), 0.676),
    "anthropic:claude-sonnet-4-0": ((33, 64, 37.172), (0.29797, 0.69465, 0.37145), 0.6493),
    "openai:gpt-5-mini": ((12, 25, 14.466), (0.02533, 0.06985, 0.03548), 0.598),
    "openai:o3": ((19, 46, 24.698), (0.20334, 0.69832, 0.33365), 0.584),
    "google:gemini-2.5-pro": ((16, 38.1, 20.478), (0.20044, 0.60597, 0.28837), 0.536),
    "openai:o4-mini": ((18, 45.1, 23.278), (0.13075, 0.49648, 0.20997), 0.45),
    "openai:gpt-5-nano": ((16.5, 103, 39.76), (0.01388, 0.09547, 0.03808), 0.348),
    "claude-3-7-sonnet at 3 and 15": ((28, 62, 34.7), (0.22527, 0.75022, 0.35462), 0.528),
    "deepseek-v3.2 at 0.28 and 0.42": ((41, 71.1, 46.404), (0.02413, 0.05005, 0.02808), 0.6),
}  # fmt: skip
OWN_PRICES = {
    "claude-3-7-sonnet at 3 and 15": {"input_usd_per_mtok": 3, "output_usd_per_mtok": 15, "cache_read_usd_per_mtok": 0.3,
                                      "cache_write_usd_per_mtok": 3.75},
    "deepseek-v3.2 at 0.28 and 0.42": {"input_usd_per_mtok": 0.28, "output_usd_per_mtok": 0.42, "cache_read_usd_per_mtok": 0.028},
}  # fmt: skip
FIRST_PROMPT = 2_000  # the agent's instructions and a task; a judgement
NINETIETH = 1.2815516  # of a standard normal


def agent(model, *, calls, cv=0.0, added=0.0, output=0.0, success=0.5):
    price = {"price": OWN_PRICES[model]} if model in OWN_PRICES else {}
    session = {"calls": calls, "calls_cv": cv, "added_tokens": added, "keeps_answers": False}
    task = {"requests_per_month": 1, "prompt_tokens": FIRST_PROMPT, "context_tokens": 0, "output_tokens": output,
            "session": session, "success": {"api": success}, "long_context": {"at_32k_share": 1, "at_128k_share": 1}}  # fmt: skip
    table = {
        "company": {"start": "2025-12"},
        "deployments": {"api": {"model": model, **price}},
        "workloads": {"task": task},
    }
    return evaluate(plan(table)).metrics


def tokens_of(model, calls, costs):
    """Return what a call adds to the prompt and what it answers, from the median task and that at the 90th percentile."""

    def usd(count, added=0.0, output=0.0):
        return float(agent(model, calls=count, added=added, output=output)["usd_per_request"])

    rows = [[usd(each, added=1e3) - usd(each), usd(each, output=1e3) - usd(each)] for each in calls]
    return 1e3 * np.linalg.solve(rows, [cost - usd(each) for each, cost in zip(calls, costs, strict=True)])


def test_spread_of_calls_gives_the_mean_cost_of_an_agents_tasks_from_two_of_them():
    """Tokens from the median task and the 90th percentile; then the mean over all tasks, and per solved task, is told."""
    off = {}
    for model, (calls, costs, solved) in TASKS.items():
        added, output = tokens_of(model, calls[:2], costs[:2])
        spread = math.log(calls[1] / calls[0]) / NINETIETH
        told = agent(
            model,
            calls=calls[2],
            cv=math.sqrt(math.expm1(spread**2)),
            added=added,
            output=output,
            success=solved,
        )
        off[model] = abs(float(told["usd_per_request"]) / costs[2] - 1)
        assert float(told["usd_per_pass"]) / (costs[2] / solved) - 1 == pytest.approx(
            float(told["usd_per_request"]) / costs[2] - 1, abs=1e-9
        )
    assert sum(each <= 0.10 for each in off.values()) >= 10, off
    assert max(off.values()) < 0.20, off


def test_gpt_5_pays_over_its_mini_where_a_failure_costs_4_71():
    """(0.28038 - 0.03548) / (0.65 - 0.598) = 4.71: the same leaderboard, GPT-5 and GPT-5 mini with medium reasoning."""
    free = {"input_usd_per_mtok": 0, "output_usd_per_mtok": 0}
    costs = {"mini": (0.03548, 0.598), "gpt-5": (0.28038, 0.65)}
    routed = plan({
        "deployments": {name: {"model": name, "price": free, "surcharge": {"usd_per_call": usd}} for name, (usd, _) in costs.items()},
        "workloads": {"task": {
            "requests_per_month": 1_000, "context_tokens": 0, "routing": {"tiers": ["mini", "gpt-5"], "share_to_last": 0.5},
            "success": {name: solved for name, (_, solved) in costs.items()},
        }},
    })  # fmt: skip
    usd = evaluate(routed).workloads["task"].break_even_failure_usd["mini to gpt-5"]
    assert float(usd) == pytest.approx(4.71, abs=0.005)
