"""A field's label with the workload, deployment or segment it belongs to, the same in every output."""

from planner.schema import Scenario
from planner.schema.steps import steps_of

NAMED = ("workloads", "deployments", "segments")  # sections whose parts have names
_NOUNS = {
    "workloads": "workload",
    "deployments": "deployment",
    "segments": "segment",
    "funding": "raise",
    "hiring": "hire",
    "one_off": "one-off payment",
    "credits": "credit",
    "price_bands": "price band",
}
_TABLES = frozenset(
    (
        "success",
        "success_without",
        "meters",
        "spawns",
        "fails_with",
        "meter_usd",
        "held",
        "held_usd_per_hour",
        "meter_weights",
        "requests",
        "limit",
        "included",
        "overage_usd",
        "becomes",
        "at_segment_usd",
        "at_request_usd",
        "at_allowance",
    )
)  # fields with a number per name


def part_noun(section: str) -> str:
    """Return the noun for one part of a section.

    >>> part_noun("funding"), part_noun("change"), part_noun("meter_bands")
    ('raise', 'change', 'meter band')
    """
    return _NOUNS.get(section, section.removesuffix("s").replace("_", " "))


def placed_label(path: str, own: str) -> str:
    """Return a field's label with its place in the plan; list entries are counted from 1.

    >>> placed_label("workloads.chat.rag.on", "RAG"), placed_label("demand.customers", "Customers")
    ('chat: RAG', 'Customers')
    >>> placed_label("company.funding.0.month", "Month of the raise")
    'Raise 1, month'
    """
    steps = steps_of(path)
    if steps[0] in NAMED and len(steps) == len(("section", "name")):
        return f"{steps[0].removesuffix('s')} {steps[1]}"
    own = part_label(path, own)
    return f"{steps[1]}: {own}" if steps[0] in NAMED and len(steps) > 1 else own


def part_label(path: str, own: str) -> str:
    """Return a field's label with its list entry or table key.

    >>> part_label("company.hiring.1.usd_per_month", "Cost of the hire")
    'Hire 2, cost'
    >>> part_label('change.0.set."deployments.large.model"', "Model")
    'Change 1, large: Model'
    >>> part_label("segments.plus.retention.2", "Retention")
    'Retention after month 3'
    >>> part_label("segments.plus.included.chat", "Included a month")
    'Included a month, chat'
    """
    steps = steps_of(path)
    if len(steps) > 1 and steps[-1].isdigit():
        after = " after month" if steps[-2] == "retention" else ""
        return f"{own}{after} {int(steps[-1]) + 1}"
    if steps[-2:-1] == ("set",) and steps[0] == "change":
        return f"Change {int(steps[1]) + 1}, {_within(placed_label(steps[-1], own))}"
    if len(steps) > 1 and steps[-2].isdigit():
        noun = part_noun(steps[-3])
        rest = _within(own.removesuffix(f" of the {noun.rpartition(' ')[2]}").removesuffix(f" of the {noun}"))
        return f"{noun[:1].upper()}{noun[1:]} {int(steps[-2]) + 1}, {rest}"
    return f"{own}, {steps[-1]}" if steps[-2:-1] and steps[-2] in _TABLES else own


def _within(label: str) -> str:
    """Return a label for use inside a sentence; words in capitals stay as they are."""
    return label if label[1:2].isupper() else f"{label[:1].lower()}{label[1:]}"


def label_in(scenario: Scenario, path: str, own: str) -> str:
    """Return a field's label, naming the deployment it refers to, if any.

    >>> label_in(Scenario(), "demand.customers", "Customers")
    'Customers'
    """
    steps = steps_of(path)
    if path.endswith(".routing.share_to_last") and steps[1] in scenario.workloads:
        tiers = scenario.workloads[steps[1]].routing.tiers
        return f"Sent to {tiers[-1]}" if tiers else own
    return own
