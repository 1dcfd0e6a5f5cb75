"""What the mouse does to a pane: a click, the wheel, and a stretch of text that is drawn over with it."""

from __future__ import annotations

from time import monotonic
from typing import NamedTuple

from textual import events
from textual.message import Message
from textual.widget import Widget

from planner.tui.widgets.charts import Row, Rows, Span, plain
from planner.tui.widgets.jump_labels import cells

_TWICE_S = 0.5
_WHEEL_ROWS = 3


class Stretch(NamedTuple):
    """Text from one cell to another in reading order, between two columns of a pane."""

    start: tuple[int, int]
    end: tuple[int, int]
    left: int
    right: int

    def columns(self, y: int) -> tuple[int, int]:
        """Return the first column in a row and the one after the last; of no width outside."""
        (first_x, first_y), (last_x, last_y) = sorted(
            (self.start, self.end), key=lambda cell: (cell[1], cell[0])
        )
        if not first_y <= y <= last_y:
            return 0, 0
        return (first_x if y == first_y else self.left), (last_x + 1 if y == last_y else self.right)

    def lit(self, rows: Rows) -> Rows:
        """Return rows with the stretch in the look of what is chosen."""
        return [self._lit(row, *self.columns(y)) for y, row in enumerate(rows)]

    @staticmethod
    def _lit(row: Row, start: int, stop: int) -> Row:
        if start >= stop:
            return row
        inside = [Span(span.text, f"{span.look} chosen".strip()) for span in cells(row, start, stop)]
        return [*cells(row, 0, start), *inside, *cells(row, stop, 10**6)]

    def text(self, rows: Rows) -> str:
        """Return the text of the stretch, row by row."""
        parts = [cells(row, *self.columns(y)) for y, row in enumerate(rows) if self.columns(y)[1]]
        return plain(parts)


class Pointable(Widget):
    """A pane that says where it was clicked and which way the wheel went, and of which text can be chosen.

    Textual's own choice of text needs the place of every letter in its style, which costs each row that is drawn.
    """

    class Pressed(Message):
        """A cell was clicked; `twice`: for the second time in a moment."""

        def __init__(self, pane: Pointable, x: int, y: int, *, twice: bool) -> None:
            super().__init__()
            self.pane, self.x, self.y, self.twice = pane, x, y, twice

    class Wheeled(Message):
        """The wheel turned over a cell, so many rows down."""

        def __init__(self, pane: Pointable, x: int, y: int, rows: int) -> None:
            super().__init__()
            self.pane, self.x, self.y, self.rows = pane, x, y, rows

    class TextChosen(Message):
        """Text was drawn over with the mouse."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.stretch: Stretch | None = None
        self._from: tuple[int, int] | None = None
        self._last = (-1, -1, 0.0)

    def redraw(self) -> None:
        """Draw again."""

    def text_rows(self) -> Rows:
        """Return the rows that text can be chosen from."""
        return []

    def columns_at(self, x: int, y: int) -> tuple[int, int]:  # noqa: ARG002 - a pane with panels side by side asks
        """Return the columns that text which is chosen from a cell on stays between."""
        return 0, self.size.width

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin a click, or a stretch of text."""
        event.stop()
        if event.button == 1:
            self._from = (event.x, event.y)
            self.capture_mouse()
            self._show_stretch(None)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Draw over text while the button is held."""
        if self._from is None or (self.stretch is None and (event.x, event.y) == self._from):
            return
        left, right = self.columns_at(*self._from)
        x, y = min(max(event.x, left), right - 1), min(max(event.y, 0), self.size.height - 1)
        self._show_stretch(Stretch(self._from, (x, y), left, right))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End a click, or a stretch of text."""
        event.stop()
        start, self._from = self._from, None
        if start is None:
            return
        self.release_mouse()
        if self.stretch is not None:
            self.post_message(self.TextChosen(self.stretch.text(self.text_rows())))
            return
        now_s = monotonic()
        twice = self._last[:2] == start and now_s < self._last[2] + _TWICE_S
        self._last = (-1, -1, 0.0) if twice else (*start, now_s)
        self.post_message(self.Pressed(self, *start, twice=twice))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Say that the wheel went down."""
        event.stop()
        self.post_message(self.Wheeled(self, event.x, event.y, _WHEEL_ROWS))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Say that the wheel went up."""
        event.stop()
        self.post_message(self.Wheeled(self, event.x, event.y, -_WHEEL_ROWS))

    def _show_stretch(self, stretch: Stretch | None) -> None:
        if stretch != self.stretch:
            self.stretch = stretch
            self.redraw()
