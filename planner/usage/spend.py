"""What a log's calls cost by the price list, beside what the log says they cost."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache

import numpy as np

from planner.catalog.api_prices import ApiRates, api_rates
from planner.errors import ScenarioError
from planner.records import dataclass
from planner.units import SECONDS_PER_HOUR, TOKENS_PER_MTOK
from planner.usage.scan import Groups

STANDARD = "standard"
TIERS = {"batch": "batch", "true": "batch", "flex": "flex", "priority": "priority", "default": STANDARD}

# how other tools call the providers of the price list
PROVIDERS = {
    "azure.ai.openai": "azure", "azure.ai.inference": "azure", "azure_ai": "azure", "az.ai.openai": "azure",
    "aws.bedrock": "aws", "bedrock": "aws", "bedrock_converse": "aws", "vertex_ai": "google", "gemini": "google",
    "gcp.gemini": "google", "gcp.vertex_ai": "google", "gcp.gen_ai": "google", "google_genai": "google",
    "mistral_ai": "mistral", "xai": "x-ai", "x_ai": "x-ai", "together_ai": "together", "fireworks_ai": "fireworks",
}  # fmt: skip
_ROUNDING = 1e-9


@dataclass(frozen=True)
class SpendLine:
    """What one model cost in the time of the log: by the log, and by the price list of each day, in USD.

    `logged_usd` and `difference_usd` are nan where the log states no cost, `list_usd` where the model has no price;
    `compared_rows` of `rows` state a cost, and only for those is the difference.
    """

    model: str
    requests: float
    input_usd: float
    cache_usd: float
    output_usd: float
    list_usd: float
    logged_usd: float
    difference_usd: float
    rows: int
    compared_rows: int


def processing_of(word: str) -> str:
    """Return how a call was processed, as a scenario says it."""
    return TIERS.get(word.strip().lower(), STANDARD)


def reference_of(model: str, provider: str, on: date) -> str:
    """Return "provider:model" as the price list has it, or "" where it doesn't."""
    rates = rates_of(model, provider, STANDARD, on)
    return "" if rates is None else rates.name


@lru_cache(maxsize=4096)
def rates_of(model: str, provider: str, processing: str, on: date) -> ApiRates | None:
    """Return what a model charged on a day; None where the price list doesn't say."""
    for reference in _references(model.strip(), provider.strip().lower()):
        try:
            return api_rates(reference, on=on, processing=processing)
        except ScenarioError:
            continue
    return None


def _references(model: str, provider: str) -> Iterable[str]:
    if not model:
        return
    bare = model
    if "/" in model:
        prefix, bare = model.split("/", 1)
        provider = provider or prefix.lower()
    if provider:
        yield f"{PROVIDERS.get(provider, provider)}:{bare}"
    yield bare
    if ":" in model:
        yield model


def steps_of(names: Iterable[tuple[str, str, str]], on: date) -> list[int]:
    """Return the prompt lengths in tokens at which the price of one of the models changes, shortest first."""
    steps: set[int] = set()
    for model, provider, word in names:
        rates = rates_of(model, provider, processing_of(word), on)
        if rates is not None:
            for price in (
                rates.input,
                rates.cache_read,
                rates.cache_write,
                rates.cache_write_1h,
                rates.output,
            ):
                steps |= {start for start, _ in price.tiers}
    return sorted(steps)


def day_of(hour: int, *, dated: bool, today: date) -> date:
    """Return the day whose prices hold in an hour since 1970; today where the log has no dates."""
    if not dated or hour < 0:
        return today
    return datetime.fromtimestamp(hour * SECONDS_PER_HOUR, tz=UTC).date()


def spend_lines(groups: Groups, owner: list[str], *, steps: list[int], today: date) -> tuple[SpendLine, ...]:
    """Return a line for each model, dearest first; `owner` names the model of each group."""
    totals: dict[str, list[float]] = {}
    for index, name in enumerate(owner):
        line = totals.setdefault(name, [0.0] * 8)
        part = _cost(groups, index, steps=steps, today=today)
        rows, costed, sums = groups.rows[index], groups.costed[index], groups.sums
        share = costed / rows if rows else 0.0
        added = (sums["requests"][index], *part, sums["cost"][index], sum(part) * share, rows, costed)
        totals[name] = [old + new for old, new in zip(line, added, strict=True)]
    lines = [_line(name, total) for name, total in totals.items()]
    return tuple(sorted(lines, key=lambda line: -np.nanmax([line.list_usd, line.logged_usd, 0.0])))


def _line(name: str, total: list[float]) -> SpendLine:
    requests, fresh, cache, output, logged, comparable, rows, costed = total
    known = costed > 0
    return SpendLine(
        model=name, requests=requests, input_usd=fresh, cache_usd=cache, output_usd=output,
        list_usd=fresh + cache + output, logged_usd=logged if known else float("nan"),
        difference_usd=_difference(logged, comparable) if known else float("nan"), rows=int(rows), compared_rows=int(costed),
    )  # fmt: skip


def _cost(groups: Groups, index: int, *, steps: list[int], today: date) -> tuple[float, float, float]:
    """Return USD for fresh input, cache and output of one group; a failed call and a reused answer cost nothing."""
    if groups.failed[index] or groups.reused[index]:
        return 0.0, 0.0, 0.0
    on = day_of(int(groups.hour[index]), dated=groups.dated, today=today)
    word = processing_of(groups.processing[index])
    rates = rates_of(groups.model[index], groups.provider[index], word, on)
    if rates is None:
        return float("nan"), float("nan"), float("nan")
    step = int(groups.step[index])
    length = steps[step - 1] + 1 if step else 0
    sums = {name: float(values[index]) / TOKENS_PER_MTOK for name, values in groups.sums.items()}
    fresh = max(sums["prompt"] - sums["cache_read"] - sums["cache_write"] - sums["cache_write_1h"], 0.0)
    cache = (
        sums["cache_read"] * float(rates.cache_read.at(length))
        + sums["cache_write"] * float(rates.cache_write.at(length))
        + sums["cache_write_1h"] * float(rates.cache_write_1h.at(length))
    )
    base = float(rates.usd_per_request) * float(groups.sums["requests"][index])
    return (
        fresh * float(rates.input.at(length)) + base,
        cache,
        sums["output"] * float(rates.output.at(length)),
    )


def _difference(logged_usd: float, list_usd: float) -> float:
    """Return what was logged above the list price; what only the rounding of sums left is no difference."""
    change = logged_usd - list_usd
    return change if abs(change) > _ROUNDING * max(abs(logged_usd), abs(list_usd)) else 0.0
