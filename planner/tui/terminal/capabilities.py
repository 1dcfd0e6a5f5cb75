"""What a terminal can do, told from its environment variables alone: no query, no waiting."""

from collections.abc import Mapping
from enum import IntEnum

from planner.records import dataclass


class Depth(IntEnum):
    """How many colours a terminal shows."""

    NONE = 0
    SIXTEEN = 16
    PALETTE = 256
    TRUE = 1 << 24


@dataclass(frozen=True)
class Terminal:
    """The abilities that the driver builds on.

    `erases_in_colour` says that an erased cell takes the current background (terminfo's `bce`).
    """

    depth: Depth = Depth.TRUE
    erases_in_colour: bool = True


_DEPTH_NAMES = {
    "truecolor": Depth.TRUE,
    "24bit": Depth.TRUE,
    "256": Depth.PALETTE,
    "standard": Depth.SIXTEEN,
    "16": Depth.SIXTEEN,
    "none": Depth.NONE,
}
_TRUE_COLOUR_TERMS = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour", "iterm")
_COLOURLESS_TERMS = ("dumb", "unknown", "vt")
_PLAIN_ERASE_TERMS = ("screen", "dumb", "unknown", "vt", "ansi")


def colour_depth(environ: Mapping[str, str]) -> Depth:
    """Return how many colours to send, from NO_COLOR, COLORTERM and TERM in that order.

    `TEXTUAL_COLOR_SYSTEM` (truecolor, 256, standard) overrides COLORTERM and TERM, never NO_COLOR.
    An empty NO_COLOR counts as not set, as https://no-color.org asks (read 2026-11-23).

    >>> colour_depth({"TERM": "xterm-256color"}).name, colour_depth({"TERM": "xterm", "NO_COLOR": "1"}).name
    ('PALETTE', 'NONE')
    """
    if environ.get("NO_COLOR"):
        return Depth.NONE
    forced = _DEPTH_NAMES.get(environ.get("TEXTUAL_COLOR_SYSTEM", "").lower())
    if forced is not None:
        return forced
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return Depth.TRUE
    term = environ.get("TERM", "").lower() or "unknown"
    if term.startswith(_TRUE_COLOUR_TERMS) or "direct" in term or "truecolor" in term:
        return Depth.TRUE
    if "256" in term:
        return Depth.PALETTE
    return Depth.NONE if term.startswith(_COLOURLESS_TERMS) or "mono" in term else Depth.SIXTEEN


def terminal(environ: Mapping[str, str]) -> Terminal:
    """Return what the terminal behind these environment variables can do.

    GNU screen erases in its own background; tmux, which may call itself `screen`, does not.
    """
    term = environ.get("TERM", "").lower() or "unknown"
    in_tmux = bool(environ.get("TMUX")) or term.startswith("tmux")
    erases = in_tmux or not term.startswith(_PLAIN_ERASE_TERMS)
    return Terminal(depth=colour_depth(environ), erases_in_colour=erases)
