"""A plan that uses nearly every section of a scenario file, and the numbers that come of it."""

import numpy as np

RICH = {
    "company": {
        "cash_usd": 3e6, "fixed_costs_usd_per_month": 1e5, "horizon_months": 18, "cac_usd_per_customer": 200.0,
        "funding": [{"month": 9, "amount_usd": 1e6}], "hiring": [{"month": 4, "usd_per_month": 2e4}],
        "one_off": [{"month": 2, "amount_usd": 5e4}, {"month": 1, "amount_usd": 6e3, "amortise_months": 4}],
    },
    "revenue": {"usd_per_customer_per_month": 80.0, "usd_per_request": 0.001, "usd_per_outcome": 0.01, "usd_per_mtok": 0.1},
    "demand": {"customers": 1500.0, "growth_share_per_month": 0.07, "churn_share_per_month": 0.03,
               "expansion_share_per_month": 0.01, "usage_growth_x_per_year": 1.5},
    "decline": {"same_model_price_x_per_year": 1.3, "same_quality_price_x_per_year": 1.1, "gpu_rent_x_per_year": 1.2},
    "reactions": {"at_usd_per_customer": 70.0, "at_request_usd": {"chat": 0.02}, "at_success_share": 0.8, "at_latency_s": 9.0},
    "deployments": {
        "small": {
            "kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "H100-SXM", "usd_per_gpu_hour": 3.0,
            "reserved_usd_per_gpu_hour": 2.0, "success_share": 0.7, "staff_usd_per_month": 4e3,
            "fine_tuning": {"on": True, "every_months": 6}, "speculative": {"on": True},
        },
        "unused": {
            "kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "L4", "reserved_gpus": 3, "usd_per_gpu_hour": 0.7,
        },
        "owned": {"kind": "self-hosted", "model": "llama-3.1-8b", "gpu": "H100-SXM", "rent": "owned", "success_share": 0.75},
        "student": {
            "kind": "api", "model": "own", "price": {"input_usd_per_mtok": 0.3, "output_usd_per_mtok": 1.2},
            "distillation": {"on": True, "teacher": "large", "steps": 2},
            "provisioned": {"units": 2, "tokens_per_s_per_unit": 30.0},
        },
        "large": {
            "kind": "api", "model": "own", "success_share": 0.9, "discount_share": 0.1,
            "price": {"input_usd_per_mtok": 2.5, "output_usd_per_mtok": 10.0, "cache_read_usd_per_mtok": 0.25,
                      "cache_write_usd_per_mtok": 3.0},
            "one_off": [{"month": 3, "amount_usd": 9e3, "amortise_months": 12}],
        },
    },
    "workloads": {
        "chat": {
            "requests_per_customer_per_month": 90.0, "requests_per_month": 1e4, "prompt_tokens": 300.0,
            "context_tokens": 5_000.0, "history_tokens": 200.0, "output_tokens": 250.0, "reasoning_tokens": 50.0,
            "rag": {"on": True, "rerank": True, "store_usd_per_month": 100.0, "corpus_mtok": 50.0, "reindex_share_per_month": 0.1},
            "compression": {"on": True}, "output_control": {"on": True, "removed_share": 0.2},
            "cache": {"prefix_hit_share": 0.3, "prefix_write_share": 0.1, "semantic_hit_share": 0.1,
                      "semantic_usd_per_request": 1e-4},
            "routing": {"tiers": ["small", "student", "large"], "share_to_last": 0.3, "share_passed_on": [0.4],
                        "router_usd_per_request": 4e-6, "router_k": 1.8},
            "verifier": {"usd_per_call": 1e-4},
            "outcome": {"value_usd": 1.0, "failure_usd": 2.0, "failure_paid_share": 0.3, "attempts": 2,
                        "attempt_correlation_share": 0.2, "person_share": 0.3},
            "success": {"small": 0.65},
        },
        "reports": {
            "requests_per_month": 5e4, "context_tokens": 20_000.0, "output_tokens": 400.0, "latency_target_s": 60.0,
            "routing": {"tiers": ["owned", "large"], "policy": "cascade"},
            "verifier": {"usd_per_call": 1e-4, "true_accept_share": 0.8, "false_accept_share": 0.2},
        },
    },
}  # fmt: skip


def results(result):
    """Yield every number of a result of month 1 and of the months, by name, with months first."""
    yield from result.metrics.items()
    yield "runway_state", result.runway_state
    for name, workload in result.workloads.items():
        yield f"{name}.usd_per_request", workload.usd_per_request
        yield f"{name}.usd_per_outcome", workload.usd_per_outcome
        yield f"{name}.p95_latency_s", workload.p95_latency_s
        yield f"{name}.promise_met", workload.promise_met
    for name, deployment in result.deployments.items():
        yield f"{name}.usd_per_month", deployment.usd_per_month
        yield f"{name}.busy_share", deployment.busy_share
    months = int(result.months.cash_usd.shape[-1])
    yield "months.cash_usd", np.moveaxis(result.months.cash_usd, -1, 0)[min(months, 17) - 1]
    yield "months.cogs_usd", np.moveaxis(result.months.cogs_usd, -1, 0)[min(months, 17) - 1]
