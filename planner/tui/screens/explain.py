"""Explain any number: each has its formula with the numbers in it, what went in, and the sources."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

import numpy as np

from planner.errors import ScenarioError
from planner.model import LineItem, Result, evaluate
from planner.readout import (
    METRICS,
    day_rows,
    fleet_day,
    long_label,
    metric_text,
    number,
    number_text,
    samples_of,
)
from planner.readout.cautions import cautions
from planner.readout.field_values import rule_text, unit_text, value_text
from planner.readout.formulas import formula, ingredients, reason
from planner.readout.metrics import RUNWAYS
from planner.readout.settled import settled
from planner.schema import Field, Range, Scenario, fields
from planner.schema.steps import steps_of
from planner.tui.config.keys import EXPLAIN
from planner.tui.screens.number_entries import items_of, own_entries
from planner.tui.screens.page import bindings
from planner.tui.screens.part_entries import PARTS, of_field, part_entries, part_label
from planner.tui.screens.session_entries import OF_COST, session_entries
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.session.field_list import default_at
from planner.tui.session.outlook import HEADLINE, Outlook
from planner.tui.state import Plan
from planner.tui.widgets.charts import Span
from planner.tui.widgets.headline_numbers import reading
from planner.tui.widgets.sheet import BLANK, SheetRow, heading, pair, pairs, text, told
from planner.tui.widgets.status import Notice, Title
from planner.units import show

COST = "cost:"
_FIRST, _CELL = 18, 12
_MOVED = (  # what a field may move, as its table calls it
    ("net burn", "net_burn_usd_per_month"), ("runway", "runway_months"), ("margin", "gross_margin_share"),
    ("/outcome", "usd_per_outcome"), ("success", "success_share"),
)  # fmt: skip


class ExplainScreen(SheetPage):
    """One number, taken apart."""

    page = EXPLAIN
    BINDINGS: ClassVar = bindings(EXPLAIN)

    def __init__(self, what: str, plan: Plan, outlook: Outlook) -> None:
        super().__init__()
        self._what, self._plan, self._outlook = what, plan, outlook

    def watch_outlook(self, outlook: Outlook) -> None:
        """Follow the ranges, which are drawn a moment after the numbers."""
        ranges = outlook is not self._outlook and outlook.result is self._outlook.result
        if self._what in METRICS and ranges:
            self._outlook = outlook
            _, build = self._label_and_build()
            self.sheet.fill(build, keep=True)

    def show(self) -> None:
        """Fill the sheet."""
        label, build = self._label_and_build()
        self.query_one(Title).title = (f"Explain: {label}", "")
        self.sheet.fill(build)
        self.say(Notice("", ""))

    def _with_warnings(self, entries: list[SheetRow], width: int) -> list[SheetRow]:
        return entries + warning_entries(self._outlook, self.workplace.today, width)

    def _label_and_build(self) -> tuple[str, Any]:
        if self._what.startswith(COST):
            name = self._what.removeprefix(COST)
            return f"{name}, month 1", lambda width: self._with_warnings(
                cost_entries(self._outlook, name, width), width
            )
        if self._what in METRICS:
            return long_label(self._what), lambda width: self._with_warnings(
                metric_entries(self._outlook, self._what, width), width
            )
        if self._what.startswith(PARTS):
            return part_label(self._what), lambda width: part_entries(self._outlook, self._what, width)
        field = next(each for each in fields(self._plan.scenario) if each.path == self._what)
        return field.spec.label, lambda width: self._of_field(field, width)

    def _of_field(self, field: Field, width: int) -> list[SheetRow]:
        return field_entries(self._plan, field, width, picture=of_field(self._outlook, field.path, width))


def warning_entries(outlook: Outlook, today: date, width: int) -> list[SheetRow]:
    """Return all that a reader of the plan's numbers must know."""
    assert outlook.result is not None
    found = cautions(outlook.scenario, outlook.result, on=today)
    if not found:
        return []
    lines = [line for each in found for line in text(each, width, look="bad")]
    return [BLANK, heading("Warnings", width), *lines]


