"""A call: one request to a model as a log tells it, whatever the log's form."""

import math
from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from planner.records import dataclass
from planner.units import SECONDS_PER_HOUR

Outcome = Literal["ok", "failed", "cancelled", "rate_limited", "refund", "cache_hit"]

TOKENS = (
    "fresh", "cache_read", "cache_write_5m", "cache_write_1h", "reasoning", "answer",
    "audio_in", "audio_out", "image_in", "image_out",
)  # fmt: skip

# what is billed beside tokens, by the names of the price list's units
METERS = (
    "web_searches", "code_executions", "rerank_searches", "audio_seconds", "input_characters",
    "input_document_pages", "images",
)  # fmt: skip


@dataclass(frozen=True)
class Call:
    """One request, or `count` requests that a log sums up; then every number is the sum over them.

    The prompt is `fresh` + `cache_read` + `cache_write_5m` + `cache_write_1h` tokens, the output `reasoning` +
    `answer`. `audio_in` and `image_in` are parts of `fresh`, `audio_out` and `image_out` parts of `answer`.
    `model`, `seller` and `tier` are the log's own words, "" where it has none. `at_s` are seconds since 1970 in UTC,
    nan where unknown. `billed` is in `currency` (ISO 4217), nan where the log states no amount. `prompt_above` is a
    length in tokens that each prompt is known to exceed, 0 where nothing is. `span_s` is the length
    of time that a sum covers, from `at_s` on. A `refund` holds an amount and no tokens.
    """

    at_s: float = math.nan
    model: str = ""
    seller: str = ""
    tier: str = ""
    fresh: float = 0.0
    cache_read: float = 0.0
    cache_write_5m: float = 0.0
    cache_write_1h: float = 0.0
    reasoning: float = 0.0
    answer: float = 0.0
    audio_in: float = 0.0
    audio_out: float = 0.0
    image_in: float = 0.0
    image_out: float = 0.0
    prompt_above: float = 0.0
    meters: Mapping[str, float] = field(default_factory=dict)
    billed: float = math.nan
    currency: str = ""
    outcome: Outcome = "ok"
    request_id: str = ""
    session_id: str = ""
    count: float = 1.0
    span_s: float = 0.0

    @property
    def prompt(self) -> float:
        """Tokens of the prompt, cached ones included."""
        return self.fresh + self.cache_read + self.cache_write_5m + self.cache_write_1h

    @property
    def output(self) -> float:
        """Tokens of the output, reasoning included."""
        return self.reasoning + self.answer

    @property
    def day(self) -> int:
        """Days since 1970 in UTC; -1 where the time is unknown."""
        return -1 if math.isnan(self.at_s) else int(self.at_s // (24 * SECONDS_PER_HOUR))

    @property
    def hour(self) -> int:
        """Hour of the day in UTC, 0 to 23; -1 where the time is unknown."""
        return -1 if math.isnan(self.at_s) else int(self.at_s // SECONDS_PER_HOUR) % 24
