"""A session: the calls that one request of a workload takes, and the requests of other workloads that it starts."""

from typing import Annotated

from planner.arrays import Number
from planner.schema.declare import flag, ratio, share, tokens
from planner.schema.section import Section


class Session(Section):
    """One request as several calls, each with a longer prompt than the one before. One call is a plain request."""

    calls: Annotated[
        Number,
        ratio("Calls per request", "Mean: 1 for a question, dozens for an agent's task.", unit="calls", lo=1, hi=10_000,
              step=1),
    ] = 1.0  # fmt: skip
    calls_cv: Annotated[
        Number, ratio("Spread of calls", "Between requests: standard deviation over mean.", unit="", hi=10)
    ] = 0.0
    added_tokens: Annotated[
        Number,
        tokens("Added per call", "To the next prompt: tool results, the user's next words.", step=100),
    ] = 0.0
    keeps_answers: Annotated[bool, flag("Answers kept", "In the prompts of later calls.")] = True
    compact_at_tokens: Annotated[
        Number,
        tokens("Compacted at", "Length of a prompt at which the history is shortened; 0: never.", step=5_000),
    ] = 0.0
    compact_to_tokens: Annotated[
        Number, tokens("Compacted to", "Length of the prompt after that.", step=1_000)
    ] = 0.0
    compact_retention_share: Annotated[
        Number,
        share(
            "Success kept at a compaction", "Of each one in a session. Judgement.", role="unknown", step=0.01
        ),
    ] = 1.0
    gap_s: Annotated[
        Number,
        ratio(
            "Pause between calls", "Mean; against the lifetime of a cached prefix.", unit="s", hi=1e7, step=5
        ),
    ] = 0.0
    spawns: dict[
        str,
        Annotated[
            Number,
            ratio("Requests started", "Of another workload, by one request of this one.", unit="per request", hi=1e4,
                  role="lever"),
        ],
    ] = {}  # fmt: skip
    fails_with: dict[
        str,
        Annotated[
            Number,
            share("Fails with it", "Share of the failed requests that it starts which fail this one. Judgement.",
                  role="unknown"),
        ],
    ] = {}  # fmt: skip
