"""A file that another program changed while it was open here: both sides by field, and which one counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from rich.cells import cell_len

from planner.errors import ScenarioError
from planner.files import Conflict, Loaded, Row, Side, inert, merge, save_merged
from planner.tui.config.keys import CONFLICT
from planner.tui.screens.page import bindings
from planner.tui.screens.saving import Saved, nothing
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.terminal.key_queue import AheadOfKeys
from planner.tui.widgets.charts import Span
from planner.tui.widgets.sheet import BLANK, SheetRow, heading, text
from planner.tui.widgets.status import Notice, Title

_SIDES: dict[Side, str] = {"ours": "mine", "theirs": "theirs"}


class ConflictScreen(SheetPage):
    """Shows what each side changed. Where both changed a field, a key chooses; saving loses neither side."""

    class SavedElsewhere(AheadOfKeys):
        """The user wants another name for the plan; `then` goes on after it."""

        def __init__(self, then: Callable[[], object]) -> None:
            super().__init__()
            self.then = then

    page = CONFLICT
    BINDINGS: ClassVar = bindings(CONFLICT)

    def __init__(self, conflict: Conflict, then: Callable[[], object]) -> None:
        super().__init__()
        self.conflict = conflict
        self.choices: dict[str, Side] = {row.field: "ours" for row in conflict.clashes}
        self._then = then

    def show(self) -> None:
        """List the fields that changed on either side."""
        name = inert(self.conflict.base.path.name)
        self.query_one(Title).title = (f"{name} was changed by another program", "")
        self.sheet.fill(self._entries, keep=True)
        self.moved()

    def _entries(self, width: int) -> list[SheetRow]:
        clashes = self.conflict.clashes
        others = [row for row in self.conflict.rows if not row.clash]
        entries: list[SheetRow] = []
        if clashes:
            entries += [heading(f"Both changed these ({len(clashes)}): choose", width)]
            entries += [_table(("", "before", "theirs", "mine"), width)]
            entries += [self._row(row, width) for row in clashes] + [BLANK]
        if others:
            entries += [heading(f"One side changed these ({len(others)}): kept", width)]
            entries += [_table(("", "before", "theirs", "mine"), width)]
            entries += [self._row(row, width) for row in others] + [BLANK]
        if not entries:
            entries += text("The two sides say the same.", width)
        end = "What loses is kept whole in a file beside this one." if clashes else "Nothing clashes."
        return entries + text(f"enter saves both sides together. {end}", width, look="muted")

    def _row(self, row: Row, width: int) -> SheetRow:
        taken = self.choices.get(row.field, row.changed_by)
        cells = (row.field, _said(row.base), _said(row.theirs), _said(row.ours))
        return _table(cells, width, taken=taken, key=row.field)

    def moved(self) -> None:
        """Say what the field under the cursor holds on each side, in full."""
        row = next((each for each in self.conflict.rows if each.field == self.sheet.chosen), None)
        if row is None:
            return
        if row.clash:
            more = f"Taken: {_SIDES[self.choices[row.field]]}. h takes theirs, l mine"
        else:
            more = f"Only {'I' if row.changed_by == 'ours' else 'they'} changed it"
        said = f"{row.field}: {_said(row.base)} before, {_said(row.theirs)} theirs, {_said(row.ours)} mine."
        self.say(Notice(inert(said), more))

    def _take(self, side: Side, fields: list[str]) -> None:
        self.choices |= {field: side for field in fields if field in self.choices}
        self.sheet.fill(self._entries, keep=True)
        self.moved()

    def action_theirs(self) -> None:
        """Take their value of the field under the cursor."""
        self._take("theirs", [self.sheet.chosen])

    def action_ours(self) -> None:
        """Take my value of the field under the cursor."""
        self._take("ours", [self.sheet.chosen])

    def action_all_theirs(self) -> None:
        """Take theirs wherever both changed a field."""
        self._take("theirs", list(self.choices))

    def action_all_ours(self) -> None:
        """Take mine wherever both changed a field."""
        self._take("ours", list(self.choices))

    def action_type(self) -> None:
        """Save both sides together."""
        library = self.workplace.library
        try:
            both = merge(self.conflict, choices=self.choices)
            stored = save_merged(self.conflict, choices=self.choices, library=library)
        except ScenarioError as error:
            self.say(Notice(str(error.problems[0]), "S saves mine under another name", "error"))
            return
        if isinstance(stored, Loaded):
            said = f"Saved to {inert(str(stored.path))}, with what the other program had changed."
            self.tell(Saved(self.plan.became(both).stored(stored), Notice(said), self._then, settles=True))
            return
        self.conflict = stored
        self.choices = {row.field: self.choices.get(row.field, "ours") for row in stored.clashes}
        self.show()
        self.say(Notice("The file was changed once more; look again.", look="error"))

    def action_elsewhere(self) -> None:
        """Save mine under another name, and leave the file as it is."""
        self.tell(self.SavedElsewhere(self._then))

    def action_read_theirs(self) -> None:
        """Go on with theirs; undo brings mine back."""
        theirs = self.conflict.theirs
        notice = Notice(f"Read {inert(theirs.path.name)} again.", "u brings your own edits back, unsaved")
        self.tell(Saved(self.plan.became(theirs.scenario).stored(theirs), notice, nothing, settles=True))


def _said(value: Any) -> str:
    """Return a plain value in few words."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, dict):
        return "a section"
    if isinstance(value, list):
        return ", ".join(_said(item) for item in value) or "none"
    return inert(str(value))


def _table(
    cells: tuple[str, str, str, str], width: int, *, taken: Side | None = None, key: str = ""
) -> SheetRow:
    """Return a row of field, before, theirs and mine; a mark stands at the one that is taken."""
    side = max(min((width - 20) // 3, 16), 8)
    label = max(width - 3 * side, 8)
    spans = [Span(f" {_fit(cells[0], label - 2)}".ljust(label), "label" if key else "muted")]
    spans.append(Span(_fit(cells[1], side - 1).rjust(side), "muted"))
    for cell, which in zip(cells[2:], ("theirs", "ours"), strict=True):
        mark = "▸" if which == taken else " "
        look = "mark" if which == taken else "muted"
        spans.append(Span(f"{mark}{_fit(cell, side - 2)}".rjust(side), look))
    return SheetRow(spans, key)


def _fit(words: str, width: int) -> str:
    """Return words no wider than `width`, their end where it tells more than their beginning."""
    if cell_len(words) <= width:
        return words
    return (
        f"…{words[-max(width - 1, 0) :]}"
        if "." in words and " " not in words
        else f"{words[: max(width - 1, 0)]}…"
    )
