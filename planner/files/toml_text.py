"""Convert plans to plain tables, and values to TOML text."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from planner.errors import Problem, ScenarioError
from planner.schema import Range, Scenario

LARGEST_EXACT = 2.0**53
GROUPED_FROM = 1_000
_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")

Path = tuple[str, ...]


def table_of(scenario: Scenario) -> dict[str, Any]:
    """Return the table to write for `scenario`: stated fields, and those that differ from the defaults.

    Ranges are text, whole numbers are ints. Raises ScenarioError if a field holds many plans.
    """
    table: dict[str, Any] = plain_value(scenario, ())
    return {"schema": scenario.schema_version} | table


def plain_value(value: Any, path: Path) -> Any:
    """Return the value at `path` in types that TOML and JSON have."""
    if isinstance(value, BaseModel):
        return _section(value, path)
    if isinstance(value, Mapping):
        return {name: plain_value(item, (*path, name)) for name, item in value.items() if item is not None}
    if isinstance(value, tuple | list):
        return [plain_value(item, (*path, str(index))) for index, item in enumerate(value)]
    if isinstance(value, np.ndarray):
        raise ScenarioError([Problem(".".join(path), "holds many plans; a file holds one.")])
    if isinstance(value, Range):
        return range_text(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < LARGEST_EXACT:
        return int(value)
    return value


def _section(section: BaseModel, path: Path) -> dict[str, Any]:
    """Return a section's table: its kind first, then its required fields."""
    out = {}
    declared = type(section).model_fields
    for name in sorted(declared, key=lambda name: (name != "kind", not declared[name].is_required())):
        info = declared[name]
        value = getattr(section, name)
        if value is not None and _stated(section, name, value, info):
            key = info.alias or name
            out[key] = plain_value(value, (*path, key))
    return out


def _stated(section: BaseModel, name: str, value: Any, info: FieldInfo) -> bool:
    if name == "kind" or name in section.model_fields_set or isinstance(value, np.ndarray):
        return True
    return info.is_required() or bool(value != info.default)


def range_text(value: Range) -> str:
    """Return a range as exact text for a file.

    >>> range_text(Range(0.5, 2_000.0, family="lognormal"))
    '0.5 to 2_000'
    """
    if value.family == "triangular":
        return f"triangular {_number(value.low)}, {_number(value.mode)}, {_number(value.high)}"
    return f"{_number(value.low)} to {_number(value.high)}"


def _number(value: float) -> str:
    return f"{int(value):_}" if value.is_integer() and abs(value) < LARGEST_EXACT else repr(value)


def toml_text(value: Any, *, grouped: bool = True) -> str:
    r"""Return a plain value as TOML on one line; `grouped` writes 1_000 for a thousand.

    >>> toml_text({"on": True, "chunks": 8, "note": 'a "b"'}), toml_text(1_500_000)
    ('{ on = true, chunks = 8, note = "a \\"b\\"" }', '1_500_000')
    """
    if isinstance(value, Mapping):
        pairs = [f"{toml_key(name)} = {toml_text(item, grouped=grouped)}" for name, item in value.items()]
        return "{ " + ", ".join(pairs) + " }" if pairs else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_text(item, grouped=grouped) for item in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:_}" if grouped and abs(value) >= GROUPED_FROM else str(value)
    return repr(value) if isinstance(value, float) else toml_string(str(value))


def toml_string(text: str) -> str:
    """Return `text` as a TOML string; multiple lines stay multiple lines."""
    lines = [
        json.dumps(line, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f") for line in text.split("\n")
    ]
    return f'"{lines[0]}"' if len(lines) == 1 else '"""\n' + "\n".join(lines) + '"""'


def toml_key(name: str) -> str:
    """Return `name` as a TOML key, quoted if necessary."""
    return (
        name
        if name and _BARE.issuperset(name)
        else json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")
    )


def toml_header(path: Iterable[str]) -> str:
    """Return the line that opens the section at `path`.

    >>> toml_header(("workloads", "my chat"))
    '[workloads."my chat"]'
    """
    return f"[{'.'.join(map(toml_key, path))}]"
