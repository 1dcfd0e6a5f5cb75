"""Measure the analysis on this machine: python tests/benchmarks/speed.py. Nothing here is a test.

Ratios come from runs that alternate, so that both sides meet the same machine; times are the best of several, in
processor time, which leaves out what else the machine does.
squigglepy is measured where it is installed (pip install squigglepy).
"""

import sys
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent)]

import month_by_month
import segments_month_by_month
from plans import busy, chat

from planner.analysis.compare import compare
from planner.analysis.draws import draw
from planner.analysis.frontier import plan, work
from planner.analysis.moves import moves
from planner.analysis.uncertainty import spread
from planner.files import load
from planner.model import evaluate
from planner.model.company import months
from planner.model.joining import join, stages
from planner.model.shared import Shared
from planner.schema import Scenario

SAMPLES = 8_192
PRICE, TOKENS = "revenue.usd_per_customer_per_month", "workloads.chat.output_tokens"
SAVED = HERE.parent.parent / "saved"
COPILOT, OWN_GPU = (
    load(SAVED / f"{name}.toml").scenario for name in ("support-copilot", "support-copilot-own-gpu")
)


def say(words):
    """Print one finding."""
    sys.stdout.write(f"{words}\n")


def best_ms(*functions, rounds=15):
    """Return the best time of each function, run in turns."""
    times = [[] for _ in functions]
    for function in functions:
        function()
    for _ in range(rounds):
        for function, spent in zip(functions, times, strict=True):
            began = time.process_time()
            function()
            spent.append((time.process_time() - began) * 1e3)
    return [min(spent) for spent in times]


def typing(scenario, path):
    """Return a function that makes one edit, each time another, and computes all that the screen shows, as the screen does."""
    values, parts, drawn = iter(np.linspace(200, 300, 100_000)), Shared(), Shared()

    def typed():
        changed = scenario.with_value(path, float(next(values)))
        assert evaluate(changed, parts=parts.next_plan()).line_items
        spread(changed, n=SAMPLES, parts=drawn.next_plan())

    return typed


def edit():
    """One edit: medians with line items, all metrics and the cash over 8,192 samples and 36 months."""
    for path in (PRICE, TOKENS):
        whole, alone = best_ms(typing(COPILOT, path), lambda: evaluate(draw(COPILOT, n=SAMPLES)), rounds=40)
        say(
            f"one edit of {path}, all numbers, {SAMPLES:,} samples, 36 months: {whole:.1f} ms "
            f"(evaluate alone {alone:.1f} ms)"
        )


def edit_with_gpus():
    """The same with own GPUs, against the plain loop of their months; most edits leave the serving speed as it was."""
    joined = join(draw(OWN_GPU, n=SAMPLES))
    found = []
    for path in (PRICE, TOKENS):
        whole, plain = best_ms(typing(OWN_GPU, path), lambda: month_by_month.months(joined, 36), rounds=20)
        found.append(f"{whole:.1f} ms, {whole / plain:.2f} of the plain loop's {plain:.1f} ms")
    say(f"one edit with own GPUs: a price {found[0]}; tokens, which change the speed, {found[1]}")


def reference():
    """The months against the plain loop that says the same."""
    joined = join(draw(COPILOT, n=SAMPLES))
    fast, plain = best_ms(
        lambda: months.run([joined.business], 36), lambda: month_by_month.months(joined, 36)
    )
    say(f"months: {fast:.1f} ms, plain loop {plain:.1f} ms: {plain / fast:.1f} times as fast")


def sessions():
    """The same edit where requests are sessions with spread and compaction, against the plain loop of its months."""
    plan = load(SAVED / "coding-agent.toml").scenario.model_copy(update={"change": ()})
    joined = join(draw(plan, n=SAMPLES))
    whole, plain = best_ms(
        typing(plan, "company.cash_usd"), lambda: month_by_month.months(joined, 36), rounds=20
    )
    both = plan.with_value("workloads.task.prompt_cv", 0.6).with_value("workloads.task.output_cv", 1.1)
    (spread_too,) = best_ms(typing(both, "company.cash_usd"), rounds=20)
    say(
        f"one edit with sessions: {whole:.1f} ms, {whole / plain:.2f} of the plain loop's {plain:.1f} ms; "
        f"with prompts that spread {spread_too:.1f} ms, {spread_too / plain:.2f}"
    )


