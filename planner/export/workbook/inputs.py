"""The first sheet: every number that the plan states or assumes, each in its own cell with its source.

A plan with dated changes has further lines for each epoch, with the differences from before.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

import numpy as np

from planner.analysis.sources import sources
from planner.catalog.meters import unit_of
from planner.errors import Problem, ScenarioError
from planner.export.workbook.book import Sheet
from planner.model.handed_on import UnitPool
from planner.model.joining import Joined
from planner.model.request.picture_tokens import picture_tokens
from planner.model.running_both import both_payments
from planner.records import dataclass
from planner.schema import ApiDeployment, Range, Scenario, Workload, fields
from planner.units import SECONDS_PER_MONTH

SHEET = "Inputs"
BOTH = "running both."  # prefix of the keys of payments while a change runs in parallel with what it replaces
UNIT_TERMS = {
    "capacity_per_s": "/s", "least": "units", "step": "units", "reserved": "units",
    "usd_per_reserved_month": "USD/month", "usd_per_other_month": "USD/month", "open_share": "share",
}  # fmt: skip
MOST_UNITS = 1e12  # "all of them", in a cell
PRICED = ("input", "cache_read", "cache_write", "output")


@dataclass(frozen=True)
class Inputs:
    """References to input cells, by field path or by the name of a computed input."""

    by_path: Mapping[str, str]
    computed: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, path: str) -> str:
        """Return the reference of a field, or of a computed input."""
        return self.by_path[path] if path in self.by_path else self.computed[path]

    def starting(self, prefix: str) -> list[tuple[str, str]]:
        """Return the keys with this prefix and their references."""
        return [(key, cell) for key, cell in self.by_path.items() if key.startswith(prefix)]


@dataclass(frozen=True)
class Given:
    """One number computed or looked up by the planner, with its source."""

    key: str
    label: str
    value: float
    unit: str
    source: str


def input_sheet(parts: Sequence[Joined], whole: Scenario) -> tuple[Sheet, list[Inputs]]:
    """Return the sheet of inputs, and each input's cell in each epoch of the plan `whole`."""
    sheet = Sheet(SHEET)
    sheet.rows.append(["Input", "Value", "Unit", "Field", "Source"])
    words = {each.path: each.words for each in sources(whole)}
    found: list[Inputs] = []
    seen: dict[str, tuple[float, str]] = {}
    moves: dict[str, str] = {}
    for index, joined in enumerate(parts):
        if index:
            sheet.heading(f"From month {joined.business.carried.month + 1} on, where it differs")
        stated = _stated(joined.scenario)
        paths = _written(sheet, stated, seen, words)
        if not index:
            moves = _written(sheet, [*_of_changes(whole), *_of_both(parts, whole)], seen, words)
        computed: dict[str, str] = {}
        for title, lines in _computed(joined):
            new = [each for each in lines if _is_new(each, seen)]
            if new:
                sheet.heading(title)
            computed |= _written(sheet, lines, seen, {})
        found.append(Inputs({**moves, **paths}, computed))
    return sheet, found


def _is_new(each: Given, seen: Mapping[str, tuple[float, str]]) -> bool:
    return each.key not in seen or seen[each.key][0] != each.value


def _written(
    sheet: Sheet, lines: Sequence[Given], seen: dict[str, tuple[float, str]], words: Mapping[str, str]
) -> dict[str, str]:
    """Write the numbers not yet on the sheet; return the cell of each."""
    cells = {}
    for each in lines:
        if _is_new(each, seen):
            path = each.key if words else ""
            seen[each.key] = (each.value, sheet.line(each.label, each.value, each.unit, path))
            sheet.rows[-1].append(words.get(each.key, "") + each.source)
        cells[each.key] = seen[each.key][1]
    return cells


def _stated(scenario: Scenario) -> list[Given]:
    """Return every number and switch in a plan."""
    found = []
    for each in fields(scenario):
        value, spec = each.value, each.spec
        if value is None or not (spec.numeric or spec.kind == "flag"):
            continue
        if np.ndim(value):
            raise ScenarioError([Problem(each.path, "holds many plans; a spreadsheet holds one.")])
        note = f" (median of {value})" if isinstance(value, Range) else ""
        found.append(Given(each.path, spec.label, float(value), spec.unit, note))
    return found


