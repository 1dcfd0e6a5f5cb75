"""The fitted constants of the serving model, as `serving_constants.toml` holds them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class Constants:
    """Efficiencies and overheads that were fitted on public measurements; see the table for units and spread.

    A mapping holds one value for each GPU generation, engine or kind of link.
    """

    bandwidth_share: Mapping[str, float]
    compute_share: Mapping[str, float]
    compute_half_tokens: float
    attention_compute_share: float
    cache_read_share: float
    roofline_power: float
    step_s: Mapping[str, float]
    layer_s: Mapping[str, float]
    sequence_s: Mapping[str, float]
    link_share: Mapping[str, float]
    collective_s: Mapping[str, float]
    expert_imbalance: float
    memory_share: float
    client_s: float
    burst_share: float


def constants_from_table(table: Mapping[str, Mapping[str, object]]) -> Constants:
    """Return the constants of a table `{name: {value, unit, ...}}`; `a.b` is the value of `a` for `b`."""
    values: dict[str, object] = {}
    for name, row in table.items():
        value = float(str(row["value"]))
        head, _, choice = name.partition(".")
        if choice:
            group = values.setdefault(head, {})
            assert isinstance(group, dict)
            group[choice] = value
        else:
            values[head] = value
    return Constants(**{f.name: values[f.name] for f in fields(Constants)})  # type: ignore[arg-type]


def _shipped() -> Constants:
    text = files("planner.catalog").joinpath("serving_constants.toml").read_text(encoding="utf-8")
    return constants_from_table(tomllib.loads(text))


FITTED = _shipped()