def metric_entries(outlook: Outlook, name: str, width: int) -> list[SheetRow]:
    """Return the explanation of a headline metric."""
    result = outlook.result
    assert result is not None
    now = reading(outlook, name)
    entries = [pair("Now", now.value, width, look="title")]
    if now.spread:
        entries.append(pair("Range, 5% to 95%", now.spread, width, more="over the ranges of the plan"))
    if outlook.baseline is not None:
        entries.append(
            pair("Baseline", metric_text(outlook.baseline, name, brief=True), width, more=now.change)
        )
    if why := reason(result, name):
        entries += text(f"It can't be computed: {why}.", width, look="bad")
    words, numbers = formula(outlook.scenario, result, name)
    if words:
        entries += [
            BLANK,
            heading("Formula", width),
            *text(words, width),
            *text(numbers, width, look="title"),
        ]
    if name == "gpus":
        entries += _hours(result, width)
    if name in OF_COST:
        entries += session_entries(result, width)
    entries += own_entries(result, name, width)
    if items := _items(result, name, width):
        entries += [BLANK, heading(f"Line items of month {result.month}", width), *items]
    entries += [BLANK, heading("What goes in", width)]
    entries += [row for label, value in ingredients(result) for row in pairs(label, value, width)]
    return entries + _more(outlook, width)


def _hours(result: Result, width: int) -> list[SheetRow]:
    """Return own GPUs hour by hour, where the hours of a workload are known."""
    entries: list[SheetRow] = []
    for name, hours in result.fleet_hours.items():
        day = fleet_day(hours)
        entries += [BLANK, heading(f"{name} by hour", width), *text(day.words, width)]
        entries += [
            pair(
                f"{hour} UTC",
                f"{gpus} GPUs",
                width,
                more=f"{places} places busy; weekend {later} GPUs, {rest} places",
            )
            for hour, places, gpus, rest, later in day_rows(day)
        ]
    return entries


def _items(result: Result, name: str, width: int) -> list[SheetRow]:
    """Return the line items that are in a number's formula; a runway has its months in their place."""
    if name in RUNWAYS:
        return []
    return [
        row
        for item in items_of(result, name)
        for row in told(
            item.name,
            show(float(item.usd_per_month), "usd"),
            width,
            more=f"{item.workload} {item.deployment}".strip(),
        )
    ]


def _more(outlook: Outlook, width: int) -> list[SheetRow]:
    """Return the other metrics with their formulas, and prices with their sources."""
    result = outlook.result
    assert result is not None
    entries = [BLANK, heading("The other numbers", width)]
    for name in METRICS:
        if name not in HEADLINE:
            why = reason(result, name)
            entries += told(long_label(name), metric_text(result, name, brief=True), width, more=why)
            for words in () if why else filter(None, formula(outlook.scenario, result, name)):
                entries += text(words, width, look="muted", indent=3)
    entries += [BLANK, heading("Prices and where they are from", width)]
    for name, deployment in result.deployments.items():
        entries += [line for note in deployment.notes for line in text(f"{name}: {note}", width)]
    return entries


def cost_entries(outlook: Outlook, name: str, width: int) -> list[SheetRow]:
    """Return the explanation of one cost: its parts, and the prices behind it."""
    result = outlook.result
    assert result is not None
    parts = [item for item in result.line_items if item.name == name]
    total = float(sum(item.usd_per_month for item in parts))
    gross = float(result.metrics["gross_burn_usd_per_month"])
    entries = [pair(f"{name}, month 1", show(total, "usd"), width, look="title")]
    if gross:
        entries.append(pair("Of the gross burn", show(total / gross, "share"), width))
    entries += [BLANK, heading("Its parts", width)]
    entries += [pair(_owner(item), show(float(item.usd_per_month), "usd"), width) for item in parts]
    entries += [BLANK, heading("What goes in", width)]
    entries += [pair(label, value, width) for label, value in ingredients(result)]
    return entries + _more(outlook, width)


