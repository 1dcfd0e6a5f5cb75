"""The user's own keys: a TOML file with lines such as `undo = "u ctrl+z"`."""

from pathlib import Path

from planner.errors import Problem, ScenarioError
from planner.files import user_folder
from planner.files.bounds import parse, read_text
from planner.tui.keys import KEYS, Key, remapped


def keymap_path() -> Path:
    """Return where the keymap file is looked for: beside the folder of the user's own scenarios."""
    return user_folder("saved").parent / "keys.toml"


def keymap(path: Path | None = None) -> tuple[tuple[Key, ...], list[Problem]]:
    """Return the keys as the user wants them, and what is wrong with the file."""
    path = path or keymap_path()
    if not path.is_file():
        return KEYS, []
    try:
        return remapped(parse(read_text(path), source=str(path)))
    except ScenarioError as error:
        return KEYS, list(error.problems)