def _of_changes(whole: Scenario) -> list[Given]:
    """Return the one-off costs of a plan's dated changes, and their months."""
    found = []
    for index, change in enumerate(whole.change):
        label = change.label or f"Change {index + 1}"
        found += [
            Given(f"change.{index}.month", f"{label}: month", float(change.month), "month", ""),
            Given(f"change.{index}.usd", f"{label}: cost", float(change.usd), "USD", ""),
        ]
    return found


def _of_both(parts: Sequence[Joined], whole: Scenario) -> Iterator[Given]:
    """Yield the monthly cost of running a change in parallel with what it replaces, computed by the planner."""
    paid = both_payments(parts, whole, int(np.max(whole.company.horizon_months)))
    for index, each in enumerate(paid):
        key = f"{BOTH}{index}.{float(each.month):g}"
        yield Given(key, f"Running both, month {float(each.month):g}", float(each.amount_usd), "USD", "")


def _computed(joined: Joined) -> Iterator[tuple[str, list[Given]]]:
    """Yield the looked-up or computed numbers, by heading."""
    yield "API prices, USD per million tokens", list(_prices(joined))
    yield "Pictures in prompts, by their vendor's rule", list(_pictures(joined))
    yield "Units of capacity", list(_capacity(joined))
    title = "GPU serving, from the planner's serving and queueing model at this plan's load and promise"
    yield title, list(_fleets(joined))
    yield "Hours of the week, by kind, in UTC", list(_hours(joined))


def share_key(tier: str, kind: int) -> str:
    """Return the key of the share of time of a kind of hour."""
    return f"hours.{tier}.{kind}.share"


def over_mean_key(tier: str, kind: int, load: int) -> str:
    """Return the key of a load in a kind of hour relative to its mean."""
    return f"hours.{tier}.{kind}.{load}"


def _hours(joined: Joined) -> Iterator[Given]:
    """Yield each fleet's loads by kind of hour, if they have profiles."""
    for tier, fleet in joined.business.fleets.items():
        week = fleet.week
        if week is None:
            continue
        for kind, share in enumerate(week.shares):
            label = f"{tier}: hours {kind + 1}, share of the week"
            yield Given(share_key(tier, kind), label, share, "share", "profiles of the workloads")
            for place, each in enumerate(week.known):
                label = f"{tier}: hours {kind + 1}, load of {', '.join(each.names)} over its mean"
                over = float(np.asarray(each.over_mean[kind]))
                yield Given(over_mean_key(tier, kind, place), label, over, "x", "profiles of the workloads")


def _pictures(joined: Joined) -> Iterator[Given]:
    for name, workload in joined.scenario.workloads.items():
        taken = float(np.asarray(picture_tokens(workload)))
        if taken:
            yield Given(
                f"pictures.{name}", f"{name}: tokens of the pictures of a prompt", taken, "tokens", ""
            )


def _prices(joined: Joined) -> Iterator[Given]:
    """Yield each API model's prices, by starting month and prompt length."""
    for tier, api in joined.resolved.apis.items():
        for month, rates in api.epochs:
            source = f"{rates.source}, {rates.as_of}"
            priced = {kind: getattr(rates, kind) for kind in _kinds(joined)}
            steps = [
                (kind, start, float(usd), "USD/Mtok")
                for kind, price in priced.items()
                for start, usd in ((0, price.usd_per_mtok), *price.tiers)
            ]
            steps += [
                (unit, start, float(usd) / rates.meters[unit].per, "USD each")
                for unit in _units(joined, tier)
                for start, usd in ((0, rates.meters[unit].usd), *rates.meters[unit].tiers)
            ]
            for kind, start, usd, per in steps:
                label = f"{tier}: {kind} from month {month + 1}"
                label += f", prompts above {start}" if start else ""
                yield Given(f"price.{tier}.{month}.{kind}.{start}", label, usd, per, source)
            label = f"{tier}: per request from month {month + 1}"
            yield Given(f"price.{tier}.{month}.request", label, float(rates.usd_per_request), "USD", source)