def segments():
    """The same edit with segments, sessions and three dated changes, against the plain loop of its months."""
    plan = busy()
    parts = stages(draw(plan, n=SAMPLES), 36)
    whole, alone, plain = best_ms(
        typing(plan, "company.cash_usd"),
        lambda: evaluate(draw(plan, n=SAMPLES)),
        lambda: segments_month_by_month.months(parts, 36),
        rounds=10,
    )
    say(
        f"one edit with segments, sessions, three changes: {whole:.1f} ms (evaluate alone {alone:.1f} ms), "
        f"{whole / plain:.2f} of the plain loop's {plain:.1f} ms"
    )


def shapley():
    """Eight levers, all 256 mixtures of two plans over 1,024 samples."""
    other = chat(
        workloads__chat__context_tokens=2_000, workloads__chat__output_tokens=300, workloads__chat__rag__chunks=4,
        workloads__chat__routing__share_to_last=0.1, demand__customers=1_500, company__cash_usd=1e6,
        deployments__small__weights="bf16", workloads__chat__outcome__failure_usd=1,
    )  # fmt: skip
    api = COPILOT
    for path, value in {
        "revenue.usd_per_customer_per_month": 250, "company.cash_usd": 6e6, "demand.customers": 700,
        "workloads.chat.context_tokens": 8_000, "workloads.chat.output_tokens": 300,
        "workloads.chat.cache.prefix_hit_share": 0.5, "workloads.chat.outcome.failure_paid_share": 0.1,
        "workloads.summaries.context_tokens": 2_000,
    }.items():  # fmt: skip
        api = api.with_value(path, value)
    own, list_price = best_ms(lambda: compare(chat(), other), lambda: compare(COPILOT, api), rounds=4)
    say(f"why of 8 changed levers, 1,024 samples: {list_price:.0f} ms (own GPUs: {own:.0f} ms)")


def frontiers():
    """Combinations a second on one core."""
    w = "workloads.chat."
    shared = {
        w + "context_tokens": np.linspace(500, 32_000, 8), w + "rag.chunks": [1, 2, 4, 8, 12, 16, 24, 32],
        w + "rag.on": [False, True], w + "compression.on": [False, True], w + "output_tokens": [100, 150, 200, 250],
        w + "outcome.attempts": [1, 2, 3], w + "outcome.person_share": [0, 0.25, 0.5, 1],
    }  # fmt: skip
    hosted = {
        **shared, w + "routing.share_to_last": np.linspace(0, 1, 21), w + "latency_target_s": [2, 4, 8, 16],
        "deployments.small.weights": ["bf16", "fp8", "int4"], "deployments.small.tensor_parallel": [1, 2, 4],
    }  # fmt: skip
    api = {**shared, w + "rag.rerank": [False, True], w + "cache.semantic_hit_share": np.linspace(0, 0.5, 21)}
    for name, scenario, levers in (("API", COPILOT, api), ("own GPUs and API", chat(), hosted)):
        task = plan(scenario, levers, ("usd_per_outcome", "success_share", "p95_latency_s"))
        blocks = min(task.blocks, 4)
        (spent,) = best_ms(lambda task=task, blocks=blocks: work(task, 0, blocks), rounds=3)
        rate = blocks * task.block_size / spent * 1e3
        say(
            f"frontier, {name}: {rate / 1e6:.1f} million combinations a second ({task.blocks * task.block_size:,} in all)"
        )


