"""Claims about prices, costs and margins of tokens."""

import math

from planner.analysis.claims.judged import (
    Judged,
    Numbers,
    against,
    judged,
    near,
    same,
)
from planner.catalog import evidence
from planner.units import MONTHS_PER_YEAR, TOKENS_PER_MTOK

FLAT_WITHIN_X = 1.25
NO_MARGIN_SHARE = 0.1


def training_per_token(n: Numbers) -> Judged:
    """c01: training spend over the tokens of a lifetime."""
    per_token = n.given.training_cost_usd / n.given.lifetime_tokens
    over_market = per_token * TOKENS_PER_MTOK / n.measured.market_output_usd_per_mtok
    return judged(
        {
            "train_usd_per_token": per_token,
            "train_usd_per_mtok": per_token * TOKENS_PER_MTOK,
            "train_over_market_price_ratio": over_market,
            "lifetime_in_months_of_google": n.given.lifetime_tokens / n.measured.google_tokens_per_month,
        },
        rule="The division must be right, and the charge small: contradicted where training alone costs more than a "
        "token sells for.",
        adds_up=same(per_token, n.claimed.train_usd_per_token),
        reality=against(over_market < 1.0),
    )


def price_over_training(n: Numbers) -> Judged:
    """c02: price over the training charge, called margin."""
    ratio = n.given.retail_usd_per_token / n.given.train_usd_per_token
    retail_per_mtok = n.given.retail_usd_per_token * TOKENS_PER_MTOK
    over_market = retail_per_mtok / n.measured.market_output_usd_per_mtok
    return judged(
        {
            "price_over_cost_ratio": ratio,
            "gross_margin_if_serving_free_share": 1.0 - 1.0 / ratio,
            "retail_usd_per_mtok": retail_per_mtok,
            "retail_over_market_ratio": over_market,
        },
        rule="Contradicted where the retail price is more than 10 times away from the market's median.",
        adds_up=same(ratio, n.claimed.price_over_cost_ratio),
        reality=against(near(over_market, 1.0, factor=10)),
    )


def batch_price(n: Numbers) -> Judged:
    """c03: batch tokens at half a cent to two cents each."""
    m, low, high = n.measured, n.given.low_usd_per_token, n.given.high_usd_per_token
    median = m.market_output_usd_per_mtok / TOKENS_PER_MTOK
    dear = m.market_p95_output_usd_per_mtok / TOKENS_PER_MTOK
    request = (
        m.chat_input_tokens * m.gpt_4o_input_usd_per_mtok
        + m.chat_output_tokens * m.gpt_4o_output_usd_per_mtok
    ) / TOKENS_PER_MTOK
    return judged(
        {
            "low_over_median_ratio": low / median,
            "high_over_median_ratio": high / median,
            "low_over_p95_ratio": low / dear,
            "chat_request_usd": request,
            "low_over_chat_request_ratio": low / request,
        },
        rule="Contradicted where the low end is above the market's 95th percentile; per request it is right "
        "where a mean chat request costs about as much.",
        adds_up=None,
        reality=against(low <= dear),
    )


def idle_overhead(n: Numbers) -> Judged:
    """c04: 30 to 200 times the wholesale cost for live traffic."""
    low = n.given.true_low_usd_per_token / n.given.wholesale_usd_per_token
    high = n.given.true_high_usd_per_token / n.given.wholesale_usd_per_token
    m = n.measured
    return judged(
        {
            "overhead_low": low,
            "overhead_high": high,
            "utilization_at_low_share": 1.0 / low,
            "utilization_at_high_share": 1.0 / high,
            "chat_peak_overhead": m.chat_peak_to_mean,
            "code_peak_overhead": m.code_peak_to_mean,
            "low_over_p95_ratio": n.given.true_low_usd_per_token
            * TOKENS_PER_MTOK
            / m.market_p95_output_usd_per_mtok,
            "high_over_median_ratio": n.given.true_high_usd_per_token
            * TOKENS_PER_MTOK
            / m.market_output_usd_per_mtok,
        },
        rule="Contradicted where even the low end is above the overhead of models that hardly anyone calls; "
        "contested where it is above that of traffic sized for its peak hour only.",
        adds_up=same(low, n.claimed.overhead_low) and same(high, n.claimed.overhead_high),
        reality=against(low <= m.cold_model_overhead, low <= m.code_peak_to_mean),
    )


def both_lose(n: Numbers) -> Judged:
    """c06: four fifths of all applications sell below cost."""
    margin = n.measured.surveyed_gross_margin_share
    rest = margin / (1.0 - n.given.claimed_share)
    return judged(
        {
            "surveyed_gross_margin_share": margin,
            "margin_needed_from_the_rest_share": rest,
            "fast_grower_gross_margin_share": n.measured.fast_grower_gross_margin_share,
        },
        rule="Two findings: if the claimed share earned nothing, the rest would have to earn the surveyed mean alone, "
        "which speaks against the claim where that takes a margin above 100 %; that some fast growers sell below "
        "cost speaks for it.",
        adds_up=None,
        reality=against(rest <= 1.0, n.measured.some_growers_below_cost > 0),
    )


