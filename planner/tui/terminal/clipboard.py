"""Copying over the wire: the terminal that the user sits at gets the text, by OSC 52."""

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from textual.app import App

MAX_BYTES = 74_994  # 100,000 in base64 with its frame: the most that common terminals take in one sequence
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # a shell that it is pasted into would obey them
_SCREEN_CHUNK = 240  # GNU screen drops strings that are longer than 256 bytes


def harmless(text: str) -> str:
    r"""Return a text without control characters, but for ends of lines and tabs.

    >>> harmless("a\x1b[31mb\tc\nd\x9b\r")
    'a[31mb\tc\nd'
    """
    return _CONTROLS.sub("", text)


def osc52(text: str) -> str:
    r"""Return the sequence that puts text on the terminal's clipboard.

    >>> osc52("a")
    '\x1b]52;c;YQ==\x07'
    """
    return f"\x1b]52;c;{b64encode(text.encode()).decode()}\x07"


def passthrough(sequence: str, environ: Mapping[str, str]) -> str:
    r"""Return a sequence wrapped so that tmux or GNU screen hands it on; "" where neither runs.

    tmux does so with `allow-passthrough on`; with `set-clipboard on` it needs no wrapping.

    >>> passthrough("\x1b]52;c;YQ==\x07", {"TMUX": "/tmp/tmux-0/default,1,0"})
    '\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\'
    """
    term = environ.get("TERM", "")
    if environ.get("TMUX") or term.startswith("tmux"):
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"
    if term.startswith("screen"):
        parts = [sequence[at : at + _SCREEN_CHUNK] for at in range(0, len(sequence), _SCREEN_CHUNK)]
        return "".join(f"\x1bP{part}\x1b\\" for part in parts)
    return ""


def copy(app: App[Any], text: str, environ: Mapping[str, str]) -> bool:
    """Copy text to the app's clipboard and the terminal's; False, and nothing copied, if it is too long."""
    text = harmless(text)
    if len(text.encode()) > MAX_BYTES:
        return False
    app.copy_to_clipboard(text)
    wrapped = passthrough(osc52(text), environ)
    if wrapped and app._driver is not None:  # noqa: SLF001 - Textual has no other way to write a sequence
        app._driver.write(wrapped)  # noqa: SLF001 - as above
    return True
