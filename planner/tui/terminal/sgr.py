"""Text styles as a terminal knows them, and the shortest way from one to the next."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.color import Color, ColorSystem, ColorType

from planner.tui.terminal.capabilities import Depth

BOLD, DIM, ITALIC, UNDERLINE, REVERSE, CONCEAL, STRIKE, DOUBLE, OVERLINE = (1 << bit for bit in range(9))
_ON = {
    "1": BOLD,
    "2": DIM,
    "3": ITALIC,
    "4": UNDERLINE,
    "7": REVERSE,
    "8": CONCEAL,
    "9": STRIKE,
    "21": DOUBLE,
    "53": OVERLINE,
}
_OFF = {
    "22": BOLD | DIM,
    "23": ITALIC,
    "24": UNDERLINE | DOUBLE,
    "27": REVERSE,
    "28": CONCEAL,
    "29": STRIKE,
    "55": OVERLINE,
}
_GLYPH_ONLY = BOLD | DIM | ITALIC | CONCEAL  # a blank looks the same with and without them
ANY = "any"  # the ink of a blank: nobody sees it, so whatever is set may stay
_FAR = 48  # of 255 in some channel: a background that differs on purpose
_NEAR = 24  # of 255 in every channel: a glyph that is not meant to be seen


class Style(NamedTuple):
    """One cell's look: ink and paper as SGR parameters ("" is the terminal's own), attributes, link."""

    ink: str = ""
    paper: str = ""
    attributes: int = 0
    link: str = ""


PLAIN = Style()
Rgb = tuple[int, int, int]


@lru_cache(4096)
def applied(style: Style, parameters: str) -> Style:
    """Return `style` after `ESC [ parameters m`. Blinking is dropped: nothing here blinks.

    >>> applied(PLAIN, "1;38;5;9")
    Style(ink='38;5;9', paper='', attributes=1, link='')
    """
    ink, paper, attributes, link = style
    codes = iter((parameters or "0").split(";"))
    for written in codes:
        code = written.partition(":")[0].lstrip("0") or "0"
        if code == "0":
            ink, paper, attributes = "", "", 0
        elif code in _ON:
            attributes |= _ON[code]
        elif code in _OFF:
            attributes &= ~_OFF[code]
        elif code == "38":
            ink = _extended(code, codes)
        elif code == "48":
            paper = _extended(code, codes)
        elif code[0] in "39" and len(code) == 2:
            ink = "" if code == "39" else code
        elif (code[0] == "4" and len(code) == 2) or len(code) == 3:
            paper = "" if code == "49" else code
    return Style(ink, paper, attributes, link)


def _extended(code: str, codes: Iterator[str]) -> str:
    """Return `38;5;n` or `38;2;r;g;b` (or with 48), taking the rest of it from `codes`."""
    kind = next(codes, "")
    count = {"5": 1, "2": 3}.get(kind, 0)
    return ";".join([code, kind, *(next(codes, "0") for _ in range(count))])


@lru_cache(4096)
def _colour(code: str) -> Color:
    """Return the colour that an SGR fragment such as `38;2;1;2;3`, `91` or `44` stands for."""
    parts = [int(part or 0) for part in code.split(";")]
    if len(parts) == 5:
        return Color.from_rgb(*parts[2:])
    if len(parts) == 3:
        return Color.from_ansi(parts[2])
    number = parts[0] % 10 + (8 if parts[0] >= 90 else 0)
    return Color(f"color({number})", ColorType.STANDARD, number=number)


def _rgb(code: str, default: Rgb) -> Rgb:
    return tuple(_colour(code).get_truecolor()) if code else default  # type: ignore[return-value]  # Rich gives three


def _distance(one: Rgb, other: Rgb) -> int:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _reduced(code: str, system: ColorSystem, *, ink: bool) -> str:
    return ";".join(_colour(code).downgrade(system).get_ansi_codes(foreground=ink)) if code else ""


def _sixteen(style: Style) -> Style:
    """Return the style in sixteen colours; ink that would drown in its paper turns black or white."""
    ink = _reduced(style.ink, ColorSystem.STANDARD, ink=True)
    paper = _reduced(style.paper, ColorSystem.STANDARD, ink=False)
    if ink and paper and _colour(ink).number == _colour(paper).number:
        before = _rgb(style.paper, (0, 0, 0))
        if _distance(_rgb(style.ink, (0, 0, 0)), before) > _NEAR:
            ink = "30" if sum(_rgb(paper, (0, 0, 0))) > 3 * 127 else "97"
    return style._replace(ink=ink, paper=paper)


def _colourless(style: Style, base: Rgb) -> Style:
    """Return the style without colour: a background that stands out becomes reverse video."""
    stands_out = style.paper and _distance(_rgb(style.paper, base), base) >= _FAR
    reverse = REVERSE if stands_out else 0
    return Style("", "", style.attributes ^ reverse, style.link)


def _unseen(style: Style, base: Rgb) -> bool:
    """Say whether ink and paper are too close for a glyph to be meant to be seen."""
    if not style.ink or style.attributes & REVERSE:
        return False
    return _distance(_rgb(style.ink, base), _rgb(style.paper, base)) < _NEAR


class Shown(NamedTuple):
    """What a style looks like on this terminal: of a glyph, of a blank, and whether lines in it are seen."""

    glyph: Style
    blank: Style
    unseen: bool


def shown(style: Style, *, depth: Depth, base: Rgb) -> Shown:
    """Return how a terminal with this many colours shows `style`; `base` is the theme's background."""
    unseen = False
    glyph = style
    if depth is Depth.NONE:
        unseen, glyph = _unseen(style, base), _colourless(style, base)
    elif depth is Depth.SIXTEEN:
        glyph = _sixteen(style)
    elif depth is Depth.PALETTE:
        ink = _reduced(style.ink, ColorSystem.EIGHT_BIT, ink=True)
        glyph = style._replace(ink=ink, paper=_reduced(style.paper, ColorSystem.EIGHT_BIT, ink=False))
    seen = glyph.attributes & ~_GLYPH_ONLY
    return Shown(glyph, Style(glyph.ink if seen else ANY, glyph.paper, seen, glyph.link), unseen)


