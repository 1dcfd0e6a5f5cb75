"""Dated facts on GPU costs: hourly rents, cost of ownership, and terms of commitments."""

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from typing import Any

from planner.catalog import hardware
from planner.catalog.facts import part, table
from planner.errors import Problem, ScenarioError
from planner.records import dataclass

ON_DEMAND, SPOT, RESERVED = "on-demand", "spot", "reserved"
KINDS = (ON_DEMAND, SPOT, RESERVED)
STALE_AFTER_DAYS = 60


@dataclass(frozen=True)
class Rent:
    """One rent in USD per GPU-hour. `low` and `high` are the range of the offers behind it.

    `as_of` is the earliest possible date of the figure; `dated` says more if the source gives no exact day.
    """

    gpu: str
    kind: str
    usd_per_gpu_hour: float
    low: float
    high: float
    provider: str
    as_of: date
    source: str
    dated: str = ""
    region: str = ""
    instance: str = ""
    note: str = ""

    def age_days(self, today: date) -> int:
        """Return the maximum age of the figure in days."""
        return (today - self.as_of).days

    def is_stale(self, today: date) -> bool:
        """Whether the figure is old enough for a warning: rents moved by a third within months in 2026."""
        return self.age_days(today) > STALE_AFTER_DAYS


_besides: ContextVar[tuple[Rent, ...]] = ContextVar("offers that hold besides the catalog's", default=())


@contextmanager
def rents_besides(offers: tuple[Rent, ...]) -> Iterator[None]:
    """Add these offers to the catalog's inside the block; as always, the newest day's offers apply."""
    token = _besides.set(offers)
    try:
        yield
    finally:
        _besides.reset(token)


def rents() -> tuple[Rent, ...]:
    """Return every offer in the catalog, plus those added."""
    return (*_listed(), *_besides.get())


def _of_gpu(gpu: str) -> tuple[Rent, ...]:
    """Return the offers of one GPU."""
    kinds = {} if _besides.get() else part("gpu_rents", f"rents.{gpu}")
    if kinds:
        return offers_of({"rents": {gpu: kinds}, "sources": part("gpu_rents", "sources")})
    return tuple(rent for rent in rents() if rent.gpu == gpu)


@cache
def _listed() -> tuple[Rent, ...]:
    return offers_of(table("gpu_rents"))


def offers_of(file: dict[str, Any]) -> tuple[Rent, ...]:
    """Return the offers in a table of the form of `gpu_rents.toml`."""
    return tuple(
        _offer(gpu, kind, row, file["sources"])
        for gpu, kinds in file["rents"].items()
        for kind, rows in kinds.items()
        for row in rows
    )


def _offer(gpu: str, kind: str, row: dict[str, Any], sources: dict[str, str]) -> Rent:
    usd = float(row["usd"])
    words = {
        key: row[key] for key in ("provider", "as_of", "dated", "region", "instance", "note") if key in row
    }
    return Rent(
        gpu=gpu, kind=kind, usd_per_gpu_hour=usd, low=usd, high=usd, source=sources[row["source"]], **words
    )


def rent_usd_per_gpu_hour(gpu: str, *, kind: str = ON_DEMAND, provider: str | None = None) -> Rent:
    """Return the rent of a GPU: the median over the newest day's offers, of one provider or of all.

    Several offers of one provider (regions, sizes) count once, by their median.

    Raises:
        ScenarioError: the catalog has no such offer; lists those it has.
    """
    found = _rent_of if _besides.get() else _rent_of_catalog
    return found(_listed_as(gpu), kind, provider)


def _listed_as(gpu: str) -> str:
    """Return a GPU's catalog name, or the given name if it is described elsewhere."""
    try:
        return hardware.gpu_name(gpu)
    except ScenarioError:
        return gpu


def _rent_of(gpu: str, kind: str, provider: str | None) -> Rent:
    found = [rent for rent in _of_gpu(gpu) if rent.kind == kind and provider in (None, rent.provider)]
    if not found:
        raise _missing(gpu, kind, provider)
    newest = max(rent.as_of for rent in found)
    found = [rent for rent in found if rent.as_of == newest]
    if len(found) == 1:
        return found[0]
    providers = sorted({rent.provider for rent in found})
    prices = [
        _median([rent.usd_per_gpu_hour for rent in found if rent.provider == name]) for name in providers
    ]
    return Rent(
        gpu=gpu,
        kind=kind,
        usd_per_gpu_hour=_median(prices),
        low=min(rent.low for rent in found),
        high=max(rent.high for rent in found),
        provider=providers[0] if len(providers) == 1 else f"median of {', '.join(providers)}",
        as_of=newest,
        source="; ".join(dict.fromkeys(rent.source for rent in found)),
        dated=found[0].dated,
        note=f"{len(found)} offers",
    )


