"""Ranges around the numbers: coarse ones when keys pause, finer ones when the user rests."""

from __future__ import annotations

import asyncio
import ctypes
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from planner.tui.session.outlook import SETTLED_SAMPLES, TYPING_SAMPLES, by_and_by, with_swings
from planner.tui.widgets.headline_numbers import HEADLINE, Outlook

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

    from planner.tui.app import PlannerApp

PAUSED_AFTER_S, SETTLED_AFTER_S = 0.15, 0.35
FIRST_SETTLED_AFTER_S = 0.15  # nobody has typed yet
_BREATH_S = 0.001  # between two blocks of samples: a key that came is dealt with


def _give_back() -> None:
    """Return memory of the draws that the C library keeps for more of them: 4 to 9 MB, while the user rests."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # a C library that keeps none
            ctypes.CDLL(None).malloc_trim(0)


class Settling:
    """Draws the ranges of whatever outlook the app shows, and gives up when it shows another one."""

    def __init__(self, app: PlannerApp) -> None:
        self._app = app
        self._timers: tuple[Timer, ...] = ()
        self._swing_timer: Timer | None = None
        self.settled = asyncio.Event()

    def start(self, *, first: bool = False) -> None:
        """Begin anew: the numbers are others now, or the first ones, and then nobody types yet."""
        self.settled.clear()
        for timer in self._timers:
            timer.stop()
        pauses_s, settles_s = (
            (_BREATH_S, FIRST_SETTLED_AFTER_S) if first else (PAUSED_AFTER_S, SETTLED_AFTER_S)
        )
        self._timers = (
            self._app.set_timer(pauses_s, self._coarse),
            self._app.set_timer(settles_s, self._fine),
        )

    @property
    def _ready(self) -> bool:
        return self._app.showing_plan and self._app.outlook.result is not None

    def _coarse(self) -> None:
        self._work(self._show_coarse)

    def _fine(self) -> None:
        self._work(self._settle)

    def _work(self, draw: Callable[[], Any]) -> None:
        """Draw in the background; a function, since one that is given up before it begins leaves nothing unawaited."""
        if self._ready:
            self._app.run_worker(draw, exclusive=True)

    async def _show_coarse(self) -> None:
        if drawn := await self._drawn(self._app.outlook, TYPING_SAMPLES):
            self._app.outlook = drawn

    async def _settle(self) -> None:
        if drawn := await self._drawn(self._app.outlook, SETTLED_SAMPLES):
            self._app.outlook = with_swings(drawn, self.swung())
            self.settled.set()
            _give_back()

    async def _drawn(self, outlook: Outlook, samples: int) -> Outlook | None:
        """Return an outlook with ranges; None where a key came in between and there is another one."""
        drawn = outlook
        for drawn in by_and_by(outlook, samples=samples):  # noqa: B007 - the last one counts
            await asyncio.sleep(_BREATH_S)
            if self._app.outlook is not outlook or not self._ready:
                return None
        return drawn

    def swung(self) -> str:
        """Return the number that the tornado is about: the chosen one, else the runway if it ends."""
        chosen = self._app.plan_screen.outputs.chosen if self._app.showing_plan else ""
        if chosen in HEADLINE:
            return chosen
        result = self._app.outlook.result
        return "runway_months" if result is not None and int(result.runway_state) == 0 else "usd_per_outcome"

    def swing_soon(self) -> None:
        """Show what matters most for the number that is chosen, once the keys that choose it pause."""
        if self._swing_timer is not None:
            self._swing_timer.stop()
        self._swing_timer = self._app.set_timer(PAUSED_AFTER_S, self._swing)

    def _swing(self) -> None:
        if self._ready and self.settled.is_set():  # before that, what settles it looks at the number chosen
            swings = self._app.outlook.swings
            if swings is not None and self.swung() != swings.metric:
                self._app.outlook = with_swings(self._app.outlook, self.swung())
