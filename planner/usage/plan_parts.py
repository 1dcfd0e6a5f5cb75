"""Which workloads a plan needs to cost what a log cost: one where that is enough, else one for each model, or side of a step."""

import math
from dataclasses import replace
from datetime import date
from functools import lru_cache

import numpy as np

from planner.catalog.api_prices import ApiRates, TokenPrice, api_rates
from planner.errors import ScenarioError
from planner.model.request.api_cost import lengthens, request_usd
from planner.records import dataclass
from planner.units import TOKENS_PER_MTOK
from planner.usage.call import METERS
from planner.usage.kinds import SOUND_AND_SIGHT, CallKind, joined

NEAR = 0.002  # of what the log cost: as close as a workload must come before it is taken apart
MOST_PARTS = 24
LEAST_SHARE = 5e-4  # of the requests and of the cost: what is less in both is left out and named


@dataclass(frozen=True)
class PlanPart:
    """One workload of the plan: its kinds of calls, cheapest model first, and the spread of prompts that it states."""

    kinds: tuple[CallKind, ...]
    prompt_cv: float = 0.0

    @property
    def tiers(self) -> dict[tuple[str, str], CallKind]:
        """The models that answer, by name and processing, cheapest call first."""
        names = dict.fromkeys((one.model, one.processing) for one in self.kinds)
        each = {
            name: joined(tuple(one for one in self.kinds if (one.model, one.processing) == name))
            for name in names
        }
        return dict(sorted(each.items(), key=lambda item: usd_per_call(item[1], item[1])))

    @property
    def whole(self) -> CallKind:
        """All its calls as one kind."""
        return joined(self.kinds)


def parts_of(kinds: tuple[CallKind, ...], *, on: date, summed: bool) -> tuple[PlanPart, ...]:
    """Return the workloads whose cost at the prices of a day comes near that of the kinds, as few as may be.

    `summed`: rows are sums over many calls, and tell no spread.
    """
    kept = main_kinds(by_own_steps(kinds, on))
    whole = _best(kept, on=on, summed=summed)
    if whole is not None:
        return (whole,)
    names = dict.fromkeys((one.model, one.processing) for one in kept)
    out: list[PlanPart] = []
    for name in names:
        mine = tuple(one for one in kept if (one.model, one.processing) == name)
        near = _best(mine, on=on, summed=summed)
        out += [near] if near is not None else [PlanPart((one,)) for one in mine]
    return tuple(out[:MOST_PARTS])


def main_kinds(kinds: tuple[CallKind, ...]) -> tuple[CallKind, ...]:
    """Return the kinds that matter by number or by cost."""
    requests = sum(one.requests for one in kinds) or 1.0
    usd = sum(_told_usd(one) for one in kinds) or 1.0
    kept = [one for one in kinds if max(one.requests / requests, _told_usd(one) / usd) >= LEAST_SHARE]
    return tuple(kept) or kinds[:1]


def _told_usd(kind: CallKind) -> float:
    usd = kind.list_usd if math.isfinite(kind.list_usd) else kind.logged_usd
    return usd if math.isfinite(usd) else 0.0


def by_own_steps(kinds: tuple[CallKind, ...], on: date) -> tuple[CallKind, ...]:
    """Return the kinds with the steps of other models left out, joined where they are then the same."""
    places: dict[tuple[str, str, int, bool], list[CallKind]] = {}
    for kind in kinds:
        own = [start for start in own_steps(kind, on) if start <= kind.step]
        places.setdefault((kind.model, kind.processing, max(own, default=0), kind.known), []).append(kind)
    return tuple(replace(joined(tuple(mine)), step=key[2]) for key, mine in places.items())


def own_steps(kind: CallKind, on: date) -> list[int]:
    """Return the prompt lengths at which a price of the kind's model changes, shortest first."""
    rates = rates_of(kind.model, kind.processing, on) if kind.known else None
    if rates is None:
        return []
    prices = (rates.input, rates.cache_read, rates.cache_write, rates.cache_write_1h, rates.output)
    return sorted({start for price in prices for start, _ in price.tiers})


def unlikely_long(kind: CallKind) -> bool:
    """Whether prompts are said to exceed a step that their mean does not: the log counts no requests, or guesses them."""
    return 0 < kind.step >= kind.sums.get("prompt", 0.0) / max(kind.billed, 1e-9)


def _best(kinds: tuple[CallKind, ...], *, on: date, summed: bool) -> PlanPart | None:
    """Return one workload of some kinds that costs what they do, with their spread where that holds as well."""
    truth = sum(true_usd(one, on) for one in kinds)
    spread = 0.0 if summed else prompt_cv(joined(kinds))
    for cv in (spread, 0.0):
        part = PlanPart(kinds, cv)
        whole = part.whole
        usd = sum(_cost(tier, whole, tier.billed, cv, on) for tier in part.tiers.values())
        if abs(usd - truth) <= NEAR * truth or truth == usd:
            return part
    return None


