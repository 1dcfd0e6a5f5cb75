"""The fitted constants of the serving model, from `serving_constants.toml`."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from planner.records import dataclass


@dataclass(frozen=True, kw_only=True)
class Constants:
    """Efficiencies and overheads fitted to public measurements; `serving_constants.toml` has units and spread.

    A mapping has one value per GPU generation, engine, vendor or kind of link.
    """

    bandwidth_share: Mapping[str, float]
    compute_share: Mapping[str, float]
    compute_power_exponent: float
    narrow_exponent: float
    upcast_compute_share: Mapping[str, float]
    upcast_dense_share: float
    exposed_share: float
    gemm_half_tokens: float
    expert_half_tokens: float
    expert_compute_share: float
    expert_vendor: Mapping[str, float]
    expert_narrow_vendor: Mapping[str, float]
    expert_narrow_engine: Mapping[str, float]
    expert_half_width: float
    expert_read_share: Mapping[str, float]
    expert_gain: Mapping[str, float]
    expert_imbalance: float
    expert_independence: float
    prompt_imbalance: float
    cache_read_share: Mapping[str, float]
    latent_compute_share: float
    attention_compute_share: Mapping[str, float]
    activation_passes: float
    link_share: Mapping[str, float]
    collective_s: Mapping[str, float]
    collective_growth: float
    network_share: float
    network_s: float
    one_shot_traffic: float
    two_shot_s: Mapping[str, float]
    exchange_traffic: float
    exchange_latency: float
    step_s: Mapping[str, float]
    layer_s: Mapping[str, float]
    expert_layer_s: Mapping[str, float]
    prompt_layer_s: Mapping[str, float]
    prompt_recorded_x: float
    prompt_expert_x: float
    prompt_latent_x: float
    prompt_state_x: float
    prompt_generation: Mapping[str, float]
    launch_gain: Mapping[str, float]
    state_layer_s: float
    latent_layer_s: Mapping[str, float]
    latent_vendor: Mapping[str, float]
    four_bit_layer_s: float
    layer_generation: Mapping[str, float]
    sequence_s: Mapping[str, float]
    pipeline_idle: float
    drain_share: float
    synchronised_share: Mapping[str, float]
    reserve_gb: float
    expert_workspace_copies: float
    client_s: Mapping[str, float]
    first_token_steps: Mapping[str, float]
    prompt_delay: Mapping[str, float]
    burst_share: Mapping[str, float]
    tokenise_token_s: float
    stream_token_s: Mapping[str, float]
    submission_tuning: float
    service_level_slack: float


def constants_from_values(values: Mapping[str, float]) -> Constants:
    """Return constants from a flat mapping, where `a.b` is the value of `a` for `b`."""
    nested: dict[str, Any] = {}
    for name, value in values.items():
        head, _, choice = name.partition(".")
        if choice:
            nested.setdefault(head, {})[choice] = float(value)
        else:
            nested[head] = float(value)
    return Constants(**{f.name: nested[f.name] for f in fields(Constants)})


def values_of(constants: Constants) -> dict[str, float]:
    """Return constants as the flat mapping that `constants_from_values` reads."""
    flat: dict[str, float] = {}
    for field in fields(Constants):
        value = getattr(constants, field.name)
        if isinstance(value, Mapping):
            flat |= {f"{field.name}.{choice}": float(one) for choice, one in value.items()}
        else:
            flat[field.name] = float(value)
    return flat


def constants_table() -> dict[str, dict[str, Any]]:
    """Return the shipped table: value, unit, spread and meaning of each constant."""
    return dict(_file()["constant"])


@cache
def bands_table() -> dict[str, dict[str, Any]]:
    """Return the shipped error bands: the factors for each regime, and the rows and pages behind them."""
    _, begins, bands = _text().partition(
        "\n[band."
    )  # the part before holds the constants, which take longer to parse
    return dict(tomllib.loads(begins + bands).get("band", {}))


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(_text())


def _text() -> str:
    return Path(__file__).with_name("serving_constants.toml").read_text(encoding="utf-8")


# Everything a prediction needs from the file; parsing the rest would add 8 ms to a start.
_VALUE = re.compile(r'^\[constant\."?([^"\]]+)"?\]\nvalue = (.+)$', re.MULTILINE)
FITTED = constants_from_values({name: float(value) for name, value in _VALUE.findall(_text())})