def flat_cost(n: Numbers) -> Judged:
    """c07: a token's cost has not moved."""
    years = n.given.months / MONTHS_PER_YEAR
    m = n.measured
    epoch, progress = m.epoch_low_x_per_year**years, m.progress_low_x_per_year**years
    index = math.exp(m.index_log_points_per_year * years)
    same_model = math.exp(m.same_model_log_points_per_year * years)
    at_quality = [near(x, n.claimed.decline_x, factor=FLAT_WITHIN_X) for x in (epoch, progress, index)]
    flat_list = near(same_model, n.claimed.decline_x, factor=FLAT_WITHIN_X)
    return judged(
        {
            "epoch_low_x": epoch,
            "progress_low_x": progress,
            "index_x": index,
            "same_model_list_x": same_model,
            "h100_rent_x": m.h100_rent_x_2025_10_to_2026_03,
        },
        rule="Each price speaks for the claim where it moved by less than 1.25 times: that of equal quality in three "
        "studies, and the list price of one model, which is what a buyer who stays with it pays.",
        adds_up=None,
        reality=against(*at_quality, flat_list),
    )


def no_better_hardware(n: Numbers) -> Judged:
    """c08: the GPUs of 2026 are those of 2023."""
    gains = (n.measured.b200_over_h200_throughput_x, n.measured.cost_gain_over_h100_x)
    return judged(
        {"b200_over_h200_throughput_x": gains[0], "cost_gain_over_h100_x": gains[1]},
        rule="Contradicted where both measured gains are above 1.25 times the claimed one.",
        adds_up=None,
        reality=against(*(near(gain, n.claimed.hardware_gain_x, factor=FLAT_WITHIN_X) for gain in gains)),
    )


def lower_price_lower_margin(n: Numbers) -> Judged:
    """c23: lower token prices mean lower margins."""
    change = n.measured.openai_compute_margin_2025_share - n.measured.openai_compute_margin_2024_share
    return judged(
        {"compute_margin_change_share": change},
        rule="Contradicted where the margin of a large vendor rose while its prices fell.",
        adds_up=None,
        reality=against(change < 0),
    )


def successor_costs_more(n: Numbers) -> Judged:
    """c24: each successor costs more."""
    read = n.given.gpt_4o_input_usd_per_mtok / n.given.gpt_4_input_usd_per_mtok
    write = n.measured.gpt_4o_output_usd_per_mtok / n.measured.gpt_4_output_usd_per_mtok
    bound = n.claimed.price_ratio_above
    return judged(
        {"input_price_ratio": read, "output_price_ratio": write},
        rule="Contradicted where the named successor is cheaper for prompts and for answers.",
        adds_up=None,
        reality=against(read > bound, write > bound),
    )


def no_margin(n: Numbers) -> Judged:
    """c27: open models leave no margin."""
    m = n.measured
    floor = m.floor_usd_per_mtok / m.utilization
    margins = {
        "margin_at_p10_share": 1.0 - floor / m.price_p10_usd_per_mtok,
        "margin_at_median_share": 1.0 - floor / m.price_median_usd_per_mtok,
        "margin_at_p90_share": 1.0 - floor / m.price_p90_usd_per_mtok,
    }
    thin = [margin <= n.claimed.margin_share + NO_MARGIN_SHARE for margin in margins.values()]
    return judged(
        margins,
        rule="A margin of up to 10 % counts as none: supported where all offers are so thin, contested where some "
        "are, contradicted where none is.",
        adds_up=None,
        reality=against(*thin),
    )


def batch_discount(n: Numbers) -> Judged:
    """c30: price decides for batch users."""
    factor = n.measured.batch_factor
    return judged(
        {"batch_factor": factor},
        rule="Supported where batch prices are below list.",
        adds_up=None,
        reality=against(factor < 1.0),
    )


def dearer_for_better(n: Numbers) -> Judged:
    """c15: 5 % better for 30 % more."""
    g = n.given
    per_success = (1.0 + g.cost_gain_share) / (1.0 + g.quality_gain_share)
    break_even = g.cost_gain_share / (g.quality_gain_share * g.success_share)
    named = n.measured.gpt_4o_input_usd_per_mtok / n.measured.gpt_4_input_usd_per_mtok
    newest_dearer = evidence.default("price.decline_per_task_newest").low < 1.0
    return judged(
        {
            "cost_per_success_x": per_success,
            "break_even_failure_over_call_x": break_even,
            "named_pair_price_ratio": named,
        },
        rule="Holds where the named pair got dearer, and where running the newest model does; contested where "
        "only one of them does.",
        adds_up=per_success > 1.0,
        reality=against(named > 1.0, newest_dearer),
    )
