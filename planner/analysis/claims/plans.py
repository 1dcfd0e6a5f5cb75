"""Claims about outcomes, companies and growth."""

import math

from planner.analysis.claims.judged import (
    CONSISTENT,
    CONTRADICTED,
    INCONSISTENT,
    PLAUSIBLE,
    SUPPORTED,
    UNCHECKABLE,
    Judged,
    Numbers,
    against,
    judged,
    near,
    same,
)
from planner.catalog import evidence
from planner.model.company.cost_of_outcome import break_even_failure_usd
from planner.model.serving.queueing import rho_max
from planner.units import MONTHS_PER_YEAR, TOKENS_PER_MTOK

ROUNDING_UP = 1.000001


def lawyer(n: Numbers) -> Judged:
    """c05: a dear specialist beats a cheap generalist."""
    g, tokens = n.given, n.measured.chat_tokens_per_request
    hours = g.hours_saved_specialist - g.hours_saved_generalist
    limit = g.hourly_rate_usd * hours / (g.specialist_usd_per_token - g.generalist_usd_per_token)
    market = evidence.default("price.out_usd_per_m").high / TOKENS_PER_MTOK
    saved_usd = g.hourly_rate_usd * g.hours_saved_specialist * n.measured.law_time_saved_low_share
    return judged(
        {
            "value_ratio": g.hours_saved_specialist / g.hours_saved_generalist,
            "cost_ratio": g.specialist_usd_per_token / g.generalist_usd_per_token,
            "break_even_tokens": limit,
            "zero_profit_tokens": g.hourly_rate_usd * g.hours_saved_specialist / g.specialist_usd_per_token,
            "cost_at_market_price_usd": market * tokens,
            "value_by_trial_usd": saved_usd,
        },
        rule="At odds with itself where an ordinary chat request is already longer than the break-even. Plausible "
        "in reality where the time saved in the trial is worth more than the tokens at market price.",
        adds_up=tokens <= limit,
        reality=PLAUSIBLE if saved_usd > market * tokens else against(False),
    )


def scale_breaks(n: Numbers) -> Judged:
    """c12: what works for a thousand users breaks at a hundred thousand."""
    g = n.given
    cost, users = g.cost_large_usd_per_month / g.cost_small_usd_per_month, g.users_large / g.users_small
    per_small, per_large = (
        g.cost_small_usd_per_month / g.users_small,
        g.cost_large_usd_per_month / g.users_large,
    )
    return judged(
        {
            "elasticity": math.log(cost) / math.log(users),
            "usd_per_user_small": per_small,
            "usd_per_user_large": per_large,
        },
        rule="A price between the two costs of a user works before and not after, any above both works on: contested "
        "where the cost of a user rises, supported where it at least doubles, contradicted where it does not rise.",
        adds_up=same(cost, n.claimed.cost_ratio) and same(users, n.claimed.user_ratio),
        reality=against(per_large > per_small * ROUNDING_UP, per_large >= 2.0 * per_small),
    )


def five_months(n: Numbers) -> Judged:
    """c14: five million, burning a fifth a month."""
    cash, share = n.given.cash_usd, n.given.burn_share_per_month
    months, median = n.claimed.months, n.measured.series_a_net_burn_usd_per_month
    return judged(
        {
            "months_if_share_of_round": 1.0 / share,
            "left_if_share_of_rest_usd": cash * (1.0 - share) ** months,
            "first_burn_if_burn_grows_usd": cash * share / ((1.0 + share) ** months - 1.0),
            "months_if_median_burn_grows": math.log(1.0 + cash * share / median) / math.log(1.0 + share),
            "months_at_median_burn": cash / median,
        },
        rule="A sum, so the arithmetic decides: a share of the round burnt each month lasts one over the share. "
        "In reality the median burn must last about as long, within a factor of 2.",
        adds_up=same(1.0 / share, months),
        reality=against(near(cash / median, months, factor=2)),
        decides="arithmetic",
    )


def cheap_outcome(n: Numbers) -> Judged:
    """c20: 10 cents at 90 % beats a dollar at 95 %."""
    g = n.given
    cheap, good = g.cheap_usd / g.cheap_success_share, g.good_usd / g.good_success_share
    limit = _break_even_usd(n)
    pays = limit > n.measured.human_contact_usd
    return Judged(
        {
            "cheap_usd_per_success": cheap,
            "good_usd_per_success": good,
            "usd_per_success_ratio": good / cheap,
            "break_even_failure_usd": limit,
        },
        CONSISTENT if cheap < good else INCONSISTENT,
        SUPPORTED if pays else against(limit > n.measured.human_contact_low_usd, False),
        (CONSISTENT if pays else CONTRADICTED) if cheap < good else INCONSISTENT,
        "Consistent where the cheap one costs less for each success and still does once a failure costs what a "
        "person's support contact costs; contradicted where such a failure makes the good one cheaper.",
    )


