"""Measure programs as someone at a terminal feels them: python tests/benchmarks/terminal.py [NAME ...] [--rounds N].

Nothing here is a test. Each program runs in a pseudo-terminal of 120x36 that answers what terminals are asked, gets its keys
one by one, and is listened to until it has been silent for 30 ms. Programs take turns, round by round. For each:

- first paint: from the start of the process until the screen shows what the program is for (the screen is kept by pyte, and
  drawn only after the measurement, so that drawing costs nothing);
- bytes at start, until it has been silent for 2 s; bytes a second while nobody touches it, over 3 s;
- for each kind of key: bytes, time until the last byte, and processor time; median and 95th percentile;
- resident memory at the end, of the program and its children.

`--slow` adds when the last byte of a key would arrive over a line of 150 ms and 64 kbit/s. Programs that are not installed
are left out. Linux only.
"""

import argparse
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyte

ROOT = Path(__file__).parents[2]
COLUMNS, ROWS = 120, 36
SILENT_S, STARTED_S, IDLE_S, LONGEST_S = 0.03, 2.0, 3.0, 30.0
RTT_S, BITS_PER_S = 0.150, 64_000
NAMED = {
    "tab": "\t",
    "enter": "\r",
    "esc": "\x1b",
    "backspace": "\x7f",
    "down": "\x1b[B",
    "up": "\x1b[A",
    "right": "\x1b[C",
}
ANSWERS = {  # what programs ask a terminal, and what it says
    b"\x1b[6n": b"\x1b[1;4R",  # where the cursor is
    b"\x1b[c": b"\x1b[?62;22c",  # what it can do
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",  # whether it draws in one go
}
UNSEEN = re.compile(rb"\x1b\[[<=>?][0-9;]*[ -/]*[@-~]|\x1b[P\]_^X][^\x1b\x07]*(?:\x07|\x1b\\)|\x1b\[6n")


@dataclass(frozen=True)
class Program:
    """What to run, the words that show that it is there, and the keys by kind; keys of no kind are not measured."""

    command: list[str]
    sign: str
    keys: list[tuple[str, list[str]]]


def many(times, *keys):
    """Repeat keys."""
    return [*keys] * times


PROGRAMS = {
    "planner": Program(
        [sys.executable, "-m", "planner", "open", "saved/support-copilot.toml"],
        r"Gross margin.*\n.*\d%",
        [
            ("row move", many(10, "j") + many(10, "k")),
            ("nudge", many(15, "l") + many(12, "h")),
            ("focus move", many(10, "tab")),
            ("", ["enter"]),
            ("typed", [*"41235678", *many(6, "backspace")]),
        ],
    ),
    "minimal": Program(
        [sys.executable, "tests/benchmarks/minimal_app.py"],
        r"field 4",
        [("typed", [*"hello world 12"]), ("focus move", many(10, "tab")), ("", ["tab"]), ("row move", many(10, "down") + many(10, "up"))],
    ),
    "posting": Program(
        ["posting", "--collection", "tests/benchmarks"],
        r"Send",
        [("typed", [*"hello world 12"]), ("focus move", many(10, "tab"))],
    ),
    "harlequin": Program(["harlequin"], r"Run Query", [("typed", [*"select 1 as one"])]),
    "visidata": Program(["vd", "tests/serving_cited.csv"], r"model", [("row move", many(10, "j") + many(10, "k"))]),
    "lazygit": Program(["lazygit"], r"Commits", [("", ["esc"]), ("focus move", many(10, "right")), ("row move", many(10, "j"))]),
}  # fmt: skip


@dataclass
class Heard:
    """Output as it came: when, what, and the processor time that the program had used by then."""

    pieces: list[tuple[float, bytes, float]] = field(default_factory=list)

    @property
    def size(self):
        """How many bytes came."""
        return sum(len(data) for _, data, _ in self.pieces)


