"""Find plans and themes in the library's folders."""

import difflib
import os
from pathlib import Path
from typing import Literal

from planner.errors import Problem, ScenarioError
from planner.files.confined import shown_folder
from planner.files.safe_text import inert
from planner.records import dataclass

Kind = Literal["saved", "themes"]
MOST_LISTED = 10_000
STARTER = "starter.toml"
ACTUALS_SUFFIX = ".actuals.toml"  # actuals beside a plan, not a plan


@dataclass(frozen=True)
class Entry:
    """One file of the library: its name (without folder and extension), and whether it ships with the planner."""

    name: str
    path: Path
    shipped: bool


def shipped_folder(kind: Kind) -> Path:
    """Return the folder that ships with the planner: inside the package, or at the top of its repository."""
    package = Path(__file__).resolve().parent.parent
    packed = package / "_shipped" / kind
    return packed if packed.is_dir() else package.parent / kind


def is_shipped(path: Path) -> bool:
    """Say whether a path, with links resolved, is in a folder that ships with the planner and is never written to."""
    package = Path(__file__).resolve().parent.parent
    real = Path(os.path.realpath(path))
    return any(real.is_relative_to(os.path.realpath(each)) for each in (package, shipped_folder("saved")))


def user_folder(kind: Kind) -> Path:
    """Return where the user's own files go; it may not exist yet."""
    import platformdirs  # noqa: PLC0415 - only the library needs it, and each command starts without

    return Path(platformdirs.user_data_dir("planner", appauthor=False)) / kind


def folders(kind: Kind, *, library: Path | None = None, here: Path | None = None) -> tuple[Path, ...]:
    """Return the folders of `kind` in search order: library, ./kind, the user's, the shipped one.

    The user's own themes come before those in the working folder, which may be a stranger's. `library` is what
    --library names: the folder itself, or one that holds a folder named for the kind. `here` stands for the
    working folder.
    """
    shown = shown_folder()
    library = library or shown
    found = [] if library is None else [library / kind if (library / kind).is_dir() else library]
    own = [(here or Path()) / kind, user_folder(kind)]
    if shown is None:
        found += reversed(own) if kind == "themes" else own
    found.append(shipped_folder(kind))
    first: dict[str, Path] = {}
    for folder in found:
        first.setdefault(os.path.realpath(folder), folder)
    return tuple(first.values())


def starter() -> str:
    """Return the text of a starter plan."""
    from importlib.resources import files  # noqa: PLC0415 - slow to load, and only new plans need it

    return files("planner.files").joinpath(STARTER).read_text(encoding="utf-8")


def list_files(kind: Kind, *, library: Path | None = None, here: Path | None = None) -> tuple[Entry, ...]:
    """Return every file of `kind`, by name; the first folder with a name wins."""
    entries: dict[str, Entry] = {}
    shipped = shipped_folder(kind)
    for folder in folders(kind, library=library, here=here):
        for path in _toml_files(folder):
            entries.setdefault(path.stem, Entry(path.stem, path, _same(folder, shipped)))
    return tuple(entries[name] for name in sorted(entries))


def list_scenarios(*, library: Path | None = None, here: Path | None = None) -> tuple[Entry, ...]:
    """Return every plan in the library, by name."""
    return list_files("saved", library=library, here=here)


def find(name: str, *, kind: Kind = "saved", library: Path | None = None, here: Path | None = None) -> Path:
    """Return the file for `name`: an existing path, or a name in the library; else raise ScenarioError."""
    direct = (here or Path()) / name
    if "\0" not in name and direct.is_file():
        return direct
    if "\0" not in name and name and direct.is_dir():
        raise ScenarioError([Problem(f'"{inert(name)[:200]}"', "is a folder, not a file.")])
    entries = {entry.name: entry.path for entry in list_files(kind, library=library, here=here)}
    if path := entries.get(name.removesuffix(".toml")):
        return path
    near = difflib.get_close_matches(Path(name).stem[:100], entries, n=3)
    hint = f"Did you mean {', '.join(map(inert, near))}?" if near else ""
    raise ScenarioError(
        [Problem(f'"{inert(name)[:200]}"', "is neither a file nor a name in the library.", hint)]
    )


def _toml_files(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as found:
            names = [
                entry.name for _, entry in zip(range(MOST_LISTED), found, strict=False)
                if entry.name.endswith(".toml")
                and not entry.name.endswith(ACTUALS_SUFFIX)
                and not entry.name.startswith(".")
                and entry.is_file()
            ]  # fmt: skip
    except OSError:
        return []  # a missing or unreadable folder has nothing to list
    return [folder / name for name in sorted(names)]


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
