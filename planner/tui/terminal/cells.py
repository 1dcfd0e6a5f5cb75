"""The screen as cells: what Textual writes is read into them."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from rich.cells import split_graphemes
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style as RichStyle

from planner.tui.terminal.capabilities import Depth
from planner.tui.terminal.sgr import ANY, PLAIN, Rgb, Shown, Style, applied, shown

BLANK = " "
WIDE_TAIL = ""  # the second cell of a wide character

_ESCAPE = re.compile(
    r"\x1b\[(?P<sgr>[0-9;:]*)m"
    r"|\x1b\[(?P<row>\d*);?(?P<column>\d*)[Hf]"
    r"|\x1b\]8;[^;\x07\x1b]*;(?P<link>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1b\[(?P<step>\d*)(?P<way>[ABCDGd])"
    r"|\x1bP(?:[^\x1b]|\x1b[^\\])*\x1b\\"
    r"|\x1b[\]_^X][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]|[\x00-\x1f\x7f]"
)
_ONE_CELL_EACH = re.compile(
    "[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u205e"
    "\u20a0-\u20bf\u2190-\u21ff\u2500-\u25fc\u2800-\u28ff]*"
).fullmatch
_DRAWN = frozenset(map(chr, range(0x2500, 0x25A0)))  # lines and blocks


class Cells:
    """A grid of cells: `texts[y][x]` is a grapheme ("" after a wide one), `styles[y][x]` its look."""

    def __init__(self, width: int, height: int, style: Style) -> None:
        self.width = width
        self.height = height
        self.texts = [[BLANK] * width for _ in range(height)]
        self.styles = [[style] * width for _ in range(height)]

    def resized(self, width: int, height: int, style: Style) -> "Cells":
        """Return a grid of another size with the same top left part."""
        new = Cells(width, height, style)
        span = min(width, self.width)
        for y in range(min(height, self.height)):
            new.texts[y][:span] = self.texts[y][:span]
            new.styles[y][:span] = self.styles[y][:span]
            if span and span < self.width and self.texts[y][span] == WIDE_TAIL:
                new.texts[y][span - 1] = BLANK
        return new

    def most_common_style(self, among: Iterable[Style]) -> Style | None:
        """Return which of these styles most blanks have; None if no blank has any."""
        wanted = set(among)
        count: Counter[Style] = Counter()
        for row in self.styles:
            count.update(row)
        ranked = [(number, style) for style, number in count.items() if style in wanted]
        return max(ranked)[1] if ranked else None


@lru_cache(4096)
def pen(style: RichStyle) -> Style:
    """Return a style of Rich's as a terminal with all colours knows it."""
    codes = style._make_ansi_codes(ColorSystem.TRUECOLOR)  # noqa: SLF001 - its only way out is with text
    return applied(PLAIN, codes)._replace(link=style.link or "") if codes else Style(link=style.link or "")


