"""Reactions: what demand would do if the offer were another one. All of them are assumptions, and off unless stated."""

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
    """Elasticities: by how many percent something changes for 1 % more of something else; 0 is no reaction.

    Each needs the value at which the demand that the plan states was seen: at it nothing changes.
    """

    new_to_price: Annotated[
        Number,
        real("New customers to price", "Of a seat; such as -0.8.", lo=-10, hi=10, step=0.1, unit="% per %"),
    ] = 0.0
    use_to_price: Annotated[
        Number,
        real(
            "Requests to price", "Of a request, where use is paid.", lo=-10, hi=10, step=0.1, unit="% per %"
        ),
    ] = 0.0
    churn_to_success: Annotated[
        Number, real("Churn to success", "Such as -2.", lo=-20, hi=20, step=0.1, unit="% per %")
    ] = 0.0
    churn_to_latency: Annotated[
        Number, real("Churn to latency", "To the p95 of the headline; such as 0.1.", lo=-20, hi=20, step=0.1,
                     unit="% per %")
    ] = 0.0  # fmt: skip
    becoming_to_allowance: Annotated[
        Number,
        real("Moving on to allowance", "Of segments, to the requests that they may ask; such as -0.5.", lo=-10, hi=10,
             step=0.1, unit="% per %"),
    ] = 0.0  # fmt: skip
    at_usd_per_customer: Annotated[
        Number | None,
        usd("Seat price seen", "At which [demand] was seen.", step=1, unit="USD/month", optional=True),
    ] = None
    at_segment_usd: dict[
        str,
        Annotated[Number, usd("Seat price seen", "At which a segment was seen.", step=1, unit="USD/month")],
    ] = {}
    at_request_usd: dict[
        str,
        Annotated[Number, usd("Price of a request seen", "At which a workload's use was seen.", step=0.01)],
    ] = {}
    at_success_share: Annotated[
        Number | None, share("Success seen", "At which churn was seen.", optional=True)
    ] = None
    at_latency_s: Annotated[
        Number | None,
        ratio("Latency seen", "p95, at which churn was seen.", unit="s", lo=0.001, hi=86_400, optional=True),
    ] = None
    at_allowance: dict[
        str,
        Annotated[
            Number, ratio("Allowance seen", "Requests a month of a segment, at which moves were seen.", unit="requests",
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
"""Each reaction with what it needs one of."""


def reaction_problems(scenario: "Scenario") -> list[Problem]:
    """Return every broken rule of the reactions that joins fields."""
    said = scenario.reactions
    problems = [
        Problem(f"reactions.{name}", "has nothing to be set against.",
                f"State {' or '.join(needed)}: what held when the plan's demand was seen.")
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
                "names nothing of this file.",
                f"Known: {', '.join(known) or 'none'}.",
            )
            for name in getattr(said, field)
            if name not in known
        ]
    return problems


def _stated(value: Number | dict[str, Number] | None) -> bool:
    return bool(value) if isinstance(value, dict) else value is not None
