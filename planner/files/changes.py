"""Differences between two plain tables, as the fewest edits to a file."""

from collections.abc import Iterator, Mapping
from typing import Any

from planner.errors import Problem, ScenarioError
from planner.files.loading import other_kind
from planner.records import dataclass

Path = tuple[str, ...]
Table = Mapping[str, Any]


@dataclass(frozen=True)
class FileChange:
    """One field, list or section that differs; None means it is absent."""

    path: Path
    before: Any
    after: Any

    @property
    def field(self) -> str:
        """The path as people write it."""
        return ".".join(self.path)


def changes(old: Table, new: Table, path: Path = ()) -> Iterator[FileChange]:
    """Yield each field that differs between two plain tables, in the order of `new`."""
    for key in _keys(old, new):
        before, after = old.get(key), new.get(key)
        if same(before, after):
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping) and not other_kind(before, after):
            yield from changes(before, after, (*path, key))
        else:
            yield FileChange((*path, key), before, after)


def edits(old: Table, new: Table, given: Table, path: Path = ()) -> Iterator[FileChange]:
    """Yield the edits that turn a file's `old` table into `new`, where the file extends `given`.

    A value already given by the extended file is removed (None) instead of written.
    """
    rewritten = other_kind(old, new)
    given = {} if other_kind(given, new) else given
    for key in _keys(old, new):
        before, after, above = old.get(key), new.get(key), given.get(key)
        here = (*path, key)
        if same(before, after) and not rewritten:
            continue
        if after is None and above is not None:
            what = "comes from the extended file, so it can't be removed here."
            raise ScenarioError([Problem(".".join(here), what)])
        if isinstance(after, Mapping) and (isinstance(before, Mapping) or isinstance(above, Mapping)):
            yield from edits(_table(before), after, _table(above), here)
        else:
            yield FileChange(here, before, None if same(after, above) else after)


def same(one: Any, other: Any) -> bool:
    """Return whether two plain values are the same; true is not 1."""
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _keys(old: Table, new: Table) -> list[str]:
    return [*new, *(key for key in old if key not in new)]


def _table(value: Any) -> Table:
    return value if isinstance(value, Mapping) else {}
