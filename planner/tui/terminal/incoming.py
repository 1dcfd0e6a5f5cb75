r"""What a terminal sends, taken apart so that only what is understood goes on.

A line may tear a character or a sequence in two, an old terminal reports its mouse in bytes that are no text, and a
program that died may have left a question behind whose answer comes here. None of that may be typed as if by the
user, where each letter is a command: what is no text and no sequence that Textual knows is dropped.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from enum import Enum
from typing import TYPE_CHECKING

from textual import constants, events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS

from planner.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual._xterm_parser import XTermParser
    from textual.message import Message

ESCAPE_AFTER_S = (
    constants.ESCAPE_DELAY - 0.01
)  # an escape that nothing has followed is the key; seen at the first look
TORN_AFTER_S = 1.0  # the rest of a sequence, or of an answer, comes no more
PASTE_ENDS_AFTER_S = 5.0  # the end of a paste got lost
LONGEST_PASTE_BYTES = 1_000_000
LONGEST_SEQUENCE = 40
MOST_COLUMNS, MOST_ROWS = 2_000, 1_000
PASTE_BEGINS, PASTE_ENDS = "\x1b[200~", "\x1b[201~"

_TOKEN = re.compile(
    rb"""(?P<text>[^\x1b]+)
      | (?P<dropped>\x1b\[M...                # an old mouse report: three bytes of any value
          | \x1b\[[0-?]*[ -/]*(?=[^ -~])      # broken off by what can't be part of it
          | \x1b(?=[\x80-\xff]))
      | (?P<sequence>\x1b\[(?!M)(?:\[[A-Z]    # F1 to F5 on Linux's console
          | \d{1,2}\$(?!y)                    # shifted keys of rxvt
          | (?!\[)[0-?]*[ -/]*[@-~])
          | \x1bO[0-?]*[@-~])
      | (?P<string>\x1b[]P_^X](?=.))          # an answer in words: until its end it is no typing
      | (?P<escape>\x1b(?=\x1b))
      | (?P<alt>\x1b[^\x1b\[O\]P_^X])""",
    re.DOTALL | re.VERBOSE,
)
_STRING_ENDS = re.compile(rb"[\x07\x18\x1a]|\x1b\\|\x1b(?=[^\\])")
_CAPITAL_WITH_ALT = re.compile(rb"\x1b[OPX]")  # these begin sequences too
_UNTYPED = re.compile(r"[\x80-\x9f\ufffe\uffff]")
_NOT_PASTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_REPORT = re.compile(r"\x1b\[(?:<\d{1,3};\d{1,5};\d{1,5}[Mm]|[IO]|\d{1,5};\d{1,5}R|\?\d{1,5};\d\$y)")
_WINDOW = re.compile(r"\x1b\[48;(\d{1,4});(\d{1,4});\d{1,5};\d{1,5}t")
_EXTENDED = re.compile(r"\x1b\[(\d{0,7})(?:;(\d{0,3})(?:;(\d{1,7}(?::\d{1,7}){0,7}))?)?([u~A-FHP-S])")
_LAST_CHARACTER, _SURROGATES = 0x10FFFF, range(0xD800, 0xE000)


class Kind(Enum):
    """What a piece of input is."""

    TEXT = "text"  # characters, and sequences that Textual's parser knows
    ALT = "alt"  # a character typed with alt
    ESCAPE = "escape"


@dataclass(frozen=True)
class Piece:
    """Something that was typed or reported."""

    kind: Kind
    text: str = ""


_ESCAPE = Piece(Kind.ESCAPE)


class Incoming:
    r"""Takes the bytes of a terminal, and gives the pieces that are whole and known.

    >>> [piece.text for piece in Incoming().take(b"j\xe9k\x1b[99;99Xl\x1b[M\xff\xfe\xfdm", now_s=0.0)]
    ['jklm']
    """

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8")("ignore")
        self._held = b""
        self._inside = ""  # "string" or "paste"
        self._pasted = 0  # bytes
        self._last_s = 0.0

    def take(self, data: bytes, *, now_s: float) -> list[Piece]:
        """Return the pieces that `data` completes; what is begun waits for the rest."""
        rest, self._held, self._last_s = self._held + data, b"", now_s
        pieces: list[Piece] = []
        while rest:
            read = {"": self._token, "string": self._string, "paste": self._paste}[self._inside]
            rest = read(rest, pieces)
        return _joined(pieces)

    def overdue(self, *, now_s: float) -> list[Piece]:
        """Return what waited long enough for what never came; the rest of a torn sequence is dropped."""
        waited_s = now_s - self._last_s
        if self._inside == "paste" and waited_s >= PASTE_ENDS_AFTER_S:
            self._held, self._inside = b"", ""
            return [Piece(Kind.TEXT, PASTE_ENDS)]
        if self._inside == "paste" or waited_s < (ESCAPE_AFTER_S if self._held == b"\x1b" else TORN_AFTER_S):
            return []
        held, self._held = self._held, b""
        was_inside, self._inside = self._inside, ""
        if was_inside or not held:
            return []
        if held == b"\x1b":
            return [_ESCAPE]
        return [Piece(Kind.ALT, held[1:].decode())] if _CAPITAL_WITH_ALT.fullmatch(held) else []

    def _token(self, rest: bytes, pieces: list[Piece]) -> bytes:
        """Take one token off the front of `rest`."""
        found = _TOKEN.match(rest)
        if found is None:
            self._held = rest[:LONGEST_SEQUENCE]
            return b""
        kind, raw = str(found.lastgroup), found[0]
        if kind == "text":
            pieces.append(Piece(Kind.TEXT, _UNTYPED.sub("", self._decoder.decode(raw))))
        else:
            self._decoder.reset()
        if kind == "alt":
            pieces.append(_with_alt(raw.decode("latin-1")))
        elif kind == "escape":
            pieces.append(_ESCAPE)
        elif kind == "string":
            self._inside = "string"
        elif kind == "sequence":
            self._sequence(raw.decode("latin-1"), pieces)
        return rest[found.end() :]

    def _sequence(self, text: str, pieces: list[Piece]) -> None:
        if text == PASTE_BEGINS:
            self._inside, self._pasted = "paste", 0
        if text != PASTE_ENDS and is_known(text):
            pieces.append(Piece(Kind.TEXT, text))

    def _string(self, rest: bytes, _pieces: list[Piece]) -> bytes:
        """Drop an answer in words up to its end."""
        if found := _STRING_ENDS.search(rest):
            self._inside = ""
            return rest[found.end() :] if found[0] != b"\x1b" else rest[found.start() :]
        self._held = b"\x1b" if rest.endswith(b"\x1b") else b""
        return b""

    def _paste(self, rest: bytes, pieces: list[Piece]) -> bytes:
        """Take pasted text as it is, less what acts on a terminal."""
        text, end, after = rest.partition(PASTE_ENDS.encode())
        if not end:
            begun = text.rfind(b"\x1b", max(len(text) - len(PASTE_ENDS) + 1, 0))
            if begun >= 0 and PASTE_ENDS.encode().startswith(text[begun:]):
                text, self._held = text[:begun], text[begun:]
        room = max(LONGEST_PASTE_BYTES - self._pasted, 0)
        self._pasted += len(text)
        pieces.append(Piece(Kind.TEXT, _NOT_PASTED.sub("", self._decoder.decode(text[:room]))))
        if end:
            self._inside = ""
            self._decoder.reset()
            pieces.append(Piece(Kind.TEXT, PASTE_ENDS))
        return after


def is_known(sequence: str) -> bool:
    r"""Return whether Textual knows a sequence, and its numbers are ones that it can take.

    >>> is_known("\x1b[A"), is_known("\x1b[113u"), is_known("\x1b[113~"), is_known("\x1b[99999999u")
    (True, True, False, False)
    """
    if (
        sequence in ANSI_SEQUENCES_KEYS
        or sequence in (PASTE_BEGINS, PASTE_ENDS)
        or _REPORT.fullmatch(sequence)
    ):
        return True
    if window := _WINDOW.fullmatch(sequence):
        return 0 < int(window[1]) <= MOST_ROWS and 0 < int(window[2]) <= MOST_COLUMNS
    extended = _EXTENDED.fullmatch(sequence)
    if extended is None:
        return False
    code, _modifiers, typed, final = extended.groups(default="")
    if f"{code or 1}{final}" in FUNCTIONAL_KEYS:
        return _is_character(typed)
    return final == "u" and code != "" and _is_character(code) and _is_character(typed)


def _is_character(codes: str) -> bool:
    """Return whether each number of `1:2` is a character's; none is fine."""
    numbers = [int(code) for code in codes.split(":") if code]
    return all(number <= _LAST_CHARACTER and number not in _SURROGATES for number in numbers)


def _with_alt(text: str) -> Piece:
    return Piece(Kind.TEXT, text) if text in ANSI_SEQUENCES_KEYS else Piece(Kind.ALT, text[1:])


def messages_of(pieces: Sequence[Piece], parser: XTermParser) -> Iterator[Message]:
    """Yield what pieces of input mean to an app."""
    for piece in pieces:
        if piece.kind is Kind.ESCAPE:
            yield events.Key("escape", "\x1b")
        elif piece.kind is Kind.ALT:
            yield from parser._sequence_to_key_events(piece.text, alt=True)  # noqa: SLF001 - feed would wait for more
        else:
            yield from parser.feed(piece.text)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces with neighbouring text in one."""
    joined: list[Piece] = []
    for piece in pieces:
        if piece == Piece(Kind.TEXT):
            continue
        if joined and piece.kind is Kind.TEXT is joined[-1].kind:
            joined[-1] = Piece(Kind.TEXT, joined[-1].text + piece.text)
        else:
            joined.append(piece)
    return joined