class Reader:
    """Reads Textual's output into cells, in the colours that the terminal has.

    After `read`, `x` and `y` say where the output left the cursor; `touched` holds the rows written to.
    """

    def __init__(self, width: int, height: int, depth: Depth = Depth.TRUE, base: Rgb = (0, 0, 0)) -> None:
        self.depth = depth
        self.base = base
        self._shown: dict[Style, Shown] = {}
        self._pen = PLAIN
        self._look = self._looks(PLAIN)
        self.x = self.y = 0
        self.touched: set[int] = set()
        self.cells = Cells(width, height, self._look.blank)

    def resize(self, width: int, height: int) -> None:
        """Give the screen another size; what was in the top left stays."""
        self.cells = self.cells.resized(width, height, self._looks(PLAIN).blank)
        self.touched = set(range(height))

    def set_base(self, base: Rgb) -> None:
        """Take another background as the one that other backgrounds are told from."""
        if base != self.base:
            self.base = base
            self._shown.clear()
            self._set_pen(self._pen)

    def read(self, data: str) -> str:
        """Read output into the cells; return what is no text and has to reach the terminal as it is."""
        aside: list[str] = []
        end = 0
        for found in _ESCAPE.finditer(data):
            start = found.start()
            if start > end:
                self._put(data[end:start])
            end = found.end()
            if (parameters := found["sgr"]) is not None:
                self._set_pen(applied(self._pen, parameters))
            elif not self._move(found):
                aside.append(found[0])
        if end < len(data):
            self._put(data[end:])
        return "".join(aside)

    def put(self, x: int, y: int, strip: Iterable[Segment]) -> None:
        """Take a row of segments, to be shown from a cell (column, row; from 0) on; the cursor stays."""
        before = (self.x, self.y)
        self.x, self.y = x, y
        for text, style, _ in strip:
            self._set_pen(pen(style) if style else PLAIN)
            self._put(text)
        self._set_pen(PLAIN)
        self.x, self.y = before

    def _looks(self, style: Style) -> Shown:
        looks = self._shown.get(style)
        if looks is None:
            looks = self._shown[style] = shown(style, depth=self.depth, base=self.base)
        return looks

    def _set_pen(self, pen: Style) -> None:
        self._pen = pen
        self._look = self._looks(pen)

    def _move(self, found: re.Match[str]) -> bool:
        """Follow a cursor move, a link or a line end; say whether it was one."""
        if found["row"] is not None:
            self.y, self.x = max(0, int(found["row"] or 1) - 1), max(0, int(found["column"] or 1) - 1)
        elif found["link"] is not None:
            self._set_pen(self._pen._replace(link=found["link"]))
        elif found["way"] is not None:
            self._step(found["way"], int(found["step"] or 1))
        elif found[0] == "\n":
            self.x, self.y = 0, self.y + 1
        elif found[0] == "\r":
            self.x = 0
        else:
            return False
        return True

    def _step(self, way: str, count: int) -> None:
        if way in "AB":
            self.y += count if way == "B" else -count
        elif way in "CD":
            self.x += count if way == "C" else -count
        elif way == "G":
            self.x = count - 1
        else:
            self.y = count - 1
        self.x, self.y = max(0, self.x), max(0, self.y)

    def _put(self, text: str) -> None:
        """Write text at the cursor; what is past the right edge is lost, as without line wrap."""
        graphemes = self._graphemes(text)
        x, y, cells = self.x, self.y, self.cells
        self.x += len(graphemes)
        room = cells.width - x
        if room <= 0 or not 0 <= y < cells.height:
            return
        if len(graphemes) > room:
            cut_in_half = graphemes[room] == WIDE_TAIL
            graphemes = graphemes[:room]
            if cut_in_half:
                graphemes[-1] = BLANK
        glyph, blank, _ = self._look
        self._free_wide_edges(x, x + len(graphemes), y)
        cells.texts[y][x : x + len(graphemes)] = graphemes
        cells.styles[y][x : x + len(graphemes)] = [blank if text == BLANK else glyph for text in graphemes]
        self.touched.add(y)

    def _graphemes(self, text: str) -> list[str]:
        """Return one entry for each cell that the text takes."""
        if _ONE_CELL_EACH(text):
            cells = list(text)
        else:
            cells = []
            for start, end, width in split_graphemes(text)[0]:
                if width:
                    cells += [text[start:end], *[WIDE_TAIL] * (width - 1)]
                elif cells:
                    at = -2 if cells[-1] == WIDE_TAIL else -1
                    cells[at] += text[start:end]
        if self._look.unseen:
            return [BLANK if cell in _DRAWN else cell for cell in cells]
        return cells

    def _free_wide_edges(self, x: int, end: int, y: int) -> None:
        """Blank the other half of wide characters that are about to be cut in half."""
        texts = self.cells.texts[y]
        if texts[x] == WIDE_TAIL and x:
            texts[x - 1] = BLANK
        if end < self.cells.width and texts[end] == WIDE_TAIL:
            texts[end] = BLANK


def erasable(style: Style, *, in_colour: bool) -> bool:
    """Say whether an erase with this style set looks the same as blanks written in it."""
    return style.ink == ANY and not style.attributes and not style.link and (in_colour or not style.paper)
