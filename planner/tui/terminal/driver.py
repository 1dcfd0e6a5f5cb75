"""A Textual driver that sends only the cells that changed.

Give it to the app as `App(driver_class=driver_class("cells", os.environ))`. In inline mode Textual picks
its own driver; in a browser the environment does.
"""

from __future__ import annotations

import os
import re
import select
import signal
import time
from typing import TYPE_CHECKING, Any

from rich.color import ColorSystem
from textual import events
from textual._xterm_parser import XTermParser
from textual.color import Color, ColorParseError
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import Monochrome, NoColor
from textual.geometry import Offset

from planner.tui.terminal.capabilities import Depth, terminal
from planner.tui.terminal.cells import Reader
from planner.tui.terminal.incoming import Incoming, messages_of
from planner.tui.terminal.paint import Painter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.segment import Segment
    from textual.app import App
    from textual.driver import Driver
    from textual.message import Message

    from planner.tui.terminal.sgr import Rgb

_SYNC_START, _SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
_LOOK_S = 0.1  # for what waits for its rest, and for being told to stop
_READ_BYTES = 4_096
_HUNG_UP = 128 + signal.SIGHUP  # what shells expect
_FIRST_ROWS = 6  # title and headline: on a slow line they are there 0.2 s before the rest
_SYNC_ABOVE = 512  # characters; less than that reaches the terminal in one piece anyway
# Mode switches, queries, the bell, and strings such as OSC 52: nothing that touches a cell.
_NO_CELLS = re.compile(
    r"(?:\x1b\[[<=>?][0-9;]*[ -/]*[@-~]"
    r"|\x1bP(?:[^\x1b]|\x1b[^\\])*\x1b\\|\x1b[\]_^][^\x1b\x07]*(?:\x07|\x1b\\)|\x07)+"
).fullmatch
_LINK = "\x1b]8;"
_CURSOR_ON, _CURSOR_OFF, _CURSOR_AS_BEFORE = "\x1b[4 q\x1b[?25h", "\x1b[?25l", "\x1b[0 q"
# A line, repeated twice, and the question where the cursor is: in column 4 where repeating works for all
# characters. Some terminals that call themselves xterm know no repeat (mosh), or only of ASCII (older tmux).
_PROBE, _PROBED_COLUMN = "\x1b[H\u2500\x1b[2b\x1b[6n", 3


