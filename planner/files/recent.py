"""Recently opened plans in any folder, so that plans saved outside the library can be found again."""

from contextlib import suppress
from pathlib import Path

from planner.errors import ScenarioError
from planner.files.atomic import atomic_write
from planner.files.bounds import read_text
from planner.files.library import Entry, is_shipped

MOST_KEPT = 20
FILE = "recent.txt"


def keep_recent(path: Path, *, state: Path | None = None) -> None:
    """Remember that a plan was open, newest first. Write errors are ignored: this is only a convenience."""
    whole = str(path.absolute())
    if "\n" in whole or is_shipped(path):
        return
    names = [whole, *(each for each in _names(state) if each != whole)]
    with suppress(ScenarioError, OSError):
        file = _file(state)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        atomic_write(file, "".join(f"{name}\n" for name in names[:MOST_KEPT]))


def recent_plans(*, state: Path | None = None) -> tuple[Entry, ...]:
    """Return recently opened plans that still exist, newest first."""
    paths = [Path(name) for name in _names(state)]
    return tuple(Entry(path.stem, path, shipped=False) for path in paths if path.is_file())


def _names(state: Path | None) -> list[str]:
    try:
        return [line for line in read_text(_file(state)).splitlines() if line][:MOST_KEPT]
    except (ScenarioError, OSError):
        return []


def _file(state: Path | None) -> Path:
    if state is None:
        import platformdirs  # noqa: PLC0415 - a command starts without

        state = Path(platformdirs.user_state_dir("planner", appauthor=False))
    return state / FILE
