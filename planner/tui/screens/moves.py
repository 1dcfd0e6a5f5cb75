"""Next moves: free wins and trade-offs of every lever, ranked by the goal; one key takes one."""

import itertools
import math
from collections.abc import Callable, Iterator
from typing import ClassVar

from textual.worker import get_current_worker

from planner.analysis.goal import BURN
from planner.analysis.moves import Move, Moves, moves, under_headings
from planner.errors import ScenarioError
from planner.readout import RUNWAY, change_text, label
from planner.tui.config.keys import EXPLORE
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.state import Plan
from planner.tui.widgets.charts import Span
from planner.tui.widgets.sheet import BLANK, SheetRow, heading, named, text
from planner.tui.widgets.status import Notice, Title
from planner.units import show

_COLUMNS = (("burn", 9), ("runway", 10), ("success", 10), ("customers bear", 15), ("P", 5))
_LONGEST_WORDS = 90  # columns from a move to what it does, however wide the screen
_LEAST_WORDS = 20  # below which the numbers at the right go
_SHOWN_MONTHS, _SHOWN_SHARE, _SHOWN_USD = 0.05, 0.0005, 0.5
_LOOKS = {"free win": "good", "trade-off": "", "not worth it": "muted", "can't be": "bad"}
_RANKS: tuple[
    tuple[str, Callable[[Move], float]], ...
] = (  # what moves can be ranked by, after the goal of the plan
    ("net burn", lambda move: move.burn_cut_usd_per_month),
    (
        "net burn and what customers bear",
        lambda move: move.burn_cut_usd_per_month - move.customers_lose_usd_per_month,
    ),
    ("runway", lambda move: move.runway_gained_months),
    ("cash at the end", lambda move: move.cash_end_usd),
    ("success", lambda move: move.success_gained_share),
)


