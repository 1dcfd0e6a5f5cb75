"""Load plans from TOML files, including the files they extend."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from planner.errors import Problem, ScenarioError
from planner.files.bounds import parse, read_text
from planner.files.migration import migrate
from planner.files.safe_text import inert
from planner.records import dataclass
from planner.schema import Scenario

LONGEST_CHAIN = 8
BESIDE = "Its path is relative to this file's folder; remove the line if the plan extends nothing."


@dataclass(frozen=True)
class Loaded:
    """A scenario with its file.

    `text` is the file's own text and `digest` its SHA-256. `baseline` is the scenario that the
    file extends, None if it extends nothing.
    """

    scenario: Scenario
    path: Path
    text: str
    digest: str
    baseline: Scenario | None = None
    baseline_path: Path | None = None


@dataclass(frozen=True)
class _Chain:
    """A file's table with everything it extends merged in, and the same for its parent."""

    table: dict[str, Any]
    parent: dict[str, Any] | None = None
    parent_path: Path | None = None


def digest_of(text: str) -> str:
    """Return the SHA-256 of `text` as stored in a file, in hex digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def load(path: str | Path, *, library: Path | None = None, outside: bool = False) -> Loaded:
    """Return the scenario in the file at `path`; raise ScenarioError with every problem in it.

    Files it extends must be in its own folder or in `library`, unless `outside` is given.
    """
    path = Path(path)
    return load_text(read_text(path), path=path, library=library, outside=outside)


def load_text(text: str, *, path: str | Path, library: Path | None = None, outside: bool = False) -> Loaded:
    """Return the scenario in `text`, read as if it were in a file at `path`."""
    path = Path(path)
    real = Path(os.path.realpath(path))
    folders = None if outside else (real.parent, *([Path(os.path.realpath(library))] if library else ()))
    chain = _chain(text, path, folders, (real,))
    scenario, baseline = _scenarios(chain, path)
    return Loaded(scenario, path, text, digest_of(text), baseline, chain.parent_path)


def _chain(text: str, path: Path, folders: tuple[Path, ...] | None, trail: tuple[Path, ...]) -> _Chain:
    source = inert(str(path))
    table = parse(text, source=source, rest=_other_problems)
    migrate(table, source=source)
    if "extends" not in table:
        return _Chain(table)
    try:
        parent_path = parent_of(table.pop("extends"), trail[-1], folders)
        _check_trail(parent_path, trail)
        parent_text = _parent_text(parent_path)
    except ScenarioError as error:
        raise ScenarioError(error.problems, source=source) from None
    parent = _chain(parent_text, parent_path, folders, (*trail, parent_path)).table
    return _Chain(merged(parent, table), parent, parent_path)


def parent_of(name: Any, path: Path, folders: Iterable[Path] | None) -> Path:
    """Return the file named by `extends = name` in the file at `path`, with links resolved.

    Raises ScenarioError if it is outside all of `folders`; None allows any folder.
    """
    if not isinstance(name, str) or not name or "\0" in name:
        raise ScenarioError([Problem("extends", 'must be the name of a file, such as "baseline.toml".')])
    real = Path(os.path.realpath(path.parent / name))
    if folders is not None and not any(real.is_relative_to(folder) for folder in folders):
        what = f'names "{inert(name)[:200]}", which is outside the folder of the file and the library.'
        raise ScenarioError([Problem("extends", what)])
    return real


def _check_trail(parent: Path, trail: tuple[Path, ...]) -> None:
    if parent in trail:
        names = " -> ".join(inert(step.name) for step in (*trail, parent))
        raise ScenarioError([Problem("extends", f"forms a circle: {names}.")])
    if len(trail) > LONGEST_CHAIN:
        raise ScenarioError([Problem("extends", f"goes through more than {LONGEST_CHAIN} files.")])


def _parent_text(parent: Path) -> str:
    try:
        return read_text(parent)
    except ScenarioError as error:
        name = inert(parent.name)
        raise ScenarioError(
            Problem("extends", f'names "{name}", which {problem.what}', problem.hint or BESIDE)
            for problem in error.problems
        ) from None


def merged(parent: Mapping[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    """Return `parent` overridden by `child`; tables merge, everything else is replaced.

    A table of another `kind` (an API model where the parent rents GPUs) replaces the parent's.
    """
    out = dict(parent)
    for key, value in child.items():
        above = out.get(key)
        if isinstance(above, dict) and isinstance(value, dict) and not other_kind(above, value):
            value = merged(above, value)  # noqa: PLW2901 - the merged table takes the place of the child's
        out[key] = value
    return out


def other_kind(above: Mapping[str, Any], below: Mapping[str, Any]) -> bool:
    """Return whether two tables have different values of `kind`."""
    return "kind" in below and below["kind"] != above.get("kind", below["kind"])


def _scenarios(chain: _Chain, path: Path) -> tuple[Scenario, Scenario | None]:
    baseline, above = (None, []) if chain.parent is None else _read(chain.parent)
    scenario, own = _read(chain.table)
    if scenario is not None and not above:
        return scenario, baseline
    name = inert(chain.parent_path.name) if chain.parent_path else ""
    named = [Problem(f"{name}: {problem.where}", problem.what, problem.hint) for problem in above]
    raise ScenarioError(named + [problem for problem in own if problem not in above], source=inert(str(path)))


def _read(table: dict[str, Any]) -> tuple[Scenario | None, list[Problem]]:
    try:
        return Scenario.from_table(table), []
    except ScenarioError as error:
        return None, [*error.problems, *_unknown_names(table)]


def _other_problems(table: dict[str, Any]) -> list[Problem]:
    """Return further problems of a file that already has some; if it extends another, they depend on that one."""
    return [] if "extends" in table or not table else _read(table)[1]


def _unknown_names(table: dict[str, Any]) -> list[Problem]:
    """Return models, GPUs and prices missing from the catalog, in the readable part of a table."""
    from planner.model.resolve import resolve  # noqa: PLC0415 - read only when something is wrong

    readable = Scenario.readable(table)
    if readable is None:
        return []
    try:
        resolve(readable)
    except ScenarioError as error:
        return list(error.problems)
    return []
