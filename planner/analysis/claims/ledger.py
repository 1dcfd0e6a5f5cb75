"""The catalog's claims, recomputed: each claim, its numbers and its verdict."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from planner.analysis.claims import models, plans, prices
from planner.analysis.claims.judged import Numbers, Rule
from planner.catalog import evidence
from planner.errors import Problem, ScenarioError
from planner.records import dataclass

RULES: dict[str, Rule] = {
    "c01": prices.training_per_token,
    "c02": prices.price_over_training,
    "c03": prices.batch_price,
    "c04": prices.idle_overhead,
    "c05": plans.lawyer,
    "c06": prices.both_lose,
    "c07": prices.flat_cost,
    "c08": prices.no_better_hardware,
    "c09": models.fewer_bits,
    "c10": models.distilled_once,
    "c11": models.distilled_twice,
    "c12": plans.scale_breaks,
    "c13": models.specialist,
    "c14": plans.five_months,
    "c15": prices.dearer_for_better,
    "c16": models.faster_promise,
    "c17": models.distil_and_save,
    "c18": models.retrieval,
    "c19": models.routed,
    "c20": plans.cheap_outcome,
    "c21": plans.nearly_free,
    "c22": models.last_levers,
    "c23": prices.lower_price_lower_margin,
    "c24": prices.successor_costs_more,
    "c25": plans.volume,
    "c26": plans.stories,
    "c27": prices.no_margin,
    "c28": models.speculative,
    "c29": plans.dates,
    "c30": prices.batch_discount,
    "c31": models.domain_models,
    "c32": plans.pilot_to_production,
}


@dataclass(frozen=True)
class ClaimSource:
    """One finding behind a claim, its source and how it was read."""

    finding: str
    source: str
    how_read: str
    confidence: str


@dataclass(frozen=True)
class ClaimResult:
    """One claim: its text, its numbers, their result and the verdict.

    `arithmetic` and `reality` are the two halves of the judgement; `rule` says what decides the verdict.
    """

    id: str
    paraphrase: str
    equation: str
    inputs: Mapping[str, float]
    measured: Mapping[str, Any]
    claimed: Mapping[str, Any]
    computed: Mapping[str, float]
    arithmetic: str
    reality: str
    verdict: str
    rule: str
    note: str
    sources: tuple[ClaimSource, ...]


def claims() -> list[ClaimResult]:
    """Return every claim of the catalog, recomputed from its inputs and the findings."""
    return [claim(name) for name in evidence.claims()]


def claim(name: str, /, **changed: float) -> ClaimResult:
    """Return one claim, with any of its numbers changed (those of `inputs`, `claimed` or `measured`).

    A name that occurs in several of them is changed in all.

    >>> claim("c20").verdict, claim("c20", human_contact_usd=25.0).verdict
    ('consistent', 'contradicted')
    """
    entry = _entry(name)
    inputs, claimed, measured = (
        {key: changed.get(key, value) for key, value in table.items()}
        for table in (entry.inputs, entry.claimed, entry.measured)
    )
    if unknown := sorted(set(changed) - {*inputs, *claimed, *measured}):
        known = ", ".join(dict.fromkeys([*inputs, *claimed, *measured]))
        raise ScenarioError(
            [Problem(f"claim {name}", f"has no {each}.", f"It has {known}.") for each in unknown]
        )
    judged = RULES[name](
        Numbers(SimpleNamespace(**inputs), SimpleNamespace(**claimed), SimpleNamespace(**measured))
    )
    return ClaimResult(
        id=name, paraphrase=entry.paraphrase, equation=entry.equation, inputs=inputs, measured=measured,
        claimed=claimed, computed=judged.computed, arithmetic=judged.arithmetic, reality=judged.reality,
        verdict=judged.verdict, rule=judged.rule, note=entry.note,
        sources=tuple(_source(each) for each in entry.evidence),
    )  # fmt: skip


def _entry(name: str) -> evidence.Claim:
    known = evidence.claims()
    if name not in known:
        raise ScenarioError(
            [Problem("claims", f'has no "{name}".', f"They run from {min(known)} to {max(known)}.")]
        )
    return known[name]


def _source(finding_id: str) -> ClaimSource:
    finding = evidence.finding(finding_id)
    return ClaimSource(finding.id, str(finding.source), finding.how_read, finding.confidence)
