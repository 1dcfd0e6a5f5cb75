"""Choose a theme: the screen shows each one as the cursor comes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.tui.dialogs.picker import Option, Picker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class ThemePicker(Picker):
    """A picker of themes; `preview` shows the one under its cursor."""

    def __init__(self, names: Iterable[str], current: str, preview: Callable[[str], object]) -> None:
        super().__init__("Colours: arrows show each", [Option(name, name) for name in names], current=current)
        self._preview = preview

    def moved(self) -> None:
        """Show the theme under the cursor."""
        if self.chosen:
            self._preview(self.chosen)
