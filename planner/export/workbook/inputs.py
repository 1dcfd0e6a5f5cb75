"""The first sheet: every number that the plan states or takes as given, each in a cell of its own with its source."""

from collections.abc import Mapping
from dataclasses import field

import numpy as np

from planner.analysis.sources import sources
from planner.catalog.meters import unit_of
from planner.errors import Problem, ScenarioError
from planner.export.workbook.book import Sheet
from planner.model.handed_on import UnitPool
from planner.model.joining import Joined
from planner.records import dataclass
from planner.schema import ApiDeployment, Range, Workload, fields

SHEET = "Inputs"
UNIT_TERMS = {
    "capacity_per_s": "/s", "least": "units", "step": "units", "reserved": "units",
    "usd_per_reserved_month": "USD/month", "usd_per_other_month": "USD/month", "open_share": "share",
}  # fmt: skip
MOST_UNITS = 1e12  # "all of them", in a cell
PRICED = ("input", "cache_read", "cache_write", "output")


@dataclass(frozen=True)
class Inputs:
    """References to the cells of the inputs, by the path of a field, or by what the planner computed."""

    by_path: Mapping[str, str]
    computed: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, path: str) -> str:
        """Return the reference of a field, or of a computed input."""
        return self.by_path[path] if path in self.by_path else self.computed[path]


def input_sheet(joined: Joined) -> tuple[Sheet, Inputs]:
    """Return the sheet of inputs and where each stands."""
    sheet = Sheet(SHEET)
    sheet.rows.append(["Input", "Value", "Unit", "Field", "Source"])
    inputs = Inputs(_field_lines(sheet, joined))
    _price_lines(sheet, inputs, joined)
    _unit_lines(sheet, inputs, joined)
    _fleet_lines(sheet, inputs, joined)
    return sheet, inputs


def _field_lines(sheet: Sheet, joined: Joined) -> dict[str, str]:
    scenario, by_path = joined.scenario, {}
    words = {each.path: each.words for each in sources(scenario)}
    for each in fields(scenario):
        value, spec = each.value, each.spec
        if value is None or not (spec.numeric or spec.kind == "flag"):
            continue
        if np.ndim(value):
            raise ScenarioError([Problem(each.path, "holds many plans; a spreadsheet holds one.")])
        by_path[each.path] = sheet.line(spec.label, float(value), spec.unit, each.path)
        note = f" (median of {value})" if isinstance(value, Range) else ""
        sheet.rows[-1].append(words.get(each.path, "") + note)
    return by_path


def _price_lines(sheet: Sheet, inputs: Inputs, joined: Joined) -> None:
    """Add what each API model charges, by the month from which it counts and by the length of the prompt."""
    if joined.resolved.apis:
        sheet.heading("API prices, USD per million tokens")
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
                label = f"{tier}: {kind} from month {month + 1}" + (
                    f", prompts above {start}" if start else ""
                )
                inputs.computed[f"price.{tier}.{month}.{kind}.{start}"] = sheet.line(label, usd, per, "")
                sheet.rows[-1].append(source)
            key = f"price.{tier}.{month}.request"
            inputs.computed[key] = sheet.line(
                f"{tier}: per request from month {month + 1}", float(rates.usd_per_request), "USD"
            )


def _unit_lines(sheet: Sheet, inputs: Inputs, joined: Joined) -> None:
    """Add what units of capacity carry and cost, as the file or an offer of the catalog says."""
    pools = {tier: terms.pools for tier, terms in joined.business.api_terms.items() if terms.pools}
    if pools:
        sheet.heading("Units of capacity")
    for tier, kinds in pools.items():
        said = joined.scenario.deployments[tier]
        assert isinstance(said, ApiDeployment)
        source = said.provisioned.offer or "the plan"
        for place, pool in enumerate(kinds):
            for what, unit in UNIT_TERMS.items():
                value = min(float(np.asarray(getattr(pool, what))), MOST_UNITS)
                key, label = f"units.{tier}.{place}.{what}", f"{tier}: {what.replace('_', ' ')} of a unit"
                inputs.computed[key] = sheet.line(label, value, unit)
                sheet.rows[-1].append(source)
            for what, weight in _unit_weights(pool).items():
                key, label = f"units.{tier}.{place}.{what}", f"{tier}: weight of {what.replace('_', ' ')}"
                inputs.computed[key] = sheet.line(label, weight, "")
                sheet.rows[-1].append(source)


