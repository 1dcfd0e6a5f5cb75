"""Themes: one TOML file each, the user's own read again when they change."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from textual.app import App
from textual.color import Color, ColorParseError
from textual.theme import Theme

from planner.errors import Problem, ScenarioError
from planner.files.bounds import parse, read_text
from planner.files.library import MOST_LISTED
from planner.tui.terminal.capabilities import Depth, colour_depth

_TOP = ("title", "dark", "terminal_colours", "colours", "details")
_COLOURS = (
    "primary",
    "secondary",
    "accent",
    "success",
    "warning",
    "error",
    "foreground",
    "background",
    "surface",
    "panel",
    "boost",
)
_NEEDED_COLOURS = ("primary", "foreground", "background")
_MARKS = frozenset(("none", "bold", "dim", "italic", "underline", "reverse", "strike", "not"))
_SCREEN_DETAILS = ("ansi-background", "ansi-foreground")
LARGEST_THEME_BYTES = 100_000
LONGEST_COLOUR, LONGEST_SHOWN = 40, 60
_PART = re.compile(r"(?:100|[0-9]{1,2})%")
_NO_COLOURS = ("auto", "initial")  # words of style sheets that stand for another colour
_COLOUR_HINT = (
    'Write it as "#0a7cff", as a name such as "red", or as "ansi_blue" for one of the terminal\'s own.'
)

Document = Mapping[str, Any]


def read_theme(path: Path) -> Theme:
    """Return the theme in a file; its name is the file's. Raise ScenarioError with all its problems."""
    document = parse(read_text(path, noun="a theme", most_bytes=LARGEST_THEME_BYTES), source=str(path))
    problems = sorted(_problems(document))
    if problems:
        raise ScenarioError(problems, source=str(path))
    theme = _theme(path.stem, document)
    try:
        theme.to_color_system().generate()
    except (ColorParseError, ValueError, ArithmeticError) as error:
        raise ScenarioError(
            [Problem("colours", f"can't be used together: {error}.")], source=str(path)
        ) from None
    return theme


def _theme(name: str, document: Document) -> Theme:
    dark = document["dark"]
    base = {"ansi-background": "ansi_black", "ansi-foreground": "ansi_white"}
    if not dark:
        base = {"ansi-background": "ansi_white", "ansi-foreground": "ansi_black"}
    return Theme(
        name=name,
        dark=dark,
        ansi=document.get("terminal_colours", False),
        variables=base | document.get("details", {}),
        **document["colours"],
    )


def _problems(document: Document) -> Iterator[Problem]:
    """Yield everything that is wrong with a theme's document."""
    for key in document:
        if key not in _TOP:
            yield Problem(key, "is not a field of a theme.", f"It has {', '.join(_TOP)}.")
    if not isinstance(document.get("title", ""), str):
        yield Problem("title", f"is {_shown(document['title'])}; it must be text.")
    for key in ("dark", "terminal_colours"):
        if not isinstance(document.get(key, False), bool):
            yield Problem(key, f"is {_shown(document[key])}; it must be true or false.")
    if "dark" not in document:
        yield Problem("dark", "is missing.", "true for light text on a dark background.")
    colours, details = document.get("colours", {}), document.get("details", {})
    if isinstance(colours, dict):
        yield from _colour_problems(colours)
    else:
        yield Problem("colours", f"is {_shown(colours)}; it must be a section.")
    if isinstance(details, dict):
        yield from _detail_problems(details)
    else:
        yield Problem("details", f"is {_shown(details)}; it must be a section.")


def _colour_problems(colours: Document) -> Iterator[Problem]:
    for key in _NEEDED_COLOURS:
        if key not in colours:
            yield Problem(f"colours.{key}", "is missing.")
    for key, value in colours.items():
        if key not in _COLOURS:
            yield Problem(f"colours.{key}", "is not a colour of a theme.", f"It has {', '.join(_COLOURS)}.")
        elif not _is_colour(value):
            yield Problem(f"colours.{key}", f"is {_shown(value)}, which is no colour.", _COLOUR_HINT)


