"""Prices: how old those in use are, and what newer ones would change. No scenario is changed here."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from planner.catalog.ages import PriceAge, price_ages
from planner.errors import ScenarioError
from planner.files import inert
from planner.readout import METRICS
from planner.schema import ApiDeployment, Scenario
from planner.tui.config.keys import PRICES
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.widgets.charts import Span
from planner.tui.widgets.charts.canvas import fitted
from planner.tui.widgets.sheet import BLANK, SheetRow, heading, pair, text
from planner.tui.widgets.status import Notice, Title
from planner.usage import Refreshed, refresh

_WORKING_S = 0.05
_OPEN = "this plan"
_ASK = "A file of newer prices (TOML), or the folder of a newer genai-prices"
_LONGEST_LABEL = 46  # columns from a label to its numbers, however wide the screen
_NARROW = 60


class PricesScreen(SheetPage):
    """Ages first; after a source was read, which prices it changes and what that does to each scenario."""

    page = PRICES
    BINDINGS: ClassVar = bindings(PRICES)

    def __init__(self) -> None:
        super().__init__()
        self._found: Refreshed | None = None
        self._source = ""

    def show(self) -> None:
        """Say that the library is looked at, then look."""
        self.query_one(Title).title = ("Prices", "")
        self._read()

    def _read(self) -> None:
        """Look at the prices of every scenario, beside those of a source where one was given."""
        what = f"Reading {inert(self._source)}" if self._source else "Looking at the library"
        self.sheet.fill(lambda width: text(f"{what} …", width, look="muted"))
        self.set_timer(_WORKING_S, self._look)

    def _look(self) -> None:
        place = self.workplace
        beside = {_OPEN: self.plan.scenario} if self.showing_plan else {}
        source = Path(self._source).expanduser() if self._source else None
        try:
            self._found = refresh(source, library=place.library, today=place.today, beside=beside)
            self.say(
                Notice("No plan is changed by what is read here.", "enter reads newer prices from a file")
            )
        except ScenarioError as error:
            self.say(Notice(f"{inert(self._source)}: {error.problems[0]}", look="error"))
            self._source = ""
        self.sheet.fill(self._entries)

    def action_type(self) -> None:
        """Ask where newer prices are, and read them."""
        self.ask_text(_ASK, self._source, self._from)

    def _from(self, source: str) -> None:
        self._source = source
        self._read()

    def _entries(self, width: int) -> list[SheetRow]:
        entries = self._changes(width) if self._source and self._found else []
        if self.showing_plan:
            entries += [heading("List prices of this plan", width), *self._ages(width), BLANK]
        warnings = self._found.warnings if self._found else ()
        others = [each for each in warnings if not each.startswith(f"{_OPEN}: ")]
        entries.append(heading("Older than 60 days, in the library", width))
        lines = [entry for each in others for entry in text(each, width, look="error")]
        return entries + (lines or text("No price.", width, look="muted"))

    def _ages(self, width: int) -> list[SheetRow]:
        """Return each deployment of the open plan with the day of its price."""
        scenario = self.plan.scenario
        ages = {age.deployment: age for age in price_ages(scenario)}
        rows = [self._age(scenario, name, ages.get(name), width) for name in scenario.deployments]
        return rows or text("The plan has no deployments.", width, look="muted")

    def _age(self, scenario: Scenario, name: str, age: PriceAge | None, width: int) -> SheetRow:
        deployment = scenario.deployments[name]
        of = deployment.model if isinstance(deployment, ApiDeployment) else f"{deployment.gpu} rent"
        if age is None:
            return pair(name, "stated in the plan", width, look="muted", more=of)
        look = "error" if age.stale(self.workplace.today) else "value"
        days = f"{age.as_of}, {age.days(self.workplace.today)} days old"
        return pair(name, days, width, look=look, more=of)

    def _changes(self, width: int) -> list[SheetRow]:
        """Return what the source changes: prices, then the numbers of each scenario."""
        assert self._found is not None
        prices, effects = self._found.price_rows(), self._found.effect_rows()
        head = heading(f"Prices that {inert(self._found.source)} changes ({len(prices)})", width)
        entries = [head, *_table(("", "before", "after", "change"), [_price(row) for row in prices], width)]
        if not prices:
            entries = [head, *text("No price that is in use.", width, look="muted")]
        entries += [BLANK, heading("What that does, month 1", width)]
        if not effects:
            return [
                *entries,
                *text("Nothing: no number of any plan changes.", width, look="muted"),
                BLANK,
            ]
        name = ""
        for row in effects:
            if row["scenario"] != name:
                name = row["scenario"]
                entries.append(SheetRow([Span(f" {name}", "title")]))
            entries += _effect(row, width)
        return [*entries, BLANK]


def _price(row: dict[str, Any]) -> tuple[str, str, str, str]:
    return f"{row['price']} /{row['unit']}", row["before"], row["after"], f"{row['change']}, {row['of']}"


def _effect(row: dict[str, Any], width: int) -> list[SheetRow]:
    """Return one number of a scenario before and after; a sentence where it can't be computed."""
    if not row["metric"]:
        return text(row["after"], width, look="error", indent=3)
    label = METRICS[row["metric"]].label_in(1) if row["metric"] in METRICS else row["metric"]
    return _table(None, [(f"  {label}", row["before"], row["after"], "")], width)


def _table(
    head: tuple[str, str, str, str] | None, rows: list[tuple[str, str, str, str]], width: int
) -> list[SheetRow]:
    """Return rows of a name, two numbers and a remark; the remark only where there is room."""
    side, remark = (10, 0) if width < _NARROW else (12, 22) if head else (16, 0)
    label = min(max(width - 2 * side - remark - 1, 8), _LONGEST_LABEL)
    return [
        SheetRow(
            [
                Span(fitted(f" {cells[0]}", label), look or "label"),
                Span(cells[1][: side - 1].rjust(side), look or "muted"),
                Span(cells[2][: side - 1].rjust(side), look or "value"),
                Span(f"  {cells[3]}"[:remark], "muted"),
            ]
        )
        for look, cells in [*([("muted", head)] if head else []), *(("", row) for row in rows)]
    ]
