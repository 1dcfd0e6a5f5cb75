"""Claims about what a model, a format or a prompt does to cost and quality."""

import math

from planner.analysis.claims.judged import Judged, Numbers, against, judged, near, same
from planner.catalog import evidence
from planner.model.serving.queueing import rho_max

NO_LOSS_POINTS = 1.0
SAME_QUALITY_SHARE = 0.95  # of the gap between the two models


def fewer_bits(n: Numbers) -> Judged:
    """c09: 4x from FP32 to INT8."""
    g, m = n.given, n.measured
    memory = g.bits_from / g.bits_to
    loss = (g.quality_loss_low_share + g.quality_loss_high_share) / 2.0
    return judged(
        {
            "memory_saving_x": memory,
            "memory_saving_from_format_in_use_x": m.bits_in_use / g.bits_to,
            "throughput_gain_x": m.throughput_gain_x,
            "cost_per_success_as_claimed_x": 1.0 / memory / (1.0 - loss),
            "cost_per_success_as_measured_x": 1.0 / m.throughput_gain_x / m.quality_kept_share,
        },
        rule="Contradicted where the measured gain in throughput is below half the claimed saving.",
        adds_up=same(memory, n.claimed.saving_x),
        reality=against(m.throughput_gain_x >= n.claimed.saving_x / 2.0),
    )


def distilled_once(n: Numbers) -> Judged:
    """c10: 70B to 13B keeps 70 to 85 %."""
    low, high = 1.0 - n.given.loss_high_share, 1.0 - n.given.loss_low_share
    like = n.measured.kept_by_14b_share / n.measured.kept_by_70b_share
    below = evidence.claims()["c11"].measured["step_14b_to_7b_share"]
    kept = (like, n.measured.kept_by_14b_share, below)
    return judged(
        {
            "size_ratio": n.given.big_params_b / n.given.small_params_b,
            "kept_70b_to_14b_share": like,
            "kept_teacher_to_14b_share": n.measured.kept_by_14b_share,
            "kept_14b_to_7b_share": below,
        },
        rule="Each measured step inside the claimed range speaks for it, each outside against it.",
        adds_up=None,
        reality=against(*(low <= share <= high for share in kept)),
    )


def distilled_twice(n: Numbers) -> Judged:
    """c11: a second distillation loses another tenth."""
    g, m = n.given, n.measured
    second = 1.0 - g.r2_share
    losses = [
        1.0 - share for share in (m.step_32b_to_14b_share, m.step_14b_to_7b_share, m.step_7b_to_1_5b_share)
    ]
    return judged(
        {
            "kept_low_share": g.r1_low_share * g.r2_share,
            "kept_high_share": g.r1_high_share * g.r2_share,
            "kept_if_points_low_share": g.r1_low_share - second,
            "kept_if_points_high_share": g.r1_high_share - second,
            "measured_first_loss_share": losses[0],
            "measured_second_loss_share": losses[1],
            "measured_third_loss_share": losses[2],
        },
        rule="Reality decides: contradicted where each measured step loses more than the one before. At odds "
        "with itself where the second loss is below the first, as gains are said to diminish.",
        adds_up=second >= 1.0 - g.r1_high_share,
        reality=against(losses != sorted(losses)),
        decides="reality",
    )


def specialist(n: Numbers) -> Judged:
    """c13: 70 % of the capability at 10 % of the cost."""
    g = n.given
    per_success = g.cost_frac / g.quality_frac
    break_even = (1.0 - g.cost_frac) / (1.0 - g.quality_frac)
    return judged(
        {
            "cost_per_success_x": per_success,
            "break_even_failure_over_call_x": break_even,
            "specialist_points_over_generalist": n.measured.lora_points_over_gpt4,
        },
        rule="Holds where cost per success falls and where specialists were measured below the generalist on "
        "their task; contested where only one is so.",
        adds_up=per_success < 1.0,
        reality=against(per_success < 1.0, n.measured.lora_points_over_gpt4 < 0),
    )


