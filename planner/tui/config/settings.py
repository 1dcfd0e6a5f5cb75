"""What the user chose for the screen, in a small TOML file of their own: theme, density, ASCII or not."""

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
    """The name of a theme and whether ASCII alone is shown (empty, None: as suits the terminal); the room rows have."""

    theme: str = ""
    density: str = "compact"
    ascii_only: bool | None = None


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
        Problem(inert(name), "is not a setting.", "There are theme, density and ascii.")
        for name in table
        if name not in ("theme", "density", "ascii")
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
    return Settings(theme, density, ascii_only), problems


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and Path(value).name == value and value.isprintable()


def write_settings(path: Path, settings: Settings) -> None:
    """Keep what was chosen; raise ScenarioError in words where that fails."""
    text = f'theme = "{settings.theme}"\ndensity = "{settings.density}"\n'
    if settings.ascii_only is not None:
        text += f"ascii = {str(settings.ascii_only).lower()}\n"
    tomllib.loads(text)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScenarioError([Problem(inert(str(path.parent)), f"can't be made: {error.strerror}.")]) from None
    atomic_write(path, text)
