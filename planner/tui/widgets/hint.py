"""One line that says which keys do what here. It renders once, and only when that changes."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

_GAP = 2  # cells between two hints
KEY_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "full_stop": ".",
    "comma": ",",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
}


class Hint(NamedTuple):
    """A key and what it does; the lower the rank, the longer it stays as room gets short."""

    key: str
    label: str
    rank: int = 0


def key_name(key: str) -> str:
    """Return a key of Textual's as it stands on keyboards.

    >>> key_name("ctrl+p"), key_name("question_mark"), key_name("shift+tab")
    ('^p', '?', 'shift+tab')
    """
    modifiers, _, last = key.rpartition("+")
    name = KEY_NAMES.get(last, last)
    return f"^{name}" if modifiers == "ctrl" else f"{modifiers}+{name}" if modifiers else name


def fitting(hints: Iterable[Hint], width: int) -> list[Hint]:
    """Return the hints that fit a width in their order, the lowest ranks first served.

    >>> [hint.key for hint in fitting([Hint("a", "one", 2), Hint("b", "two", 1), Hint("c", "six", 3)], 12)]
    ['a', 'b']
    """
    given = list(hints)
    room = width + _GAP
    chosen = set()
    for index in sorted(range(len(given)), key=lambda index: (given[index].rank, index)):
        needed = len(key_name(given[index].key)) + 1 + len(given[index].label) + _GAP
        if needed <= room:
            chosen.add(index)
            room -= needed
    return [given[index] for index in sorted(chosen)]


class HintLine(Widget):
    """Shows the hints it is given, as many as fit its width."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"hint--key"}
    DEFAULT_CSS = """
    HintLine { dock: bottom; height: 1; color: $text-muted; background: $background; }
    HintLine > .hint--key { color: $foreground; text-style: bold; }
    """

    hints: reactive[Sequence[Hint]] = reactive(())

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        base = self.rich_style
        if y:
            return Strip.blank(self.size.width, base)
        key_style = self.get_component_rich_style("hint--key")
        segments: list[Segment] = []
        for hint in fitting(self.hints, self.size.width):
            gap = " " * (_GAP if segments else 0)
            segments += [
                Segment(gap, base),
                Segment(key_name(hint.key), key_style),
                Segment(f" {hint.label}", base),
            ]
        return Strip(segments).adjust_cell_length(self.size.width, base)
