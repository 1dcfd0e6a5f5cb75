"""Next moves: every lever at each sensible setting, by what it saves; one key takes it."""

from typing import ClassVar

from planner.analysis.moves import Move, Moves, moves
from planner.errors import ScenarioError
from planner.readout import RUNWAY, change_text
from planner.tui.config.keys import EXPLORE
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.state import Plan
from planner.tui.widgets.charts import Span
from planner.tui.widgets.sheet import SheetRow, heading, text
from planner.tui.widgets.status import Notice, Title

_MONEY, _RUNWAY, _SUCCESS = 12, 11, 11
_WORKING_S = 0.05
_NARROW = 60


class MovesScreen(SheetPage):
    """What to do next: the moves of a plan, ranked by dollars a month."""

    page = EXPLORE
    BINDINGS: ClassVar = bindings(EXPLORE)

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan
        self._ranked: list[Move] = []

    def show(self) -> None:
        """Say that moves are tried, then try them."""
        self.query_one(Title).title = ("Next moves, by what they save in month 1", "tab: sweep two fields")
        self.sheet.fill(lambda width: text("Trying every lever …", width, look="muted"))
        self.set_timer(_WORKING_S, self._try)

    def _try(self) -> None:
        try:
            found: Moves = moves(self._plan.scenario)
        except ScenarioError as error:
            self.say(Notice(str(error.problems[0]), look="error"))
            return
        self._ranked = found.ranked(feasible=False)
        self.sheet.fill(self._entries)
        self.moved()

    def _entries(self, width: int) -> list[SheetRow]:
        parts = (
            ("Worth making", ("saves",), 1),
            ("Worth making two by two", ("saves",), 2),
            ("Traps: a smaller bill, a dearer outcome", ("trap",), 0),
            ("No difference", ("tie",), 0),
            ("Costs more", ("costs",), 0),
            ("Can't be kept", ("breaks a promise", "does not fit"), 0),
        )
        entries = [_row("", "saves/month", "runway", "success", width, look="muted")]
        for title, verdicts, size in parts:
            chosen = [
                (at, move)
                for at, move in enumerate(self._ranked)
                if move.verdict in verdicts and size in (0, len(move.settings))
            ]
            if chosen:
                entries.append(heading(f"{title} ({len(chosen)})", width))
            entries += [SheetRow(_move(move, width), str(at)) for at, move in chosen]
        return entries

    @property
    def _chosen(self) -> Move | None:
        return self._ranked[int(self.sheet.chosen)] if self.sheet.chosen else None

    def moved(self) -> None:
        """Say what the move under the cursor does."""
        if move := self._chosen:
            self.say(Notice(f"{move.words}: {move.effect}.", "enter makes the move; u takes it back"))

    def action_type(self) -> None:
        """Make the move under the cursor."""
        if move := self._chosen:
            changes = {path: value for each in move.settings for path, value in each.changes.items()}
            self.tell(self.Taken(changes, move.words))

    def action_next_view(self) -> None:
        """Go to the sweep."""
        self.tell(self.PageAsked("sweep"))


def _move(move: Move, width: int) -> list[Span]:
    verdict = "good" if move.verdict == "saves" else "bad" if move.verdict in ("trap", "costs") else ""
    return _row(
        move.words,
        change_text("usd", move.saves_usd_per_month),
        change_text(RUNWAY, move.runway_gained_months, brief=True, at_least=move.runway_lasts)
        if abs(move.runway_gained_months) >= _SHOWN_MONTHS
        else "-",
        change_text("success_share", move.success_gained_share, brief=True)
        if abs(move.success_gained_share) >= _SHOWN_SHARE
        else "-",
        width,
        look=verdict,
    ).row


_SHOWN_MONTHS, _SHOWN_SHARE = 0.05, 0.0005


def _row(words: str, saves: str, runway: str, success: str, width: int, *, look: str) -> SheetRow:
    columns = ((saves, _MONEY), (runway, _RUNWAY), (success, _SUCCESS))[: 1 if width < _NARROW else 3]
    label = width - sum(column for _, column in columns) - 1
    shown = f" {words}"
    shown = shown if len(shown) < label else shown[: max(label - 2, 0)] + "…"
    numbers = [Span(number.rjust(column), look if number is saves else "") for number, column in columns]
    return SheetRow([Span(shown.ljust(label), "label"), *numbers])
