"""Drafting as measured: how many tokens a step makes, by model, method and draft length."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from planner.errors import Problem, ScenarioError
from planner.records import dataclass


@dataclass(frozen=True)
class Acceptance:
    """The chance that a first draft is accepted, by how much each further chance falls, and who measured it.

    `measured` is false where the model is not among those measured: then these are the medians of the method.
    """

    first: float
    decay: float
    source: str
    measured: bool


def methods() -> tuple[str, ...]:
    """Return the methods that were measured.

    >>> methods()
    ('dspark', 'eagle3', 'mtp')
    """
    return tuple(sorted({row["method"] for row in curves()}))


def acceptance(model: str, method: str, *, reasoning: bool = True) -> Acceptance:
    """Return what drafting by a method gave on a model: its own curve, else the median of the method's curves."""
    method = method.strip().lower()
    of_method = [row for row in curves() if row["method"] == method]
    if not of_method:
        raise ScenarioError([Problem("draft", f"is {method!r}.", f"Measured are: {', '.join(methods())}.")])
    own = [row for row in of_method if row["model"] == model]
    alike = [row for row in own if row["reasoning"] == reasoning] or own
    used = alike or of_method
    first, decay = (float(np.median([row[name] for row in used])) for name in ("first", "decay"))
    about = (
        f"{model}, {method}" if own else f"{method} on {', '.join(sorted({row['model'] for row in used}))}"
    )
    return Acceptance(first, decay, f"InferenceX, SPEED-Bench coding: {about}", bool(own))


@cache
def curves() -> tuple[dict[str, Any], ...]:
    """Return the measured curves: model, method, reasoning, lengths for drafts of 1 to 8 tokens, and their fit."""
    text = Path(__file__).with_name("acceptance.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["curve"])