def prompt_cv(kind: CallKind) -> float:
    """Return the standard deviation of prompt lengths over their mean, 0 where they hardly differ."""
    if kind.billed <= 1 or kind.sums.get("prompt", 0.0) <= 0:
        return 0.0
    mean = kind.sums["prompt"] / kind.billed
    cv = math.sqrt(max(kind.squares / kind.billed / mean**2 - 1.0, 0.0))
    return cv if cv > 1e-3 else 0.0


def true_usd(kind: CallKind, on: date) -> float:
    """Return what the calls of a kind cost at the prices of a day, each on its own side of the price steps."""
    rates = rates_of(kind.model, kind.processing, on) if kind.known else None
    if rates is None or not unlikely_long(kind):
        return _cost(kind, kind, kind.billed, 0.0, on)
    return kind.billed * _usd(at_step(rates, kind.step), kind, 0.0)


def at_step(rates: ApiRates, step: int) -> ApiRates:
    """Return the prices of prompts above a step, for prompts of any length."""

    def flat(price: TokenPrice) -> TokenPrice:
        return TokenPrice(float(np.asarray(price.at(step + 1))))

    return replace(
        rates, input=flat(rates.input), cache_read=flat(rates.cache_read), cache_write=flat(rates.cache_write),
        cache_write_1h=flat(rates.cache_write_1h), output=flat(rates.output),
    )  # fmt: skip


def _cost(kind: CallKind, lengths: CallKind, calls: float, cv: float, on: date) -> float:
    return calls * usd_per_call(kind, lengths, cv=cv, on=on)


def usd_per_call(kind: CallKind, lengths: CallKind, *, cv: float = 0.0, on: date | None = None) -> float:
    """Return what a call to the model of `kind` costs with the mean lengths of `lengths`, in the plan."""
    rates = rates_of(kind.model, kind.processing, on) if kind.known and on is not None else None
    if rates is None:
        tokens = (lengths.sums.get("prompt", 0.0) + lengths.sums.get("output", 0.0)) / max(
            lengths.billed, 1e-9
        )
        return own_usd_per_mtok(kind) * tokens / TOKENS_PER_MTOK
    return _usd(rates, lengths, cv)


def _usd(rates: ApiRates, lengths: CallKind, cv: float) -> float:
    mean = means(lengths, rates)
    cost = request_usd(
        rates, input_tokens=mean["prompt"], output_tokens=mean["output"], cache_read_tokens=mean["cache_read"],
        cache_write_tokens=mean["cache_write"], cache_write_1h_tokens=mean["cache_write_1h"], prompt_cv=cv,
        meters=meters(lengths, rates),
    )  # fmt: skip
    return float(np.asarray(cost.total_usd))


@lru_cache(maxsize=4096)
def rates_of(model: str, processing: str, on: date) -> ApiRates | None:
    """Return the prices of a model on a day; None where a plan can't have them from the list."""
    try:
        return api_rates(model, on=on, processing=processing)
    except ScenarioError:
        return None


def means(kind: CallKind, rates: ApiRates | None) -> dict[str, float]:
    """Return the mean tokens of a billed call, without the sound and the pictures that are meters of their own."""
    found = {
        name: kind.sums.get(name, 0.0) / max(kind.billed, 1e-9)
        for name in ("prompt", "output", "reasoning", *_CACHE)
    }
    for meter, count in meters(kind, rates).items() if rates is not None else ():
        if lengthens(meter):
            found["prompt"] = max(found["prompt"] - count, 0.0)
        elif meter.endswith("_tokens"):
            found["output"] = max(found["output"] - count, 0.0)
    return found


_CACHE = ("cache_read", "cache_write", "cache_write_1h")


def meters(kind: CallKind, rates: ApiRates | None) -> dict[str, float]:
    """Return what a billed call uses of each meter that has a price, by the name of its unit."""
    units = {**SOUND_AND_SIGHT, **{name: name for name in METERS}}
    priced = {} if rates is None else rates.meters
    counts = {unit: kind.sums.get(name, 0.0) / max(kind.billed, 1e-9) for name, unit in units.items()}
    return {unit: count for unit, count in counts.items() if count > 0 and unit in priced}


def own_usd_per_mtok(kind: CallKind) -> float:
    """Return what a token of a model cost by the log, for want of a list price; 0 where that is not told."""
    tokens = kind.sums.get("prompt", 0.0) + kind.sums.get("output", 0.0)
    return _told_usd(kind) / tokens * TOKENS_PER_MTOK if tokens > 0 else 0.0


def monthly_usd(parts: tuple[PlanPart, ...], *, on: date, per_request: float) -> float:
    """Return what the kinds of all parts cost a month at the prices of a day; `per_request` scales the log to a month."""
    return per_request * sum(true_usd(one, on) for part in parts for one in part.kinds)
