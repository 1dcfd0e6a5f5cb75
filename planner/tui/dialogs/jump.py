"""Jump: every row, number and pane in sight gets one or two letters, and typing them goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from planner.tui.dialogs.modal import Modal
from planner.tui.widgets.hint import Hint
from planner.tui.widgets.jump_labels import LETTERS, Label, names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.tui.widgets.jump_labels import Target
    from planner.tui.widgets.pane import View


class JumpScreen(Modal["Target | None"]):
    """Lies over a screen, unseen; returns the place whose letters were typed, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "leave", show=False),
        Binding("backspace", "back", show=False),
        *(Binding(letter, f"letter('{letter}')", show=False) for letter in LETTERS),
    ]
    hints = (Hint("letters", "go there"), Hint("backspace", "take one back", 1), Hint("escape", "stay here"))

    def __init__(self, targets: Sequence[Target]) -> None:
        super().__init__()
        self._targets = dict(zip(names(len(targets)), targets, strict=False))
        self._typed = ""

    def on_mount(self) -> None:
        """Label every place."""
        self._show()

    def on_unmount(self) -> None:
        """Take the labels away."""
        for view in self._views():
            view.labels = ()
            view.redraw()

    def _views(self) -> set[View]:
        return {target.view for target in self._targets.values()}

    def _show(self) -> None:
        """Show the labels that go on from what was typed."""
        for view in self._views():
            view.labels = tuple(
                Label(target.x, target.y, name[len(self._typed) :])
                for name, target in self._targets.items()
                if target.view is view and name.startswith(self._typed)
            )
            view.redraw()

    def action_letter(self, letter: str) -> None:
        """Take a letter; with a whole label typed, go there."""
        typed = self._typed + letter
        if typed in self._targets:
            self.answer(self._targets[typed])
        elif any(name.startswith(typed) for name in self._targets):
            self._typed = typed
            self._show()

    def action_back(self) -> None:
        """Take the last letter back."""
        self._typed = self._typed[:-1]
        self._show()

    def action_leave(self) -> None:
        """Go nowhere."""
        self.answer(None)