def _attribute_codes(before: int, after: int) -> list[str]:
    """Return the codes that turn one set of attributes into another without a full reset."""
    codes = [code for code, bits in _OFF.items() if before & ~after & bits]
    for code in codes:
        before &= ~_OFF[code]
    return codes + [code for code, bit in _ON.items() if after & ~before & bit]


def _colour_codes(style: Style) -> list[str]:
    return [code for code in (style.ink, style.paper) if code]


@lru_cache(8192)
def turn(before: Style | None, after: Style) -> tuple[str, Style]:
    r"""Return the shortest escape sequences from one style to the next, and the style then set.

    `before` is None where the terminal's style is unknown. A blank's ink (`ANY`) stays what it was.

    >>> turn(Style("31", "44", BOLD), Style("31", "", BOLD))[0]
    '\x1b[49m'
    """
    start = before or PLAIN
    goal = after
    if after.ink == ANY:
        goal = after._replace(ink=start.ink, attributes=after.attributes | start.attributes & _GLYPH_ONLY)
    link = "" if before and before.link == goal.link else f"\x1b]8;;{goal.link}\x1b\\"
    if before is None and not goal.link:
        link = ""
    if before is not None and goal[:3] == start[:3]:
        return link, goal
    lean = goal if after.ink != ANY else after._replace(ink="")
    reset = ["0"] if _colour_codes(lean) or lean.attributes else [""]
    reset += _attribute_codes(0, lean.attributes) + _colour_codes(lean)
    if before is None:
        return link + _sgr(reset), lean
    steps = _attribute_codes(start.attributes, goal.attributes)
    steps += [goal.ink or "39"] if goal.ink != start.ink else []
    steps += [goal.paper or "49"] if goal.paper != start.paper else []
    short = _sgr(steps)
    if len(_sgr(reset)) < len(short):
        return link + _sgr(reset), lean
    return link + short, goal


def _sgr(codes: list[str]) -> str:
    return f"\x1b[{';'.join(codes)}m"
