"""The answer of a search when nothing meets its bounds: how close it comes."""

import math
from collections.abc import Iterator

from planner.analysis.frontier import Front
from planner.readout import label, number_text


def nearest(found: Front) -> Iterator[str]:
    """Yield a sentence for each bound that no feasible combination meets, or one saying that none meets all."""
    alone = False
    for bound, reached in zip(found.where, found.reached, strict=True):
        at_least = bound.operator in (">=", ">")
        outside = reached < bound.limit if at_least else reached > bound.limit
        if not outside:
            continue
        alone = True
        limit, best = (number_text(bound.metric, each) for each in (bound.limit, reached))
        if math.isinf(reached):
            yield f"None has a {label(bound.metric).lower()}."
        elif at_least:
            yield f"None reaches {limit} {label(bound.metric).lower()}; the best is {best}."
        else:
            yield f"None keeps {label(bound.metric).lower()} to {limit}; the lowest is {best}."
    if not alone:
        yield "Each bound is kept by some combination, all of them by none."
