"""A field in words with the workload, deployment or segment it belongs to, the same on every surface."""

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