def _unit_weights(pool: UnitPool) -> dict[str, float]:
    if pool.weights is None:
        return {}
    names = ("input", "output", "cache_read", "cache_write", "cache_write_1h")
    return {name: float(np.asarray(getattr(pool.weights, name))) for name in names}


def writes_for_an_hour(workload: Workload) -> bool:
    """Say whether a workload writes prefixes to the cache for an hour."""
    return workload.cache.write_1h_share is not None or workload.cache.lifetime == "1h"


def _kinds(joined: Joined) -> tuple[str, ...]:
    hours = any(writes_for_an_hour(each) for each in joined.scenario.workloads.values())
    return (*PRICED, "cache_write_1h") if hours else PRICED


def _units(joined: Joined, tier: str) -> list[str]:
    """Return the meters that calls to a deployment are billed for."""
    users = [each for each in joined.scenario.workloads.values() if tier in each.routing.tiers]
    return sorted({unit_of(meter) for each in users for meter, count in each.meters.items() if count})


def _fleet_lines(sheet: Sheet, inputs: Inputs, joined: Joined) -> None:
    """Add what the serving model found: how fast the GPUs are, and how many places a load needs."""
    if joined.business.fleets or joined.business.unused_usd:
        sheet.heading(
            "GPU serving, from the planner's serving and queueing model at this plan's load and promise"
        )

    def given(key: str, label: str, value: object, unit: str, source: str) -> None:
        inputs.computed[key] = sheet.line(label, float(np.asarray(value)), unit)
        sheet.rows[-1].append(source)

    for tier in joined.business.unused_usd:
        hosted = joined.resolved.hosted[tier]
        usd = hosted.reserved_usd_per_gpu_hour
        source = "; ".join(hosted.rent_notes)
        given(f"unused.{tier}.reserved", f"{tier}: reserved rent", usd, "USD/GPU/hour", source)
    for tier, fleet in joined.fleets.items():
        hosted, key = joined.resolved.hosted[tier], f"fleet.{tier}"
        for name in fleet.wanted.peak_per_call:
            slot_s = joined.batches[name, tier].slot_s
            given(
                f"{key}.slot_s.{name}",
                f"{tier}: a call of {name} holds its place",
                slot_s,
                "s",
                "serving model",
            )
        given(f"{key}.batch", f"{tier}: places in a replica", fleet.wanted.per_replica, "", "serving model")
        given(f"{key}.slack", f"{tier}: spare places at any load", fleet.rule.slack, "", "queueing model")
        root = fleet.rule.slack_per_root
        given(f"{key}.root", f"{tier}: spare places for each root of the load", root, "", "queueing model")
        fits = np.all(fleet.wanted.fits)
        given(f"{key}.fits", f"{tier}: fits into memory (1) or not (0)", fits, "", "serving model")
        rents = "; ".join(hosted.rent_notes)
        given(f"{key}.rent", f"{tier}: rent", hosted.usd_per_gpu_hour, "USD/GPU/hour", rents)
        reserved = hosted.reserved_usd_per_gpu_hour
        given(
            f"{key}.reserved",
            f"{tier}: reserved rent",
            reserved,
            "USD/GPU/hour",
            "; ".join(hosted.rent_notes),
        )
        given(
            f"{key}.precision", f"{tier}: success kept at its precision", hosted.precision, "share", "catalog"
        )