def _capacity(joined: Joined) -> Iterator[Given]:
    """Yield the capacity and cost of units, from the file or a catalog offer."""
    for tier, terms in joined.business.api_terms.items():
        said = joined.scenario.deployments[tier]
        assert isinstance(said, ApiDeployment)
        source = said.provisioned.offer or "the plan"
        for place, pool in enumerate(terms.pools):
            for what, unit in UNIT_TERMS.items():
                value = min(float(np.asarray(getattr(pool, what))), MOST_UNITS)
                label = f"{tier}: {what.replace('_', ' ')} of a unit"
                yield Given(f"units.{tier}.{place}.{what}", label, value, unit, source)
            for what, weight in _unit_weights(pool).items():
                label = f"{tier}: weight of {what.replace('_', ' ')}"
                yield Given(f"units.{tier}.{place}.{what}", label, weight, "", source)


def _unit_weights(pool: UnitPool) -> dict[str, float]:
    if pool.weights is None:
        return {}
    names = ("input", "output", "cache_read", "cache_write", "cache_write_1h")
    return {name: float(np.asarray(getattr(pool.weights, name))) for name in names}


def writes_for_an_hour(workload: Workload) -> bool:
    """Say whether a workload uses one-hour cache writes."""
    return workload.cache.write_1h_share is not None or workload.cache.lifetime == "1h"


def _kinds(joined: Joined) -> tuple[str, ...]:
    hours = any(writes_for_an_hour(each) for each in joined.scenario.workloads.values())
    return (*PRICED, "cache_write_1h") if hours else PRICED


def _units(joined: Joined, tier: str) -> list[str]:
    """Return the meters billed for calls to a deployment."""
    users = [each for each in joined.scenario.workloads.values() if tier in each.routing.tiers]
    return sorted({unit_of(meter) for each in users for meter, count in each.meters.items() if count})


def _fleets(joined: Joined) -> Iterator[Given]:
    """Yield the serving model's results: GPU speed, and the places needed for a load."""

    def given(key: str, label: str, value: object, unit: str, source: str) -> Given:
        return Given(key, label, float(np.asarray(value)), unit, source)

    for tier in joined.business.unused_usd:
        hosted = joined.resolved.hosted[tier]
        usd, source = hosted.reserved_usd_per_gpu_hour, "; ".join(hosted.rent_notes)
        yield given(f"unused.{tier}.reserved", f"{tier}: reserved rent", usd, "USD/GPU/hour", source)
    for tier, fleet in joined.fleets.items():
        hosted, key, rule = joined.resolved.hosted[tier], f"fleet.{tier}", fleet.rule
        rents = "; ".join(hosted.rent_notes)
        for name in fleet.wanted.peak_per_call:
            label, slot_s = f"{tier}: a call of {name} holds its place", joined.batches[name, tier].slot_s
            if fleet.wanted.week is not None:
                label = f"{tier}: a call of {name} holds a mean replica's place"
                of_a_pass = fleet.wanted.mean_per_call[name] * SECONDS_PER_MONTH
                slot_s = of_a_pass / joined.requests[name].session_calls
            yield given(f"{key}.slot_s.{name}", label, slot_s, "s", "serving model")
        for leaf, label, value, unit, source in (
            ("batch", "places in a replica", fleet.places_up, "", "serving model"),
            ("slack", "spare places at any load", rule.slack, "", "queueing model"),
            ("root", "spare places for each root of the load", rule.slack_per_root, "", "queueing model"),
            ("fits", "fits into memory (1) or not (0)", np.all(fleet.wanted.fits), "", "serving model"),
            ("rent", "rent", hosted.usd_per_gpu_hour, "USD/GPU/hour", rents),
            ("reserved", "reserved rent", hosted.reserved_usd_per_gpu_hour, "USD/GPU/hour", rents),
            ("precision", "success kept at its precision", hosted.precision, "share", "catalog"),
        ):
            yield given(f"{key}.{leaf}", f"{tier}: {label}", value, unit, source)
