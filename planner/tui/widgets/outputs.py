"""Right: the headline numbers, the cash curve, the cost breakdown and what matters most."""

import math
from collections.abc import Iterator
from time import monotonic

from textual.reactive import reactive

from planner.readout import long_label, number_text
from planner.schema.steps import steps_of
from planner.tui.session.outlook import HEADLINE, Outlook
from planner.tui.widgets.charts import (
    RaiseMark,
    Row,
    Rows,
    Span,
    Swing,
    breakdown_bars,
    cash_curve,
    plain,
    tornado,
)
from planner.tui.widgets.headline_numbers import HeadlineNumber, cash_by_month, cost_items, ranges_in, reading
from planner.tui.widgets.pane import View
from planner.units import show

CHARTS_EVERY_S = 0.25  # while keys keep coming: four charts a second can be followed, and fit a slow line
_GAP = 2
_TWO_COLUMNS = 100
_SMALL_CHART, _LARGE_CHART = 8, 22
_BOTH_HEIGHT = 12  # rows below which cash and costs don't fit together
_SHORT = ("Burn", "Runway", "Margin", "/outcome")  # what the headline numbers are called in rows
_LEAST_COLUMNS = 3  # rows below which the headline numbers stand in rows, not columns
_MOST_COSTS, _MOST_SWINGS, _LEAST_SWINGS = 8, 8, 4

_COSTS = "Costs of month 1"


def usd(value: float) -> str:
    """Return an amount as charts label it."""
    return show(value, "usd")


class Headline(View):
    """The four numbers of the plan, with range and change against the baseline."""

    outlook: reactive[Outlook] = reactive(Outlook.blank, init=False, repaint=False)
    at: reactive[str] = reactive("", init=False, repaint=False)

    def watch_outlook(self) -> None:
        """Show other numbers."""
        self.redraw()

    def watch_at(self) -> None:
        """Show which number is chosen."""
        self.redraw()

    def draw(self, width: int, height: int) -> Rows:
        """Return one column per number, or one row where there is no room for columns."""
        found = [reading(self.outlook, name) for name in HEADLINE]
        if height < _LEAST_COLUMNS:
            return _in_rows(found, width, height, self.at)
        cell = width // len(found)
        columns = [_column(each, cell, height, chosen=each.name == self.at) for each in found]
        return [[span for column in columns for span in column[y]] for y in range(len(columns[0]))]

    def targets(self) -> Iterator[tuple[int, int, int]]:
        """Yield the cell of each number, and which one it is."""
        width, height = self.size
        across = len(HEADLINE) if height >= _LEAST_COLUMNS else 2
        texts = [
            f"{name} {reading(self.outlook, of).value}" for name, of in zip(_SHORT, HEADLINE, strict=True)
        ]
        column = width // across if across > 2 else _left_width(texts, width)
        for at in range(len(HEADLINE) if width else 0):
            yield (at % across) * column, at // across, at


def _column(each: HeadlineNumber, width: int, height: int, *, chosen: bool) -> list[Row]:
    over = " cursor" if chosen else ""
    look = f"title {each.verdict}".strip() + over
    rows = [(each.label, "muted"), (each.value, look), (each.spread, "muted"), (each.change, each.verdict)]
    return [[Span(f" {text}"[:width].ljust(width), style)] for text, style in rows[:height]]


def _in_rows(found: list[HeadlineNumber], width: int, height: int, at: str) -> Rows:
    """Return the numbers two to a row, names shortened."""
    texts = [f"{name} {each.value}" for name, each in zip(_SHORT, found, strict=True)]
    left = _left_width(texts, width)
    cells = [
        Span(text[:room].ljust(room), "title cursor" if each.name == at else "title")
        for text, each, room in zip(texts, found, (left, width - left) * 2, strict=True)
    ]
    return [cells[:2], cells[2:]][:height]


def _left_width(texts: list[str], width: int) -> int:
    """Return the width of the left of two columns: a half, less where only so the right one fits."""
    widest_left, widest_right = (max(len(text) for text in texts[side::2]) for side in (0, 1))
    return width // 2 if widest_right <= width // 2 else max(min(widest_left + 1, width // 2), 1)


