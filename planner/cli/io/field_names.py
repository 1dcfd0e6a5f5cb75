"""Fields and results by the short names that people type."""

import difflib
from collections.abc import Sequence

from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.readout import METRICS, label_in, placed_label
from planner.schema import Scenario, fields, spec_at, steps_of


def field_named(scenario: Scenario, name: str) -> str:
    """Return the full path for `name`: the path itself, or the only path that it abbreviates.

    A short name ends as the path does and may skip steps: `share_to_last`, `chat.share_to_last`.
    """
    paths = [field.path for field in fields(scenario)]
    if name in paths:
        return name
    ends = [path for path in paths if path.endswith(f".{name}")] or [
        path for path in paths if _shortens(steps_of(name), steps_of(path))
    ]
    if len(ends) == 1:
        return ends[0]
    if ends:
        raise ScenarioError([Problem(f'"{name}"', "is ambiguous:", f"{', '.join(ends[:8])}.")])
    near = difflib.get_close_matches(name, [*paths, *(steps_of(path)[-1] for path in paths)], n=3)
    hint = f"Did you mean {', '.join(dict.fromkeys(near))}?" if near else "`planner fields` lists them."
    raise ScenarioError([Problem(f'"{name}"', "is not a field of this plan.", hint)])


def path_in_words(scenario: Scenario, path: str) -> str:
    """Return a field's label with the part it is of, and its path as it is typed."""
    spec, _ = spec_at(scenario, path)
    return inert(f"{placed_label(path, label_in(scenario, path, spec.label))} ({path})")


def _shortens(steps: Sequence[str], whole: Sequence[str]) -> bool:
    rest = iter(whole)
    return steps[-1] == whole[-1] and all(step in rest for step in steps)


def metric_named(name: str) -> str:
    """Return the metric for `name`: with or without its unit, or the only one that starts this way.

    >>> metric_named("runway")
    'runway_months'
    """
    found = [metric for metric in METRICS if metric.startswith(f"{name}_")]
    found = [metric for metric in found if "_with_" not in metric] or found  # prefer the plain one
    if name in METRICS or len(found) == 1:
        return name if name in METRICS else found[0]
    near = difflib.get_close_matches(name, METRICS, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(METRICS)}."
    raise ScenarioError([Problem(f'"{name}"', "is not a result.", hint)])


def metrics_named(names: Sequence[str], default: Sequence[str]) -> list[str]:
    """Return the metrics asked for, or the default ones."""
    return [metric_named(name) for name in names] or [*default]
