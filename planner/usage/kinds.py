"""The calls of a log by model, processing tier and the price step that their prompts exceed: what a plan is written of."""

from dataclasses import field

import numpy as np

from planner.records import dataclass
from planner.usage.call import METERS
from planner.usage.scan import Groups
from planner.usage.spend import UNNAMED, Spending

TOKENS = ("prompt", "output", "reasoning", "cache_read", "cache_write", "cache_write_1h")
SOUND_AND_SIGHT = {
    "audio_in": "input_audio_tokens",
    "audio_out": "output_audio_tokens",
    "image_in": "input_image_tokens",
    "image_out": "output_image_tokens",
}
_SUMS = (*TOKENS, *SOUND_AND_SIGHT, *METERS, "cost")


@dataclass(frozen=True)
class CallKind:
    """Answered calls of one model in one tier, with prompts longer than `step`.

    `model` is "provider:model" where the price list has it. `known`: the list has a price for them. `requests` counts all that
    were answered, `reused` those that a cache in front of the model answered; `sums` are of the others, by the names of
    `planner.usage.scan.SUMS`, `squares` the sum of their squared prompt lengths. `list_usd` and `logged_usd` are nan where not told.
    """

    model: str
    processing: str
    step: int
    known: bool
    requests: float = 0.0
    reused: float = 0.0
    sums: dict[str, float] = field(default_factory=dict)
    squares: float = 0.0
    list_usd: float = float("nan")
    logged_usd: float = float("nan")

    @property
    def billed(self) -> float:
        """Requests that the model answered."""
        return self.requests - self.reused


def kinds_of(groups: Groups, spent: Spending) -> tuple[CallKind, ...]:
    """Return the kinds of answered calls of a log, the one that cost most first."""
    places: dict[tuple[str, str, int, bool], list[int]] = {}
    for index, one in enumerate(spent.priced):
        if not groups.failed[index] and groups.sums["requests"][index] > 0:
            key = (one.model or UNNAMED, one.processing, int(groups.step[index]), one.known)
            places.setdefault(key, []).append(index)
    found = [_kind(key, groups, spent, np.array(mine)) for key, mine in places.items()]
    return tuple(sorted(found, key=lambda one: -float(np.nanmax([one.list_usd, one.logged_usd, 0.0]))))


def _kind(key: tuple[str, str, int, bool], groups: Groups, spent: Spending, mine: np.ndarray) -> CallKind:
    model, processing, step, known = key
    asked = mine[~groups.reused[mine]]
    requests = groups.sums["requests"]
    in_usd = [index for index in mine if groups.costed[index] and groups.currency[index] in ("", "USD")]
    listed = [spent.priced[index].list_usd for index in asked]
    return CallKind(
        model, processing, step, known, float(requests[mine].sum()), float(requests[mine].sum() - requests[asked].sum()),
        {name: float(groups.sums[name][asked].sum()) for name in _SUMS if name in groups.sums},
        float(groups.prompt_squares[asked].sum()),
        float(sum(listed)) if known else float("nan"),
        float(sum(groups.sums["cost"][index] for index in in_usd)) if in_usd else float("nan"),
    )  # fmt: skip


def joined(kinds: tuple[CallKind, ...]) -> CallKind:
    """Return several kinds as one."""
    first = kinds[0]
    names = {name for one in kinds for name in one.sums}
    sums = {name: sum(one.sums.get(name, 0.0) for one in kinds) for name in names}
    logged = [one.logged_usd for one in kinds if np.isfinite(one.logged_usd)]
    listed = [one.list_usd for one in kinds if np.isfinite(one.list_usd)]
    return CallKind(
        first.model, first.processing, min(one.step for one in kinds), all(one.known for one in kinds),
        sum(one.requests for one in kinds), sum(one.reused for one in kinds), sums, sum(one.squares for one in kinds),
        sum(listed) if listed else float("nan"), sum(logged) if logged else float("nan"),
    )  # fmt: skip
