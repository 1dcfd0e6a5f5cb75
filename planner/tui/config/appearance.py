"""How the screen looks and which keys it knows: themes, density and keymap, as the user left them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.errors import Problem, ScenarioError
from planner.files import folders, inert
from planner.files.library import shipped_folder
from planner.tui.config.settings import Settings, read_settings, settings_path, write_settings
from planner.tui.config.themes import ThemeFiles, use_theme
from planner.tui.terminal.driver import answer_mouse

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App

    Say = Callable[..., object]

CHECKED_EVERY_S = 2.0
DEFAULT_THEME, COLOURLESS_THEME = "dark", "monochrome"
ROOMY, ASCII = "-roomy", "-ascii"  # classes of the app


class Appearance:
    """Sets theme, density and mouse, remembers what was chosen, follows theme files. `say` tells the user."""

    def __init__(
        self, app: App[Any], say: Say, *, library: Path | None, theme: str, settings: Path | None
    ) -> None:
        self._app, self._say = app, say
        self._files = ThemeFiles(list(folders("themes", library=library)))
        self._path = settings or settings_path()
        self._settings = Settings()
        self._asked_for = theme
        self.suits = DEFAULT_THEME  # the theme that suits the terminal
        self.ascii_only: bool | None = None  # what was asked for
        self.suits_ascii = False
        self.refused: list[str] = []  # what could not be used at the start, in words

    def start(self) -> None:
        """Set what was asked for, else what was chosen last, else what suits the terminal."""
        self._settings, problems = read_settings(self._path)
        self.refused = [f"{inert(str(self._path))}: {problem}" for problem in problems]
        chosen = self._settings.theme if self.suits != COLOURLESS_THEME else ""
        wanted_first = dict.fromkeys((self._asked_for or chosen or self.suits, self.suits))
        if not any(self._begin_in(name) for name in wanted_first):
            use_theme(self._app, ThemeFiles([shipped_folder("themes")]).theme(self.suits))
        self._app.set_class(self._settings.density == "roomy", ROOMY, update=False)
        wanted = (each for each in (self.ascii_only, self._settings.ascii_only) if each is not None)
        self._app.set_class(next(wanted, self.suits_ascii), ASCII, update=False)
        self._app.set_interval(CHECKED_EVERY_S, self._follow)

    def tell_refused(self, show: Callable[[Any], object], page: Callable[[str, list[str]], object]) -> None:
        """Show a page with what could not be used at the start, once there is a screen."""
        if self.refused:
            self._app.call_after_refresh(show, page("Not used, and left as usual", self.refused))

    def names(self) -> list[str]:
        """Return the names of all themes."""
        return self._files.names()

    def _begin_in(self, name: str) -> bool:
        """Start in a theme; where it can't be used, keep why: there is no screen yet to say it on."""
        try:
            use_theme(self._app, self._files.theme(name))
        except ScenarioError as error:
            self.refused += [f"Theme {inert(name)}: {problem}" for problem in error.problems]
            return False
        return True

    def use(self, name: str) -> bool:
        """Show everything in the colours of a theme; say why not where it can't be used."""
        try:
            use_theme(self._app, self._files.theme(name))
        except ScenarioError as error:
            self._app.call_after_refresh(self._say, f"Theme {name}: {_all(error.problems)}", look="error")
            return False
        return True

    def keep_theme(self, name: str) -> None:
        """Use a theme from now on, at the next start too."""
        if self.use(name):
            self._remember(replace(self._settings, theme=name), f"Theme: {name}")

    def switch(self, name: str) -> None:
        """Change to the other of two: of "ascii", "density" or "mouse"."""
        {"ascii": self.switch_ascii, "density": self.switch_density, "mouse": self.switch_mouse}[name]()

    def switch_density(self) -> None:
        """Change between compact and roomy, for the next start too."""
        roomy = not self._app.has_class(ROOMY)
        self._app.set_class(roomy, ROOMY)
        density = "roomy" if roomy else "compact"
        self._remember(replace(self._settings, density=density), f"Density: {density}")

    def switch_ascii(self) -> None:
        """Change between ASCII alone and finer signs, for the next start too."""
        only = not self._app.has_class(ASCII)
        self._app.set_class(only, ASCII)
        self._remember(
            replace(self._settings, ascii_only=only),
            "ASCII alone" if only else "Charts of fine dots and blocks",
        )

    def use_mouse(self) -> None:
        """Leave the mouse to the terminal where that was chosen."""
        if not self._settings.mouse:
            answer_mouse(self._app, wanted=False)

    def switch_mouse(self) -> None:
        """Leave the mouse to the terminal, or answer it again, for the next start too."""
        wanted = not self._settings.mouse
        answer_mouse(self._app, wanted=wanted)
        words = "The planner answers the mouse" if wanted else "The mouse is left to the terminal"
        self._remember(replace(self._settings, mouse=wanted), words)

    def _remember(self, settings: Settings, words: str) -> None:
        self._settings = settings
        try:
            write_settings(self._path, settings)
        except ScenarioError as error:
            self._say(f"{words}, until the planner ends.", str(error.problems[0]))
            return
        self._say(f"{words}.")

    def _follow(self) -> None:
        """Take over a theme file that was edited while it is in use."""
        if self._files.changed(self._app.theme):
            self.use(self._app.theme)


def _all(problems: tuple[Problem, ...]) -> str:
    return " ".join(map(str, problems))
