"""The screen's end of a browser: Textual's own driver, which ends with the server that started it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

from textual.drivers.web_driver import WebDriver

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "planner.tui.terminal.browser_driver:BrowserDriver"  # as Textual's environment names it
MOST_COLUMNS, MOST_ROWS = 500, 200
_HUNG_UP = 128 + signal.SIGHUP


class BrowserDriver(WebDriver):
    """Ends the screen, its edits kept on the disk, when the server is gone; takes no absurd size."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        if self._size is not None:
            self._size = fitting(*self._size)

    def run_input_thread(self) -> None:
        """Take what the server passes on, until it has no more."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.call_later(self._app.exit, _HUNG_UP)

    def on_meta(self, packet_type: str, payload: Mapping[str, object]) -> None:
        """Take what the server says about the browser."""
        told = dict(payload)
        if packet_type == "resize":
            told["width"], told["height"] = fitting(told.get("width"), told.get("height"))
        super().on_meta(packet_type, told)


def fitting(width: object, height: object) -> tuple[int, int]:
    """Return columns and rows of a size that a browser can have.

    >>> fitting(120, 40), fitting(10**9, -1), fitting("wide", None)
    ((120, 40), (500, 1), (80, 24))
    """
    columns = width if isinstance(width, int) else 80
    rows = height if isinstance(height, int) else 24
    return min(max(columns, 1), MOST_COLUMNS), min(max(rows, 1), MOST_ROWS)
