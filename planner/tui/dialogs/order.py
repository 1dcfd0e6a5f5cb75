"""Choose some of a list and their order: the models that answer a workload, cheapest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical

from planner.tui.dialogs.modal import Modal
from planner.tui.widgets.charts import Rows, Span
from planner.tui.widgets.charts.canvas import fitted
from planner.tui.widgets.hint import Hint
from planner.tui.widgets.pane import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from textual.app import ComposeResult

ADD = "+"  # none of them, but a new deployment


class OrderChooser(Modal["tuple[str, ...] | str | None"]):
    """Returns the names chosen in their order, ADD for one that is not there yet, None for no answer.

    The chosen ones stand first, with their place; space takes one in at the end, or out.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,q", "leave", show=False),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("J,shift+down", "shift(1)", show=False),
        Binding("K,shift+up", "shift(-1)", show=False),
        Binding("space", "choose", show=False),
        Binding("A,plus", "add", show=False),
        Binding("enter", "take", show=False),
    ]
    hints = (
        Hint("space", "in or out"), Hint("J K", "later, earlier"), Hint("enter", "ok"),
        Hint("A", "add a deployment", 1), Hint("escape", "cancel"), Hint("j k", "move", 2),
    )  # fmt: skip

    def __init__(
        self, prompt: str, names: Iterable[str], chosen: Iterable[str], beside: Mapping[str, str]
    ) -> None:
        super().__init__()
        self.chosen = list(chosen)
        self._rest = [name for name in names if name not in self.chosen]
        self._list = _Order(prompt, beside)

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        with Vertical(id="order"):
            yield self._list

    def on_mount(self) -> None:
        """Show the list."""
        self._show(0)

    @property
    def _names(self) -> list[str]:
        return [*self.chosen, *self._rest]

    def _show(self, at: int) -> None:
        self._list.show(self._names, len(self.chosen), at % max(len(self._names), 1))

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._show(self._list.at + rows)

    def action_choose(self) -> None:
        """Take the one under the cursor in, or out; the last one stays."""
        name = self._names[self._list.at]
        if name not in self.chosen:
            self._rest.remove(name)
            self.chosen.append(name)
        elif len(self.chosen) > 1:
            self.chosen.remove(name)
            self._rest.insert(0, name)
        else:
            self._list.refuse(
                f"{name} is the only one that answers: take in another one first, or A adds one."
            )
            return
        self._show(self._names.index(name))

    def action_shift(self, places: int) -> None:
        """Move a chosen one to an earlier or a later place."""
        at = self._list.at
        if at < len(self.chosen) and 0 <= at + places < len(self.chosen):
            self.chosen.insert(at + places, self.chosen.pop(at))
            self._show(at + places)

    def action_add(self) -> None:
        """Ask for a deployment that is not there yet."""
        self.answer(ADD)

    def action_take(self) -> None:
        """Give the order."""
        self.answer(tuple(self.chosen))

    def on_pointable_pressed(self, message: View.Pressed) -> None:
        """Go to the name that was clicked; a click on the one under the cursor takes it in, or out."""
        at = self._list.name_at(message.y)
        if at is not None and at == self._list.at:
            self.action_choose()
        elif at is not None:
            self._show(at)

    def action_leave(self) -> None:
        """Choose nothing."""
        self.answer(None)


class _Order(View):
    """The names, those chosen with their place before them."""

    can_focus = True
    _HEAD = 2  # rows above the names

    def __init__(self, prompt: str, beside: Mapping[str, str]) -> None:
        super().__init__()
        self._prompt, self._beside = prompt, beside
        self._names: list[str] = []
        self._count = self.at = 0
        self._refused = ""

    def refuse(self, why: str) -> None:
        """Say, until the next key, why one can't be taken out."""
        self._refused = why
        self.redraw()

    def show(self, names: list[str], count: int, at: int) -> None:
        """Show these names, of which the first are chosen, with the cursor on one."""
        self._names, self._count, self.at, self._refused = names, count, at, ""
        self.redraw()

    def _top(self, height: int) -> int:
        return max(0, min(self.at - (height - self._HEAD) // 2, len(self._names) - (height - self._HEAD)))

    def name_at(self, y: int) -> int | None:
        """Return which name stands in a row."""
        at = y - self._HEAD + self._top(self.size.height)
        return at if y >= self._HEAD and at < len(self._names) else None

    def draw(self, width: int, height: int) -> Rows:
        """Return the question and the names around the cursor."""
        rows: Rows = [
            [Span(f" {fitted(self._prompt, width - 1)}", "title")],
            [Span(f" {fitted(self._refused, width - 1)}", "error")] if self._refused else [],
        ]
        top = self._top(height)
        for at, name in enumerate(self._names[top : top + height - self._HEAD], top):
            over = " cursor" if at == self.at else ""
            place = str(at + 1) if at < self._count else "-"
            detail = self._beside.get(name, "")
            label = fitted(f" {place:>2}  {name}", max(width - len(detail) - 1, 0))
            look = "value" if at < self._count else "label"
            rows.append([Span(label, look + over), Span(f"{detail} ", "muted" + over)])
        return rows[:height]
