"""Two versions of one file, compared with their common origin: nothing on either side is lost."""

from collections.abc import Mapping
from typing import Any, Literal

from planner.files.changes import Path, changes, same
from planner.files.loading import Loaded
from planner.files.toml_text import table_of
from planner.records import dataclass
from planner.schema import Scenario

Side = Literal["ours", "theirs"]


@dataclass(frozen=True)
class Row:
    """One field that changed on either side; None means it is absent."""

    path: Path
    base: Any
    theirs: Any
    ours: Any

    @property
    def field(self) -> str:
        """The path as people write it."""
        return ".".join(self.path)

    @property
    def clash(self) -> bool:
        """Whether both sides changed it, in different ways."""
        return not (
            same(self.ours, self.theirs) or same(self.ours, self.base) or same(self.theirs, self.base)
        )

    @property
    def changed_by(self) -> Side:
        """The side that changed it; ours if both did."""
        return "theirs" if same(self.ours, self.base) else "ours"


@dataclass(frozen=True)
class Conflict:
    """A file that changed since it was loaded: as loaded, as it is now, and as it was about to be saved."""

    base: Loaded
    theirs: Loaded
    ours: Scenario
    rows: tuple[Row, ...]

    @property
    def clashes(self) -> tuple[Row, ...]:
        """The fields that both sides changed differently; each needs a choice."""
        return tuple(row for row in self.rows if row.clash)


def three_way(base: Loaded, theirs: Loaded, ours: Scenario) -> Conflict:
    """Return what each side changed, field by field."""
    tables = [table_of(scenario) for scenario in (base.scenario, theirs.scenario, ours)]
    paths = [change.path for side in tables[1:] for change in changes(tables[0], side)]
    widest = [
        path for path in dict.fromkeys(paths) if not any(path[:n] in paths for n in range(1, len(path)))
    ]
    rows = [Row(path, *(_at(table, path) for table in tables)) for path in widest]
    return Conflict(base, theirs, ours, tuple(rows))


def merge(
    conflict: Conflict, *, prefer: Side = "ours", choices: Mapping[str, Side] | None = None
) -> Scenario:
    """Return the scenario with the changes of both sides.

    If both changed a field, `choices` gives the winning side by path, and `prefer` is the default.
    Raises ScenarioError if the changes of the two sides are incompatible.
    """
    table = table_of(conflict.theirs.scenario)
    for row in conflict.rows:
        if chosen(row, prefer=prefer, choices=choices) == "ours":
            table = _with(table, row.path, row.ours)
    return Scenario.from_table(table)


def chosen(row: Row, *, prefer: Side, choices: Mapping[str, Side] | None) -> Side:
    """Return the side that wins a row in a merge."""
    return (choices or {}).get(row.field, prefer) if row.clash else row.changed_by


def overruled(conflict: Conflict, *, prefer: Side, choices: Mapping[str, Side] | None) -> set[Side]:
    """Return the sides that lose a field in a merge."""
    taken = {chosen(row, prefer=prefer, choices=choices) for row in conflict.clashes}
    losers: dict[Side, Side] = {"ours": "theirs", "theirs": "ours"}
    return {losers[side] for side in taken}


def _at(table: Mapping[str, Any], path: Path) -> Any:
    node: Any = table
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def _with(table: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    key, rest = path[0], path[1:]
    out = dict(table)
    if rest:
        value = _with(out.get(key) or {}, rest, value)
    if value is None:
        out.pop(key, None)
    else:
        out[key] = value
    return out
