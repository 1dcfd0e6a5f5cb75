"""What newer prices would change: each price, and the headline of each scenario of a library. Nothing is written."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from planner.catalog.ages import price_ages
from planner.catalog.api_prices import ApiRates, api_rates, prices_instead
from planner.catalog.meters import meter_words
from planner.catalog.rents import rent_usd_per_gpu_hour, rents_besides
from planner.errors import ScenarioError
from planner.files import Entry, inert, list_scenarios, load
from planner.model import STATES, Result, evaluate
from planner.records import dataclass
from planner.schema import ApiDeployment, Scenario
from planner.units import NOT_AVAILABLE, show
from planner.usage.newer import Asked, Newer, read_newer

HEADLINE = (
    "gross_burn_usd_per_month", "net_burn_usd_per_month", "runway_months", "gross_margin_share", "usd_per_request",
    "usd_per_outcome",
)  # fmt: skip
SAME = 1e-9  # of the value
TOKEN_PRICES = ("input", "cache_read", "cache_write", "cache_write_1h", "output")


@dataclass(frozen=True)
class PriceChange:
    """One price before and after, in USD per `unit`; nan where there was or is none."""

    name: str
    unit: str
    before_usd: float
    after_usd: float
    as_of: date


@dataclass(frozen=True)
class PlanEffect:
    """What the newer prices do to one scenario: (before, after) of each headline metric, in its own unit.

    `problem` says in words why it could not be computed. A runway is nan unless cash runs out; `states` says so.
    """

    name: str
    metrics: dict[str, tuple[float, float]]
    states: tuple[str, str] = ("", "")
    problem: str = ""

    @property
    def changed(self) -> dict[str, tuple[float, float]]:
        """The metrics that differ."""
        return {name: pair for name, pair in self.metrics.items() if _differ(*pair)}


@dataclass(frozen=True)
class Refreshed:
    """The report: what changed, what that does to each scenario, and which prices are old even so."""

    source: str
    prices: tuple[PriceChange, ...]
    effects: tuple[PlanEffect, ...]
    warnings: tuple[str, ...]

    def price_rows(self) -> list[dict[str, Any]]:
        """Return the changed prices as rows of a table."""
        return [
            {
                "price": change.name,
                "unit": change.unit,
                "before": show(change.before_usd, "usd"),
                "after": show(change.after_usd, "usd"),
                "change": _percent(change.before_usd, change.after_usd),
                "of": change.as_of.isoformat(),
            }
            for change in self.prices
        ]

    def effect_rows(self) -> list[dict[str, Any]]:
        """Return what the changes do to the scenarios as rows: only what differs, and what can't be computed."""
        rows = []
        for effect in self.effects:
            if effect.problem:
                rows.append({"scenario": effect.name, "metric": "", "before": "", "after": effect.problem})
            for metric, (before, after) in effect.changed.items():
                shown = [
                    state.replace("_", " ")
                    if np.isnan(value) and metric == "runway_months"
                    else show(value, metric)
                    for value, state in zip((before, after), effect.states, strict=True)
                ]
                rows.append(
                    {"scenario": effect.name, "metric": metric, "before": shown[0], "after": shown[1]}
                )
        return rows


def refresh(
    source: str | Path | None = None, *, library: Path | None = None, here: Path | None = None,
    today: date | None = None, beside: Mapping[str, Scenario] | None = None,
) -> Refreshed:  # fmt: skip
    """Return what the prices of `source` change, and what that does to each scenario of the library.

    `source` is a TOML file in the form of the catalog's (rents as in gpu_rents.toml; prices as
    `[[api."openai:gpt-5.4"]]`), or a folder that holds an installed genai-prices package. Without one, only the
    ages of the prices in use are told. `beside` holds scenarios by name that are looked at besides, and first.
    No scenario and no catalog is changed. Raises ScenarioError in words.
    """
    today = today or datetime.now(tz=UTC).date()
    entries = list_scenarios(library=library, here=here)
    read, unread = _scenarios(entries, library)
    scenarios = {**(beside or {}), **read}
    asked = {used for scenario in scenarios.values() for used in _apis(scenario)}
    newer = Newer("the catalog") if source is None else read_newer(Path(source), asked)
    prices = (*_api_changes(newer, today), *_rent_changes(newer))
    effects = [_effect(name, scenario, newer) for name, scenario in scenarios.items()]
    with _instead(newer):
        warnings = tuple(line for name, scenario in scenarios.items() for line in _old(name, scenario, today))
    return Refreshed(newer.name, prices, (*effects, *unread), warnings)


@contextmanager
def _instead(newer: Newer) -> Iterator[None]:
    with prices_instead(newer.timelines), rents_besides(newer.rents):
        yield


