"""Measured speculative decoding: tokens per step by model, method and draft length."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from planner.errors import Problem, ScenarioError
from planner.records import dataclass


@dataclass(frozen=True)
class Acceptance:
    """The acceptance probability of the first draft token, its decay per further token, and the source.

    If `measured` is false, the model was not measured and these are the medians of the method.
    """

    first: float
    decay: float
    source: str
    measured: bool


def methods() -> tuple[str, ...]:
    """Return the measured methods.

    >>> methods()
    ('dspark', 'eagle3', 'mtp')
    """
    return tuple(sorted({row["method"] for row in curves()}))


def acceptance(model: str, method: str, *, reasoning: bool = True) -> Acceptance:
    """Return the measured acceptance of a method on a model, or the median of the method's curves."""
    method = method.strip().lower()
    of_method = [row for row in curves() if row["method"] == method]
    if not of_method:
        raise ScenarioError(
            [Problem("draft", f"is {method!r}.", f"Measured methods: {', '.join(methods())}.")]
        )
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
    """Return the measured curves: model, method, reasoning, accepted lengths for 1 to 8 draft tokens, and their fit."""
    text = Path(__file__).with_name("acceptance.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["curve"])
