"""Small plans that the tests of the analysis start from."""

import tomllib
from pathlib import Path
from typing import Any

from planner.files import load, table_of
from planner.files.library import ACTUALS_SUFFIX
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


def busy() -> Scenario:
    """Return the freemium plan with sessions and three dated changes over 36 months, its cash without terms and credits."""
    plan = load(Path(__file__).parents[1] / "saved/freemium-assistant.toml").scenario
    table = table_of(plan)
    table["cash"] = {"payment_fee_share": 0.029, "payment_fee_usd": 0.30, "other_cogs_share": 0.05}
    table["company"]["horizon_months"] = 36
    table["workloads"]["deep"]["session"] = {
        "calls": "4 to 9", "calls_cv": 0.6, "added_tokens": 1_500, "compact_at_tokens": 20_000, "compact_to_tokens": 6_000,
    }  # fmt: skip
    table["workloads"]["deep"]["latency"] = "none"
    table["source"] = {}
    table["change"] = [
        {"month": 7, "set": {"segments.plus.usd_per_customer_per_month": 24}},
        {"month": 13, "set": {"segments.free.limit.ask": 40}, "usd": 5_000},
        {"month": 20, "set": {"segments.free.new_customers_per_month": "5_000 to 9_000"}},
    ]
    return Scenario.from_table(table)


def shipped() -> list[Path]:
    """Return the plans that ship, in order; what happened to one of them is no plan."""
    found = (Path(__file__).parents[1] / "saved").rglob("*.toml")
    return sorted(path for path in found if not path.name.endswith(ACTUALS_SUFFIX))