class MovesScreen(SheetPage):
    """What to do next: the moves of a plan by what they gain and what they cost."""

    page = EXPLORE
    BINDINGS: ClassVar = bindings(EXPLORE)

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan
        self._headed: list[tuple[str, list[Move]]] = []
        self._listed: list[Move] = []  # in the order of the rows
        self._found: Moves | None = None
        self._ranked, self._singles = -1, False  # by the goal, with pairs

    def show(self) -> None:
        """Try every lever beside the screen, and say how many are done."""
        self.query_one(Title).title = ("Next moves, against the plan as it is", "")
        self.sheet.fill(lambda width: text("Trying every lever …", width, look="muted"))
        self.run_worker(self._search, thread=True, exclusive=True)

    def _search(self) -> None:
        """Search in a thread of its own; what it finds is shown by the screen's."""
        worker = get_current_worker()

        def told(done: int, total: int, _left_s: float) -> bool:
            if not worker.is_cancelled:
                self.app.call_from_thread(self.say, Notice(f"Trying every lever: {done:,} of {total:,}", ""))
            return not worker.is_cancelled

        try:
            found = moves(self._plan.scenario, progress=told)
        except ScenarioError as error:
            self.app.call_from_thread(self.say, Notice(str(error.problems[0]), look="error"))
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._list, found)

    def _list(self, found: Moves) -> None:
        self._found = found
        self._again()

    def _entries(self, width: int) -> list[SheetRow]:
        found = self._found
        assert found is not None
        entries = [row for words in self._heads(found) for row in text(words, width, look="muted")]
        entries += _rows([""], [name for name, _ in _COLUMNS], width, look="muted")
        places = itertools.count()
        for words, chosen in self._headed:
            entries.append(heading(f"{words} ({len(chosen)})", width))
            if not chosen:
                entries += text("none", width, look="muted")
            for move in chosen:
                entries += _move(move, width, str(next(places)))
        if found.unpriced:
            entries += [BLANK, heading("Not offered", width)]
            entries += [line for each in found.unpriced for line in text(each, width, look="muted")]
        return entries

    def _heads(self, found: Moves) -> Iterator[str]:
        """Yield what moves are ranked by, and what their columns are."""
        best = label(found.goal.best).lower() if self._ranked < 0 else _RANKS[self._ranked][0]
        pairs = (
            "one change at a time, a: pairs too" if self._singles else "with pairs, a: one change at a time"
        )
        yield f"Ranked under each heading by {best} (m: another number), {pairs}. Month 1, one-off payments apart."
        p = (
            f"P: the share of {found.draws} draws of the ranges in which it holds"
            if found.draws
            else "no ranges: no P"
        )
        yield f"customers bear: the change in what failures cost customers, which is in no other column. {p}."
        if found.credits_usd:
            paid = show(found.credits_usd, "usd")
            yield f"Credits pay {paid} of month 1: what they cover moves later burn and cash, not that of month 1."

    def action_metric(self) -> None:
        """Rank by another number."""
        self._ranked = self._ranked + 1 if self._ranked + 1 < len(_RANKS) else -1
        if self._found is not None and self._found.goal.best == BURN and not self._ranked:
            self._ranked = 1  # the goal itself is net burn
        self._again()

    def action_alone(self) -> None:
        """Show one change at a time, or pairs too."""
        self._singles = not self._singles
        self._again()

    def _again(self) -> None:
        """Rank what is found again, and list it."""
        if self._found is not None:
            shown = [each for each in self._found.found if not self._singles or len(each.settings) == 1]
            gain = _RANKS[self._ranked][1] if self._ranked >= 0 else None
            self._headed = under_headings(shown, gain=gain)
            self._listed = [move for _, chosen in self._headed for move in chosen]
            self.sheet.fill(self._entries)
            self.moved()

    @property
    def _chosen(self) -> Move | None:
        return self._listed[int(self.sheet.chosen)] if self.sheet.chosen else None

    def moved(self) -> None:
        """Say what the move under the cursor does."""
        if move := self._chosen:
            self.say(Notice(f"{move.words}: {move.effect}.", "enter makes the move; u takes it back"))

    def action_type(self) -> None:
        """Make the move under the cursor."""
        if move := self._chosen:
            self.tell(self.Taken(dict(move.changes), move.words))

    def action_next_view(self) -> None:
        """Go to the sweep."""
        self.tell(self.PageAsked("sweep"))


def _move(move: Move, width: int, key: str) -> list[SheetRow]:
    cells = [
        _cell("usd", -move.burn_cut_usd_per_month, _SHOWN_USD),
        _cell(RUNWAY, move.runway_gained_months, _SHOWN_MONTHS, at_least=move.runway_lasts),
        _cell("success_share", move.success_gained_share, _SHOWN_SHARE),
        _cell("usd", move.customers_lose_usd_per_month, _SHOWN_USD),
        "" if math.isnan(move.p_better_share) else f"{move.p_better_share:.0%}",
    ]
    names = [each.words for each in move.settings]
    return _rows(names, cells, width, look=_LOOKS[move.group], key=key)


def _cell(name: str, change: float, least: float, *, at_least: bool = False) -> str:
    """Return a change, a dash where it is too small to be shown, nothing where it is not known."""
    if math.isnan(change):
        return ""
    return change_text(name, change, brief=True, at_least=at_least) if abs(change) >= least else "-"


def _rows(names: list[str], cells: list[str], width: int, *, look: str, key: str = "") -> list[SheetRow]:
    """Return names with their numbers beside them; names that are too long for their column go on below it."""
    columns = [column for _, column in _COLUMNS]
    while len(columns) > 1 and width - sum(columns) - 1 < _LEAST_WORDS:
        columns.pop()
    room = min(width - sum(columns) - 1, _LONGEST_WORDS)
    numbers = [
        Span(cell.rjust(column), look if at == 0 else "")
        for at, (cell, column) in enumerate(zip(cells, columns, strict=False))
    ]
    return named(names, numbers, room, key)
