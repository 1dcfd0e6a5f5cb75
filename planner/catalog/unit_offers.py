"""Capacity sold by the unit under vendors' published rules: the throughput and cost of a unit, by model."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Any

from planner.catalog.facts import table
from planner.catalog.naming import listed_as, near
from planner.errors import Problem, ScenarioError
from planner.records import dataclass
from planner.units import HOURS_PER_MONTH, MONTHS_PER_YEAR

TOKENS, LIST_PRICE = "tokens", "list-price"
HOUR = "hour"
DAYS_PER_MONTH = 365.0 / MONTHS_PER_YEAR
_FILE = "tables/unit_offers"
_VENDORS = {
    "azure": ("Azure",),
    "aws": ("AWS Bedrock",),
    "google": ("Google",),
    "openai": ("OpenAI", "Azure"),
}
_ALL_VENDORS = ("Azure", "AWS Bedrock", "Google", "OpenAI")


@dataclass(frozen=True)
class UnitOffer:
    """One offer for one model. Weights say how many input tokens a token counts as.

    `tokens_per_minute` is a unit's capacity (USD at list price per minute if it `counts` that); `output_tokens_per_minute`
    is an output unit's, 0 if output uses the same units. `usd_per_month` is the monthly price of each term except the
    hourly one. Prompts above `long_from_tokens` count `long_input` and `long_output`.
    """

    name: str
    vendor: str
    model: str
    unit: str
    counts: str
    tokens_per_minute: float
    output_tokens_per_minute: float
    output_weight: float
    cache_read_weight: float
    cache_write_weight: float
    cache_write_1h_weight: float
    least: float
    step: float
    least_output: float
    usd_per_hour: float | None
    usd_per_month: Mapping[str, float]
    output_usd_per_month: Mapping[str, float]
    source: str
    as_of: date
    meter_weights: Mapping[str, float] = field(default_factory=dict)
    long_from_tokens: float = float("inf")
    long_input: float = 1.0
    long_output: float = 0.0


def unit_offer(name: str, model: str) -> UnitOffer:
    """Return an offer for a model ("azure:gpt-4.1"); raise ScenarioError if there is none."""
    offers = table(_FILE)["offers"]
    if name not in offers:
        raise ScenarioError([Problem("provisioned.offer", f'"{name}" is not known.', near(name, offers))])
    found = _offer(name, model)
    if found is None:
        sold = ", ".join(row["model"] for row in _models(name))
        what = f'"{name}" lists no units for {model}.'
        hint = f"It lists {sold}. State tokens_per_s_per_unit and the price instead of the offer."
        raise ScenarioError([Problem("provisioned.offer", what, hint)])
    return found


def offers_of(model: str) -> list[UnitOffer]:
    """Return every offer for a seller's model, in catalog order; offers of all vendors if the seller has none."""
    vendors = _VENDORS.get(model.partition(":")[0], _ALL_VENDORS)
    found = (
        _offer(name, model) for name, terms in table(_FILE)["offers"].items() if terms["vendor"] in vendors
    )
    return [each for each in found if each is not None and each.model]


def _models(name: str) -> list[dict[str, Any]]:
    listed = table(_FILE)["offers"][name].get("models")
    return table(_FILE)["models"][listed] if listed else []


def _offer(name: str, model: str) -> UnitOffer | None:
    terms, listed = table(_FILE)["offers"][name], _models(name)
    row = _row(listed, model) if listed else {}
    if row is None:
        return None
    place = "regional_" if terms.get("regional") else ""
    prices = dict(terms.get("usd", {}))
    stated = {f"{key}_tokens": float(row[key]) for key in ("long_from",) if key in row}
    stated |= {key: float(row[key]) for key in ("long_input", "long_output") if key in row}
    return UnitOffer(
        name=name, vendor=terms["vendor"], model=row.get("model", ""), unit=terms["unit"],
        counts=terms.get("counts", TOKENS),
        tokens_per_minute=float(row.get("tokens_per_minute", terms.get("tokens_per_minute", 0.0))),
        output_tokens_per_minute=float(row.get("output_tokens_per_minute", 0.0)),
        output_weight=float(row.get("output", 1.0)),
        cache_read_weight=float(terms.get("cache_read", 1.0)),
        cache_write_weight=float(row.get("cache_write", 1.0)),
        cache_write_1h_weight=float(row.get("cache_write_1h", row.get("cache_write", 1.0))),
        least=float(row.get(f"{place}least", terms["least"])),
        step=float(row.get(f"{place}step", terms["step"])),
        least_output=float(terms.get("least_output", 0)),
        usd_per_hour=prices.get(HOUR),
        usd_per_month={key: float(usd) for key, usd in prices.items() if key != HOUR} or _by_term(terms, row, ""),
        output_usd_per_month=_by_term(terms, row, "output_"),
        source=terms["source"], as_of=terms["as_of"],
        meter_weights={unit: float(weight) for unit, weight in row.get("meters", {}).items()},
        **stated,
    )  # fmt: skip


def _by_term(terms: Mapping[str, Any], row: Mapping[str, Any], kind: str) -> dict[str, float]:
    """Return the monthly price of each term, from a model's hourly or daily price."""
    by_hour, by_day = row.get(f"{kind}usd_per_hour", 0.0), row.get(f"{kind}usd_per_day", 0.0)
    usd = (by_hour * HOURS_PER_MONTH + by_day * DAYS_PER_MONTH) * terms.get("price_x", 1.0)
    return {term: usd * (1.0 - cut) for term, cut in terms.get("discounts", {}).items() if usd}


def _row(listed: list[dict[str, Any]], model: str) -> dict[str, Any] | None:
    rows = {row["model"]: row for row in listed}
    name = listed_as(model, rows)
    return None if name is None else rows[name]
