"""What every screen has: its keys, its title, the line that says what happened, the hint line."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.binding import Binding, BindingsMap, BindingType
from textual.geometry import Offset
from textual.reactive import reactive

from planner.files import inert
from planner.tui.config.keys import KEYS, LIBRARY, PLAN, Key, is_pair, key_name, on_screen
from planner.tui.screens import questions, saving
from planner.tui.session.outlook import Outlook
from planner.tui.state import Plan, Workplace
from planner.tui.terminal.clipboard import MAX_BYTES, copy
from planner.tui.terminal.driver import cell_driver
from planner.tui.terminal.key_queue import AheadOfKeys
from planner.tui.terminal.word_guard import WordGuardScreen
from planner.tui.widgets.hint import HintLine, hints
from planner.tui.widgets.jump_labels import under
from planner.tui.widgets.pane import View
from planner.tui.widgets.status import Notice, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.widget import AwaitMount, Widget

    from planner.tui.dialogs.modal import Modal
    from planner.tui.widgets.jump_labels import Target
    from planner.tui.widgets.mouse import Pointable

Answer = TypeVar("Answer")
NARROW, _WIDE = 70, 150
_SHORT, _TALL = 18, 32
_LONGEST_COUNT = 4
_LAID_OUT_S = 0.05  # after which a pane that was hidden has its place
_COUNTED = frozenset(
    ("count", "down", "up", "page_down", "page_up", "first", "last", "pair", "higher", "lower", "much_higher",
     "much_lower", "next_section", "previous_section", "next_month", "previous_month")
)  # fmt: skip


def bindings(screen: str, keys: Iterable[Key] = KEYS) -> list[BindingType]:
    """Return the bindings of a screen, from the one declaration of keys."""
    declared = on_screen(screen, keys)
    pairs = {each[0]: key.action for key in declared for each in key.keys if is_pair(each)}
    named: list[BindingType] = []
    for key in declared:
        for each in key.keys:
            letter = each[0] if is_pair(each) else each
            action = key.action if letter not in pairs else _of_pair(letter, pairs[letter], declared)
            name = f"{screen}.{key.name}"
            named.append(Binding(letter, action, key.label, show=False, id=name, tooltip=key.help))
    return [*named, *(Binding(digit, f"count({digit})", show=False) for digit in "1234567890")]


def _of_pair(letter: str, both: str, declared: Iterable[Key]) -> str:
    """Return the action of a key that begins a pair, and may do something alone as well."""
    alone = next((key.action for key in declared if letter in key.keys), "")
    return f"pair('{letter}', '{both}', '{alone}')"


class Page(WordGuardScreen):
    """A screen of the planner."""

    HORIZONTAL_BREAKPOINTS = [
        (0, "-narrow"), (NARROW, "-middle"), (_WIDE, "-wide"),
    ]  # fmt: skip
    VERTICAL_BREAKPOINTS = [
        (0, "-short"), (_SHORT, "-usual"), (_TALL, "-tall"),
    ]  # fmt: skip
    page: ClassVar[str] = ""
    plan: reactive[Plan] = reactive(Plan.blank, init=False, repaint=False)
    outlook: reactive[Outlook] = reactive(Outlook.blank, init=False, repaint=False)
    keymap: reactive[tuple[Key, ...]] = reactive(KEYS, init=False, repaint=False)

    class Edited(AheadOfKeys):
        """The user edited the plan. It is taken unless it can't be computed."""

        def __init__(self, plan: Plan) -> None:
            super().__init__()
            self.plan = plan

    class Changed(AheadOfKeys):
        """The plan is another one. `at` is a field to go to on the plan's screen, `notice` what to say there."""

        def __init__(self, plan: Plan, *, at: str = "", notice: Notice | None = None) -> None:
            super().__init__()
            self.plan, self.at, self.notice = plan, at, notice

    class Taken(AheadOfKeys):
        """The user took several values at once: they become one edit of the plan, which is shown again."""

        def __init__(self, changes: Mapping[str, Any], words: str) -> None:
            super().__init__()
            self.changes, self.words = changes, words

    class PageAsked(AheadOfKeys):
        """The user asked for a screen by its name; `about` is the number or field that it is about."""

        def __init__(self, name: str, about: str = "") -> None:
            super().__init__()
            self.name, self.about = name, about

    class MonthAsked(AheadOfKeys):
        """The user looks at the plan from another month, counted from 1."""

        def __init__(self, month: int) -> None:
            super().__init__()
            self.month = month

    class Opened(AheadOfKeys):
        """This screen is to be shown in front."""

        def __init__(self, page: Page) -> None:
            super().__init__()
            self.page = page

    class LookSwitched(AheadOfKeys):
        """The user wants the other of two looks: of "ascii", of "density", or of whom the "mouse" belongs to."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self) -> None:
        super().__init__()
        self.workplace = Workplace()
        self.opening: tuple[AwaitMount, Widget | None] | None = None  # what the next key waits for
        self._count = ""
        self._bound = KEYS

    def tell(self, message: AheadOfKeys) -> None:
        """Tell the app what the user did."""
        self.app.post_message(message)

    def ask(self, question: Modal[Answer], then: Callable[[Answer | None], object]) -> None:
        """Show a question in front, and its keys; go on with its answer. The next key waits until it is there."""
        lines = [(line, line.hints) for line in self.query(HintLine)]

        def answered(answer: Answer | None) -> None:
            for line, own in lines:
                line.hints = own
            then(answer)

        for line, _ in lines:
            line.hints = question.shown_hints
        self.opening = (self.app.push_screen(question, answered), None)

    def ask_key(self, text: str, answers: Mapping[str, str], then: Callable[[str], object]) -> None:
        """Ask what is answered by a key, and go on with it; an empty one stands for no answer."""
        from planner.tui.dialogs.ask import AskKey  # noqa: PLC0415 - asked seldom

        self.ask(AskKey(text, answers), lambda key: then(key or ""))

    def ask_text(
        self,
        text: str,
        value: str,
        then: Callable[[str], object],
        *,
        problem: Callable[[str], str] | None = None,
    ) -> None:
        """Ask for a line of text until it has no `problem`, and go on with it unless none is given."""
        from planner.tui.dialogs.ask import AskText  # noqa: PLC0415 - asked seldom

        self.ask(AskText(text, value, problem=problem), lambda line: then(line) if line else None)

    @property
    def keys(self) -> list[Key]:
        """The keys of this screen, as the keymap file has them."""
        return on_screen(self.page, self.keymap)

    @property
    def showing_plan(self) -> bool:
        """Whether the plan's screen is open, here or below."""
        return any(isinstance(each, Page) and each.page == PLAN for each in self.app.screen_stack)

    def on_mount(self) -> None:
        """Take the user's own keys, if there are any."""
        self.watch_keymap()

    def watch_keymap(self) -> None:
        """Bind other keys, once there are others."""
        if self.keymap is not self._bound and self.is_attached:
            self.rebind()

    def rebind(self) -> None:
        """Bind the keys as they are declared now, and show them in the hint line."""
        found = self._bindings.key_to_bindings
        for key in [key for key, bound in found.items() if any(each.id for each in bound)]:
            del found[key]
        found.update(BindingsMap(bindings(self.page, self.keymap)).key_to_bindings)
        self._bound = self.keymap
        for line in self.query(HintLine):
            line.hints = hints(self.keys)

    def action_count(self, digit: int) -> None:
        """Take a digit of the count that stands before a key."""
        self._count = (self._count + str(digit)).lstrip("0")[:_LONGEST_COUNT]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Forget the count before an action that takes none; do nothing on a screen that isn't open."""
        if not (self.is_mounted and self.is_running):
            return False
        if action not in _COUNTED:
            self._count = ""
        return super().check_action(action, parameters)

    @property
    def has_count(self) -> bool:
        """Whether a count was typed before this key."""
        return bool(self._count)

    async def settle_pair(self, following: str) -> None:
        """Do what the first key of a pair does alone, where another key follows; nothing where there are no pairs."""

    def taken_count(self) -> int:
        """Return the count typed before this key, 1 without, and forget it."""
        count, self._count = int(self._count or 1), ""
        return count

    @property
    def guards_words(self) -> bool:
        """Whether a stray letter is told, and what is typed after it dropped: wherever little else is bound."""
        return self.page not in (PLAN, LIBRARY)

    def say_stray(self, character: str) -> None:
        """Say that a key does nothing here, and what does something."""
        does = [f"{each.key} {each.label}" for each in hints(self.keys)]
        self.say(Notice(f"{character} does nothing here.", f"What works: {', '.join(does)}"))

    def say(self, notice: Notice) -> None:
        """Show a notice in the status line."""
        for status in self.query(Status):
            status.notice = notice

    def cursor_at(self) -> tuple[View, int, int] | None:
        """Return the pane and the cell in it where the focus is; nothing unless a screen says so."""
        return None

    def key_of(self, action: str) -> str:
        """Return the key of an action, as the user has it."""
        return next((key_name(key.keys[0]) for key in self.keys if key.name == action and key.keys), ":")

    def unknown_key(self, key: str) -> None:
        """Say that a key does nothing here."""
        self.say(Notice(f"{key_name(key)} does nothing here.", f"{self.key_of('help')} shows all keys"))

    def place_cursor(self, *, at_once: bool = False) -> None:
        """Let the terminal's own cursor go where the focus is: readers and magnifiers follow it."""
        found = self.cursor_at() if isinstance(self.focused, View) else None
        if found is None or self.app.screen is not self:
            return
        view, x, y = found
        place = view.region.offset + Offset(x, y)
        driver = cell_driver(self.app)
        if at_once and driver is not None:
            driver.move_cursor(*place)
        else:
            self.app.cursor_position = place

    def on_descendant_focus(self) -> None:
        """Let the terminal's own cursor follow, once the panes are where they go."""
        self.set_timer(_LAID_OUT_S, partial(self.place_cursor, at_once=True))

    def targets(self) -> list[Target]:
        """Return the places in sight that jump labels go to; none unless a screen says so."""
        return []

    def on_pointable_pressed(self, message: Pointable.Pressed) -> None:
        """Go where the mouse clicked."""
        message.stop()
        self.point(message)

    def on_pointable_wheeled(self, message: Pointable.Wheeled) -> None:
        """Go on where the wheel turned."""
        message.stop()
        self.wheel(message)

    def on_pointable_text_chosen(self, message: Pointable.TextChosen) -> None:
        """Copy text that was drawn over."""
        message.stop()
        self._copy(message.text)

    def point(self, at: Pointable.Pressed) -> None:
        """Go to the place that was clicked; a second click on it does what enter does."""
        target = under(self.targets(), at)
        if target is None:
            return
        target.go()
        if at.twice and (enter := getattr(self, "action_type", None)):
            enter()

    def wheel(self, at: Pointable.Wheeled) -> None:
        """Go on by some rows; nothing unless a screen says so."""

    def action_jump(self) -> None:
        """Label every place in sight; go to the one whose letters are typed."""
        from planner.tui.dialogs.jump import JumpScreen  # noqa: PLC0415 - asked seldom

        targets = self.targets()
        if not targets:
            self.say(Notice("There is nothing here to jump to."))
            return
        self.ask(JumpScreen(targets), lambda target: target and target.go())

    def action_compare(self) -> None:
        """Show what differs from the baseline, and why."""
        self.tell(self.PageAsked("compare"))

    def action_explore(self) -> None:
        """Show the next moves."""
        self.tell(self.PageAsked("moves"))

    def action_actuals(self) -> None:
        """Show what happened against the plan, and why it differs."""
        self.tell(self.PageAsked("actuals"))

    def action_claims(self) -> None:
        """Show the claims."""
        self.tell(self.PageAsked("claims"))

    def action_redraw(self) -> None:
        """Draw the whole screen again."""
        if driver := cell_driver(self.app):
            driver.redraw()
        self.app.refresh(repaint=True)

    def action_prices(self) -> None:
        """Show how old prices are, and what newer ones would change."""
        self.tell(self.PageAsked("prices"))

    def action_ascii(self) -> None:
        """Show ASCII alone, or finer signs again."""
        self.tell(self.LookSwitched("ascii"))

    def action_density(self) -> None:
        """Change between compact and roomy."""
        self.tell(self.LookSwitched("density"))

    def action_mouse(self) -> None:
        """Leave the mouse to the terminal, or answer it again."""
        self.tell(self.LookSwitched("mouse"))

    def action_save(self) -> None:
        """Save the plan to its file."""
        saving.save(self)

    def action_save_as(self) -> None:
        """Save the plan under another name."""
        saving.save_as(self)

    def action_palette(self) -> None:
        """Choose any action by name."""
        questions.choose_action(self)

    def action_export(self) -> None:
        """Write the screen, a report or the months into a file."""
        questions.export(self)

    def redraw_panes(self) -> None:
        """Draw every pane again, whatever it shows."""
        for view in self.query(View):
            view.redraw()
            view.refresh()

    def action_copy(self) -> None:
        """Copy the number or the row under the cursor."""
        self._copy(self.copied())

    def action_copy_table(self) -> None:
        """Copy the whole table."""
        self._copy(self.copied_table())

    def _copy(self, text: str) -> None:
        """Put text on the clipboard of the terminal, and say what it was."""
        if not text.strip():
            self.say(Notice("There is nothing here to copy."))
        elif not copy(self.app, text, os.environ):
            most = f"{MAX_BYTES // 1000} kB"
            self.say(Notice(f"That is too long for a terminal's clipboard ({most}); write it to a file."))
        else:
            lines = text.splitlines()
            more = f"{len(lines)} rows" if len(lines) > 1 else ""
            self.say(Notice(f"Copied: {inert(lines[0].expandtabs(2)[:60])}", more))

    def copied(self) -> str:
        """Return the number or row that the copy key copies here; nothing unless a screen says so."""
        return ""

    def copied_table(self) -> str:
        """Return all rows here, with tabs between columns; nothing unless a screen says so."""
        return ""
