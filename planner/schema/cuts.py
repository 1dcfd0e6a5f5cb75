"""Levers that cut reasoning before an answer or calls in a session; each states the success it keeps."""

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
    """Fewer calls in a session: a step limit, several tools per call, a better plan."""

    on: Annotated[bool, flag("Fewer calls")] = False
    removed_share: Annotated[
        Number,
        share("Calls removed", "Share of a session's calls; at least one stays. Judgement.", role="unknown"),
    ] = 0.25
    retention_share: Annotated[Number, share("Success kept", "Judgement.", role="unknown", step=0.01)] = 0.97
