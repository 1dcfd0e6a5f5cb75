"""Rules of thumb, recomputed from their numbers and tried on the open scenario."""

from planner.analysis.claims.effects import EFFECTS, Effect, apply
from planner.analysis.claims.ledger import ClaimResult, ClaimSource, claim, claims

__all__ = ["EFFECTS", "ClaimResult", "ClaimSource", "Effect", "apply", "claim", "claims"]
