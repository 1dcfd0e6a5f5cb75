"""Random keys and bytes that are no text, on a living screen in a terminal of its own: `storm.py --living`."""

import os
import random
import select
import shutil
import signal
import time

from emulator import ROOT, Program
from key_storm import BOUND, MOVES, TYPED

KEYS_EACH_START = 2_000
STAYING = [key for key in BOUND if key != "ctrl+z"]  # that one hands the terminal back to a shell
QUIET_S = 0.05
LONGEST_S = 60.0  # without taking a byte, or until a screen has ended
BYTES = {
    "up": b"\x1b[A", "down": b"\x1b[B", "right": b"\x1b[C", "left": b"\x1b[D", "home": b"\x1b[H", "end": b"\x1b[F",
    "pageup": b"\x1b[5~", "pagedown": b"\x1b[6~", "delete": b"\x1b[3~", "shift+tab": b"\x1b[Z",
    "shift+right": b"\x1b[1;2C", "shift+left": b"\x1b[1;2D", "backspace": b"\x7f", "tab": b"\t", "enter": b"\r",
    "space": b" ", "escape": b"\x1b", "full_stop": b".", "comma": b",", "colon": b":", "slash": b"/",
    "question_mark": b"?", "less_than_sign": b"<", "greater_than_sign": b">", "left_square_bracket": b"[",
    "right_square_bracket": b"]",
}  # fmt: skip
LEFT = b"\x1b[?1049l"  # the terminal as it was
TORN = (
    b"\x1b", b"\x1b[", b"\x1b[M", b"\x1b[M !!", b"\x1b[<0;999999999;5M", b"\x1b[113~", b"\x1b[48;0;0;0;0t",
    b"\x1b[200~", b"\x1b[201~", b"\x1b]11;rgb:", b"\x1bP", b"\x9b1;2", b"\xf0\x9f", b"\xc3", b"\xff\xfe", b"\xed\xa0\x80",
)  # fmt: skip


def bytes_of(key):
    """Return what a terminal sends for a key."""
    return bytes([ord(key[-1]) & 0x1F]) if key.startswith("ctrl+") else BYTES.get(key) or key.encode()


def burst(state):
    """Return some keys as bytes, how many they are, and sometimes bytes that are no text among them."""
    keys = [state.choice(state.choice((MOVES, STAYING, TYPED))) for _ in range(state.randint(1, 20))]
    sent = [bytes_of(key) for key in keys]
    if state.random() < 0.5:
        junk = bytes(state.randrange(0x80, 0x100) for _ in range(state.randint(0, 12)))
        sent.insert(state.randint(0, len(sent)), state.choice(TORN) + junk)
    return b"".join(sent), len(keys)


def living_storm(folder, *, seed, keys=KEYS_EACH_START):
    """Play keys on one start of the screen; return how many. Raise AssertionError where it ends, hangs or complains."""
    state, played, starts = random.Random(seed), 0, 0
    shutil.copytree(ROOT / "saved", folder / "saved", dirs_exist_ok=True)
    while played < keys:
        starts += 1
        program = Program(
            "-m", "planner", str(folder / "saved/support-copilot.toml"), EDITOR="true", HOME=str(folder),
            XDG_STATE_HOME=str(folder / "state"), XDG_CONFIG_HOME=str(folder / "settings"),
        )  # fmt: skip
        try:
            program.wait_for("Support copilot", seconds=LONGEST_S)
            while played < keys and _goes_on(program):
                sent, count = burst(state)
                _type(program, sent)
                played += count
            _end(program)
        finally:
            os.close(program.fd)
        assert starts < 50, "the screen ends again and again"
    return played, starts


def _goes_on(program):
    """Say whether the screen is there; the list of all actions has one that leaves it, which is no fault."""
    return os.waitid(os.P_PID, program.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def _type(program, sent):
    """Send bytes as fast as they are taken, take what the screen draws, and go on when it draws no more."""
    end_s = time.monotonic() + LONGEST_S
    while sent and _goes_on(program):
        assert time.monotonic() < end_s, "the screen takes no more keys"
        reads, writes, _ = select.select([program.fd], [program.fd], [], 1.0)
        if writes:
            sent = sent[os.write(program.fd, sent[:64]) :]
        if reads:
            program.read(0.0)
    while program.read(QUIET_S):
        assert time.monotonic() < end_s, "the screen draws without end"


def _end(program):
    """Ask the screen to end, unless it has; it must leave in peace and without a word of a fault."""
    if _goes_on(program):
        os.kill(program.pid, signal.SIGTERM)
    end_s = time.monotonic() + LONGEST_S
    while _goes_on(program):
        assert time.monotonic() < end_s, "the screen goes on"
        program.read(0.1)
    while program.read(0.2):
        pass
    code = os.waitstatus_to_exitcode(os.waitpid(program.pid, 0)[1])
    said = program.sent.rpartition(LEFT)[2].decode("utf-8", "replace")
    assert code in (0, -signal.SIGTERM, 128 + signal.SIGTERM), f"exit {code}: {said}"
    assert b"Traceback" not in program.sent, said
    assert b"fault of the planner" not in program.sent, said
