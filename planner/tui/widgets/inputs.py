"""Left: the fields of the open scenario. A row becomes an input only while its value is typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from textual.reactive import reactive

from planner.readout.field_values import exact, unit_text, value_text
from planner.schema import Field, fields
from planner.tui.session.field_list import Line, lines, with_edit
from planner.tui.state import Plan
from planner.tui.widgets.charts import Row, Rows, Span
from planner.tui.widgets.pane import View

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from planner.tui.widgets.value_input import Typing

_MARK, _FOLDED, _OPEN = "*", "▸", "▾"
_LEAST_LABEL = 12
_Wanted = tuple[Line, int, int, bool]  # a line, the width of the pane, the column of values, under the cursor


class InputPane(View):
    """One row for each field that matters now, with a mark where it differs from the baseline."""

    can_focus = True
    plan: reactive[Plan] = reactive(Plan.blank, init=False, repaint=False)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: tuple[Line, ...] = ()
        self.cursor = 0
        self.top = 0
        self.everything = False
        self.folded: set[str] = set()
        self._gone_to: set[str] = set()  # fields that were hidden
        self._compared: tuple[Any, dict[str, Any]] = (None, {})
        self._typing: Typing | None = None
        self._drawn: dict[int, tuple[_Wanted, Row]] = {}

    @property
    def line(self) -> Line:
        """The row under the cursor."""
        return self.lines[self.cursor] if self.lines else Line("", "")

    @property
    def field(self) -> Field | None:
        """The field under the cursor; None on a header."""
        return self.line.field

    def watch_plan(self, before: Plan, after: Plan) -> None:
        """Show another plan, with the cursor on the field that it was on."""
        step = after.past[-1] if after.past else None
        if step is not None and step.scenario is before.scenario and step.edit.alone:
            baseline = self._baseline()
            listed = with_edit(self.lines, step.edit.path, step.edit.after, baseline=baseline)
            if listed is not None and after.baseline is before.baseline:
                self.lines = listed
                self.redraw()
                return
        self._list()

    def baseline_value(self, path: str) -> Any:
        """Return what the baseline holds at `path`; None where it has no such field."""
        return self._baseline().get(path)

    def _baseline(self) -> dict[str, Any]:
        if self._compared[0] is not self.plan.baseline:
            found = {each.path: each.value for each in fields(self.plan.baseline)}
            self._compared = (self.plan.baseline, found)
        return self._compared[1]

    def _list(self) -> None:
        above = [line.path for line in self.lines[: self.cursor + 1]]
        self.lines = lines(
            self.plan.scenario,
            baseline=self._baseline(),
            folded=self.folded,
            everything=self.everything,
            also=self._gone_to,
        )
        paths = {line.path: at for at, line in enumerate(self.lines)}
        self._go(next((paths[path] for path in reversed(above) if path in paths), 1))

    def go_to(self, path: str) -> None:
        """Put the cursor on a field; where it is hidden, unfold its section, or show it beside those that matter."""
        if path not in {line.path for line in self.lines}:
            self.folded = {group for group in self.folded if not path.startswith(group)}
            self._list()
        if path not in {line.path for line in self.lines}:
            self._gone_to.add(path)
            self._list()
        paths = [line.path for line in self.lines]
        if path in paths:
            self._go(paths.index(path))

    def has(self, path: str) -> bool:
        """Whether a field or a section is there to go to, shown or hidden."""
        return path in {line.path for line in self.lines} or any(
            field.path == path for field in fields(self.plan.scenario)
        )

    def targets(self) -> Iterator[tuple[int, int]]:
        """Yield where each row in sight is in the pane, and in the list."""
        return enumerate(range(self.top, min(self.top + self.size.height, len(self.lines))))

    def move(self, rows: int) -> None:
        """Move the cursor, not beyond the ends."""
        self._go(self.cursor + rows)

    def move_section(self, sections: int) -> None:
        """Go to the first field of a section further down or up."""
        heads = [at for at, line in enumerate(self.lines) if line.is_header]
        here = max((index for index, at in enumerate(heads) if at <= self.cursor), default=0)
        target = heads[min(max(here + sections, 0), len(heads) - 1)]
        self._go(target + int(target + 1 < len(self.lines) and not self.lines[target + 1].is_header))

    def fold(self) -> None:
        """Fold the section under the cursor, or unfold it."""
        at = max(index for index in range(self.cursor + 1) if self.lines[index].is_header)
        self.folded ^= {self.lines[at].path}
        self.cursor = at
        self._list()

    def show_everything(self) -> None:
        """Show every field, or only those that matter now."""
        self.everything = not self.everything
        self._list()

    def _go(self, row: int) -> None:
        self.cursor = min(max(row, 0), max(len(self.lines) - 1, 0))
        self._scroll()
        self.redraw()

    def _scroll(self) -> None:
        height = max(self.size.height, 1)
        margin = min(2, (height - 1) // 2)
        self.top = min(max(self.top, self.cursor + margin + 1 - height), max(self.cursor - margin, 0))
        self.top = max(min(self.top, len(self.lines) - height), 0)
        header_above = self.cursor == 1 or (self.cursor == self.top and self.top > 0)
        self.top -= int(header_above and self.top == 1)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._scroll()
        self.redraw()

    def on_focus(self) -> None:
        """Show where the cursor is."""
        self.redraw()

    def on_blur(self) -> None:
        """Show that the cursor is elsewhere."""
        self.redraw()

    def draw(self, width: int, height: int) -> Rows:
        """Return the rows in sight."""
        shown = range(self.top, min(self.top + height, len(self.lines)))
        column = self.value_column(width)
        before, self._drawn = self._drawn, {}
        for at in shown:
            wanted = (self.lines[at], width, column, at == self.cursor)
            kept = before.get(at)
            self._drawn[at] = kept if kept and _same(kept[0], wanted) else (wanted, self._row(*wanted))
        return [row for _, row in self._drawn.values()]

    def value_column(self, width: int) -> int:
        """Return the column where values start, of a pane so wide."""
        widest = max((cell_len(line.label) + 2 * line.depth for line in self.lines), default=0)
        return max(min(widest + 4, width - 16), _LEAST_LABEL)

    def _row(self, line: Line, width: int, column: int, at_cursor: bool) -> Row:
        if line.field is None:
            return self._header(line, width, at_cursor=at_cursor)
        label = "  " * line.depth + line.label
        value, unit = _value_and_unit(line)
        wanted = cell_len(label) + len("*  ")  # a label that is cut though its row has room is a puzzle
        column = max(column, min(wanted, width - cell_len(f"{value} {unit}")))
        label, room = _cut(label, column - 3), width - column
        value = _cut(value, room)
        unit = _cut(f" {unit}", room - cell_len(value)) if unit and room - cell_len(value) > 2 else ""
        rest = " " * max(room - cell_len(value) - cell_len(unit), 0)
        look = "value" if line.field.spec.role == "lever" else "unknown"
        look = "muted" if line.settled else look
        over = " cursor" if at_cursor else ""
        return [
            Span(f"{_MARK if line.changed else ' '} ", "mark" + over),
            Span(label + " " * max(column - 2 - cell_len(label), 1), "label" + over),
            Span(value, look + over),
            Span(unit, "muted" + over),
            Span(rest, over.strip()),
        ]

    def type_in(self, field: Field) -> tuple[AwaitMount, Typing]:
        """Make the row under the cursor an input, with the field's value in it."""
        from planner.tui.widgets.value_input import Typing  # noqa: PLC0415 - an input is needed first when one types

        column = self.value_column(self.size.width)
        typing = Typing(exact(field.value, field.spec), placeholder=field.spec.unit)
        typing.styles.offset = (column - 1, self.cursor - self.top)
        typing.styles.width = self.size.width - column + 1
        self._typing = typing
        mounting = self.mount(typing)
        typing.focus()
        return mounting, typing

    @property
    def typing(self) -> bool:
        """Whether a value is being typed."""
        return self._typing is not None

    def stop_typing(self) -> None:
        """Make the input a row again."""
        if self._typing is not None:
            self._typing.remove()
            self._typing = None

    def _header(self, line: Line, width: int, *, at_cursor: bool) -> Row:
        sign = _FOLDED if line.path in self.folded else _OPEN
        text = _cut(f"{sign} {line.label} ", width)
        return [Span(text.ljust(width), "head cursor" if at_cursor else "head")]


def _value_and_unit(line: Line) -> tuple[str, str]:
    """Return what stands at the right of a row: its value with its unit, or what settles it."""
    assert line.field is not None
    if line.settled:
        return line.settled.value, f"from {line.settled.by}"
    value = value_text(line.field.value, line.field.spec)
    return value, "" if value.startswith("no ") else unit_text(line.field.spec)


def _cut(text: str, width: int) -> str:
    """Return text no wider than `width` cells; a cut shows."""
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) >= width:
        text = text[:-1]
    return text + "…" if width > 0 else ""


def _same(one: _Wanted, other: _Wanted) -> bool:
    """Say whether two rows look the same; an edit makes a new line of the row that it changes, of no other."""
    return one[0] is other[0] and one[1:] == other[1:]