def many(workloads=30, deployments=12):
    """Return a plan of many workloads, half of their deployments on own GPUs."""
    apis = {
        f"api{i}": {
            "kind": "api", "model": "own", "success_share": "0.6 to 0.8" if i % 2 else 0.7 + 0.03 * i,
            "price": {"input_usd_per_mtok": 0.2 * (i + 1), "output_usd_per_mtok": 0.9 * (i + 1)},
        }
        for i in range(deployments // 2)
    }  # fmt: skip
    gpus = ("H100-SXM", "L4", "L40S", "A100-SXM-80GB", "H200-SXM", "L4")
    own = {
        f"own{i}": {
            "kind": "self-hosted", "model": "llama-3.1-8b", "gpu": gpus[i % len(gpus)],
            "usd_per_gpu_hour": 2.5 if i % 3 else 0.8, "success_share": 0.6 + 0.02 * i,
        }
        for i in range(deployments - len(apis))
    }  # fmt: skip
    names = [*apis, *own]
    tiers = [
        [names[i % deployments]] if i % 4 else [names[i % deployments], names[(i + 5) % deployments]]
        for i in range(workloads)
    ]
    return Scenario.from_table({
        "company": {"cash_usd": 6e6, "fixed_costs_usd_per_month": 1e5, "horizon_months": 36},
        "demand": {"customers": 2000.0, "growth_share_per_month": "0.01 to 0.05"},
        "revenue": {"usd_per_customer_per_month": 30.0},
        "deployments": apis | own,
        "workloads": {
            f"w{i}": {
                "requests_per_month": 30_000.0 * (1 + i % 3), "context_tokens": 1_500.0 * (1 + i % 4),
                "output_tokens": 200.0, "latency_target_s": 20.0, "latency_percentile": ("p90", "p95", "p99")[i % 3],
                "routing": {"tiers": tiers[i], "share_to_last": 0.3},
                "outcome": {"failure_usd": 0.4, "failure_paid_share": 0.25},
            }
            for i in range(workloads)
        },
    })  # fmt: skip


def levers_of_many():
    """All moves of a plan of 30 workloads and 12 deployments, against one evaluation of it."""
    cash, scenario = iter(np.linspace(5e6, 6e6, 1_000)), many()

    def other():
        return scenario.with_value("company.cash_usd", float(next(cash)))

    found = moves(scenario).found
    whole, one = best_ms(lambda: moves(other()), lambda: evaluate(other()).line_items, rounds=3)
    per_hundred = whole / one / len(found) * 100
    say(
        f"moves on 30 workloads and 12 deployments: {len(found):,} in {whole / 1e3:.2f} s, "
        f"{per_hundred:.1f} evaluations of that plan ({one:.0f} ms) per 100 moves"
    )


def noise():
    """The noise of a difference with the same samples, and with independent ones."""
    changed = COPILOT.with_value("workloads.chat.output_tokens", 230.0)

    def burn(scenario, seed):
        return spread(scenario, n=1024, seed=seed).result.months.net_burn_usd[..., -1].mean()

    same = np.std([burn(changed, seed) - burn(COPILOT, seed) for seed in range(8)])
    apart = np.std([burn(changed, seed + 8) - burn(COPILOT, seed) for seed in range(8)])
    say(f"noise of a difference: {apart / same:.0f} times below independent seeds")


def squiggle():
    """The same plan drawn sample by sample."""
    try:
        import squigglepy as sq  # noqa: PLC0415 - for this comparison only
    except ImportError:
        say("squigglepy is not installed")
        return
    growth, churn = sq.norm(0.04, 0.12), sq.norm(0.015, 0.04)
    price, success, failure, hit = sq.lognorm(1.0, 1.5), sq.beta(40, 10), sq.lognorm(3, 12), sq.beta(8, 12)

    def one():
        cash, customers, rate = 5e6, 600.0, 1.0
        g, c = sq.sample(growth, n=1), sq.sample(churn, n=1)
        fall, p, f, h = (sq.sample(each, n=1) for each in (price, success, failure, hit))
        request_usd = 17_500e-6 * 2.5 * (1 - 0.9 * h) + 250e-6 * 15
        for _ in range(36):
            asked = customers * 600
            cash += customers * 240 - asked * (request_usd * rate + (1 - p) * f * 0.02) - 300e3
            customers *= 1 + g - c
            rate /= fall ** (1 / 12)
        return cash

    n = 256
    (drawn,) = best_ms(lambda: sq.sample(one, n=n), rounds=2)
    (ours,) = best_ms(lambda: evaluate(draw(COPILOT, n=SAMPLES)))
    say(
        f"squigglepy: {drawn / n * SAMPLES:.0f} ms for {SAMPLES:,} samples: {drawn / n * SAMPLES / ours:.0f} times ours"
    )


if __name__ == "__main__":
    for measured in (
        edit,
        reference,
        sessions,
        segments,
        shapley,
        frontiers,
        levers_of_many,
        noise,
        squiggle,
        edit_with_gpus,
    ):
        measured()
