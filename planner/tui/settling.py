"""Ranges around the numbers: coarse ones shortly after a key, finer ones when the user rests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from planner.tui.forecast import SETTLED_SAMPLES, TYPING_SAMPLES, by_and_by, with_ranges, with_swings
from planner.tui.numbers import HEADLINE, Outlook

if TYPE_CHECKING:
    from textual.timer import Timer

    from planner.tui.app import PlannerApp

RESTED_AFTER_S, SETTLED_AFTER_S = 0.04, 0.3


class Settling:
    """Draws the ranges of whatever outlook the app shows, and gives up when it shows another one."""

    def __init__(self, app: PlannerApp) -> None:
        self._app = app
        self._timers: tuple[Timer, ...] = ()
        self.settled = asyncio.Event()

    def start(self) -> None:
        """Begin anew: the numbers are others now."""
        self.settled.clear()
        for timer in self._timers:
            timer.stop()
        self._timers = (
            self._app.set_timer(RESTED_AFTER_S, self._coarse),
            self._app.set_timer(SETTLED_AFTER_S, self._begin_fine),
        )

    @property
    def _ready(self) -> bool:
        return self._app.showing_plan and self._app.outlook.result is not None

    def _coarse(self) -> None:
        if self._ready:
            self._app.outlook = with_ranges(self._app.outlook, samples=TYPING_SAMPLES)

    def _begin_fine(self) -> None:
        if self._ready:
            self._app.run_worker(self._fine(self._app.outlook), exclusive=True)

    async def _fine(self, outlook: Outlook) -> None:
        """Draw finer ranges; keys may come in between the blocks."""
        drawn = outlook
        for drawn in by_and_by(outlook, samples=SETTLED_SAMPLES):  # noqa: B007 - the last one counts
            await asyncio.sleep(0)
            if self._app.outlook is not outlook or not self._ready:
                return
        self._app.outlook = with_swings(drawn, self.swung())
        self.settled.set()

    def swung(self) -> str:
        """Return the number that the tornado is about: the chosen one, else the runway if it ends."""
        chosen = self._app.plan_screen.outputs.chosen if self._app.showing_plan else ""
        if chosen in HEADLINE:
            return chosen
        result = self._app.outlook.result
        return "runway_months" if result is not None and int(result.runway_state) == 0 else "usd_per_outcome"

    def swing(self) -> None:
        """Show what matters most for the number that is chosen now."""
        swings = self._app.outlook.swings
        if swings is not None and self.swung() != swings.metric:
            self._app.outlook = with_swings(self._app.outlook, self.swung())
