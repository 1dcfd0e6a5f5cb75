"""The first row and the last ones: what is open, and what just happened or stands under the cursor."""

from rich.cells import cell_len
from textual.reactive import reactive

from planner.records import dataclass
from planner.tui.widgets.charts import Rows, Span
from planner.tui.widgets.charts.canvas import fitted
from planner.tui.widgets.pane import View


@dataclass(frozen=True)
class Notice:
    """What the status line says: a first line that matters, a second one that helps."""

    text: str = ""
    more: str = ""
    look: str = "label"


class Title(View):
    """The first row: what is open, and whether it is saved."""

    title: reactive[tuple[str, str]] = reactive(("", ""), init=False, repaint=False)

    def watch_title(self) -> None:
        """Show another title."""
        self.redraw()

    def draw(self, width: int, height: int) -> Rows:  # noqa: ARG002 - every pane is drawn for a size
        """Return the title at the left, the file at the right."""
        left, right = self.title
        room = width - cell_len(right) - 3
        left = left if cell_len(left) <= room else left[: max(room - 1, 0)] + "…"
        gap = max(width - cell_len(left) - cell_len(right) - 2, 1)
        return [[Span(" " + left, "title"), Span(" " * gap), Span(right + " ", "muted")]]


class Status(View):
    """What stands under the cursor, or what just happened."""

    notice: reactive[Notice] = reactive(Notice(), init=False, repaint=False)

    def watch_notice(self) -> None:
        """Say something else."""
        self.redraw()

    def draw(self, width: int, height: int) -> Rows:
        """Return the two lines, or as much of them as there is room for."""
        wrapped = _wrapped(self.notice.text, width - 2)
        lines: Rows = [[Span(" " + text, self.notice.look)] for text in wrapped]
        if self.notice.more and len(lines) < height:
            lines.append([Span(" " + fitted(self.notice.more, width - 2).rstrip(), "muted")])
        if len(lines) > height > 0:
            rest = " ".join(wrapped[height - 1 :])
            lines[height - 1] = [Span(" " + fitted(rest, width - 2), self.notice.look)]
        return lines[:height]


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(word) > width:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return lines
