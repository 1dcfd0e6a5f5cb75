"""Moving about in rows: by one, by half a screen, to an end; with a count before the key, so many or to that row."""

from __future__ import annotations

from functools import partial

from planner.tui.screens.page import Page

PAIR_S = 0.4  # after a key that begins a pair, it is taken to be meant alone
_FURTHEST = 10**6


class MovingPage(Page):
    """A screen with rows to move in; `gg` is a pair of keys, whose first one may do something alone."""

    def __init__(self) -> None:
        super().__init__()
        self._begun, self._alone = "", ""

    def move_by(self, rows: int) -> None:
        """Go so many rows down, up below 0; every screen does it its own way."""

    @property
    def page_rows(self) -> int:
        """How many rows are in sight; every screen says it its own way."""
        return 1

    def action_down(self) -> None:
        """Go down."""
        self.move_by(self.taken_count())

    def action_up(self) -> None:
        """Go up."""
        self.move_by(-self.taken_count())

    def action_page_down(self) -> None:
        """Go down half a screen."""
        self.move_by(self.taken_count() * max(self.page_rows // 2, 1))

    def action_page_up(self) -> None:
        """Go up half a screen."""
        self.move_by(-self.taken_count() * max(self.page_rows // 2, 1))

    def action_first(self) -> None:
        """Go to the first row, or to the one that was typed."""
        self._go_to_row_number(self.taken_count())

    def action_last(self) -> None:
        """Go to the last row, or to the one that was typed."""
        if self.has_count:
            self._go_to_row_number(self.taken_count())
        else:
            self.move_by(_FURTHEST)

    def _go_to_row_number(self, number: int) -> None:
        self.move_by(-_FURTHEST)
        if number > 1:
            self.move_by(number - 1)

    async def action_pair(self, key: str, both: str, alone: str) -> None:
        """Do what a pair of keys is for; of its first one, wait a moment for the second."""
        if self._begun == key:
            self._begun = ""
            await self.run_action(both)
        else:
            self._begun, self._alone = key, alone
            self.set_timer(PAIR_S, partial(self.settle_pair, ""))

    async def settle_pair(self, following: str) -> None:
        """Do what the first key of a pair does alone, where no second one follows."""
        if not self._begun or following == self._begun or self.app.screen is not self:
            return
        self._begun = ""
        if self._alone:
            await self.run_action(self._alone)
