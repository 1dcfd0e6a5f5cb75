"""The numbers over the plan: each with its range and its change against the baseline."""

from collections.abc import Iterator

from textual.reactive import reactive

from planner.tui.session.outlook import HEADLINE, WATCHED, Outlook
from planner.tui.widgets.charts import Row, Rows, Span
from planner.tui.widgets.headline_numbers import HeadlineNumber, reading
from planner.tui.widgets.pane import View

_CELL = 24  # columns of a number; where there are more, more numbers are shown
_SHORT = ("Burn", "Runway", "Margin", "/outcome")  # what the headline numbers are called in rows
_LEAST_COLUMNS = 3  # rows below which the headline numbers stand in rows, not columns


def numbers_in(width: int) -> tuple[str, ...]:
    """Return the numbers that a screen so wide shows: the headline, and more where there is room."""
    return WATCHED[: max(width // _CELL, len(HEADLINE))]


class Headline(View):
    """The numbers of the plan, with range and change against the baseline."""

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
        if height < _LEAST_COLUMNS:
            found = [reading(self.outlook, name) for name in HEADLINE]
            return _in_rows(found, width, height, self.at)
        found = [reading(self.outlook, name) for name in numbers_in(width)]
        cell = width // len(found)
        columns = [_column(each, cell, height, chosen=each.name == self.at) for each in found]
        return [[span for column in columns for span in column[y]] for y in range(len(columns[0]))]

    def targets(self) -> Iterator[tuple[int, int, int]]:
        """Yield the cell of each number, and which one it is."""
        width, height = self.size
        across = len(numbers_in(width)) if height >= _LEAST_COLUMNS else 2
        texts = [
            f"{name} {reading(self.outlook, of).value}" for name, of in zip(_SHORT, HEADLINE, strict=True)
        ]
        column = width // across if across > 2 else _left_width(texts, width)
        for at in range(max(across, len(HEADLINE)) if width else 0):
            yield (at % across) * column, at // across, at


def _column(each: HeadlineNumber, width: int, height: int, *, chosen: bool) -> list[Row]:
    over = " cursor" if chosen else ""
    look = f"title {each.verdict}".strip() + over
    beside = each.part and len(each.value) + len(each.part) + 4 <= width
    value = Span(f" {each.value}", look)
    part = f"  {each.part}" if beside else ""
    rows = [[value, Span(part.ljust(width - len(value.text)), "muted" + over)]]
    below = each.part if each.part and not beside and not each.change else each.change
    under = [(each.label, "muted"), (each.spread, "muted"), (below, each.verdict if each.change else "muted")]
    texts = [[Span(f" {text}"[:width].ljust(width), style)] for text, style in under]
    return [texts[0], [Span(span.text[:width], span.look) for span in rows[0]], *texts[1:]][:height]


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
