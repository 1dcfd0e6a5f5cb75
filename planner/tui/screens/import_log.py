"""A usage log into the plan: what it says and what it would change, before it is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.worker import get_current_worker

from planner.files import inert
from planner.schema.steps import path_of
from planner.tui.config.keys import IMPORT
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.session.log_import import log_preview
from planner.tui.widgets.charts import Span
from planner.tui.widgets.charts.canvas import fitted
from planner.tui.widgets.sheet import BLANK, SheetRow, text
from planner.tui.widgets.status import Notice, Title

if TYPE_CHECKING:
    from planner.tui.screens.page import Page
    from planner.usage.into_plan import LogPreview

NEW = "+"  # none of the plan's workloads, but a new one
_LOOKS = {"+": "good", "-": "bad", "@": "muted"}


class Stopped(Exception):  # noqa: N818 - no error: the user left
    """The user left the screen while the log was read."""


class ImportScreen(SheetPage):
    """Reads a log beside the screen, shows what it would change, and takes it into the plan."""

    page = IMPORT
    BINDINGS: ClassVar = bindings(IMPORT)

    def __init__(self, path: str, workload: str) -> None:
        super().__init__()
        self._path, self._workload = path, workload
        self._found: LogPreview | None = None

    def show(self) -> None:
        """Read the log, and say how far it is."""
        self.query_one(Title).title = (
            f"{inert(self._path)} into workload {self._workload}",
            "nothing is taken yet",
        )
        self.sheet.fill(lambda width: text("Reading the log …", width, look="muted"))
        self.run_worker(self._read, thread=True, exclusive=True)

    def _read(self) -> None:
        """Read in a thread of its own; what it finds is shown by the screen's."""
        worker = get_current_worker()

        def told(done: float, left_s: float) -> None:
            if worker.is_cancelled:
                raise Stopped
            left = f", {left_s:.0f} s left" if left_s >= 1 else ""
            self.app.call_from_thread(self.say, Notice(f"Reading the log: {done:.0%}{left}", "esc leaves"))

        try:
            found = log_preview(self.plan, self._path, self._workload, progress=told)
        except Stopped:
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show, found)

    def _show(self, found: LogPreview) -> None:
        self._found = found
        self.sheet.fill(self._entries)
        if found.merged is None:
            self.say(Notice("The log can't be taken into the plan.", "esc goes back", "error"))
        else:
            self.say(Notice("This is what the log would change.", "enter takes it into the plan; esc leaves"))

    def _entries(self, width: int) -> list[SheetRow]:
        found = self._found
        assert found is not None
        problems = [row for each in found.problems for row in text(str(each), width, look="error")]
        return [*problems, *(_row(line, width) for line in found.lines)]

    def action_type(self) -> None:
        """Take the log into the plan."""
        if self._found is None or self._found.merged is None:
            return
        plan = self.plan.became(self._found.merged.scenario)
        said = Notice(f"Taken from {inert(self._path)}.", "u takes it back; s saves")
        self.dismiss(None)
        self.tell(self.Changed(plan, at=path_of(("workloads", self._workload)), notice=said))


def _row(line: str, width: int) -> SheetRow:
    if not line:
        return BLANK
    look = "head" if line.startswith(("+++", "---")) else _LOOKS.get(line[0], "label")
    return SheetRow([Span(f" {fitted(line, width - 1)}", look)])


def ask_for_log(page: Page) -> None:
    """Ask for a log's file or folder and the workload that it is of, then show what it would change."""

    def named(path: str) -> None:
        _ask_workload(page, path)

    page.ask_text("Usage log or export, or a folder of them", "", named)


def _ask_workload(page: Page, path: str) -> None:
    from planner.tui.dialogs.picker import Option, Picker  # noqa: PLC0415 - asked seldom

    options = [Option(name, name) for name in page.plan.scenario.workloads]
    options.append(Option(NEW, "A new workload"))

    def chosen(workload: str | None) -> None:
        if workload == NEW:
            page.ask_text("Name of the new workload", "", lambda name: _open(page, path, name))
        elif workload:
            _open(page, path, workload)

    page.ask(Picker("Which workload is the log of?", options), chosen)


def _open(page: Page, path: str, workload: str) -> None:
    page.tell(page.Opened(ImportScreen(path, workload)))
