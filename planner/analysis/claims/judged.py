"""The verdict on one claim, from its numbers."""

import math
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Literal

from planner.records import dataclass

CONSISTENT, INCONSISTENT, NOTHING_TO_ADD_UP = "consistent", "inconsistent", "n/a"
SUPPORTED, CONTESTED, CONTRADICTED, UNCHECKABLE = "supported", "contested", "contradicted", "uncheckable"
PLAUSIBLE = "plausible"

Computed = Mapping[str, float]
Decides = Literal["both", "arithmetic", "reality"]


@dataclass(frozen=True)
class Numbers:
    """A rule's inputs: the claim's inputs, its claimed numbers, and related measurements."""

    given: SimpleNamespace
    claimed: SimpleNamespace
    measured: SimpleNamespace


@dataclass(frozen=True)
class Judged:
    """The judgement of a claim. `arithmetic`: is it consistent with itself; `reality`: with the findings.

    `rule` says which comparison decides, so that a reader can follow it by hand.
    """

    computed: Computed
    arithmetic: str
    reality: str
    verdict: str
    rule: str


Rule = Callable[[Numbers], Judged]


def judged(
    computed: Computed, *, rule: str, adds_up: bool | None, reality: str, decides: Decides = "both"
) -> Judged:
    """Return the judgement of a claim from a rule's comparisons.

    Where both decide: a claim at odds with itself is inconsistent; else it is contradicted by findings that
    are all against it, and plausible otherwise. Where the arithmetic decides (a claim that is a sum and no
    more) it is consistent or inconsistent; where reality decides, contradicted or plausible.
    """
    arithmetic = NOTHING_TO_ADD_UP if adds_up is None else CONSISTENT if adds_up else INCONSISTENT
    by_reality = CONTRADICTED if reality == CONTRADICTED else PLAUSIBLE
    if decides == "arithmetic" or (decides == "both" and arithmetic == INCONSISTENT):
        return Judged(computed, arithmetic, reality, arithmetic, rule)
    return Judged(computed, arithmetic, reality, by_reality, rule)


def against(*checks: bool) -> str:
    """Return whether all, some or none of the findings support a claim.

    >>> against(True, True), against(True, False), against(False)
    ('supported', 'contested', 'contradicted')
    """
    return SUPPORTED if all(checks) else CONTESTED if any(checks) else CONTRADICTED


def same(one: float, other: float, *, within: float = 0.02) -> bool:
    """Return whether two numbers are the same to a relative tolerance."""
    return math.isclose(one, other, rel_tol=within)


def near(one: float, other: float, *, factor: float) -> bool:
    """Return whether two numbers above 0 lie within a factor of each other.

    >>> near(2.0, 5.0, factor=3), near(2.0, 7.0, factor=3)
    (True, False)
    """
    return 1.0 / factor <= one / other <= factor
