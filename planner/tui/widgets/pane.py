"""The base of every pane: rows of spans, of which only those that changed are drawn again."""

from rich.segment import Segment
from rich.style import Style
from textual.css.styles import RenderStyles
from textual.dom import DOMNode
from textual.geometry import Region
from textual.strip import Strip

from planner.files import inert
from planner.tui.config.appearance import ASCII
from planner.tui.terminal.ascii import plain_ascii
from planner.tui.terminal.direct import Place, repaint
from planner.tui.widgets.charts import Row, Rows
from planner.tui.widgets.jump_labels import Label, overlaid
from planner.tui.widgets.mouse import Pointable

LOOKS = (
    "label", "value", "unknown", "muted", "title", "head", "key", "mark", "cursor", "error", "input",
    "line", "band", "zero", "axis", "good", "bad", "bar", "low", "high",
    "heat0", "heat1", "heat2", "heat3", "heat4", "jump", "chosen",
)  # fmt: skip


def shown(text: str) -> str:
    """Return text as a screen may show it: names and notes of a stranger's file do nothing to the terminal."""
    return text if text.isprintable() else inert(text)


class View(Pointable):
    """Shows what `draw` returns for the size it has. A look's colour is in app.tcss, never here."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: Rows = []
        self._size_drawn = (-1, -1)
        self._styles_of: dict[str, Style] = {}
        self._place = Place()
        self.labels: tuple[Label, ...] = ()

    def draw(self, width: int, height: int) -> Rows:  # noqa: ARG002 - every pane is asked with its size
        """Return the rows to show."""
        return []

    @property
    def ascii_only(self) -> bool:
        """Whether the terminal shows ASCII alone."""
        return self.app.has_class(ASCII)

    def _labelled(self, width: int, height: int) -> Rows:
        rows = self.draw(width, height)
        rows = self.stretch.lit(rows) if self.stretch is not None else rows
        return overlaid(rows, self.labels) if self.labels else rows

    def text_rows(self) -> Rows:
        """Return the rows as they are shown."""
        return self.draw(*self.size)

    def redraw(self) -> None:
        """Draw again; only rows that differ reach the screen."""
        width, height = self.size
        if not width or not height:
            self._size_drawn = (-1, -1)
            return
        before, self._rows = self._rows, self._labelled(width, height)
        self._size_drawn = (width, height)
        last = min(max(len(before), len(self._rows)), height)
        changed = [y for y in range(last) if before[y : y + 1] != self._rows[y : y + 1]]
        if changed and not repaint(self, changed, self._place):
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """Return one row, drawing first where the size is new."""
        width, height = self.size
        if self._size_drawn != (width, height):
            self._rows, self._size_drawn = self._labelled(width, height), (width, height)
        return self._strip(self._rows[y] if y < len(self._rows) else [], width)

    def notify_style_update(self) -> None:
        """Forget the colours of the theme before."""
        self._styles_of = {}
        super().notify_style_update()
        self.refresh()

    def _strip(self, row: Row, width: int) -> Strip:
        base = self._base
        seen = (lambda text: plain_ascii(shown(text))) if self.ascii_only else shown
        return Strip(
            [Segment(seen(span.text), self._style(span.look, base)) for span in row]
        ).adjust_cell_length(width, base)

    @property
    def _base(self) -> Style:
        """The style of the pane itself."""
        base = self._styles_of.get("")
        if base is None:
            base = self._styles_of[""] = self.rich_style
        return base

    def _style(self, look: str, base: Style) -> Style:
        """Return the style of a look, or of several with spaces between: the last one wins."""
        key = f"{look} {self.has_focus}"
        if key not in self._styles_of:
            style = base
            for name in look.split():
                style += self._of_look(name)
            self._styles_of[key] = style
        return self._styles_of[key]

    def _styled(self, part: str) -> RenderStyles:
        """Return what the style sheet says of a part of this pane, as Textual asks for all of COMPONENT_CLASSES.

        A pane knows 25 looks and draws with a few of them: to ask for those alone makes the start shorter.
        """
        node = DOMNode(classes=part)
        node._attach(self)  # noqa: SLF001 - Textual offers it for COMPONENT_CLASSES only
        self.app.stylesheet.apply(node)
        return node.styles

    def _of_look(self, name: str) -> Style:
        """Return what a look says itself, with colours that are part transparent mixed."""
        given = self._styled(f"look--{name}")
        mixed = given.rich_style
        coloured = given.has_rule("color") or given.has_rule("auto_color")
        return given.text_style + Style.from_color(
            mixed.color if coloured else None, mixed.bgcolor if given.has_rule("background") else None
        )