def _scenarios(
    entries: Iterable[Entry], library: Path | None
) -> tuple[dict[str, Scenario], tuple[PlanEffect, ...]]:
    read, unread = {}, []
    for entry in entries:
        try:
            read[inert(entry.name)] = load(entry.path, library=library).scenario
        except ScenarioError as error:
            words = f"can't be read: {error.problems[0]}"
            unread.append(PlanEffect(inert(entry.name), {}, problem=words))
    return read, tuple(unread)


def _apis(scenario: Scenario) -> Iterator[Asked]:
    """Yield the model and processing of each deployment that is paid by the price list."""
    for deployment in scenario.deployments.values():
        if isinstance(deployment, ApiDeployment) and deployment.price is None:
            yield deployment.model, deployment.processing


def _api_changes(newer: Newer, today: date) -> Iterator[PriceChange]:
    for model, processing in newer.timelines:
        before = _rates(model, processing, today)
        with _instead(newer):
            after = _rates(model, processing, today)
        of = after or before
        if of is None:
            continue
        tier = "" if processing == "standard" else f" {inert(processing)}"
        for kind in TOKEN_PRICES:
            pair = _usd(before, kind), _usd(after, kind)
            if _differ(*pair):
                name = f"{inert(model)}{tier} {kind.replace('_', ' ')}"
                yield PriceChange(name, "Mtok", *pair, of.as_of)
        for unit in dict.fromkeys((*(before.meters if before else ()), *(after.meters if after else ()))):
            pair = _each_usd(before, unit), _each_usd(after, unit)
            if _differ(*pair):
                yield PriceChange(f"{inert(model)}{tier} {meter_words(unit)}", "each", *pair, of.as_of)


def _rates(model: str, processing: str, day: date) -> ApiRates | None:
    try:
        return api_rates(model, on=day, processing=processing)
    except ScenarioError:
        return None


def _usd(rates: ApiRates | None, kind: str) -> float:
    return float("nan") if rates is None else float(getattr(rates, kind).usd_per_mtok)


def _each_usd(rates: ApiRates | None, unit: str) -> float:
    return float(rates.meters[unit].at(0.0)) if rates is not None and unit in rates.meters else float("nan")


def _rent_changes(newer: Newer) -> Iterator[PriceChange]:
    seen = dict.fromkeys(
        (rent.gpu, rent.kind, provider) for rent in newer.rents for provider in (None, rent.provider)
    )
    for gpu, kind, provider in seen:
        before, _ = _rent(gpu, kind, provider)
        with _instead(newer):
            after, as_of = _rent(gpu, kind, provider)
        if _differ(before, after):
            of = f" by {inert(provider)}" if provider else ""
            yield PriceChange(f"{inert(gpu)} {kind}{of}", "GPU-hour", before, after, as_of)


def _rent(gpu: str, kind: str, provider: str | None) -> tuple[float, date]:
    try:
        rent = rent_usd_per_gpu_hour(gpu, kind=kind, provider=provider)
    except ScenarioError:
        return float("nan"), date.min
    return rent.usd_per_gpu_hour, rent.as_of


def _effect(name: str, scenario: Scenario, newer: Newer) -> PlanEffect:
    try:
        before = evaluate(scenario)
        with _instead(newer):
            after = evaluate(scenario)
    except ScenarioError as error:
        return PlanEffect(name, {}, problem=f"can't be computed: {error.problems[0]}")
    metrics = {metric: (_value(before, metric), _value(after, metric)) for metric in HEADLINE}
    return PlanEffect(name, metrics, (_state(before), _state(after)))


def _value(result: Result, metric: str) -> float:
    """Return a headline number; a runway that cash does not end is no number."""
    if metric == "runway_months" and _state(result) != "cash_out":
        return float("nan")
    return float(result.metrics[metric])


def _state(result: Result) -> str:
    index = int(np.asarray(result.runway_state))
    return STATES[index] if index >= 0 else NOT_AVAILABLE


def _differ(before: float, after: float) -> bool:
    if np.isnan(before) or np.isnan(after):
        return bool(np.isnan(before) != np.isnan(after))
    return abs(after - before) > SAME * max(abs(before), abs(after))


def _percent(before: float, after: float) -> str:
    if np.isnan(before):
        return "new"
    if np.isnan(after):
        return "gone"
    return f"{after / before - 1:+z.1%}" if before else NOT_AVAILABLE


def _old(name: str, scenario: Scenario, today: date) -> Iterator[str]:
    """Yield a sentence for each price of the list, in use, that is more than 60 days old."""
    for age in price_ages(scenario):
        if age.stale(today):
            words = f"the {age.noun} of {inert(age.deployment)} is of {age.as_of}, {age.days(today)} days old"
            yield f"{name}: {words}"