def nearly_free(n: Numbers) -> Judged:
    """c21: a tenth of a cent a token at 80 % beats 10 cents at 100 %."""
    g, m = n.given, n.measured
    cheap, good = g.cheap_usd / g.cheap_success_share, g.good_usd / g.good_success_share
    gain = g.good_success_share - g.cheap_success_share
    limit = m.tokens_per_task * _break_even_usd(n)
    market = m.tokens_per_task * (m.good_usd_per_mtok - m.cheap_usd_per_mtok) / TOKENS_PER_MTOK / gain
    return judged(
        {
            "cheap_usd_per_success_and_token": cheap,
            "good_usd_per_success_and_token": good,
            "cheap_usd_per_success": m.tokens_per_task * cheap,
            "good_usd_per_success": m.tokens_per_task * good,
            "break_even_failure_usd_per_token": _break_even_usd(n),
            "break_even_failure_usd": limit,
            "break_even_failure_at_market_prices_usd": market,
        },
        rule="Speaks for the claim where a failure may cost more than the cheapest person who could step in: at the "
        "claim's prices, and at the market's, for the tokens of an ordinary request.",
        adds_up=cheap < good,
        reality=against(limit >= m.human_contact_low_usd, market >= m.human_contact_low_usd),
    )


def _break_even_usd(n: Numbers) -> float:
    g = n.given
    return float(
        break_even_failure_usd(
            cheap_usd=g.cheap_usd, cheap_success=g.cheap_success_share,
            dear_usd=g.good_usd, dear_success=g.good_success_share,
        )
    )  # fmt: skip


def volume(n: Numbers) -> Judged:
    """c25: volume turns a profit into a loss."""
    m = n.measured
    small, large = (
        float(
            rho_max(
                servers=slots, wait_over_service=m.wait_service_times, ca2=m.arrivals_cv2, cs2=m.service_cv2,
                q=1.0 - m.wait_exceeded_share,
            )
        )
        for slots in (m.slots_small, m.slots_large)
    )  # fmt: skip
    return judged(
        {"utilization_small_share": small, "utilization_large_share": large, "unit_cost_x": small / large},
        rule="At odds with unit cost = fixed/n + variable, which falls with n; contradicted where a larger pool "
        "may run fuller, so that the same promise costs less for each request.",
        adds_up=small / large > 1.0,
        reality=against(small / large > 1.0),
    )


def stories(n: Numbers) -> Judged:
    """c26: months that are left, and stories that outlive them."""
    m, claimed = n.measured, n.claimed
    overlap = claimed.story_low_months <= m.runway_target_high_months
    overlap = overlap and claimed.story_high_months >= m.runway_target_low_months
    return judged(
        {
            "runway_target_low_months": m.runway_target_low_months,
            "runway_target_high_months": m.runway_target_high_months,
            "burn_at_low_share_per_month": 1.0 / claimed.months_low,
        },
        rule="Comes without data, so it can't be checked; contradicted only where its 18 to 24 months lie outside "
        "the runway that rounds are raised for.",
        adds_up=None,
        reality=UNCHECKABLE if overlap else against(False),
    )


def dates(n: Numbers) -> Judged:
    """c29: twelve months before 2026."""
    year = n.given.set_in_year - n.given.months_ago / MONTHS_PER_YEAR
    return judged(
        {"year": year},
        rule="A subtraction: inconsistent where it gives another year.",
        adds_up=year == n.claimed.year,
        reality=UNCHECKABLE,
    )


def pilot_to_production(n: Numbers) -> Judged:
    """c32: usage grows 10 to 100 times."""
    google = n.measured.google_tokens_after / n.measured.google_tokens_before
    router = n.measured.openrouter_x_per_year
    fastest = max(google, router)
    return judged(
        {"google_x_per_year": google, "openrouter_x_per_year": router},
        rule="Plausible where the low end is no more than 10 times the fastest growth of all tokens together: "
        "one product can outgrow the market.",
        adds_up=None,
        reality=PLAUSIBLE if n.claimed.low_x <= 10.0 * fastest else against(False),
    )
