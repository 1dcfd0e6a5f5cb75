"""Levers that take away: reasoning before an answer, calls of a session; each states what it loses."""

from typing import Annotated

from planner.arrays import Number
from planner.schema.declare import flag, share
from planner.schema.section import Section


class Effort(Section):
    """Lower effort: less reasoning before the answer."""

    on: Annotated[bool, flag("Lower effort")] = False
    removed_share: Annotated[Number, share("Reasoning removed", "Judgement.", role="unknown")] = 0.5
    retention_share: Annotated[Number, share("Success kept", "Judgement.", role="unknown", step=0.01)] = 0.97


class FewerCalls(Section):
    """Fewer calls in a session: a limit of steps, several tools in one call, a better plan."""

    on: Annotated[bool, flag("Fewer calls")] = False
    removed_share: Annotated[
        Number, share("Calls removed", "Of those of a session; one stays. Judgement.", role="unknown")
    ] = 0.25
    retention_share: Annotated[Number, share("Success kept", "Judgement.", role="unknown", step=0.01)] = 0.97
