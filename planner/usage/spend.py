"""What a log's calls cost by the price list, beside what the log says they cost."""

from collections.abc import Iterable
from datetime import date

import numpy as np

from planner.files import inert
from planner.records import dataclass
from planner.usage.pricing import Priced, price
from planner.usage.scan import Groups

UNNAMED = "unnamed model"
MOST_NAMED = 12
_ROUNDING = 1e-9


@dataclass(frozen=True)
class SpendLine:
    """What one model cost in the time of the log: by the log, and by the price list of each moment, in USD.

    `logged_usd` and `difference_usd` are nan where the log states no cost, `list_usd` where nothing of the model has a
    price; `compared_rows` of `rows` state a cost and have a price, and only for those is the difference. `reason` says why
    some of its calls, or all, have no price.
    """

    model: str
    requests: float
    input_usd: float
    cache_usd: float
    output_usd: float
    meters_usd: float
    list_usd: float
    logged_usd: float
    difference_usd: float
    rows: int
    compared_rows: int
    reason: str = ""


@dataclass(frozen=True)
class Spending:
    """The price of each group of calls, a line for each model, and what has no price, in sentences."""

    priced: tuple[Priced, ...]
    lines: tuple[SpendLine, ...]
    warnings: tuple[str, ...]

    def names(self) -> list[tuple[str, str]]:
        """Return of each group the model as the price list has it, or else as the log has it; and its processing."""
        return [(one.model or UNNAMED, one.processing) for one in self.priced]


def spending(groups: Groups, *, today: date) -> Spending:
    """Return what the groups of a log cost by the price list; a failed call and a reused answer cost nothing."""
    priced = tuple(price(call, today=today) for call in groups.calls())
    by_model: dict[str, list[int]] = {}
    for index, one in enumerate(priced):
        by_model.setdefault(one.model or UNNAMED, []).append(index)
    lines = [_line(name, groups, priced, places) for name, places in by_model.items()]
    lines.sort(key=lambda line: -float(np.nanmax([line.list_usd, line.logged_usd, 0.0])))
    return Spending(priced, tuple(lines), tuple(_unpriced(groups, priced)))


def _line(name: str, groups: Groups, priced: tuple[Priced, ...], places: list[int]) -> SpendLine:
    """Return the sums over the groups of one model."""
    free = groups.failed | groups.reused
    kept = [index for index in places if priced[index].known and not free[index]]
    parts = [
        sum(getattr(priced[index], part) for index in kept)
        for part in ("input_usd", "cache_usd", "output_usd", "meters_usd")
    ]
    known = any(priced[index].known for index in places)
    costed = [index for index in places if groups.costed[index] and groups.currency[index] in ("", "USD")]
    logged = float(sum(groups.sums["cost"][index] for index in costed))
    compared = [index for index in costed if priced[index].known]
    expected = sum(
        priced[index].list_usd * groups.costed[index] / groups.rows[index]
        for index in compared
        if not free[index]
    )
    stated = float(sum(groups.sums["cost"][index] for index in compared))
    return SpendLine(
        model=name, requests=float(sum(groups.sums["requests"][index] for index in places)),
        input_usd=parts[0], cache_usd=parts[1], output_usd=parts[2], meters_usd=parts[3], list_usd=sum(parts) if known else float("nan"),
        logged_usd=logged if costed else float("nan"), difference_usd=_difference(stated, expected) if compared else float("nan"),
        rows=int(sum(groups.rows[index] for index in places)), compared_rows=int(sum(groups.costed[index] for index in compared)),
        reason="; ".join(dict.fromkeys(priced[index].reason for index in places if priced[index].reason))[:300],
    )  # fmt: skip


def _unpriced(groups: Groups, priced: tuple[Priced, ...]) -> Iterable[str]:
    """Yield a sentence for each kind of call, and each part of one, that has no price."""
    whole: dict[tuple[str, str, str], float] = {}
    parts: dict[tuple[str, str], float] = {}
    marks: dict[str, None] = {}
    for index, one in enumerate(priced):
        if groups.failed[index] or groups.reused[index] or not groups.sums["requests"][index]:
            continue
        if one.reason:
            key = (inert(groups.model[index])[:120] or UNNAMED, one.processing, one.reason)
            whole[key] = whole.get(key, 0.0) + float(groups.rows[index])
        for unit in one.unpriced:
            parts[one.model, unit] = parts.get((one.model, unit), 0.0) + float(groups.rows[index])
        marks |= dict.fromkeys(f"{one.model}: {mark}" for mark in one.marks)
    listed = [
        f"{rows:,.0f} rows of {name}{_tier(tier)} have no price, and are in no list price: {reason}"
        for (name, tier, reason), rows in whole.items()
    ]
    listed += [
        f"{_words(unit)} of {name} have no price, and are not in its list price ({rows:,.0f} rows)"
        for (name, unit), rows in parts.items()
    ]
    yield from listed[:MOST_NAMED]
    if len(listed) > MOST_NAMED:
        yield f"{len(listed) - MOST_NAMED} more kinds of calls have no price"
    yield from list(marks)[:MOST_NAMED]


def _tier(processing: str) -> str:
    return "" if processing == "standard" else f" ({processing})"


def _words(unit: str) -> str:
    """Return a unit of the price list in words.

    >>> _words("input_audio_tokens"), _words("web_searches")
    ('input audio tokens', 'web searches')
    """
    return unit.replace("_", " ")


def _difference(logged_usd: float, list_usd: float) -> float:
    """Return what was logged above the list price; what only the rounding of sums left is no difference."""
    change = logged_usd - list_usd
    return change if abs(change) > _ROUNDING * max(abs(logged_usd), abs(list_usd)) else 0.0
