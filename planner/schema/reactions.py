"""Reactions of demand to price and quality. All are assumptions, and off unless stated."""

from typing import TYPE_CHECKING, Annotated

from planner.arrays import Number
from planner.errors import Problem
from planner.schema.declare import ratio, real, share, usd
from planner.schema.ranges import some
from planner.schema.section import Section
from planner.schema.steps import step_text

if TYPE_CHECKING:
    from planner.schema.scenario import Scenario


class Reactions(Section):
    """Elasticities: percent change in one thing per 1 % change in another; 0 means no reaction.

    Each needs the value at which the plan's demand was observed; at that value nothing changes.
    """

    new_to_price: Annotated[
        Number,
        real(
            "New customers to price", "Seat price; for example -0.8.", lo=-10, hi=10, step=0.1, unit="% per %"
        ),
    ] = 0.0
    use_to_price: Annotated[
        Number,
        real(
            "Requests to price",
            "Price per request, if usage is charged.",
            lo=-10,
            hi=10,
            step=0.1,
            unit="% per %",
        ),
    ] = 0.0
    churn_to_success: Annotated[
        Number, real("Churn to success", "For example -2.", lo=-20, hi=20, step=0.1, unit="% per %")
    ] = 0.0
    churn_to_latency: Annotated[
        Number, real("Churn to latency", "Headline p95; for example 0.1.", lo=-20, hi=20, step=0.1,
                     unit="% per %")
    ] = 0.0  # fmt: skip
    becoming_to_allowance: Annotated[
        Number,
        real("Moving on to allowance", "Moves between segments, to their allowance; for example -0.5.", lo=-10, hi=10,
             step=0.1, unit="% per %"),
    ] = 0.0  # fmt: skip
    at_usd_per_customer: Annotated[
        Number | None,
        usd(
            "Seat price seen",
            "Seat price when [demand] was observed.",
            step=1,
            unit="USD/month",
            optional=True,
        ),
    ] = None
    at_segment_usd: dict[
        str,
        Annotated[
            Number,
            usd("Seat price seen", "Seat price when the segment was observed.", step=1, unit="USD/month"),
        ],
    ] = {}
    at_request_usd: dict[
        str,
        Annotated[
            Number, usd("Price of a request seen", "Price per request when usage was observed.", step=0.01)
        ],
    ] = {}
    at_success_share: Annotated[
        Number | None, share("Success seen", "Success when churn was observed.", optional=True)
    ] = None
    at_latency_s: Annotated[
        Number | None,
        ratio("Latency seen", "p95 when churn was observed.", unit="s", lo=0.001, hi=86_400, optional=True),
    ] = None
    at_allowance: dict[
        str,
        Annotated[
            Number, ratio("Allowance seen", "Monthly allowance when moves were observed.", unit="requests",
                          hi=1e9, step=1)
        ],
    ] = {}  # fmt: skip


SEEN = {
    "new_to_price": ("at_usd_per_customer", "at_segment_usd"),
    "use_to_price": ("at_request_usd",),
    "churn_to_success": ("at_success_share",),
    "churn_to_latency": ("at_latency_s",),
    "becoming_to_allowance": ("at_allowance",),
}
"""Each reaction with the fields of which it needs one."""


def reaction_problems(scenario: "Scenario") -> list[Problem]:
    """Return every broken rule that relates reactions to other fields."""
    said = scenario.reactions
    problems = [
        Problem(f"reactions.{name}", "has no reference value.",
                f"State {' or '.join(needed)}: the value when the plan's demand was observed.")
        for name, needed in SEEN.items()
        if some(getattr(said, name)) and not any(_stated(getattr(said, each)) for each in needed)
    ]  # fmt: skip
    for field, known in (
        ("at_segment_usd", scenario.segments), ("at_allowance", scenario.segments),
        ("at_request_usd", scenario.workloads),
    ):  # fmt: skip
        problems += [
            Problem(
                f"reactions.{field}.{step_text(name)}",
                "doesn't name anything in this file.",
                f"Known: {', '.join(known) or 'none'}.",
            )
            for name in getattr(said, field)
            if name not in known
        ]
    return problems


def _stated(value: Number | dict[str, Number] | None) -> bool:
    return bool(value) if isinstance(value, dict) else value is not None
