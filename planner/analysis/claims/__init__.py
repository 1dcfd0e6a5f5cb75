"""Rules of thumb, recomputed from their numbers and applied to the open plan."""

from planner.analysis.claims.effects import EFFECTS, Effect, apply
from planner.analysis.claims.ledger import ClaimResult, ClaimSource, claim, claims

__all__ = ["EFFECTS", "ClaimResult", "ClaimSource", "Effect", "apply", "claim", "claims"]