def _owner(item: LineItem) -> str:
    return " on ".join(word for word in (item.workload, item.deployment) if word) or item.group


def field_entries(
    plan: Plan, field: Field, width: int, *, picture: Sequence[SheetRow] = ()
) -> list[SheetRow]:
    """Return what a field means, what it moves, the picture of what it is of, and where its value is from."""
    spec = field.spec
    kind = "your choice" if spec.role == "lever" else "an assumption"
    value = f"{value_text(field.value, spec)} {unit_text(spec)}".strip()
    entries = [pair("Now", value, width, look="title")]
    if follows := settled(plan.scenario, field.path):
        entries = [
            pair("Now", follows.value, width, look="title"),
            *text(f"It {follows.words}. {value} is stated here, and does not count.", width),
        ]
    try:
        before = plan.baseline.value(field.path)
        entries.append(pair("Baseline", value_text(before, spec), width))
    except ScenarioError:
        entries.append(pair("Baseline", "not in it", width))
    default = default_at(plan.scenario, list(steps_of(field.path)))
    entries += [
        *pairs("If left out", _left_out(field, default), width),
        *pairs("Kind", kind, width),
        *pairs("In the file", field.path, width),
        *text(f"{spec.help} It must be {rule_text(spec)}.".strip(), width),
    ]
    if isinstance(field.value, Range):
        entries += text(
            f"Middle {value_text(float(field.value), spec)}, drawn as {field.value.family}.", width
        )
    entries += [*_sold(field, width), *_moves(plan.scenario, field, width)]
    return [*entries, *picture, BLANK, heading("Source", width), *_sources(plan.scenario, field, width)]


def _left_out(field: Field, default: object) -> str:
    """Say what holds where the file leaves a field out; one of a table that names fields has no default of its own."""
    if isinstance(default, dict):
        return "the field keeps its value" if field.steps[0] == "change" else "nothing"
    return value_text(default, field.spec) if default is not None else "not allowed"


def _sold(field: Field, width: int) -> list[SheetRow]:
    """Return what is known of the model of an API deployment: prices, lengths, how long it is sold."""
    if field.steps[0] != "deployments" or field.steps[-1] != "model":
        return []
    from planner.tui.session.model_facts import sold_facts  # noqa: PLC0415 - loads the price list

    found = sold_facts(str(field.value), date.today())  # noqa: DTZ011 - a price is as old as the reader's calendar says
    if not found:
        return []
    lines = [pair(what, value, width) for what, value in found]
    words = "Success, latency and reasoning tokens are the plan's own: no list tells them."
    return [BLANK, heading("The model", width), *lines, *text(words, width, look="muted")]


def _sources(scenario: Scenario, field: Field, width: int) -> list[SheetRow]:
    from planner.analysis.sources import source_of  # noqa: PLC0415 - read when somebody asks

    entries: list[SheetRow] = []
    if given := scenario.source.get(field.path):
        entries += _evidence(given, width)
    if field.spec.evidence:
        entries += _evidence(field.spec.evidence, width)
    about = source_of(scenario, field.path)
    if about.confidence:
        entries.append(pair("Confidence", about.confidence, width))
    if about.marks:
        entries.append(pair("Caution", ", ".join(about.marks), width))
    return entries or text(about.source, width, look="muted")


