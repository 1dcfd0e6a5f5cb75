"""Ranges around the numbers: coarse ones when keys pause, finer ones when the user rests."""

from __future__ import annotations

import asyncio
import ctypes
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from planner.model.shared import Shared
from planner.tui.session.outlook import (
    SETTLED_SAMPLES,
    TYPING_SAMPLES,
    WATCHED,
    Outlook,
    by_and_by,
    with_swings,
)
from planner.tui.session.undisturbed import GivenUpError, Undisturbed

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App
    from textual.timer import Timer

PAUSED_AFTER_S, SETTLED_AFTER_S = 0.15, 0.35
FIRST_SETTLED_AFTER_S = 0.15  # nobody has typed yet
_BREATH_S = 0.001  # between two blocks of samples: a key that came is dealt with
_QUIET_S = (
    0.1  # after a key that came in the middle of a block: its numbers are shown, and no other key follows
)


def _give_back() -> None:
    """Return memory of the draws that the C library keeps for more of them: 4 to 9 MB, while the user rests."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # a C library that keeps none
            ctypes.CDLL(None).malloc_trim(0)


class RangeDrawing:
    """Draws the ranges of the outlook that is shown, and gives up where another one is shown meanwhile.

    `shown` gives that outlook, None while no plan is open; `show` takes it back with its ranges;
    `chosen` names the number under the cursor. The app lends its timers and workers, and says how often it has heard
    from the terminal: what comes from there goes first.
    """

    def __init__(
        self,
        app: App[Any],
        *,
        shown: Callable[[], Outlook | None],
        show: Callable[[Outlook], None],
        chosen: Callable[[], str],
    ) -> None:
        self._app, self._shown, self._show, self._chosen = app, shown, show, chosen
        self._heard: Callable[[], int] = getattr(app, "heard", lambda: 0)
        self._dealt_with = 0
        self._coarse_parts = Shared()
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

    def _coarse(self) -> None:
        self._work(self._show_coarse)

    def _fine(self) -> None:
        self._work(self._settle)

    def _work(self, draw: Callable[[], Any]) -> None:
        """Draw in the background; a function, since one that is given up before it begins leaves nothing unawaited."""
        if self._shown() is not None:
            self._app.run_worker(draw, exclusive=True)

    async def _show_coarse(self) -> None:
        if drawn := await self._drawn(TYPING_SAMPLES, self._coarse_parts.next_plan()):
            self._show(drawn)

    async def _settle(self) -> None:
        if (drawn := await self._drawn(SETTLED_SAMPLES)) and (swung := await self._with_swings(drawn)):
            self._show(swung)
            self.settled.set()
            self._coarse_parts = Shared()  # kept only while keys come: at rest memory counts more
            _give_back()

    async def _drawn(self, samples: int, kept: Shared | None = None) -> Outlook | None:
        """Return the outlook with ranges; None where a key came in between and another one is shown.

        `kept` may hold what the samples of an earlier plan were made of.
        """
        outlook = drawn = self._shown()
        if outlook is None:
            return None
        self._look_up()
        for drawn in by_and_by(outlook, samples=samples, wanted=self._disturbed, kept=kept):  # noqa: B007 - the last one counts
            await self._rest()
            if self._shown() is not outlook:
                return None
        return drawn

    async def _with_swings(self, outlook: Outlook) -> Outlook | None:
        """Return an outlook with what matters most for the number that is chosen; None if another one came."""
        shown, parts = self._shown(), Undisturbed(self._disturbed)
        while self._shown() is shown:
            self._look_up()
            with suppress(GivenUpError):
                return with_swings(outlook, self._swung(outlook), parts)
            await self._rest()
        return None

    def _disturbed(self) -> bool:
        """Say whether anything has come from the terminal since `_look_up`."""
        return self._heard() != self._dealt_with

    def _look_up(self) -> None:
        self._dealt_with = self._heard()

    async def _rest(self) -> None:
        """Let what has come be dealt with; where it came in the middle of some work, wait until nothing follows."""
        while self._disturbed():
            self._look_up()
            await asyncio.sleep(_QUIET_S)
        await asyncio.sleep(_BREATH_S)
        self._look_up()

    def _swung(self, outlook: Outlook) -> str:
        """Return the number that the tornado is about: the chosen one, else the runway if it ends."""
        chosen = self._chosen()
        if chosen in WATCHED:
            return chosen
        result = outlook.result
        return "runway_months" if result is not None and int(result.runway_state) == 0 else "usd_per_outcome"

    def swing_soon(self) -> None:
        """Show what matters most for the number that is chosen, once the keys that choose it pause."""
        if self._swing_timer is not None:
            self._swing_timer.stop()
        self._swing_timer = self._app.set_timer(PAUSED_AFTER_S, self._swing)

    def _swing(self) -> None:
        """Turn to the number that is chosen now; before ranges are settled, what settles them does."""
        outlook = self._shown()
        if outlook is None or outlook.swings is None or not self.settled.is_set():
            return
        if self._swung(outlook) != outlook.swings.metric:
            self._work(self._turn)

    async def _turn(self) -> None:
        outlook = self._shown()
        if outlook is not None and (swung := await self._with_swings(outlook)):
            self._show(swung)
