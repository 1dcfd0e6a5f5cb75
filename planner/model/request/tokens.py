"""Input and output tokens of one request."""

import numpy as np

from planner.schema import Number


def context_tokens(
    *, context_tokens: Number, rag_on: Number, chunks: Number, chunk_tokens: Number, compression_x: Number
) -> Number:
    """Return the material sent with a request: with RAG on, retrieved chunks instead of the whole context.

    >>> float(context_tokens(context_tokens=200_000, rag_on=True, chunks=8, chunk_tokens=400, compression_x=2))
    1600.0
    """
    return np.where(rag_on, chunks * chunk_tokens, context_tokens) / compression_x


def input_tokens(*, prompt_tokens: Number, context_tokens: Number, history_tokens: Number) -> Number:
    """Return the tokens of a prompt: instructions, material and earlier turns."""
    return prompt_tokens + context_tokens + history_tokens


def output_tokens(*, output_tokens: Number, reasoning_tokens: Number, removed_share: Number) -> Number:
    """Return the tokens billed as output: answer and reasoning, minus what output control removes."""
    return (output_tokens + reasoning_tokens) * (1.0 - removed_share)
