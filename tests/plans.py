"""Small plans that the tests of the analysis start from."""

import tomllib
from typing import Any

from planner.schema import Scenario

CHAT = """
title = "Chat on a small model, hard questions to an API"
[company]
cash_usd = 700_000
fixed_costs_usd_per_month = 160_000
horizon_months = 24
[revenue]
usd_per_customer_per_month = 99
[demand]
customers = 1_200
growth_share_per_month = "0.04 to 0.12"
churn_share_per_month = "0.01 to 0.04"
[deployments.small]
kind = "self-hosted"
model = "llama-3.1-8b"
gpu = "H100-SXM"
weights = "fp8"
usd_per_gpu_hour = 2.5
success_share = "0.6 to 0.8"
calibration = { speed_x = 1, first_token_x = 1 }  # as predicted, so that only what a test names is drawn
[deployments.frontier]
kind = "api"
model = "own"
price = { input_usd_per_mtok = 2.5, output_usd_per_mtok = 15 }
success_share = 0.85
[workloads.chat]
requests_per_customer_per_month = 120
latency_target_s = 10
context_tokens = 4_000
rag = { on = true, chunks = 8 }
routing = { tiers = ["small", "frontier"], share_to_last = 0.25 }
outcome = { value_usd = 1.2, failure_usd = 0.4 }
"""


def chat(**values: Any) -> Scenario:
    """Return the plan with some fields changed; a path is written with two underscores for a dot."""
    scenario = Scenario.from_table(tomllib.loads(CHAT))
    for path, value in values.items():
        scenario = scenario.with_value(path.replace("__", "."), value)
    return scenario
