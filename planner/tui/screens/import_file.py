"""A file into the plan: what it says and what it would change, before it is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.worker import get_current_worker

from planner.errors import ScenarioError
from planner.files import inert
from planner.tui.config.keys import IMPORT
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.session.refusal import first_problem
from planner.tui.widgets.charts import Span
from planner.tui.widgets.charts.canvas import fitted
from planner.tui.widgets.sheet import BLANK, SheetRow, text
from planner.tui.widgets.status import Notice, Title

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.tui.session.file_import import ImportPreview, Told
    from planner.tui.state import Plan

    Reading = Callable[[Plan, Told], ImportPreview]

_LOOKS = {"+": "good", "-": "bad", "@": "muted"}


class Stopped(Exception):  # noqa: N818 - no error: the user left
    """The user left the screen while the file was read."""


class ImportScreen(SheetPage):
    """Reads a file beside the screen, shows what it would change, and takes it into the plan."""

    page = IMPORT
    BINDINGS: ClassVar = bindings(IMPORT)

    def __init__(self, path: str, into: str, read: Reading) -> None:
        super().__init__()
        self._path, self._into, self._read = path, into, read
        self.found: ImportPreview | None = None

    def show(self) -> None:
        """Read the file, and say how far it is."""
        self.query_one(Title).title = (f"{inert(self._path)} into {self._into}", "nothing is taken yet")
        self.sheet.fill(lambda width: text("Reading the file …", width, look="muted"))
        self.run_worker(self._find, thread=True, exclusive=True)

    def _find(self) -> None:
        """Read in a thread of its own; what it finds is shown by the screen's."""
        worker = get_current_worker()

        def told(done: float, left_s: float) -> None:
            if worker.is_cancelled:
                raise Stopped
            left = f", {left_s:.0f} s left" if left_s >= 1 else ""
            self.app.call_from_thread(self.say, Notice(f"Reading the file: {done:.0%}{left}", "esc leaves"))

        try:
            found = self._read(self.plan, told)
        except Stopped:
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show, found)

    def _show(self, found: ImportPreview) -> None:
        self.found = found
        self.sheet.fill(self._entries)
        if found.take is None:
            self.say(Notice("The file can't be taken into the plan.", "esc goes back", "error"))
        else:
            self.say(
                Notice("This is what the file would change.", "enter takes it into the plan; esc leaves")
            )

    def _entries(self, width: int) -> list[SheetRow]:
        assert self.found is not None
        problems = [row for each in self.found.problems for row in text(str(each), width, look="error")]
        return [*problems, *(row for line in self.found.lines for row in _rows(line, width))]

    def action_type(self) -> None:
        """Take the file into the plan."""
        if self.found is None or self.found.take is None:
            return
        try:
            plan = self.found.take()
        except ScenarioError as error:
            self.say(Notice(first_problem(error), look="error"))
            return
        more = "s saves; u takes it back" if plan.unsaved else "u takes it back"
        if plan.actuals is not self.plan.actuals:
            more = f"M shows it beside the plan; {more}"
        said = Notice(f"Taken from {inert(self._path)} into {self._into}.", more)
        self.dismiss(None)
        self.tell(self.Changed(plan, at=self.found.at, notice=said))


def _rows(line: str, width: int) -> list[SheetRow]:
    """Return a sentence over as many rows as it takes, or a line of a file or of columns in one."""
    if not line:
        return [BLANK]
    look = "head" if line.startswith(("+++", "---")) else _LOOKS.get(line[0], "label")
    in_columns = "  " in line.strip()
    if look == "label" and not line.startswith(" ") and not in_columns:
        return text(line, width)
    return [SheetRow([Span(f" {fitted(line, width - 1)}", look)])]