def faster_promise(n: Numbers) -> Judged:
    """c16: 100 ms needs ten times the machines of 2 s."""
    m = n.measured
    queue_many = _queue_cost(m, m.slots_many)
    queue_one = _queue_cost(m, m.slots_one)
    decode = m.cost_fast_over_floor / m.cost_slow_over_floor
    floor_s = m.answer_tokens / m.speed_limit_tokens_per_s
    claimed = n.given.cost_ratio
    return judged(
        {
            "latency_power": math.log(claimed) / math.log(n.given.slow_s / n.given.fast_s),
            "queue_only_many_slots_x": queue_many,
            "queue_only_one_slot_x": queue_one,
            "token_speed_x": m.speed_fast_tokens_per_s / m.speed_slow_tokens_per_s,
            "token_speed_cost_x": decode,
            "fastest_whole_answer_s": floor_s,
        },
        rule="Each way to read the promise speaks for the claim where its cost is within a factor of 2 of the "
        "claimed one: queueing for a first token, token speed, a whole answer (which must be possible at all).",
        adds_up=None,
        reality=against(
            near(queue_many, claimed, factor=2),
            near(queue_one, claimed, factor=2),
            near(decode, claimed, factor=2),
            floor_s <= n.given.fast_s,
        ),
    )


def _queue_cost(m: object, servers: float) -> float:
    """Return how many times the servers a short wait takes, by the model's own queue."""
    of = vars(m)
    q = 1.0 - of["wait_exceeded_share"]
    short, long = (
        rho_max(servers=servers, wait_over_service=wait, ca2=of["arrivals_cv2"], cs2=of["service_cv2"], q=q)
        for wait in (of["wait_fast_service_times"], of["wait_slow_service_times"])
    )
    return float(long / short)


def distil_and_save(n: Numbers) -> Judged:
    """c17: 10 to 15 % less quality for 70 % less cost."""
    g, m = n.given, n.measured
    left = 1.0 - g.saving_share
    measured = (1.0 - m.kept_32b_to_14b_share, 1.0 - m.kept_671b_to_14b_share)
    return judged(
        {
            "cost_per_success_low_x": left / (1.0 - g.loss_low_share),
            "cost_per_success_high_x": left / (1.0 - g.loss_high_share),
            "break_even_failure_over_call_low_x": g.saving_share / (g.loss_high_share * g.success_share),
            "break_even_failure_over_call_high_x": g.saving_share / (g.loss_low_share * g.success_share),
            "measured_loss_low_share": measured[0],
            "measured_loss_high_share": measured[1],
        },
        rule="Supported where no measured step to 14B loses more than the claim allows.",
        adds_up=same(left, n.claimed.cost_frac),
        reality=against(*(loss <= g.loss_high_share for loss in measured)),
    )


def retrieval(n: Numbers) -> Judged:
    """c18: 4K with retrieval is 20x cheaper than 200K and loses under 5 %."""
    g, m = n.given, n.measured

    def ratio(answer_tokens: float, price_x: float = 1.0) -> float:
        out = answer_tokens * g.output_usd_per_mtok
        long = g.long_tokens * g.input_usd_per_mtok * price_x + out
        return float(long / (g.short_tokens * g.input_usd_per_mtok + out))

    claimed = n.claimed.ratio
    saved = g.long_tokens - claimed * g.short_tokens
    losses = (1.0 - m.gemini_rag / m.gemini_full, 1.0 - m.gpt_4o_rag / m.gpt_4o_full)
    return judged(
        {
            "ratio_short_answer": ratio(g.short_answer_tokens),
            "ratio_long_answer": ratio(g.long_answer_tokens),
            "ratio_with_cached_prompt": ratio(g.answer_tokens, m.cache_read_x),
            "answer_tokens_at_claimed_ratio": saved
            * g.input_usd_per_mtok
            / (claimed - 1)
            / g.output_usd_per_mtok,
            "loss_gemini_share": losses[0],
            "loss_gpt_4o_share": losses[1],
            "gain_lara_128k_points": m.lara_gain_points_128k,
        },
        rule="Each finding speaks for the claim or against it: the ratio uncached and with a cached prompt, the "
        "loss in three studies.",
        adds_up=ratio(g.answer_tokens) >= claimed,
        reality=against(
            ratio(g.answer_tokens) >= claimed,
            ratio(g.answer_tokens, m.cache_read_x) >= claimed,
            *(loss < n.claimed.loss_share for loss in losses),
            m.lara_gain_points_128k > -100.0 * n.claimed.loss_share,
        ),
    )


