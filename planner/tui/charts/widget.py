"""The widget that shows a chart at whatever size it has."""

from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from planner.tui.charts.canvas import Row, Rows

_LOOKS = ("line", "band", "zero", "axis", "muted", "good", "bad", "bar", "low", "high", "cursor")
_LEVELS = tuple(f"heat{level}" for level in range(5))


def nothing(width: int, height: int) -> Rows:  # noqa: ARG001 - every chart is asked with a size
    """Return no rows: the chart before there is one."""
    return []


class Chart(Widget):
    """Shows what `draw(width, height)` returns; `set_reactive` or assign `draw` to show something else."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"chart--{look}" for look in (*_LOOKS, *_LEVELS)}
    DEFAULT_CSS = """
    Chart { height: 1fr; }
    Chart > .chart--line { color: $accent; text-style: bold; }
    Chart > .chart--band { color: $accent 60%; }
    Chart > .chart--zero, Chart > .chart--axis, Chart > .chart--muted { color: $text-muted; }
    Chart > .chart--good { color: $text-success; }
    Chart > .chart--bad { color: $text-error; text-style: bold; }
    Chart > .chart--bar { color: $primary; }
    Chart > .chart--low { color: $secondary; }
    Chart > .chart--high { color: $primary; }
    Chart > .chart--cursor { text-style: bold reverse; }
    Chart > .chart--heat1 { background: $primary 15%; }
    Chart > .chart--heat2 { background: $primary 30%; }
    Chart > .chart--heat3 { background: $primary 45%; }
    Chart > .chart--heat4 { background: $primary 60%; }
    """

    draw: reactive[Callable[[int, int], Rows]] = reactive(lambda: nothing, init=False)

    def __init__(self, draw: Callable[[int, int], Rows] = nothing, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.set_reactive(Chart.draw, draw)
        self._shown: tuple[object, ...] = ()
        self._rows: Rows = []

    def render_line(self, y: int) -> Strip:
        """Return one line of the chart, drawing it when its size or content changed."""
        wanted = (self.draw, self.size)
        if wanted != self._shown:
            self._shown = wanted
            self._rows = self.draw(self.size.width, self.size.height)
        return self._strip(self._rows[y] if y < len(self._rows) else [])

    def _strip(self, row: Row) -> Strip:
        segments = [Segment(span.text, self._style(span.look)) for span in row]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _style(self, look: str) -> Style:
        return self.get_component_rich_style(f"chart--{look}") if look else self.rich_style
