"""A session: the calls that one request takes, and the requests of other workloads that it starts."""

from typing import Annotated

from planner.arrays import Number
from planner.schema.declare import flag, ratio, share, tokens
from planner.schema.section import Section


class Session(Section):
    """One request as several calls, each with a longer prompt than the last. With one call it is a plain request."""

    calls: Annotated[
        Number,
        ratio("Calls per request", "Mean: 1 for a question, dozens for an agent's task.", unit="calls", lo=1, hi=10_000,
              step=1),
    ] = 1.0  # fmt: skip
    calls_cv: Annotated[
        Number, ratio("Spread of calls", "Across requests: standard deviation over mean.", unit="", hi=10)
    ] = 0.0
    added_tokens: Annotated[
        Number,
        tokens(
            "Added per call", "Added to the next prompt: tool results, the user's next message.", step=100
        ),
    ] = 0.0
    keeps_answers: Annotated[bool, flag("Answers kept", "Answers stay in the prompts of later calls.")] = True
    compact_at_tokens: Annotated[
        Number,
        tokens("Compacted at", "Prompt length at which the history is shortened; 0: never.", step=5_000),
    ] = 0.0
    compact_to_tokens: Annotated[
        Number, tokens("Compacted to", "Prompt length after compaction.", step=1_000)
    ] = 0.0
    compact_retention_share: Annotated[
        Number,
        share("Success kept at a compaction", "Per compaction. Judgement.", role="unknown", step=0.01),
    ] = 1.0
    gap_s: Annotated[
        Number,
        ratio(
            "Pause between calls",
            "Mean; compared with the lifetime of a cached prefix.",
            unit="s",
            hi=1e7,
            step=5,
        ),
    ] = 0.0
    spawns: dict[
        str,
        Annotated[
            Number,
            ratio("Requests started", "Of another workload, per request of this one.", unit="per request", hi=1e4,
                  role="lever"),
        ],
    ] = {}  # fmt: skip
    fails_with: dict[
        str,
        Annotated[
            Number,
            share("Fails with it", "Share of failed helper requests that fail this one too. Judgement.",
                  role="unknown"),
        ],
    ] = {}  # fmt: skip
