"""A field in words with the workload, deployment or segment it belongs to, the same on every surface."""

from planner.schema import Scenario
from planner.schema.steps import steps_of

NAMED = ("workloads", "deployments", "segments")  # sections whose parts have names of their own


def placed_label(path: str, own: str) -> str:
    """Return a field's own label with where it belongs; entries of a list are counted from 1.

    >>> placed_label("workloads.chat.rag.on", "RAG"), placed_label("demand.customers", "Customers")
    ('chat: RAG', 'Customers')
    >>> placed_label("company.funding.0.month", "Month of the raise")
    'Month of the raise 1'
    """
    steps = steps_of(path)
    if steps[0] in NAMED and len(steps) == len(("section", "name")):
        return f"{steps[0].removesuffix('s')} {steps[1]}"
    if len(steps) > 1 and steps[-2].isdigit():
        own = f"{own} {int(steps[-2]) + 1}"
    return f"{steps[1]}: {own}" if steps[0] in NAMED and len(steps) > 1 else own


def label_in(scenario: Scenario, path: str, own: str) -> str:
    """Return a field's own label with the deployment of the plan that it is about, where it is about one.

    >>> label_in(Scenario(), "demand.customers", "Customers")
    'Customers'
    """
    steps = steps_of(path)
    if path.endswith(".routing.share_to_last") and steps[1] in scenario.workloads:
        tiers = scenario.workloads[steps[1]].routing.tiers
        return f"Sent to {tiers[-1]}" if tiers else own
    return f"{own}, {steps[-1]}" if "success" in steps[:-1] else own
