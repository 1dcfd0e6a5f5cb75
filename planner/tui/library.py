"""The library: all scenarios, what each leads to, and what can be done with their files."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal

from planner.errors import ScenarioError
from planner.files import Entry as File
from planner.files import Loaded, atomic_write, list_scenarios, load, user_folder
from planner.model import evaluate
from planner.records import dataclass
from planner.tui import visits
from planner.tui.charts import Rows, Span, breakdown_bars, cash_curve
from planner.tui.hint import HintLine
from planner.tui.keys import LIBRARY
from planner.tui.numbers import HEADLINE, LABELS, Outlook, cash_by_month, cost_items, metric_text
from planner.tui.outputs import usd
from planner.tui.page import Notice, Status, Title, bindings
from planner.tui.sheet import Entry, Sheet, SheetPage, heading, pair, text
from planner.tui.view import View


@dataclass(frozen=True)
class Deed:
    """Something done to a file, and how to take it back: what each path held before and after (None: no file)."""

    what: str
    before: dict[Path, str | None]
    after: dict[Path, str | None]


_NUMBERS_HEIGHT = 12


class Preview(View):
    """What the scenario under the cursor is, and leads to."""

    def __init__(self) -> None:
        super().__init__(id="preview")
        self.loaded: Loaded | None = None
        self.outlook = Outlook.blank
        self.problem = ""

    def draw(self, width: int, height: int) -> Rows:
        """Return title, headline numbers, costs and cash."""
        if self.problem:
            return [entry.row for entry in text(self.problem, width, look="bad")][:height]
        result = self.outlook.result
        if self.loaded is None or result is None:
            return []
        scenario = self.loaded.scenario
        rows = [entry.row for entry in text(scenario.title, width, look="title")]
        said = _said(" ".join(argument(self.loaded.text)), width)
        rows += said[: max(height - _NUMBERS_HEIGHT, 2)]
        rows += [[]] + [pair(LABELS[name], metric_text(result, name), width).row for name in HEADLINE] + [[]]
        costs = breakdown_bars(
            cost_items(result),
            width=width - 1,
            height=min(5, height // 4),
            show=usd,
            ascii_only=self.ascii_only,
        )
        rows += [heading("Costs of month 1", width).row, *([Span(" "), *row] for row in costs)]
        left = height - len(rows) - 1
        if left >= 6:
            cash = cash_curve(
                cash_by_month(self.outlook), width=width - 1, height=min(left, 14), show=usd,
                ascii_only=self.ascii_only,
            )  # fmt: skip
            rows += [heading("Cash, by month", width).row, *([Span(" "), *row] for row in cash)]
        return rows[:height]


def _said(sentence: str, width: int) -> Rows:
    return [entry.row for entry in text(sentence, width, look="muted")]


def argument(text_of_file: str) -> list[str]:
    """Return the comment that opens a file: the argument for its plan."""
    lines = []
    for line in text_of_file.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").strip())
    return lines


class LibraryScreen(SheetPage):
    """All scenarios that can be found; the one under the cursor is previewed."""

    page = LIBRARY
    BINDINGS: ClassVar = bindings(LIBRARY)

    def __init__(self) -> None:
        super().__init__()
        self._files: tuple[File, ...] = ()
        self._done: list[Deed] = []
        self._undone: list[Deed] = []

    def compose(self) -> ComposeResult:
        """Lay out the list beside the preview."""
        yield Title()
        with Horizontal(id="panes"):
            yield Sheet()
            yield Preview()
        yield Status()
        yield HintLine()

    def show(self) -> None:
        """List the files."""
        self.query_one(Title).title = ("Library", "enter opens a plan")
        self._list()

    def on_screen_resume(self) -> None:
        """List again: files may have come or gone."""
        if self._files:
            self._list()

    def _list(self, choose: str = "") -> None:
        self._files = list_scenarios(library=self.planner.library)
        self.sheet.fill(self._entries, keep=True)
        if choose:
            self.sheet.choose(choose)
        self.moved()

    def _entries(self, width: int) -> list[Entry]:
        entries: list[Entry] = []
        for shipped, title in ((False, "Yours"), (True, "Shipped")):
            files = [each for each in self._files if each.shipped is shipped]
            if files:
                entries.append(heading(title, width))
            entries += [Entry([Span(f" {each.name}"[:width], "label")], each.name) for each in files]
        return entries or text("There is no scenario here yet: planner new FILE makes one.", width)

    @property
    def _file(self) -> File | None:
        return next((each for each in self._files if each.name == self.sheet.chosen), None)

    def moved(self) -> None:
        """Preview the scenario under the cursor."""
        preview, file = self.query_one(Preview), self._file
        preview.loaded, preview.problem = None, ""
        if file is not None:
            try:
                preview.loaded = load(file.path, library=self.planner.library)
                preview.outlook = Outlook(preview.loaded.scenario, evaluate(preview.loaded.scenario))
            except ScenarioError as error:
                preview.problem = str(error)
            self.say(Notice(str(file.path), "shipped with the planner" if file.shipped else ""))
        preview.redraw()

    def action_type(self) -> None:
        """Open the scenario under the cursor."""
        file = self._file
        if file is None:
            return
        try:
            self.planner.open(load(file.path, library=self.planner.library))
        except ScenarioError as error:
            self.say(Notice(str(error.problems[0]), look="error"))
            return

    def action_find(self) -> None:
        """Find a scenario by a few letters."""
        from planner.tui.picker import Option, Picker  # noqa: PLC0415 - lists come later

        options = [Option(each.name, each.name, "shipped" if each.shipped else "") for each in self._files]
        self.planner.visit(Picker("Find a scenario", options), self._go_to)

    def _go_to(self, name: str | None) -> None:
        if name:
            self.sheet.choose(name)
            self.moved()

    def action_duplicate(self) -> None:
        """Copy the scenario under a new name."""
        if file := self._file:
            ask = f"Copy {file.name} as"
            visits.ask_text(
                self.planner, ask, f"{file.name}-2", lambda name: self._copy(file, name, keep=True)
            )

    def action_rename(self) -> None:
        """Give the scenario's file another name."""
        file = self._file
        if file is not None and file.shipped:
            self.say(Notice("A shipped scenario keeps its name; c makes a copy of yours."))
        elif file is not None:
            ask = f"Rename {file.name} to"
            visits.ask_text(self.planner, ask, file.name, lambda name: self._copy(file, name, keep=False))

    def action_delete(self) -> None:
        """Delete the scenario's file; u brings it back."""
        file = self._file
        if file is not None and file.shipped:
            self.say(Notice("A shipped scenario can't be deleted."))
        elif file is not None:
            held = file.path.read_text(encoding="utf-8")
            self._do(Deed(f"Deleted {file.name}", {file.path: held}, {file.path: None}))

    def _copy(self, file: File, name: str, *, keep: bool) -> None:
        if name == file.name:
            return
        if Path(name).name != name:
            self.say(Notice("A name has no folders in it.", look="error"))
            return
        folder = user_folder("saved") if file.shipped and self.planner.library is None else file.path.parent
        target = folder / f"{name.removesuffix('.toml')}.toml"
        if target.exists():
            self.say(Notice(f"{target.name} exists already.", look="error"))
            return
        held = file.path.read_text(encoding="utf-8")
        before: dict[Path, str | None] = {target: None} if keep else {target: None, file.path: held}
        after: dict[Path, str | None] = {target: held} if keep else {target: held, file.path: None}
        verb = "Copied" if keep else "Renamed"
        self._do(Deed(f"{verb} {file.name} to {target.stem}", before, after), choose=target.stem)

    def _do(self, deed: Deed, choose: str = "") -> None:
        if self._put(deed.after):
            self._done.append(deed)
            self._undone.clear()
            self._list(choose)
            self.say(Notice(f"{deed.what}.", "u takes it back"))

    def _put(self, files: dict[Path, str | None]) -> bool:
        """Make the files hold these texts (None: no file); say what went wrong."""
        try:
            for path, held in files.items():
                if held is None:
                    path.unlink(missing_ok=True)
                else:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    atomic_write(path, held)
        except (OSError, ScenarioError) as error:
            self.say(Notice(str(error), look="error"))
            return False
        return True

    def action_take_back(self) -> None:
        """Take back what was done to a file last."""
        if self._done and self._put(self._done[-1].before):
            deed = self._done.pop()
            self._undone.append(deed)
            self._list()
            self.say(Notice(f"Taken back: {deed.what[0].lower()}{deed.what[1:]}."))

    def action_do_again(self) -> None:
        """Do again what was taken back."""
        if self._undone and self._put(self._undone[-1].after):
            deed = self._undone.pop()
            self._done.append(deed)
            self._list()
            self.say(Notice(f"{deed.what}."))
