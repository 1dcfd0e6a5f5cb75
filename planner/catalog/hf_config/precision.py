"""The format of a model's published weights, from its quantization_config."""

from collections.abc import Mapping
from typing import Any

_BY_METHOD = {
    "fp8": "fp8", "fbgemm_fp8": "fp8", "mxfp4": "mxfp4", "awq": "int4", "gptq": "int4", "auto-round": "int4",
    "bitsandbytes": "int4", "nvfp4": "nvfp4", "modelopt_fp4": "nvfp4",
}  # fmt: skip
_FOUR_BITS, _EIGHT_BITS, _MX_GROUP = 4, 8, 32
_WHOLE_CHANNEL = 10_000  # weights of a row, which share a scale where no group is set: -1 in GPTQ


def shipped_weights(config: Mapping[str, Any], text: Mapping[str, Any]) -> str:
    """Return the format of most weights; "" if the file doesn't say.

    Source: the formats of compressed-tensors, ModelOpt, AutoAWQ and GPTQ as their config.json files show them.
    """
    found = _quantisation(config, text)
    if not found:
        return ""
    if str(text.get("expert_dtype") or found.get("expert_dtype") or "") == "fp4":
        return "mxfp4"
    method = str(found.get("quant_method", "")).lower()
    algorithm = str(found.get("quant_algo") or "").lower()
    if "nvfp4" in algorithm or "nvfp4" in str(found.get("format", "")):
        return "nvfp4"
    if "fp8" in algorithm:
        return "fp8"
    bits = found.get("bits") or found.get("w_bit")
    if method in ("gptq", "awq") and bits == _EIGHT_BITS:
        return "int8"
    if method == "bitsandbytes" and found.get("load_in_8bit"):
        return "int8"
    return _BY_METHOD.get(method) or _grouped(found)


def int4_group(config: Mapping[str, Any], text: Mapping[str, Any]) -> int:
    """Return how many 4-bit integer weights share a scale; 0 if the file doesn't say or has another format.

    >>> int4_group({"quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128}}, {})
    128
    """
    if shipped_weights(config, text) != "int4":
        return 0
    found = _quantisation(config, text)
    said = found.get("group_size") or found.get("q_group_size") or _first_group(found).get("group_size")
    if not isinstance(said, int) or isinstance(said, bool):
        return 0
    return said if said > 0 else _WHOLE_CHANNEL


def _quantisation(config: Mapping[str, Any], text: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a file's quantisation settings, from its text part if possible; empty if there are none."""
    parts = (part for part in (text, config) if _is_table(part, "quantization_config"))
    return next((part["quantization_config"] for part in parts), {})


def _first_group(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the weights of the first group of compressed-tensors or ModelOpt."""
    groups = found.get("config_groups")
    first: Any = next(iter(groups.values()), {}) if isinstance(groups, Mapping) and groups else {}
    weights = first.get("weights") if isinstance(first, Mapping) else None
    return weights if isinstance(weights, Mapping) else {}


def _grouped(found: Mapping[str, Any]) -> str:
    """Return the format of the first group of compressed-tensors or ModelOpt."""
    weights = _first_group(found)
    bits, kind, group = weights.get("num_bits"), weights.get("type"), weights.get("group_size")
    if bits == _EIGHT_BITS:
        return "fp8" if kind == "float" else "int8"
    if bits == _FOUR_BITS and kind == "float":
        return "mxfp4" if group == _MX_GROUP else "nvfp4"
    return "int4" if bits == _FOUR_BITS else ""


def _is_table(part: Mapping[str, Any], name: str) -> bool:
    return isinstance(part.get(name), Mapping)
