"""What the team is after: the result to improve, and what must hold meanwhile."""

from typing import Annotated

from planner.schema.declare import names, text
from planner.schema.section import Section


class Goal(Section):
    """The result to improve first, and the rules that no recommendation may break."""

    best: Annotated[
        str, text("Improve", "A result such as runway_months; empty: net burn, one-off payments apart.")
    ] = ""
    keep: Annotated[
        tuple[str, ...],
        names("Keep", "Rules as in a policy file, such as success_share >= 0.75. Promises are always kept."),
    ] = ()
