"""Pydantic's findings in plain words."""

import copy
import difflib
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from planner.errors import Problem
from planner.schema.paths import shown
from planner.schema.steps import path_of

MOST_SHOWN = 50
_TAGS = ("api", "self-hosted")


def in_words(error: ValidationError, root: type[BaseModel]) -> list[Problem]:
    """Return a Problem for each finding, at most fifty, plus a line counting the rest."""
    findings = error.errors(include_url=False)
    problems = [_problem(dict(finding), root) for finding in findings[:MOST_SHOWN]]
    if len(findings) > MOST_SHOWN:
        problems.append(Problem("…", f"and {len(findings) - MOST_SHOWN} more problems."))
    return problems


def _problem(finding: dict[str, Any], root: type[BaseModel]) -> Problem:
    loc = tuple(finding["loc"])
    where = _where(loc) or "the file"
    kind, value = finding["type"], finding.get("input")
    if kind == "missing":
        return Problem(where, "is missing.")
    if kind == "extra_forbidden":
        return Problem(where, "is not a field.", _near(str(loc[-1]), root, loc))
    if kind == "rule":
        return Problem(where, f"is {shown(value)}; it must be {finding['ctx']['rule']}.")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return Problem(f"{where}.kind", 'must be "api" or "self-hosted".')
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return Problem(where, f"is {shown(value)}; it must be a table of fields.")
    if kind == "tuple_type":
        return Problem(where, f"is {shown(value)}; it must be a list.")
    return Problem(where, f"is {shown(value)}: {finding['msg'].removeprefix('Value error, ')}.")


def _is_tag(loc: Sequence[Any], index: int) -> bool:
    """Say whether a step in a finding's path is pydantic's tag for a kind of deployment, not a name in the file."""
    return index == len(("deployments", "name")) and loc[0] == "deployments" and loc[index] in _TAGS


def _steps(loc: Sequence[Any]) -> list[Any]:
    """Return the names and indexes in the file that lead to a finding."""
    return [step for index, step in enumerate(loc) if not _is_tag(loc, index)]


def _where(loc: Sequence[Any]) -> str:
    return path_of(shown(part)[1:-1] if isinstance(part, str) else str(part) for part in _steps(loc))


def _near(name: str, root: type[BaseModel], loc: tuple[Any, ...]) -> str:
    known = _names(root, loc[:-1])
    near = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(sorted(known))}." if known else ""


def _names(model: Any, loc: tuple[Any, ...]) -> list[str]:
    """Return the names of the fields at `loc` below `model`, skipping mapping keys and indexes."""
    annotation: Any = model
    for index, step in enumerate(loc):
        candidates = _models(annotation)
        if _is_tag(loc, index):
            annotation = next(inner for inner in candidates if inner.model_fields["kind"].default == step)
        elif len(candidates) == 1 and step in candidates[0].model_fields:
            annotation = candidates[0].model_fields[step].annotation
    return [name for inner in _models(annotation)[:1] for name in inner.model_fields]


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    found: list[type[BaseModel]] = []
    for inner in getattr(annotation, "__args__", ()):
        found += _models(inner)
    return found


def without_findings(table: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """Return a copy of `table` without its invalid entries, so that the rest can be checked too."""
    pruned: dict[str, Any] = copy.deepcopy(table)
    for finding in error.errors(include_url=False):
        node: Any = pruned
        path = _steps(finding["loc"])
        for step in path[:-1]:
            node = node.get(step, {}) if isinstance(node, dict) else {}
        if isinstance(node, dict) and path:
            node.pop(path[-1], None)
    return pruned
