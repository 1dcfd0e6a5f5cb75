"""Weights of a model's vision and audio towers, from their sections of a config.json."""

from collections.abc import Mapping
from typing import Any

from planner.catalog.hf_config.fields import Fields

_PARTS = ("vision_config", "audio_config", "vision_cfg", "visual", "audio_processor")
_LAYERS = ("num_hidden_layers", "depth", "layers", "encoder_layers", "vt_num_hidden_layers")
_WIDTH = ("embed_dim", "width", "hidden_size", "d_model", "vt_hidden_size")
_FFN = ("intermediate_size", "encoder_ffn_dim", "vt_intermediate_size")
_FFN_RATIO = 4.0
_ATTENTION_MATRICES = 4.0
_CHANNELS = 3.0


def tower_params(config: Mapping[str, Any], *, hidden: float, where: str) -> float:
    """Return the weights of all towers and of the projectors to the model's width; 0 without towers.

    Attention blocks with two matrices, patches, and a projector of two matrices: within a tenth for common models.
    A tower whose dimensions are missing from the file is ignored.
    """
    owner = config.get("thinker_config") if isinstance(config.get("thinker_config"), Mapping) else config
    assert isinstance(owner, Mapping)
    return sum(
        _tower(Fields(owner[name], defaults={}, where=f"{where}.{name}"), hidden)
        for name in _PARTS
        if isinstance(owner.get(name), Mapping)
    )


def _tower(f: Fields, hidden: float) -> float:
    width = f.number(*_WIDTH)
    layers = f.number(*_LAYERS)
    ffn = f.number(*_FFN) or f.number("mlp_ratio", default=_FFN_RATIO) * width
    patch = f.number("patch_size", default=14.0)
    matrices = 3.0 if str(f.value("hidden_act")) == "silu" else 2.0
    blocks = layers * (_ATTENTION_MATRICES * width * width + matrices * width * ffn)
    patches = _CHANNELS * patch * patch * f.number("temporal_patch_size", default=1.0) * width
    merged = width * f.number("spatial_merge_size", default=1.0) ** 2
    out = f.number("out_hidden_size") or hidden
    return blocks + patches + merged * merged + merged * out if width and layers else 0.0