class Outputs(View):
    """Charts of the plan; a cursor steps through the numbers, so that each can be explained."""

    can_focus = True
    outlook: reactive[Outlook] = reactive(Outlook.blank, init=False, repaint=False)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.at = 0
        self._waits_s = math.inf  # since when the charts are behind the numbers

    def watch_outlook(self, before: Outlook, after: Outlook) -> None:
        """Show other numbers: at once if only their ranges are new, else when keys pause or a moment has passed.

        An outlook with the same result and new ranges always follows, as soon as keys pause.
        """
        if self.at >= len(HEADLINE):
            self.at = min(self.at, len(self.items()) - 1)
        now_s = monotonic()
        self._waits_s = min(self._waits_s, now_s)
        if before.result is after.result or now_s > self._waits_s + CHARTS_EVERY_S:
            self.redraw()

    def items(self) -> list[str]:
        """Return the numbers that can be chosen: headline metrics, then costs."""
        costs = cost_items(self.outlook.result) if self.outlook.result else []
        return [*HEADLINE, *(f"cost:{name}" for name, _ in costs)]

    @property
    def chosen(self) -> str:
        """The number under the cursor; nothing while another pane has the focus."""
        return self.items()[self.at] if self.has_focus else ""

    def move(self, rows: int) -> None:
        """Choose another number."""
        self.at = min(max(self.at + rows, 0), len(self.items()) - 1)
        self.redraw()

    def on_focus(self) -> None:
        """Show the cursor."""
        self.redraw()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.redraw()

    def draw(self, width: int, height: int) -> Rows:
        """Return the charts, one above the other, or in two columns where there is room."""
        self._waits_s = math.inf
        if self.outlook.result is None:
            return [[Span(" Working it out …", "muted")]]
        if width >= _TWO_COLUMNS:
            half = width // 2
            costs = self._costs(width - half, height)
            right = [*costs, [], *self._swings(width - half, height - len(costs) - 1)]
            return _beside(self._cash(half - _GAP, min(height, _LARGE_CHART)), right, half)
        if height < _BOTH_HEIGHT:
            costs = self._costs(width, height)
            return costs if self.has_focus and self.at >= len(HEADLINE) else self._cash(width, height)
        chart = max(_SMALL_CHART, min(_LARGE_CHART, height // 2))
        costs = self._costs(width, min(height - chart, _MOST_COSTS + 1))
        kept_free = self._swing_rows(height - chart - len(costs))
        swings = self._swings(width, kept_free)
        chart = min(height - len(costs) - kept_free, _LARGE_CHART)
        return [*self._cash(width, chart), *costs, *swings]

    def _cash(self, width: int, height: int) -> Rows:
        outlook = self.outlook
        low, high = outlook.cash
        funding = [
            RaiseMark(float(each.month), float(each.amount_usd)) for each in outlook.scenario.company.funding
        ]
        rows = cash_curve(
            cash_by_month(outlook), width=width, height=height - 1, show=usd, low_usd=low, high_usd=high,
            funding=funding, ascii_only=self.ascii_only,
        )  # fmt: skip
        return [_rule("Cash, by month", width), *rows]

    def _costs(self, width: int, height: int) -> Rows:
        assert self.outlook.result is not None
        items = cost_items(self.outlook.result)
        rows = breakdown_bars(
            items, width=width, height=min(height - 1, _MOST_COSTS), show=usd, ascii_only=self.ascii_only
        )
        chosen = self.at - len(HEADLINE)
        if self.has_focus and 0 <= chosen < len(rows):
            rows[chosen] = [Span(span.text, f"{span.look} cursor".strip()) for span in rows[chosen]]
        return [_rule(_COSTS, width), *rows]

    def targets(self) -> Iterator[tuple[int, int, int]]:
        """Yield the cell of each cost in sight, and which number of the pane it is."""
        texts = plain(self.draw(*self.size)).splitlines() if self.size.width else []
        head = next((y for y, line in enumerate(texts) if _COSTS in line), len(texts))
        for at, name in enumerate(self.items()[len(HEADLINE) :]):
            y = head + 1 + at
            x = texts[head].index(_COSTS) if y < len(texts) else 0
            if y >= len(texts) or not texts[y][x:].startswith(name.removeprefix("cost:")[:5]):
                return
            yield x, y, len(HEADLINE) + at

    def _swing_end(self, value: float, metric: str) -> str:
        """Return an end of a bar; the runway is counted up to the horizon."""
        return number_text(metric, value, float(self.outlook.scenario.company.horizon_months), brief=True)

    def _swing_rows(self, height: int) -> int:
        """Return how many rows what matters most takes: the same before it is known and for any number."""
        outlook = self.outlook
        bars = ranges_in(outlook.scenario) if outlook.swings is None else len(outlook.swings.bars)
        return min(height, _MOST_SWINGS + 2, bars + 2) if bars and height >= _LEAST_SWINGS else 0

    def _swings(self, width: int, height: int) -> Rows:
        swings = self.outlook.swings
        if swings is None or height < _LEAST_SWINGS:
            return []
        bars = [Swing(_label(bar.path, bar.label), bar.at_low, bar.at_high) for bar in swings.bars]
        rows = tornado(
            bars, base=swings.middle, width=width, height=min(height - 1, _MOST_SWINGS + 1),
            show=lambda value: self._swing_end(value, swings.metric), ascii_only=self.ascii_only,
        )  # fmt: skip
        return [_rule(f"What moves {long_label(swings.metric).lower()} most", width), *rows]


def _label(path: str, label: str) -> str:
    """Return a field's label with its deployment: several have the same fields."""
    parts = list(steps_of(path))
    return f"{label}, {parts[1]}" if parts[0] == "deployments" else label


def _rule(title: str, width: int) -> Row:
    return [Span(title + " ", "head"), Span("─" * max(width - len(title) - 1, 0), "zero")]


def _beside(left: Rows, right: Rows, column: int) -> Rows:
    """Return two blocks side by side, the right one from `column` on."""
    rows = []
    for y in range(max(len(left), len(right))):
        row = left[y] if y < len(left) else []
        filled = sum(len(span.text) for span in row)
        rows.append([*row, Span(" " * (column - filled)), *(right[y] if y < len(right) else [])])
    return rows