def _detail_problems(details: Document) -> Iterator[Problem]:
    known = {*_SCREEN_DETAILS, *Theme(name="", primary="blue").to_color_system().generate()}
    for key, value in details.items():
        if key not in known:
            yield Problem(f"details.{key}", "is not a detail that the screen uses.")
        elif "style" in key:
            if not isinstance(value, str) or not set(value.split()) <= _MARKS:
                yield Problem(
                    f"details.{key}",
                    f"is {_shown(value)}.",
                    f"It must be words of {', '.join(sorted(_MARKS))}.",
                )
        elif not (_is_colour(value) or _is_part_of_colour(value)):
            yield Problem(f"details.{key}", f"is {_shown(value)}, which is no colour.", _COLOUR_HINT)


def _is_part_of_colour(value: object) -> bool:
    """Say whether a value is a colour with how much of it, such as "white 50%"."""
    if not isinstance(value, str):
        return False
    colour, _, part = value.partition(" ")
    return _PART.fullmatch(part) is not None and _is_colour(colour)


def _is_colour(value: object) -> bool:
    if not isinstance(value, str) or len(value) > LONGEST_COLOUR or value in _NO_COLOURS:
        return False
    try:
        Color.parse(value)
    except (ColorParseError, ValueError, OverflowError):
        return False
    return True


def _shown(value: object) -> str:
    return repr(value)[:LONGEST_SHOWN]


class ThemeFiles:
    """The theme files in some folders, the first that has a name wins. Only the themes asked for are read."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._read: dict[str, tuple[Path, int]] = {}

    def names(self) -> list[str]:
        """Return the names of all themes, sorted."""
        files = (path for folder in self._folders for path in islice(folder.glob("*.toml"), MOST_LISTED))
        return sorted({path.stem for path in files if path.stem.isprintable()})

    def theme(self, name: str) -> Theme:
        """Return a theme by its name. Raise ScenarioError if there is none, or it can't be used."""
        path = self._path(name)
        if path is None:
            known = ", ".join(self.names())
            raise ScenarioError([Problem(f"Theme {name!r}", "does not exist.", f"There are {known}.")])
        self._read[name] = (path, _changed_ns(path))
        return read_theme(path)

    def changed(self, name: str) -> bool:
        """Say whether a theme's file is another than when it was read: edited, added before it, or gone."""
        path = self._path(name)
        return path is not None and self._read.get(name) != (path, _changed_ns(path))

    def _path(self, name: str) -> Path | None:
        """Return the file of that name in the first folder that has one; never one outside the folders."""
        if Path(name).name != name:
            return None
        files = (folder / f"{name}.toml" for folder in self._folders)
        return next((file for file in files if file.is_file()), None)


def _changed_ns(path: Path) -> int:
    """Return when a file was last changed, in nanoseconds; 0 if it is gone."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def use_theme(app: App[Any], theme: Theme) -> None:
    """Show an app in a theme, also if it is in an older one of the same name."""
    same = app.theme == theme.name
    app.register_theme(theme)
    if not app.screen_stack:
        _begin_in(app, theme)
        return
    app.theme = theme.name
    if same:
        app.mutate_reactive(App.theme)


def _begin_in(app: App[Any], theme: Theme) -> None:
    """Let an app that shows nothing yet begin in a theme, so that its style sheet is read only once."""
    app.set_reactive(App.theme, theme.name)
    for name, held in (
        ("dark-mode", theme.dark),
        ("light-mode", not theme.dark),
        (f"theme-{theme.name}", True),
    ):
        app.set_class(held, f"-{name}", update=False)
    app._refresh_truecolor_filter(app.ansi_theme)  # noqa: SLF001 - as Textual does where the theme changes
    app.stylesheet.set_variables(app.get_css_variables())


def default_theme(environ: Mapping[str, str]) -> str:
    """Return the theme for a terminal with this many colours, for whoever has chosen none.

    >>> default_theme({"TERM": "xterm-256color"}), default_theme({"TERM": "linux"}), default_theme({"NO_COLOR": "1"})
    ('dark', 'sixteen-colour', 'monochrome')
    """
    return {Depth.NONE: "monochrome", Depth.SIXTEEN: "sixteen-colour"}.get(colour_depth(environ), "dark")