def routed(n: Numbers) -> Judged:
    """c19: routing is 5x cheaper at the same quality."""
    small, m = n.given.small_cost_over_large, n.measured
    share = (1.0 / n.given.cost_ratio - small) / (1.0 - small)
    chat, other = (1.0 - (1.0 - share) ** k for k in (m.k_chat, m.k_other))
    mmlu = 100.0 * (m.mmlu_strong_share - m.mmlu_weak_share) * (1.0 - other)
    gsm8k = 100.0 * (m.gsm8k_strong_share - m.gsm8k_weak_share) * (1.0 - other)
    parity = 1.0 / (1.0 - m.parity_saving_high_share)
    allowed = n.claimed.quality_loss_points + NO_LOSS_POINTS
    return judged(
        {
            "strong_share": share,
            "gap_recovered_chat_share": chat,
            "gap_recovered_other_share": other,
            "mmlu_loss_points": mmlu,
            "gsm8k_loss_points": gsm8k,
            "parity_cost_ratio": parity,
        },
        rule="The same quality: holds for chat where a router wins nearly all of the gap back, for knowledge and "
        "maths where it loses at most a point, and where independent tests save as much at equal quality.",
        adds_up=0.0 <= share <= 1.0,
        reality=against(
            chat >= SAME_QUALITY_SHARE, mmlu <= allowed, gsm8k <= allowed, parity >= n.given.cost_ratio
        ),
    )


def last_levers(n: Numbers) -> Judged:
    """c22: three levers are all that is left."""
    known = {finding.lever for finding in evidence.findings()}
    found = [lever for lever in n.measured.levers_with_findings if lever in known]
    return judged(
        {"levers_with_findings": float(len(found)), "levers_named": float(n.given.levers_named)},
        rule="Contradicted where more levers have findings than the claim names.",
        adds_up=len(found) <= n.given.levers_named,
        reality=against(len(found) <= n.given.levers_named),
        decides="reality",
    )


def speculative(n: Numbers) -> Judged:
    """c28: speculative decoding uses fewer tokens."""
    g = n.given
    made = (1.0 - g.accepted_share ** (g.drafted_tokens + 1)) / (1.0 - g.accepted_share)
    checked = (g.drafted_tokens + 1) / made
    return judged(
        {
            "speedup_x": made / (g.drafted_tokens * g.draft_cost_share + 1.0),
            "tokens_checked_per_token_kept": checked,
            "tokens_saved_share": 1.0 - max(checked, 1.0),
            "throughput_batch_64_x": n.measured.throughput_batch_64_x,
        },
        rule="Contradicted where the large model checks more tokens than it keeps; those billed stay the same.",
        adds_up=None,
        reality=against(1.0 - max(checked, 1.0) > n.claimed.tokens_saved_share_above),
    )


def domain_models(n: Numbers) -> Judged:
    """c31: domain models are smaller, cheaper and better placed."""
    return judged(
        {
            "specialist_points_over_generalist": n.measured.lora_points_over_gpt4,
            "fine_tune_usd": n.measured.fine_tune_usd,
        },
        rule="Supported as to cost and quality where specialists beat the generalist on their own task. That it "
        "is a moat is not tested by this; the cost of a fine-tune is what a rival pays.",
        adds_up=None,
        reality=against(n.measured.lora_points_over_gpt4 > 0),
    )