def _evidence(source: str, width: int) -> list[SheetRow]:
    """Return a source in words; the names of a default and of findings in it are looked up."""
    from planner.analysis import sources  # noqa: PLC0415 - read when somebody asks

    kind, colon, rest = source.partition(":")
    names = rest.replace(",", " ").replace(";", " ").split()
    if not colon or not names or kind not in ("default", "evidence", "finding", "catalog"):
        return text(source, width)
    if kind == "catalog":
        known = sources.look_up(source)
        return [*text(known.source, width), *text(f"Found: {known.found}.", width, indent=3)]
    said = text(f"The file says: {rest.strip()}.", width) if len(names) > 1 else []
    if names[0] == "default":
        kind, names = "default", names[1:]
    found = _default(names[0].strip("."), width) if kind == "default" and names else []
    found += [line for name in names for line in _finding(name.strip("."), width)]
    return [*said, *found] if found else text(f"{source} (not in the catalog)", width, look="muted")


def _default(name: str, width: int) -> list[SheetRow]:
    """Return a default with its range and evidence; nothing where the catalog has none of that name."""
    from planner.catalog import evidence  # noqa: PLC0415 - read once a number is explained

    try:
        known = evidence.default(name)
    except ScenarioError:
        return []
    low, high = show(known.low, known.unit), show(known.high, known.unit)
    words = f"Default {show(known.value, known.unit)} ({low} to {high}). {known.note}"
    return [*text(words, width), *(line for one in known.evidence for line in _finding(one, width))]


def _finding(name: str, width: int) -> list[SheetRow]:
    """Return a finding with its source and how it was read; nothing where the catalog has none of that name."""
    from planner.analysis.sources import found_words  # noqa: PLC0415 - read when somebody asks
    from planner.catalog import evidence  # noqa: PLC0415 - read once a number is explained

    try:
        found = evidence.finding(name)
    except ScenarioError:
        return []
    figures = found_words(found.value, found.low, found.high, found.unit)
    return [
        *text(found.statement, width),
        *(text(f"Found: {figures}.", width, indent=3) if figures else []),
        *text(f"{found.source}. {found.how_read}.", width, look="muted", indent=3),
    ]


def _moves(scenario: Scenario, field: Field, width: int) -> list[SheetRow]:
    """Return the headline numbers at a few values of a field."""
    if not field.spec.numeric or field.value is None:
        return []
    values = _around(field)
    if len(values) < 2:
        return []
    try:
        result = evaluate(scenario.with_value(field.path, np.array(values)))
    except ScenarioError:
        return []
    entries = [BLANK, heading("What it moves", width)]
    if not any(np.ptp(np.ravel(result.metrics[name])) > 0 for _, name in _MOVED):
        return entries + text("No headline number, as the plan stands.", width, look="muted")
    fit = max((width - _FIRST) // _CELL, 1)
    shown = _MOVED[:fit]
    entries.append(_moved_row("at", [head for head, _ in shown], look="muted"))
    for at, value in enumerate(values):
        numbers = [_at(result, name, at) for _, name in shown]
        here = value == float(field.value)
        entries.append(
            _moved_row(
                value_text(value, field.spec) + " <" * here, numbers, look="value" if here else "label"
            )
        )
    return entries


def _moved_row(label: str, cells: Sequence[str], *, look: str) -> SheetRow:
    return SheetRow(
        [Span(f" {label}".ljust(_FIRST), "label"), *(Span(cell.rjust(_CELL), look) for cell in cells)]
    )


def _around(field: Field) -> list[float]:
    spec, value = field.spec, float(field.value)
    if spec.kind == "share":
        candidates = {0.0, 0.25, 0.5, 0.75, 1.0, value}
    elif value:
        candidates = {value * factor for factor in (0.25, 0.5, 1.0, 2.0, 4.0)}
    else:
        candidates = {value, *(value + spec.step * steps for steps in (1, 4, 16))}
    if spec.kind == "count":
        candidates = {float(round(each)) for each in candidates}
    return sorted(each for each in candidates if spec.lo <= each <= spec.hi)


def _at(result: Result, name: str, at: int) -> str:
    every = np.ravel(samples_of(result, name))
    value = float(every[at if every.size > 1 else 0])
    return number_text(name, value, number(result.horizon_months), brief=True)