class Terminal:
    """A terminal with a program in it."""

    def __init__(self, command, size=(COLUMNS, ROWS)):
        self.size = size
        self.began = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.chdir(ROOT)
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8")
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            os.execvp(command[0], command)

    def heard(self, silent_s, at_most_s=LONGEST_S, first_s=None):
        """Listen until nothing has come for a while; `first_s`: how long the first byte may take, if longer."""
        heard, ends = Heard(), time.perf_counter() + at_most_s
        wait = max(silent_s, first_s or 0.0)
        while time.perf_counter() < ends and select.select([self.fd], [], [], wait)[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:  # the program has ended
                break
            heard.pieces.append((time.perf_counter(), data, cpu_s(self.pid)))
            wait = silent_s
            for asked, answer in ANSWERS.items():
                if asked in data:
                    os.write(self.fd, answer)
        return heard

    def press(self, key):
        """Press one key; return bytes, milliseconds until the last byte, the same on a slow line, and CPU."""
        began, before = time.perf_counter(), cpu_s(self.pid)
        os.write(self.fd, NAMED.get(key, key).encode())
        heard = self.heard(SILENT_S, first_s=0.25)
        last = heard.pieces[-1][0] if heard.pieces else began
        return {
            "bytes": heard.size,
            "ms": 1e3 * (last - began),
            "slow ms": 1e3 * (arrival(heard.pieces, start=began) - began + RTT_S / 2),
            "CPU ms": 1e3 * (cpu_s(self.pid) - before),
        }

    def close(self):
        """End the program."""
        for pid in family(self.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def family(pid):
    """Give a process and all that it started."""
    yield pid
    with suppress(FileNotFoundError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                yield from family(int(child))


def cpu_s(pid):
    """Return the processor time of all threads of a process so far."""
    used = 0
    with suppress(FileNotFoundError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            used += int((task / "schedstat").read_text(encoding="ascii").split()[0])
    return used / 1e9


def resident_mb(pid):
    """Return the memory that a process and its children hold."""
    held = 0
    for each in family(pid):
        with suppress(FileNotFoundError):
            status = Path(f"/proc/{each}/status").read_text(encoding="ascii")
            held += int(re.search(r"VmRSS:\s+(\d+)", status)[1])
    return held / 1024


def shown_at(pieces, sign, size=(COLUMNS, ROWS)):
    """Return the place of the piece of output with which the screen first showed `sign`; None if none did."""
    screen = pyte.Screen(*size)
    stream = pyte.ByteStream(screen)
    for place, (_, output, _) in enumerate(pieces):
        stream.feed(UNSEEN.sub(b"", output))
        if re.search(sign, "\n".join(screen.display)):
            return place
    return None


def arrival(pieces, start=0.0):
    """Return when the last piece would have arrived over a line of 150 ms and 64 kbit/s."""
    free = start
    for at, output, _ in pieces:
        free = max(free, at) + 8 * len(output) / BITS_PER_S
    return free + RTT_S / 2


def measured(program):
    """Run one program once; return what it cost, by what was done."""
    terminal = Terminal(program.command)
    try:
        start = terminal.heard(STARTED_S, first_s=LONGEST_S)
        place = shown_at(start.pieces, program.sign)
        if place is None:
            raise SystemExit(f"{' '.join(program.command)} never showed {program.sign!r}.")
        at, _, cpu = start.pieces[place]
        found = {"first paint": [{"ms": 1e3 * (at - terminal.began), "CPU ms": 1e3 * cpu}]}
        found["start"] = [{"bytes": start.size}]
        found["idle"] = [{"bytes/s": terminal.heard(IDLE_S, at_most_s=IDLE_S).size / IDLE_S}]
        for kind, keys in program.keys:
            pressed = [terminal.press(key) for key in keys]
            found |= {kind: pressed} if kind else {}
            terminal.heard(0.7)
        found["memory"] = [{"MB": resident_mb(terminal.pid)}]
    finally:
        terminal.close()
    return found


def report(name, kinds, *, slow):
    """Print what was found of one program."""
    for kind, several in kinds.items():
        words = []
        for what in several[0]:
            values = sorted(one[what] for one in several)
            tail = f" (p95 {values[int(0.95 * (len(values) - 1))]:.4g})" if len(values) > 10 else ""
            if slow or what != "slow ms":
                words.append(f"{statistics.median(values):.4g} {what}{tail}")
        sys.stdout.write(f"{name:>10} {kind}: {', '.join(words)}\n")
    sys.stdout.flush()


def main():
    """Measure the programs asked for, in turns, in a home of their own."""
    parser = argparse.ArgumentParser(description="Measure programs at a terminal.")
    parser.add_argument("names", nargs="*", help=f"{', '.join(PROGRAMS)}; without names: planner minimal")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slow", action="store_true", help="also over a line of 150 ms and 64 kbit/s")
    asked = parser.parse_args()
    names = asked.names or ["planner", "minimal"]
    programs = {name: PROGRAMS[name] for name in names if shutil.which(PROGRAMS[name].command[0])}
    found = {name: {} for name in programs}
    with tempfile.TemporaryDirectory() as home:
        for each in ("DATA", "CONFIG", "STATE", "CACHE"):
            os.environ[f"XDG_{each}_HOME"] = f"{home}/{each}"
        for turn in range(asked.rounds + 1):
            for name, program in programs.items():
                for kind, several in measured(program).items():
                    if turn:  # the first one warms the disk
                        found[name].setdefault(kind, []).extend(several)
    for name, kinds in found.items():
        report(name, kinds, slow=asked.slow)


if __name__ == "__main__":
    main()
