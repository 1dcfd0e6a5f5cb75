"""Vendors' rate limits by account tier."""

from collections.abc import Mapping
from typing import Any

from planner.catalog.facts import table
from planner.catalog.naming import listed_as, near
from planner.errors import Problem, ScenarioError
from planner.records import dataclass

REQUESTS, TOKENS, INPUT_TOKENS, OUTPUT_TOKENS, USD = (
    "requests",
    "tokens",
    "input_tokens",
    "output_tokens",
    "usd_per_month",
)
KINDS = (REQUESTS, TOKENS, INPUT_TOKENS, OUTPUT_TOKENS)  # per minute
_FILE = "tables/rate_limits"


@dataclass(frozen=True)
class TierLimits:
    """The limits of one tier for one model, by KINDS, and the monthly spend cap under USD."""

    tier: str
    vendor: str
    limits: Mapping[str, float]
    cached_counts: bool
    source: str


def tier_limits(tier: str, model: str) -> TierLimits:
    """Return a tier's limits for a model; raise ScenarioError if the catalog has none."""
    tiers = table(_FILE)
    if tier not in tiers:
        raise ScenarioError([Problem("limits.tier", f'"{tier}" is not known.', near(tier, tiers))])
    found = _limits(tier, model)
    if found is None:
        known = ", ".join(name for row in tiers[tier]["rows"] for name in row["models"])
        what = f'"{tier}" has no limits for {model}.'
        raise ScenarioError(
            [
                Problem(
                    "limits.tier", what, f"It has limits for {known}. State the limits instead of the tier."
                )
            ]
        )
    return found


def tiers_of(model: str) -> list[TierLimits]:
    """Return the limits of each tier that has any for a model, in catalog order."""
    found = (_limits(tier, model) for tier in table(_FILE))
    return [each for each in found if each is not None]


def _limits(tier: str, model: str) -> TierLimits | None:
    said: dict[str, Any] = table(_FILE)[tier]
    rows = {name: row for row in said["rows"] for name in row["models"]}
    name = listed_as(model, rows, families=True)
    if name is None:
        return None
    limits = {kind: float(rows[name][kind]) for kind in KINDS if kind in rows[name]}
    limits |= {USD: float(said[USD])} if USD in said else {}
    return TierLimits(tier, said["vendor"], limits, said["cached_counts"], said["source"])
