"""The team's goal: the result to improve, and the rules to keep."""

from typing import Annotated

from planner.schema.declare import names, text
from planner.schema.section import Section


class Goal(Section):
    """The result to improve first, and the rules that no recommendation may break."""

    best: Annotated[
        str, text("Improve", "A result such as runway_months; empty: net burn without one-off payments.")
    ] = ""
    keep: Annotated[
        tuple[str, ...],
        names("Keep", "Rules as in a policy file, such as success_share >= 0.75. Promises are always kept."),
    ] = ()
