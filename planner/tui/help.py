"""All keys of a screen, and how values are typed: read from the one declaration of keys."""

from typing import ClassVar

from planner.tui.charts import Span
from planner.tui.hint import key_name
from planner.tui.keys import GROUPS, HELP, Key, on_screen
from planner.tui.page import Title, bindings
from planner.tui.sheet import BLANK, Entry, SheetPage, heading, text

_TYPED = (
    ("4000  4k  1.2M", "a number"),
    ("35%  0.35", "a share"),
    ("800ms  2s", "a time"),
    ("5% to 9%", "a range: 5th to 95th percentile"),
    ("triangular 1, 2, 5", "least, likeliest, most"),
)
_MARKS = (
    ("*", "differs from the baseline"),
    ("bold", "we decide it (a lever); the others we don't know"),
    ("▾ ▸", "a section, open or folded"),
    ("n/a", "can't be computed; e says why"),
)


class HelpScreen(SheetPage):
    """The keys of the screen that was open."""

    page = HELP
    BINDINGS: ClassVar = bindings(HELP)

    def __init__(self, screen: str) -> None:
        super().__init__()
        self._about = screen

    def show(self) -> None:
        """List the keys by group."""
        self.query_one(Title).title = (f"Keys: {self._about}", "")
        self.sheet.fill(self._entries)

    def _entries(self, width: int) -> list[Entry]:
        known = on_screen(self._about, self.planner.keys)
        entries: list[Entry] = []
        for group in GROUPS:
            if rows := [_row(key) for key in known if key.group == group]:
                entries += [heading(group, width), *rows, BLANK]
        entries += [heading("Typing a value", width), *(_words(*each) for each in _TYPED), BLANK]
        entries += [heading("Signs", width), *(_words(*each) for each in _MARKS), BLANK]
        return [
            *entries,
            *text("Keys can be changed in a file of yours: :keymap writes one.", width, look="muted"),
        ]


def _row(key: Key) -> Entry:
    return _words("  ".join(map(key_name, key.keys)) or f":{key.name}", key.help)


def _words(what: str, meaning: str) -> Entry:
    return Entry([Span(f" {what}".ljust(22), "key"), Span(meaning, "label")])
