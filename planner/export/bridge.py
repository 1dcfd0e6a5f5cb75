"""The bridge from revenue to gross profit: each deployment and each other cost of revenue as a step."""

import math

from planner.model import Result
from planner.records import dataclass

MOST_STEPS = 7
SMALLEST_USD = 0.005  # smaller amounts count as zero
COMPANY = "company"  # costs that don't depend on revenue


@dataclass(frozen=True)
class BridgeStep:
    """A step of the bridge, in USD per month. The ends of the bridge are `whole`: their bars start at zero."""

    label: str
    usd: float
    whole: bool = False


def margin_bridge(result: Result) -> tuple[BridgeStep, ...]:
    """Return the steps from revenue to gross profit in month 1, largest first; they sum exactly.

    One-off spend on deployments is spread over its months, not counted when paid.
    """
    revenue, cogs = (float(result.months.first[name].item()) for name in ("revenue_usd", "cogs_usd"))
    costs: dict[str, float] = {}
    for item in result.line_items:
        if item.group not in (COMPANY, "one-off"):
            label = item.deployment or item.name
            costs[label] = costs.get(label, 0.0) + float(item.usd_per_month)
    spread = cogs - math.fsum(costs.values())
    if abs(spread) >= SMALLEST_USD:
        costs["one-off spend, spread"] = spread
    largest = sorted(
        (each for each in costs.items() if abs(each[1]) >= SMALLEST_USD), key=lambda each: -each[1]
    )
    rest = largest[MOST_STEPS:]
    steps = [BridgeStep(label, -usd) for label, usd in largest[:MOST_STEPS]]
    if rest:
        steps.append(BridgeStep(f"{len(rest)} more", -math.fsum(usd for _, usd in rest)))
    return (
        BridgeStep("Revenue", revenue, whole=True),
        *steps,
        BridgeStep("Gross profit", revenue - cogs, whole=True),
    )
