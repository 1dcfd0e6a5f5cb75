"""What every screen has: its keys, its title, the line that says what happened, the hint line."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from rich.cells import cell_len
from textual.binding import Binding, BindingsMap, BindingType
from textual.geometry import Offset
from textual.reactive import reactive
from textual.screen import Screen

from planner.records import dataclass
from planner.tui.config.keys import KEYS, Key, on_screen
from planner.tui.session import navigation
from planner.tui.terminal.driver import cell_driver
from planner.tui.widgets.charts import Rows, Span
from planner.tui.widgets.charts.canvas import fitted
from planner.tui.widgets.hint import Hint, HintLine, key_name
from planner.tui.widgets.pane import View

if TYPE_CHECKING:
    from planner.tui.app import PlannerApp
    from planner.tui.widgets.jump_labels import Target

NARROW, _WIDE = 70, 150
_SHORT, _TALL = 18, 32
_LONGEST_COUNT = 4
_LAID_OUT_S = 0.05  # after which a pane that was hidden has its place
_ALWAYS = ("help", "quit", "back")
_COUNTED = frozenset(
    ("count", "down", "up", "page_down", "page_up", "higher", "lower", "much_higher", "much_lower",
     "next_section", "previous_section")
)  # fmt: skip


@dataclass(frozen=True)
class Notice:
    """What the status line says: a first line that matters, a second one that helps."""

    text: str = ""
    more: str = ""
    look: str = "label"


def bindings(screen: str, keys: Iterable[Key] = KEYS) -> list[BindingType]:
    """Return the bindings of a screen, from the one declaration of keys."""
    named: list[BindingType] = [
        Binding(
            ",".join(key.keys), key.action, key.label, show=False, id=f"{screen}.{key.name}", tooltip=key.help
        )
        for key in on_screen(screen, keys)
        if key.keys
    ]
    return [*named, *(Binding(digit, f"count({digit})", show=False) for digit in "1234567890")]


class Title(View):
    """The first row: what is open, and whether it is saved."""

    title: reactive[tuple[str, str]] = reactive(("", ""), init=False, repaint=False)
    aside: reactive[Span] = reactive(Span(""), init=False, repaint=False)

    def watch_title(self) -> None:
        """Show another title."""
        self.redraw()

    def watch_aside(self) -> None:
        """Say something else beside it."""
        self.redraw()

    def draw(self, width: int, height: int) -> Rows:  # noqa: ARG002 - a page that draws uses them
        """Return the title at the left, the file at the right, and beside it what else there is room for."""
        left, right = self.title
        room = width - cell_len(right) - 3
        aside = self.aside if self.aside.text else Span("")
        if aside.text and cell_len(left) + cell_len(aside.text) + 3 > room and aside.look == "muted":
            aside = Span("")
        if aside.text:
            aside = Span(f"{aside.text}   ", aside.look)
            room -= cell_len(aside.text)
        left = left if cell_len(left) <= room else left[: max(room - 1, 0)] + "…"
        gap = max(width - cell_len(left) - cell_len(aside.text) - cell_len(right) - 2, 1)
        return [[Span(" " + left, "title"), Span(" " * gap), aside, Span(right + " ", "muted")]]


class Status(View):
    """What stands under the cursor, or what just happened."""

    notice: reactive[Notice] = reactive(Notice(), init=False, repaint=False)

    def watch_notice(self) -> None:
        """Say something else."""
        self.redraw()

    def draw(self, width: int, height: int) -> Rows:
        """Return the two lines, or as much of them as there is room for."""
        wrapped = _wrapped(self.notice.text, width - 2)
        lines: Rows = [[Span(" " + text, self.notice.look)] for text in wrapped]
        if self.notice.more and len(lines) < height:
            lines.append([Span(" " + fitted(self.notice.more, width - 2).rstrip(), "muted")])
        if len(lines) > height > 0:
            rest = " ".join(wrapped[height - 1 :])
            lines[height - 1] = [Span(" " + fitted(rest, width - 2), self.notice.look)]
        return lines[:height]


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(word) > width:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return lines


def hints(keys: list[Key]) -> list[Hint]:
    """Return what the hint line says of some keys, the first ones most needed; keys of one label share it."""
    found: dict[str, list[str]] = {}
    for key in keys:
        if key.label and key.keys:
            found.setdefault(key.label, []).append(key_name(key.keys[0]))
    return [
        Hint(" ".join(names), label, -1 if label in _ALWAYS else rank)
        for rank, (label, names) in enumerate(found.items())
    ]


class Page(Screen[None]):
    """A screen of the planner."""

    HORIZONTAL_BREAKPOINTS = [
        (0, "-narrow"), (NARROW, "-middle"), (_WIDE, "-wide"),
    ]  # fmt: skip
    VERTICAL_BREAKPOINTS = [
        (0, "-short"), (_SHORT, "-usual"), (_TALL, "-tall"),
    ]  # fmt: skip
    page: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self._count = ""

    @property
    def planner(self) -> PlannerApp:
        """The app, as what it is."""
        return cast("PlannerApp", self.app)

    @property
    def keys(self) -> list[Key]:
        """The keys of this screen, as the keymap file has them."""
        return on_screen(self.page, self.planner.keys)

    def on_mount(self) -> None:
        """Take the user's own keys, if there are any."""
        if self.planner.keys is not KEYS:
            self.rebind()

    def rebind(self) -> None:
        """Bind the keys as they are declared now, and show them in the hint line."""
        found = self._bindings.key_to_bindings
        for key in [key for key, bound in found.items() if any(each.id for each in bound)]:
            del found[key]
        found.update(BindingsMap(bindings(self.page, self.planner.keys)).key_to_bindings)
        for line in self.query(HintLine):
            line.hints = hints(self.keys)

    def action_count(self, digit: int) -> None:
        """Take a digit of the count that stands before a key."""
        self._count = (self._count + str(digit)).lstrip("0")[:_LONGEST_COUNT]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Forget the count before an action that takes none. A screen that isn't laid out, or is closed, does nothing."""
        if not (self.is_mounted and self.is_running):
            return False
        if action not in _COUNTED:
            self._count = ""
        return super().check_action(action, parameters)

    def taken_count(self) -> int:
        """Return the count typed before this key, 1 without, and forget it."""
        count, self._count = int(self._count or 1), ""
        return count

    def say(self, notice: Notice) -> None:
        """Show a notice in the status line."""
        for status in self.query(Status):
            status.notice = notice

    def cursor_at(self) -> tuple[View, int, int] | None:
        """Return the pane and the cell in it where the focus is; nothing unless a screen says so."""
        return None

    def place_cursor(self, *, at_once: bool = False) -> None:
        """Let the terminal's own cursor go where the focus is: readers and magnifiers follow it."""
        found = self.cursor_at() if isinstance(self.focused, View) else None
        if found is None or self.planner.screen is not self:
            return
        view, x, y = found
        place = view.region.offset + Offset(x, y)
        driver = cell_driver(self.planner)
        if at_once and driver is not None:
            driver.move_cursor(*place)
        else:
            self.planner.cursor_position = place

    def on_descendant_focus(self) -> None:
        """Let the terminal's own cursor follow, once the panes are where they go."""
        self.set_timer(_LAID_OUT_S, partial(self.place_cursor, at_once=True))

    def targets(self) -> list[Target]:
        """Return the places in sight that jump labels go to; none unless a screen says so."""
        return []

    def action_jump(self) -> None:
        """Label every place in sight; go to the one whose letters are typed."""
        navigation.jump(self.planner)

    def action_prices(self) -> None:
        """Show how old prices are, and what newer ones would change."""
        navigation.prices(self.planner)

    def action_ascii(self) -> None:
        """Show ASCII alone, or finer signs again."""
        self.planner.looks.switch_ascii()

    def action_copy(self) -> None:
        """Copy the number or the row under the cursor."""
        navigation.copy_row(self.planner)

    def action_copy_table(self) -> None:
        """Copy the whole table."""
        navigation.copy_table(self.planner)

    def copied(self) -> str:
        """Return the number or row that the copy key copies here; nothing unless a screen says so."""
        return ""

    def copied_table(self) -> str:
        """Return all rows here, with tabs between columns; nothing unless a screen says so."""
        return ""
