"""What the user chose for the screen, in a small TOML file of their own: theme, density, ASCII or not, mouse."""

import tomllib
from pathlib import Path
from typing import Any

from planner.errors import Problem, ScenarioError
from planner.files import atomic_write, inert
from planner.files.bounds import parse, read_text
from planner.records import dataclass

DENSITIES = ("compact", "roomy")


@dataclass(frozen=True)
class Settings:
    """The name of a theme and whether ASCII alone is shown (empty, None: as suits the terminal); the room rows have.

    `mouse` says whether the planner answers the mouse; else it is the terminal's, to choose text with.
    """

    theme: str = ""
    density: str = "compact"
    ascii_only: bool | None = None
    mouse: bool = True


def settings_folder() -> Path:
    """Return the folder of the user's own settings; it may not exist yet."""
    import platformdirs  # noqa: PLC0415 - only the screen needs it

    return Path(platformdirs.user_config_dir("planner", appauthor=False))


def settings_path() -> Path:
    """Return where the choices are kept."""
    return settings_folder() / "screen.toml"


def read_settings(path: Path) -> tuple[Settings, list[Problem]]:
    """Return what was chosen, and what of the file can't be used."""
    if not path.is_file():
        return Settings(), []
    try:
        table = parse(read_text(path), source=str(path))
    except ScenarioError as error:
        return Settings(), list(error.problems)
    problems = [
        Problem(inert(name), "is not a setting.", "There are theme, density, ascii and mouse.")
        for name in table
        if name not in ("theme", "density", "ascii", "mouse")
    ]
    theme, density = table.get("theme", ""), table.get("density", "compact")
    if not _is_name(theme):
        problems.append(Problem("theme", "must be the name of a theme."))
        theme = ""
    if density not in DENSITIES:
        problems.append(Problem("density", "must be compact or roomy."))
        density = "compact"
    ascii_only = table.get("ascii")
    if not isinstance(ascii_only, bool | None):
        problems.append(Problem("ascii", "must be true or false."))
        ascii_only = None
    mouse = table.get("mouse", True)
    if not isinstance(mouse, bool):
        problems.append(Problem("mouse", "must be true or false."))
        mouse = True
    return Settings(theme, density, ascii_only, mouse), problems


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and Path(value).name == value and value.isprintable()


def write_settings(path: Path, settings: Settings) -> None:
    """Keep what was chosen; raise ScenarioError in words where that fails."""
    text = f'theme = "{settings.theme}"\ndensity = "{settings.density}"\n'
    if settings.ascii_only is not None:
        text += f"ascii = {str(settings.ascii_only).lower()}\n"
    if not settings.mouse:
        text += "mouse = false\n"
    tomllib.loads(text)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScenarioError([Problem(inert(str(path.parent)), f"can't be made: {error.strerror}.")]) from None
    atomic_write(path, text)
