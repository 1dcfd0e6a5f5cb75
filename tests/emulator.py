"""A terminal for tests: pyte with what it lacks, and a program running in it."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from codecs import getincrementaldecoder
from pathlib import Path

import pyte
from rich.cells import cell_len, split_graphemes

from planner.tui.terminal.capabilities import Depth
from planner.tui.terminal.cells import Reader
from planner.tui.terminal.paint import Painter

ROOT = Path(__file__).parent.parent
_UNSEEN = re.compile(r"\x1b\[[<=>?][0-9;]*[ -/]*[@-~]|\x1b[P\]_^X][^\x1b\x07]*(?:\x07|\x1b\\)|\x1b\[6n")
_PARTIAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[P\]_^X][^\x1b\x07]*\x1b?)?$")
_REPEAT = re.compile(r"(.)\x1b\[(\d+)b", re.DOTALL)


class Screen(pyte.Screen):
    """pyte's screen, with graphemes as Textual measures them and erasing in colour."""

    def draw(self, data):
        for start, end, width in split_graphemes(data)[0]:
            if not width or self.cursor.x >= self.columns:
                continue
            line = self.buffer[self.cursor.y]
            self._blank_halves(line, self.cursor.x, self.cursor.x + width)
            line[self.cursor.x] = self.cursor.attrs._replace(data=data[start:end])
            if width == 2 and self.cursor.x + 1 < self.columns:
                line[self.cursor.x + 1] = self.cursor.attrs._replace(data="")
            self.cursor.x = min(self.cursor.x + width, self.columns)

    def _blank_halves(self, line, start, end):
        """Blank the other half of a wide character cut in half, as terminals do.

        A second half whose first was erased before is repaired as by tmux: with the default style.
        """
        if start and line[start].data == "":
            whole = cell_len(line[start - 1].data) == 2
            line[start - 1] = line[start - 1]._replace(data=" ") if whole else self.default_char
        if end < self.columns and line[end].data == "":
            line[end] = line[end]._replace(data=" ")

    def erase_in_display(self, how=0, *args, **kwargs):
        for y in range(self.lines):
            for x in range(self.columns):
                self.buffer[y][x] = self.cursor.attrs

    def insert_lines(self, count=None):
        y = self.cursor.y
        super().insert_lines(count)
        self._fill(y, y + (count or 1))

    def delete_lines(self, count=None):
        bottom = self.margins.bottom if self.margins else self.lines - 1
        super().delete_lines(count)
        self._fill(bottom + 1 - (count or 1), bottom + 1)

    def _fill(self, top, end):
        """Give rows that came in blank the current background, as terminals do."""
        for y in range(top, end):
            for x in range(self.columns):
                self.buffer[y][x] = self.cursor.attrs

    def cells(self):
        """Return what can be seen: graphemes and looks, the ink of blanks left out."""
        return [[_seen(self.buffer[y][x]) for x in range(self.columns)] for y in range(self.lines)]

    def text(self):
        return "\n".join(
            "".join(self.buffer[y][x].data for x in range(self.columns)) for y in range(self.lines)
        )


def _seen(cell):
    marked = cell.underscore or cell.strikethrough or cell.reverse
    glyph = (cell.fg, cell.bold, cell.italics) if cell.data != " " else (cell.fg,) if marked else ()
    return (cell.data, cell.bg, glyph, cell.underscore, cell.strikethrough, cell.reverse)


class Emulator:
    """Text in, cells out."""

    def __init__(self, columns, rows):
        self.screen = Screen(columns, rows)
        self.stream = pyte.Stream(self.screen)

    def feed(self, data):
        data = _REPEAT.sub(lambda found: found[1] * (1 + int(found[2])), _UNSEEN.sub("", data))
        self.stream.feed(data)


def painted(data, *, depth=Depth.TRUE, columns=20, rows=2):
    """Return the terminal after the cell driver's way of writing `data`, and the bytes of it."""
    reader, painter = Reader(columns, rows, depth), Painter(columns, rows)
    reader.read(data)
    out = painter.paint(reader.cells, reader.touched, (reader.x, reader.y))
    emulator = Emulator(columns, rows)
    emulator.feed(out)
    return emulator.screen, out


class Program:
    """A Python program running in an emulated terminal; `sent` is all that it wrote."""

    def __init__(self, *arguments, size=(80, 24), repeats=True, **environ):
        self.repeats = repeats  # what the terminal says when asked whether it can repeat a character
        self.emulator = Emulator(*size)
        self.sent = b""
        self._decode = getincrementaldecoder("utf-8")().decode
        self._unread = b""
        self._undrawn = ""
        self._quiet = False
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
            base |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
            base |= {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
            base |= {"PYTHONPATH": str(ROOT), "TEXTUAL_ANIMATIONS": "none", **environ}
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            os.execve(sys.executable, [sys.executable, *arguments], base)

    def resize(self, columns, rows):
        self.render()
        self.emulator = Emulator(columns, rows)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def read(self, seconds):
        """Take what the program writes, and answer its questions."""
        self._quiet = not select.select([self.fd], [], [], seconds)[0]
        if self._quiet:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.sent += data
        self._unread += data
        if b"\x1b[6n" in data:
            os.write(self.fd, b"\x1b[1;4R" if self.repeats else b"\x1b[1;2R")
        if b"\x1b[?2026$p" in data:
            os.write(self.fd, b"\x1b[?2026;2$y")
        return True

    def render(self):
        """Draw what has come, except for a sequence or a character of which only a part has."""
        data, self._unread = self._undrawn + self._decode(self._unread), b""
        cut = _PARTIAL.search(data) if self._quiet else None
        end = cut.start() if cut else len(data) if self._quiet else max(data.rfind("\x1b"), 0)
        self._undrawn = data[end:]
        self.emulator.feed(data[:end])
        return self.emulator.screen

    def wait_for(self, text, seconds=60.0):
        """Wait until the screen holds this text."""
        end = time.monotonic() + seconds
        while text not in self.render().text():
            while self.read(0.02):
                pass
            assert time.monotonic() < end, f"{text!r} is not on the screen:\n{self.emulator.screen.text()}"

    def settled(self):
        """Return the screen once nothing more comes, and nobody is at work on more: a busy machine is no quiet one."""
        still = 0
        while still < 4:
            still = 0 if self.read(0.1) or not self.waits() else still + 1
        return self.render()

    def waits(self):
        """Say whether all threads of the program wait for something; where that can't be seen, suppose so."""
        threads = [path.read_text() for path in Path(f"/proc/{self.pid}/task").glob("*/stat")]
        return all(stat.rpartition(")")[2].split()[0] == "S" for stat in threads)

    def wait_until_stopped(self):
        while os.waitpid(self.pid, os.WUNTRACED | os.WNOHANG)[0] == 0:
            self.read(0.01)

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
