"""Properties of architectures that their files don't state: defaults, layer patterns, block types."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

# Feed-forward blocks with two matrices, without a gate.
UNGATED = frozenset((
    "apertus", "apertus_text", "arcee", "bloom", "codegen", "falcon", "gpt2", "gpt_bigcode", "gpt_neo", "gpt_neox",
    "gpt_neox_japanese", "gptj", "jais2", "mpt", "nanochat", "nemotron", "nemotron_h", "nemotron_h_puzzle", "opt",
    "persimmon", "phi", "RefinedWeb", "RefinedWebModel", "starcoder2", "zamba2_text",
))  # fmt: skip
# Every n-th layer sees the whole context, the others a window, if the file has no list of layers.
EVERY_NTH_FULL = {
    "afmoe": 4, "beam": 6, "cohere2": 4, "cohere2_moe": 4, "exaone4": 4, "exaone_moe": 4, "gemma2": 2, "gemma3": 6, "gemma3_text": 6,
    "gemma3n": 5, "gemma3n_text": 5, "gemma4": 6, "gemma4_text": 6, "gemma4_unified": 6, "gemma4_unified_text": 6,
    "gpt_oss": 2, "olmo3": 4, "vaultgemma": 2,
}  # fmt: skip
FIRST_OF_EVERY_FULL = {"cwm": 4, "granite_swa": 4, "granitemoe_swa": 4}
EVERY_NTH_STATELESS = {"qwen3_next": 4, "qwen3_5": 4, "qwen3_5_moe": 4, "olmo_hybrid": 4, "qwen4_exp": 4}
CHUNKED_EVERY = {"llama4": 4, "llama4_text": 4}
# All layers have a window, if the file has one.
ALL_WINDOWED = frozenset(("mistral", "mixtral", "ministral", "phi3", "phimoe", "starcoder2"))
GATED_ATTENTION = frozenset(("qwen3_next", "qwen3_5", "qwen3_5_moe", "afmoe", "hy_v4"))
# The output layer shares the embedding table unless the file says otherwise, in addition to the defaults.
TIED = frozenset(("minicpm", "hunyuan"))
# Layers with attention and a state in parallel: fewer layers than token-mixing blocks.
TWO_MIXERS = frozenset(("falcon_h1", "zamba2"))
# Encoders, which generate no text.
ENCODERS = frozenset((
    "albert", "bert", "big_bird", "camembert", "data2vec-text", "deberta", "deberta-v2", "distilbert", "electra", "ernie",
    "esm", "longformer", "megatron-bert", "modernbert", "mpnet", "nomic_bert", "rembert", "roberta",
    "roberta-prelayernorm", "roc_bert", "roformer", "xlm-roberta", "xlm-roberta-xl", "xlnet", "xmod",
))  # fmt: skip
_RECURRENCE = "its layers use a recurrence of their own"
_ALL_AT_ONCE = "it fills in many tokens at once instead of generating one at a time"
# Architectures with parts that no kind of block describes.
NOT_DESCRIBED = {
    "dream": _ALL_AT_ONCE, "llada": _ALL_AT_ONCE, "llada_moe": _ALL_AT_ONCE, "retnet": _RECURRENCE,
    "rwkv5": _RECURRENCE, "rwkv6": _RECURRENCE, "rwkv7": _RECURRENCE, "stripedhyena": _RECURRENCE,
    "blt": "bytes are grouped into patches", "hrm_text": "its layers run several times",
    "idefics": "it cross-attends to images", "inkling": "its attention has relative positions and convolutions",
    "inkling2": "its attention has relative positions and convolutions", "inkling2_loop": "its layers run several times",
    "inkling_mm_model": "its attention has relative positions and convolutions", "jetmoe": "its attention has experts",
    "muse_glimmer": "its layers are not described by the usual fields", "qwen4_exp": "it looks up n-grams",
    "muse_spark": "its layers are not described by the usual fields", "reformer": "its layers are reversible",
    "xlstm": "its layers are LSTMs", "zamba": "its Mamba layers have heads of their own kind",
    "zaya": "its attention is compressed by convolutions",
}  # fmt: skip
# Models without a class in transformers, read as another model.
READ_AS = {
    "kimi_k2": "deepseek_v3", "deepseek_ref": "deepseek_v4", "kimi_k3": "kimi_linear", "minimax_m3": "minimax_m3_vl",
    "RefinedWeb": "falcon", "RefinedWebModel": "falcon", "mimo": "qwen2", "minimax_m1": "minimax",
    "minimax_text_01": "minimax", "step3p5": "step3p7",
}  # fmt: skip


def known(kind: str) -> bool:
    """Say whether a model_type has defaults here."""
    return kind in _defaults()


def defaults(kind: str) -> Mapping[str, Any]:
    """Return the values of fields missing from a config.json of this model_type."""
    return _defaults().get(kind, {})


def base(kind: str) -> str:
    """Return an architecture's name without the suffix that marks the text part of a larger model.

    >>> base("qwen3_5_moe_text"), base("kimi_k2")
    ('qwen3_5_moe', 'deepseek_v3')
    """
    kind = READ_AS.get(kind, kind)
    for ending in ("_text", "_vl_text", "_vl"):
        kind = kind.removesuffix(ending)
    return kind


@cache
def _defaults() -> dict[str, dict[str, Any]]:
    text = Path(__file__).with_name("defaults.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