def _median(prices: list[float]) -> float:
    """Return the median price; numpy's median takes 30 ms to load its support for masked arrays.

    >>> _median([3.0, 1.0, 2.5]), _median([1.0, 2.0])
    (2.5, 1.5)
    """
    ordered = sorted(prices)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


_rent_of_catalog = cache(_rent_of)  # never for offers added to the catalog's


def _missing(gpu: str, kind: str, provider: str | None) -> ScenarioError:
    of_gpu = [rent for rent in rents() if rent.gpu == gpu]
    if not of_gpu:
        names = sorted({rent.gpu for rent in rents()})
        close = difflib.get_close_matches(gpu, names, n=3, cutoff=0.5) or names
        hint = f"There are rents for {', '.join(close)}."
        return ScenarioError([Problem("gpu", f"{gpu!r} has no rent in the catalog.", hint)])
    known = "; ".join(
        f"{one}: {', '.join(sorted({rent.provider for rent in of_gpu if rent.kind == one}))}"
        for one in KINDS
        if any(rent.kind == one for rent in of_gpu)
    )
    by = f" by {provider}" if provider else ""
    what = f"{gpu} has no {kind} rent{by} in the catalog."
    return ScenarioError([Problem("gpu", what, f"Known: {known}. Or give usd_per_gpu_hour.")])


def find_rents(query: str) -> list[Rent]:
    """Return the offers whose GPU, kind, provider, region or instance match every word of `query`, newest first."""
    words = query.lower().split()
    found = [
        rent
        for rent in rents()
        if all(
            word in f"{rent.gpu} {rent.kind} {rent.provider} {rent.region} {rent.instance}".lower()
            for word in words
        )
    ]
    return sorted(
        found, key=lambda rent: (rent.gpu, rent.kind, -rent.as_of.toordinal(), rent.usd_per_gpu_hour)
    )


def rent_trend(gpu: str, *, kind: str = ON_DEMAND) -> dict[str, float]:
    """Return the median rent in USD per GPU-hour by month ("2026-05"); empty if unknown.

    The median over providers of each provider's median day, from `gpu_rent_trend.toml`.
    """
    return dict(table("gpu_rent_trend")["trend"].get(gpu, {}).get(kind, {}))


@dataclass(frozen=True)
class CostFact:
    """One figure with its range; if the source gives none, `low`, `mid` and `high` are equal.

    `as_of` is missing if the source has no date; `dated` then says so.
    """

    key: str
    low: float
    mid: float
    high: float
    unit: str
    source: str
    as_of: date | None = None
    dated: str = ""
    note: str = ""


@cache
def own_gpu_facts() -> dict[str, CostFact]:
    """Return the cost facts for owned GPUs, by key: "gpu_usd.H100-SXM", "pue", "life_years" ..."""
    return {
        key: CostFact(key=key, **{"low": row["mid"], "high": row["mid"], **row})
        for key, row in table("own_gpu")["facts"].items()
    }


def own_gpu_fact(key: str) -> CostFact:
    """Return one fact about owning GPUs.

    Raises:
        ScenarioError: the catalog has no such fact; lists those it has.
    """
    facts = own_gpu_facts()
    if key not in facts:
        raise ScenarioError([Problem(key, "is not in the catalog.", f"Known: {', '.join(sorted(facts))}.")])
    return facts[key]


@dataclass(frozen=True)
class Term:
    """The cost of one processing tier, commitment or provisioned unit, as a multiplier or in USD (see `unit`)."""

    provider: str
    name: str
    low: float
    high: float
    unit: str
    source: str
    as_of: date | None = None
    dated: str = ""
    note: str = ""


@cache
def terms() -> tuple[Term, ...]:
    """Return the catalog's processing tiers, commitments and provisioned capacity."""
    return tuple(Term(**row) for row in table("commitments")["terms"])
