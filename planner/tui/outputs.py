"""Right: the headline numbers, the cash curve, the cost breakdown and what matters most."""


from textual.reactive import reactive

from planner.tui.charts import Funding, Row, Rows, Span, breakdown_bars, cash_curve, tornado
from planner.tui.numbers import HEADLINE, Outlook, Reading, cash_by_month, cost_items, reading
from planner.tui.view import View
from planner.units import show

_GAP = 2
_WIDE = 76
_SMALL_CHART, _LARGE_CHART = 8, 16
_MOST_COSTS = 8


def usd(value: float) -> str:
    """Return an amount as charts label it."""
    return show(value, "usd")


class Headline(View):
    """The four numbers of the plan, with range and change against the baseline."""

    outlook: reactive[Outlook] = reactive(Outlook.blank, init=False)
    at: reactive[str] = reactive("", init=False)

    def watch_outlook(self) -> None:
        """Show other numbers."""
        self.redraw()

    def watch_at(self) -> None:
        """Show which number is chosen."""
        self.redraw()

    def draw(self, width: int, height: int) -> Rows:
        """Return one column per number, or one row where there is no room for columns."""
        found = [reading(self.outlook, name) for name in HEADLINE]
        if height < 3:
            return _in_rows(found, width, height, self.at)
        cell = width // len(found)
        columns = [_column(each, cell, height, chosen=each.name == self.at) for each in found]
        return [[span for column in columns for span in column[y]] for y in range(height)]


def _column(each: Reading, width: int, height: int, *, chosen: bool) -> list[Row]:
    over = " cursor" if chosen else ""
    look = f"title {each.verdict}".strip() + over
    rows = [(each.label, "muted"), (each.value, look), (each.spread, "muted"), (each.change, each.verdict)]
    return [[Span(f" {text}"[:width].ljust(width), style)] for text, style in rows[:height]]


def _in_rows(found: list[Reading], width: int, height: int, at: str) -> Rows:
    """Return the numbers two to a row, names shortened."""
    short = ("Burn", "Runway", "Margin", "/outcome")
    cells = [
        Span(
            f"{name} {each.value}"[: width // 2].ljust(width // 2),
            "title cursor" if each.name == at else "title",
        )
        for name, each in zip(short, found, strict=True)
    ]
    return [cells[:2], cells[2:]][:height]


class Outputs(View):
    """Charts of the plan; a cursor steps through the numbers, so that each can be explained."""

    can_focus = True
    outlook: reactive[Outlook] = reactive(Outlook.blank, init=False)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.at = 0

    def watch_outlook(self) -> None:
        """Show other numbers."""
        self.at = min(self.at, len(self.items()) - 1)
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
        if self.outlook.result is None:
            return [[Span(" Working it out …", "muted")]]
        if width >= 2 * _WIDE // 1 and height >= _LARGE_CHART:
            half = width // 2
            left = self._cash(half - _GAP, height)
            right = _stacked(
                [self._costs(width - half, height // 2), self._swings(width - half, height // 2)]
            )
            return _beside(left, right, half)
        chart = max(_SMALL_CHART, min(_LARGE_CHART, height // 2))
        costs = self._costs(width, min(height - chart, _MOST_COSTS + 1))
        left = height - chart - len(costs)
        swings = self._swings(width, left) if left > 4 else []
        chart = height - len(costs) - len(swings)
        return [*self._cash(width, min(chart, _LARGE_CHART + 4)), *costs, *swings]

    def _cash(self, width: int, height: int) -> Rows:
        outlook = self.outlook
        low, high = outlook.cash
        funding = [
            Funding(float(each.month), float(each.amount_usd)) for each in outlook.scenario.company.funding
        ]
        rows = cash_curve(
            cash_by_month(outlook), width=width, height=height - 1, show=usd, low_usd=low, high_usd=high,
            funding=funding,
        )  # fmt: skip
        return [_rule("Cash, by month", width), *rows]

    def _costs(self, width: int, height: int) -> Rows:
        assert self.outlook.result is not None
        items = cost_items(self.outlook.result)
        rows = breakdown_bars(items, width=width, height=min(height - 1, _MOST_COSTS), show=usd)
        chosen = self.at - len(HEADLINE)
        if self.has_focus and 0 <= chosen < len(rows):
            rows[chosen] = [Span(span.text, f"{span.look} cursor".strip()) for span in rows[chosen]]
        return [_rule("Costs of month 1", width), *rows]

    def _swings(self, width: int, height: int) -> Rows:
        if not self.outlook.swings or height < 4:
            return []
        rows = tornado(list(self.outlook.swings), width=width, height=height - 1, show=usd)  # type: ignore[call-arg]
        return [_rule("What matters most", width), *rows]


def _rule(title: str, width: int) -> Row:
    return [Span(title + " ", "head"), Span("─" * max(width - len(title) - 1, 0), "zero")]


def _stacked(blocks: list[Rows]) -> Rows:
    return [row for block in blocks for row in block]


def _beside(left: Rows, right: Rows, column: int) -> Rows:
    """Return two blocks side by side, the right one from `column` on."""
    rows = []
    for y in range(max(len(left), len(right))):
        row = left[y] if y < len(left) else []
        filled = sum(len(span.text) for span in row)
        rows.append([*row, Span(" " * (column - filled)), *(right[y] if y < len(right) else [])])
    return rows
