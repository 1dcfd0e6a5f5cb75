"""Results as JSON: plain numbers under names with units; null for what can't be computed."""

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from pydantic import BaseModel

from planner.schema import Range


def bare(value: Any) -> Any:
    """Return `value` in JSON types.

    >>> bare({"a": np.float64(2.0), "b": float("nan"), "c": np.array([1.0, np.inf])})
    {'a': 2.0, 'b': None, 'c': [1.0, None]}
    """
    if isinstance(value, Range):
        return str(value)
    if isinstance(value, BaseModel):
        return bare({name: getattr(value, name) for name in type(value).model_fields})
    if isinstance(value, Mapping):
        return {str(key): bare(item) for key, item in value.items()}
    if is_dataclass(value):
        return {field.name: bare(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray | np.generic):
        return bare(value.tolist())
    if isinstance(value, list | tuple):
        return [bare(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)


def as_json(value: Any) -> str:
    """Return `value` as indented JSON, without characters that could control a terminal."""
    return json.dumps(bare(value), indent=2, ensure_ascii=True, allow_nan=False).replace("\x7f", "\\u007f")
