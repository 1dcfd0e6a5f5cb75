"""Bytes from the terminal: what is no text and no known sequence is dropped, however the line tears it."""

import os
import random
import signal
import time

import pytest
from emulator import Program
from hypothesis import given
from hypothesis import strategies as st
from textual._xterm_parser import XTermParser
from textual.events import Key, Paste

from planner.tui.terminal.incoming import LONGEST_PASTE_BYTES, Incoming, is_known, messages_of

BROKEN_SCREEN = """
import sys
from planner.tui.app import PlannerApp
def broken(*_):
    raise ZeroDivisionError("by nothing")
PlannerApp.action_undo = broken
from planner.cli import main
sys.argv = ["planner", {plan!r}]
main()
"""


def typed(*pieces, wait_s=0.0):
    """Return what an app gets from bytes that arrive in these pieces, and then no more for a while."""
    incoming, parser, got = Incoming(), XTermParser(), []
    for number, piece in enumerate(pieces):
        got += messages_of(incoming.overdue(now_s=number * wait_s), parser)
        got += messages_of(incoming.take(piece, now_s=number * wait_s), parser)
    for later_s in (0.2, 2.0, 10.0):
        got += messages_of(incoming.overdue(now_s=len(pieces) * wait_s + later_s), parser)
    return got


def keys(*pieces, wait_s=0.0):
    return [event.key for event in typed(*pieces, wait_s=wait_s) if isinstance(event, Key)]


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (b"j\xe9k", ["j", "k"]),  # Latin-1
        (b"j\xff\xfe\xc0\x80k", ["j", "k"]),
        ("né".encode(), ["n", "é"]),
        (b"j\x1b[M !!k", ["j", "k"]),  # old mouse reports
        (b"j\x1b[M\xff\x1b\x01k", ["j", "k"]),
        (b"j\x1b[99;99Xk", ["j", "k"]),
        (b"j\x1b[113~k", ["j", "k"]),  # no key, but Textual would take it for a q
        (b"j\x1b[99999999999uk", ["j", "k"]),
        (b"j\x1b[97:65;1:3uk", ["j", "k"]),
        (b"j\x1b[55296uk", ["j", "k"]),
        (b"j\x1b[" + b"1;" * 500 + b"Hk", ["j", "k"]),
        (b"j\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\k", ["j", "k"]),  # an answer that nobody waits for
        (b"j\x1b]0;title\x07k", ["j", "k"]),
        (b"j\x1bP1$r0m\x1b\\k", ["j", "k"]),
        (b"j\xc2\x9b5mk", ["j", "5", "m", "k"]),  # a control character of eight bits
        (b"\x1b[1;2\nA", ["ctrl+j", "A"]),
        (b"\x1b[A\x1bOP\x1b[[A\x1b[15~", ["up", "f1", "f1", "f5"]),
        (b"\x1b\x1b[B", ["escape", "down"]),
        (b"\x1bx\x1b[B", ["alt+x", "down"]),
        (b"\x1b", ["escape"]),
        (b"\x1b[27u", ["escape"]),
        (b"\x1bO", ["alt+shift+o"]),
        (b"\x1b[", []),
        (b"\x1b[1;", []),
        (b"\x1b]11;rgb", []),
    ],
)
def test_only_what_is_understood_reaches_the_app(sent, read):
    assert keys(sent) == read


@pytest.mark.parametrize(
    "sent",
    [
        "jé漢🚀k".encode(),
        b"j\x1b[1;5Ak\x1b[15~",
        b"j\x1b[M\xff\xfe\xfdk",
        b"j\x1b]11;rgb:1e1e\x1b\\k",
        b"j\x1b[200~two\x1b[201~k",
    ],
)
def test_a_torn_line_reads_as_a_whole_one(sent):
    bytes_apart = [sent[at : at + 1] for at in range(len(sent))]
    assert keys(*bytes_apart, wait_s=0.05) == keys(sent)


def test_a_paste_is_text_whatever_it_holds_and_ends_even_when_its_end_got_lost():
    (paste,) = typed(b"\x1b[200~4\x1b[A00\x00\x9b\xe9\tq\n\x1b[201~")
    assert isinstance(paste, Paste)
    assert paste.text == "4[A00\tq\n"
    assert keys(b"\x1b[200~lost", b"j", wait_s=6.0) == ["j"]


def test_a_paste_without_end_takes_no_more_than_its_bound():
    *_, paste = typed(b"\x1b[200~", *[b"x" * 500_000] * 4, b"\x1b[201~")
    assert len(paste.text) == LONGEST_PASTE_BYTES


@given(
    st.lists(
        st.binary(max_size=12)
        | st.sampled_from([b"\x1b", b"\x1b[", b"\x1b[M", b"\x1b]", b"\x1b[200~", b"\x1b[201~"]),
        max_size=12,
    )
)
def test_no_bytes_break_the_reading_and_a_key_after_them_still_counts(pieces):
    assert keys(*pieces, b"", b"", b"Q", wait_s=6.0)[-1] == "Q"


@given(st.from_regex(r"\x1b\[[<?]?[0-9;:]{0,12}[@-~]", fullmatch=True))
def test_what_is_let_through_makes_no_loose_letters(sequence):
    if is_known(sequence):
        parser = XTermParser()
        assert all(
            not isinstance(each, Key) or each.key != "circumflex_accent" for each in parser.feed(sequence)
        )


def test_a_storm_of_bytes_neither_ends_the_screen_nor_types_into_it(tmp_path, file):
    noise = random.Random(4)
    program = Program("-m", "planner", str(file), XDG_STATE_HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path))
    try:
        program.wait_for("Support copilot")
        before = file.read_bytes()
        for _ in range(200):
            junk = bytes(noise.choice(range(0x80, 0x100)) for _ in range(noise.randint(1, 40)))
            os.write(program.fd, noise.choice([b"", b"\x1b[M", b"\x1b[113~", b"\x1b[48;0;0;0;0t"]) + junk)
            program.read(0.0)
        os.write(program.fd, b"?")
        program.wait_for("Move")
        assert file.read_bytes() == before
    finally:
        program.close()


def ended(program, seconds=60):
    """Return the exit status of a program, and all that it wrote."""
    end_s = time.monotonic() + seconds
    while program.read(1.0) or not os.waitid(os.P_PID, program.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        assert time.monotonic() < end_s, "the screen goes on"
    return os.waitstatus_to_exitcode(os.waitpid(program.pid, 0)[1]), program.sent.decode("utf-8", "replace")


def test_a_screen_that_falls_over_says_so_in_a_sentence_and_with_exit_1(tmp_path, file):
    program = Program(
        "-c",
        BROKEN_SCREEN.format(plan=str(file)),
        XDG_STATE_HOME=str(tmp_path),
        XDG_CONFIG_HOME=str(tmp_path),
    )
    program.wait_for("Support copilot")
    program.type("u")
    code, said = ended(program)
    assert code == 1
    assert "ZeroDivisionError: by nothing" in said
    assert "Traceback" not in said
    assert "\x1b[?1049l" in said


def test_a_terminal_that_is_gone_ends_the_screen(tmp_path, file):
    program = Program("-m", "planner", str(file), XDG_STATE_HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path))
    program.wait_for("Support copilot")
    os.close(program.fd)
    assert os.waitstatus_to_exitcode(os.waitpid(program.pid, 0)[1]) in (-signal.SIGHUP, 128 + signal.SIGHUP)
