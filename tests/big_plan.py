"""A plan as large as one gets: many workloads and deployments, segments, dated changes and months."""

import tomllib

from planner.schema import Scenario

MODELS = ("openai:gpt-5.4-mini", "anthropic:claude-sonnet-4-5", "google:gemini-2.5-pro")
COMPANY = """
schema = 1
title = "Big"
[company]
cash_usd = 50_000_000
fixed_costs_usd_per_month = 900_000
horizon_months = {months}
[demand]
customers = 2_000
growth_share_per_month = "0.02 to 0.06"
churn_share_per_month = 0.03
[revenue]
usd_per_customer_per_month = 40
"""
OWN = """
[deployments.d{at}]
kind = "self-hosted"
model = "llama-3.1-8b"
gpu = "H100-SXM"
weights = "fp8"
usd_per_gpu_hour = "2.0 to 3.5"
success_share = "0.6 to 0.8"
"""
API = """
[deployments.d{at}]
kind = "api"
model = "{model}"
success_share = 0.8
"""
WORKLOAD = """
[workloads.w{at}]
requests_per_customer_per_month = 20
latency_target_s = 10
prompt_tokens = "{low} to {high}"
context_tokens = 2_000
output_tokens = 250
routing = {{ tiers = ["d{at}", "d{after}"], share_to_last = 0.25 }}
outcome = {{ value_usd = 1.2, failure_usd = 3.0, failure_paid_share = 0.1 }}
"""
SEGMENT = """
[segments.s{at}]
customers = 100
usd_per_customer_per_month = 30
churn_share_per_month = 0.04
use_cv = 1.2
"""
CHANGE = """
[[change]]
month = {month}
label = "c{at}"
set = {{ "workloads.w{at}.output_tokens" = 200 }}
"""


def text(*, parts: int = 64, segments: int = 12, changes: int = 10, months: int = 120) -> str:
    """Return the plan's file; `parts` is how many workloads and as many deployments, each fourth on own GPUs."""
    deployments = [
        OWN.format(at=at) if at % 4 == 0 else API.format(at=at, model=MODELS[at % 4 - 1])
        for at in range(parts)
    ]
    workloads = [
        WORKLOAD.format(at=at, after=(at + 1) % parts, low=500 + at * 10, high=1_500 + at * 10)
        for at in range(parts)
    ]
    dated = [CHANGE.format(at=at, month=5 + at * (months // max(changes + 1, 1))) for at in range(changes)]
    return "".join(
        [
            COMPANY.format(months=months), *deployments, *workloads,
            *(SEGMENT.format(at=at) for at in range(segments)), *dated,
        ]
    )  # fmt: skip


def big(**size: int) -> Scenario:
    """Return the plan; the sizes are those of `text`."""
    return Scenario.from_table(tomllib.loads(text(**size)))
