"""Choose a theme: the screen shows each one as the cursor comes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from planner.tui.dialogs.picker import Option, Picker

if TYPE_CHECKING:
    from planner.tui.app import PlannerApp


class ThemePicker(Picker):
    """A picker of themes that shows what is under its cursor; leaving it brings the old colours back."""

    def moved(self) -> None:
        """Show the theme under the cursor."""
        if self.chosen:
            cast("PlannerApp", self.app).looks.use(self.chosen)


def choose_theme(app: PlannerApp) -> None:
    """Let the user choose a theme, and keep it for the next start."""
    before = app.theme
    options = [Option(name, name) for name in app.looks.names()]

    def chosen(name: str | None) -> None:
        if name:
            app.looks.keep_theme(name)
        else:
            app.looks.use(before)

    app.visit(ThemePicker("Colours: arrows show each", options, current=before), chosen)
