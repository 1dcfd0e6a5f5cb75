"""A model's description as a section of a plan, and its totals as JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from planner.catalog.llms.described import llm_from_table
from planner.files.safe_text import inert
from planner.formats import WEIGHT_WORDS, WEIGHTS, meant
from planner.model.serving import memory
from planner.units import BYTES_PER_GB

_PER_B = 1e9
_NOT_PRINTED = ("source", "note", "as_of", "names")


def totals(table: Mapping[str, Any], *, where: str) -> dict[str, float]:
    """Return totals derived from a description: weights, and bytes kept per token and per sequence."""
    llm = llm_from_table(table, where=where)
    shipped = meant(str(table.get("weights", "")), known=WEIGHTS, words=WEIGHT_WORDS)
    return {
        "total_params": float(memory.total_params(llm=llm)),
        "active_params": float(memory.active_params(llm=llm)),
        "tower_params": float(llm.tower_params),
        "cache_bytes_per_token": float(memory.cache_bytes_per_token(llm=llm, kv="bf16")),
        "index_bytes_per_token": float(memory.index_bytes_per_token(llm=llm)),
        "window_tokens": float(llm.window_tokens),
        "window_bytes": float(llm.window_elements * llm.window_tokens * memory.KV_BYTES["bf16"]),
        "state_bytes_per_sequence": float(memory.state_bytes(llm=llm)),
        "convolution_bytes_per_sequence": float(llm.conv_elements * memory.CONV_BYTES),
        "weight_bytes_bf16": _weights(table, "bf16", where),
        "weight_bytes_fp8": _weights(table, "fp8", where),
        **({"weight_bytes_shipped": _weights(table, shipped, where)} if shipped else {}),
    }


def _weights(table: Mapping[str, Any], weights: str, where: str) -> float:
    llm = llm_from_table(table, where=where)
    return float(memory.weight_bytes_per_gpu(llm=llm, weights=weights, tp=1.0, pp=1.0, attn_dp=1.0))


def as_json(table: Mapping[str, Any], *, name: str, notes: Sequence[str]) -> str:
    """Return the totals, the description and its notes as JSON."""
    found = {"name": name, **totals(table, where=name), "notes": list(notes), "table": dict(table)}
    return json.dumps(found, indent=2, default=str)


def as_section(table: Mapping[str, Any], *, name: str, notes: Sequence[str]) -> str:
    """Return the [models.NAME] section of a plan, with its totals in comments above it."""
    found = totals(table, where=name)
    lines = [
        f"# {line}"
        for line in (*_summary(found, str(table.get("weights"))), *(inert(note) for note in notes))
    ]
    lines.append(f"[models.{json.dumps(name)}]")
    lines += [f"{key} = {_value(value)}" for key, value in table.items() if key not in _NOT_PRINTED]
    return "\n".join(lines)


def _summary(t: Mapping[str, float], shipped: str) -> list[str]:
    towers = f", and {t['tower_params'] / _PER_B:.2f} B in towers" if t["tower_params"] else ""
    gb = {key: t[f"weight_bytes_{key}"] / BYTES_PER_GB for key in ("bf16", "fp8")}
    params = f"{t['total_params'] / _PER_B:.1f} B parameters, {t['active_params'] / _PER_B:.1f} B per token"
    lines = [
        f"{params}{towers}; {gb['bf16']:,.0f} GB in bf16, {gb['fp8']:,.0f} GB in fp8",
        f"cache: {t['cache_bytes_per_token']:,.0f} bytes per token of long context in 16 bit",
    ]
    if "weight_bytes_shipped" in t:
        lines.append(f"as shipped, in {shipped}: {t['weight_bytes_shipped'] / BYTES_PER_GB:,.0f} GB")
    if t["index_bytes_per_token"]:
        lines.append(f"index of sparse attention: another {t['index_bytes_per_token']:,.0f} bytes per token")
    if t["window_bytes"]:
        lines.append(
            f"window of {t['window_tokens']:,.0f} tokens: {t['window_bytes'] / 1e6:,.0f} MB per sequence"
        )
    if t["state_bytes_per_sequence"] or t["convolution_bytes_per_sequence"]:
        lines.append(
            f"state: {t['state_bytes_per_sequence'] / 1e6:,.0f} MB per sequence, "
            f"convolutions {t['convolution_bytes_per_sequence'] / 1e6:,.1f} MB"
        )
    return lines


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[\n" + "".join(f"  {_value(one)},\n" for one in value) + "]"
    if isinstance(value, str):
        return json.dumps(value)
    return repr(value) if isinstance(value, float) else str(value)
