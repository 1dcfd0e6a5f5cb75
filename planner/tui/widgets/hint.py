"""One line that says which keys do what here. It renders once, and only when that changes."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual.events import Click
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from planner.tui.config.keys import Key, key_name, key_named

_ALWAYS = ("help", "quit", "back")
_LONGEST = (
    "edit",
    "explain",
    "find",
    "zoom",
    "undo",
    "moves",
    "more",
    "move",
    "save",
    "change",
    "pane",
    "compare",
)
_GAP = 2  # cells between two hints


class Hint(NamedTuple):
    """A key and what it does; the lower the rank, the longer it stays as room gets short."""

    key: str
    label: str
    rank: int = 0


def hints(keys: list[Key]) -> list[Hint]:
    """Return what the hint line says of some keys, the first ones most needed; keys of one label share it."""
    found: dict[str, list[str]] = {}
    for key in keys:
        if key.label and key.keys:
            found.setdefault(key.label, []).append(key_name(key.keys[0]))
    ranks = {label: rank for rank, label in enumerate(dict.fromkeys((*_ALWAYS, *_LONGEST, *found)))}
    return [Hint(" ".join(names), label, ranks[label]) for label, names in found.items()]


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


def key_under(shown: Iterable[Hint], x: int) -> str:
    """Return the key in a column of the line, as it stands there; on a hint's words its first one, beside all none.

    >>> line = [Hint("j k", "move"), Hint("?", "help")]
    >>> [key_under(line, x) for x in (0, 2, 5, 8, 10, 30)]
    ['j', 'k', 'j', '', '?', '']
    """
    start = 0
    for hint in shown:
        name = key_name(hint.key)
        stop = start + len(name) + 1 + len(hint.label)
        if start <= x < stop:
            parts = name[: x - start].count(" ") if x - start < len(name) else 0
            return name.split()[parts]
        start = stop + _GAP
    return ""


class HintLine(Widget):
    """Shows the hints it is given, as many as fit its width."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"hint--key"}
    DEFAULT_CSS = """
    HintLine { dock: bottom; height: 1; color: $text-muted; background: $background; }
    HintLine > .hint--key { color: $foreground; text-style: bold; }
    """

    hints: reactive[Sequence[Hint]] = reactive(())

    def on_click(self, event: Click) -> None:
        """Press the key that was clicked."""
        event.stop()
        if name := key_under(fitting(self.hints, self.size.width), event.x - self.content_offset.x):
            self.app.simulate_key(key_named(name))

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