class CellDriver(LinuxDriver):
    """Keeps the last screen as cells, and writes the shortest way to the next one."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        able = terminal(os.environ)
        width, height = super()._get_terminal_size()
        self._reader = Reader(width, height, able.depth)
        self._painter = Painter(width, height, erases_in_colour=able.erases_in_colour)
        self._painting = False
        self._painted = False
        self._flushing = False
        self._probing = False
        self._cursor_visible = False
        self._synchronises = False
        self._new_size: tuple[int, int] | None = None
        self.reads = 0  # how often something came from the terminal
        # This driver reduces colours itself, so that it sees what the theme meant.
        app.console._color_system = ColorSystem.TRUECOLOR  # noqa: SLF001 - Textual has no setting for it
        app._filters[:] = [f for f in app._filters if not isinstance(f, Monochrome | NoColor)]  # noqa: SLF001 - as above

    def write(self, data: str) -> None:
        """Take output; cells are kept until `flush`, anything else is sent at once."""
        if data in (_SYNC_START, _SYNC_END):
            self._synchronises = True
        elif not self._painting or (_NO_CELLS(data) and not data.startswith(_LINK)):
            self._send(data)
        else:
            self._follow_size()
            self._send(self._reader.read(data))

    def flush(self) -> None:
        """Send the cells that changed since the last time."""
        if not self._painting:
            super().flush()
            return
        self._follow_size()
        self._follow_theme()
        reader = self._reader
        if not self._painted:
            self._send(self._painter.begin(reader.cells, range(min(_FIRST_ROWS, reader.cells.height))))
            reader.touched = {*range(reader.cells.height)}
        out = self._painter.paint(reader.cells, reader.touched, (reader.x, reader.y))
        reader.touched = set()
        self._painted = True
        if self._synchronises and len(out) > _SYNC_ABOVE:
            out = _SYNC_START + out + _SYNC_END
        self._send(out)

    @property
    def takes_rows(self) -> bool:
        """Whether `put` has an effect now; not before the screen was painted once, nor while suspended."""
        return self._painting and self._painted and self._new_size is None

    def put(self, x: int, y: int, strip: Iterable[Segment]) -> None:
        """Take part of a row, from a cell (column, row; from 0) on; `flush` or `flush_soon` sends it."""
        self._reader.put(x, y, strip)

    def flush_soon(self) -> None:
        """Send what was put, once the keys that already came are dealt with."""
        if not self._flushing:
            self._flushing = self._app.call_later(self._flush_put)

    def _flush_put(self) -> None:
        self._flushing = False
        self.flush()

    def redraw(self) -> None:
        """Paint the whole screen again, for when something else has written over it."""
        self._painter.forget(self._reader.cells.width, self._reader.cells.height)
        self.flush()

    def move_cursor(self, x: int, y: int) -> None:
        """Put the terminal's own cursor on a cell (from 0), where readers and input methods look for it.

        It stays there until a widget sets `App.cursor_position`, as an `Input` does at every key.
        """
        self._app.cursor_position = Offset(x, y)
        self._reader.x, self._reader.y = x, y
        self.flush()

    def show_cursor(self, *, visible: bool) -> None:
        """Show the terminal's own cursor, a steady line below its cell, or hide it; it is hidden at first."""
        self._cursor_visible = visible
        self._send(_CURSOR_ON if visible else _CURSOR_OFF)

    def start_application_mode(self) -> None:
        """Enter the alternate screen; after a suspension, paint what was there."""
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual leaves it untyped
        if self._writer_thread is None:
            return
        self._painter.forget(self._reader.cells.width, self._reader.cells.height)
        self._painting = True
        if self._cursor_visible:
            self._send(_CURSOR_ON)
        if self._painted:
            self.flush()
        elif self.input_tty:
            self._probing = True
            self._send(_PROBE)

    def stop_application_mode(self) -> None:
        """Leave the alternate screen with the terminal's own style."""
        if self._painting:
            self._painting = False
            self.write(self._painter.rest() + (_CURSOR_AS_BEFORE if self._cursor_visible else ""))
        super().stop_application_mode()

    def process_message(self, message: Message) -> None:
        """Pass a message on to the app; note a reported size, and the answer to the probe."""
        if self._probing and isinstance(message, events.CursorPosition):
            self._probing = False
            self._painter.repeats = message.x == _PROBED_COLUMN
            return
        if isinstance(message, events.Resize):
            self._new_size = (message.size.width, message.size.height)
        super().process_message(message)

    def run_input_thread(self) -> None:
        """Read what is typed, until told to stop or the terminal is gone."""
        incoming, parser = Incoming(), XTermParser()
        while not self.exit_event.is_set():
            data = b""
            if select.select([self.fileno], [], [], _LOOK_S)[0]:
                data = self._typed()
                if not data:
                    self._app.call_later(self._app.exit, _HUNG_UP)
                    return
                self.reads += 1
            now_s = time.monotonic()
            pieces = incoming.take(data, now_s=now_s) if data else incoming.overdue(now_s=now_s)
            for message in messages_of(pieces, parser):
                self.process_message(message)

    def _typed(self) -> bytes:
        """Return what came from the terminal; nothing where it is gone."""
        try:
            return os.read(self.fileno, _READ_BYTES)
        except OSError:
            return b""

    def _enable_mouse_support(self) -> None:
        """Ask for clicks, the wheel, and moves while a button is held: other moves mean nothing here."""
        if self._mouse:
            self.write("\x1b[?1000h\x1b[?1002h\x1b[?1015h\x1b[?1006h")
            self.flush()

    def _disable_mouse_support(self) -> None:
        """Leave the mouse to the terminal."""
        if self._mouse:
            self.write("\x1b[?1000l\x1b[?1002l\x1b[?1015l\x1b[?1006l")
            self.flush()

    def _send(self, out: str) -> None:
        if out:
            super().write(out)

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return columns and rows; asked whenever the terminal says that its size changed."""
        self._new_size = size = super()._get_terminal_size()
        return size

    def _follow_size(self) -> None:
        """After a resize, nothing on the terminal is where it was."""
        if self._new_size is None:
            return
        (width, height), self._new_size = self._new_size, None
        if (width, height) != (self._reader.cells.width, self._reader.cells.height):
            self._reader.resize(width, height)
        self._painter.forget(width, height)

    def _follow_theme(self) -> None:
        """Without colour, tell what stands out by its distance from the theme's background."""
        if self._reader.depth is Depth.NONE:
            self._reader.set_base(_rgb(self._app.theme_variables.get("background", "")))


def _rgb(colour: str) -> Rgb:
    """Return a colour of the theme as red, green and blue; black if it is the terminal's own."""
    try:
        red, green, blue = Color.parse(colour).rgb
    except ColorParseError:
        return (0, 0, 0)
    return (red, green, blue)


def cell_driver(app: App[Any]) -> CellDriver | None:
    """Return the driver that an app runs on; None where it is one of Textual's own."""
    driver = app._driver  # noqa: SLF001 - Textual has no other way to it
    return driver if isinstance(driver, CellDriver) else None


def answer_mouse(app: App[Any], *, wanted: bool) -> None:
    """Have the terminal, or the browser, tell of the mouse or keep it to itself."""
    driver = app._driver  # noqa: SLF001 - Textual has no other way to it
    name = "_enable_mouse_support" if wanted else "_disable_mouse_support"
    if switch := getattr(driver, name, None):
        driver._mouse = True  # type: ignore[union-attr]  # noqa: SLF001 - else neither of them does anything
        switch()


def driver_class(name: str, environ: Mapping[str, str]) -> type[Driver] | None:
    """Return the driver for an app: `cells`, or None (Textual's choice) for `plain` and in a browser."""
    return CellDriver if name == "cells" and not environ.get("TEXTUAL_DRIVER") else None
