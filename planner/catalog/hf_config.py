"""A Hugging Face config.json read as a model."""

from collections.abc import Mapping
from typing import Any

from planner.catalog.hardware import Llm, llm_from_table
from planner.errors import Problem, ScenarioError

_UNGATED = ("gptj", "gpt_neox", "gpt2", "falcon", "opt", "bloom", "phi")


def llm_from_hf_config(config: Mapping[str, Any], *, where: str = "config.json") -> Llm:
    """Return the model that a Hugging Face `config.json` describes."""
    return llm_from_table(table_from_hf_config(config, where=where), where=where)


def table_from_hf_config(config: Mapping[str, Any], *, where: str = "config.json") -> dict[str, float]:
    """Return the table by which a scenario describes the model of a Hugging Face `config.json`.

    Read are the usual names of decoder models: dense, grouped-query, latent (MLA), sliding-window, hybrid linear
    attention and mixture of experts. A multimodal file's `text_config` is taken.
    """
    text: Mapping[str, Any] = config.get("text_config") or config
    names = ("num_hidden_layers", "n_layer"), ("hidden_size", "n_embd"), ("num_attention_heads", "n_head")
    missing = [Problem(f"{where}.{pair[0]}", "is missing.") for pair in names if _first(text, *pair) is None]
    if missing:
        raise ScenarioError(missing, source=where)
    layers, hidden, heads = (float(_first(text, *pair)) for pair in names)
    table = {"layers": layers, "hidden": hidden, "heads": heads, "vocab": _value(text, "vocab_size")}
    table |= {"kv_heads": _value(text, "num_key_value_heads", "num_kv_heads") or heads}
    table |= {"head_dim": _value(text, "head_dim") or hidden / heads}
    table |= {"ffn": _value(text, "intermediate_size", "ffn_hidden_size", "n_inner") or 4.0 * hidden}
    table |= {"ffn_matrices": 2.0 if text.get("model_type") in _UNGATED else 3.0}
    table |= {"tied_embeddings": float(bool(text.get("tie_word_embeddings", False)))}
    return table | _experts(text, layers) | _latent(text) | _reach(text)


def _first(config: Mapping[str, Any], *names: str) -> Any:
    return next((config[name] for name in names if config.get(name) is not None), None)


def _value(config: Mapping[str, Any], *names: str) -> float:
    return float(_first(config, *names) or 0.0)


def _experts(text: Mapping[str, Any], layers: float) -> dict[str, float]:
    experts = _value(text, "n_routed_experts", "num_local_experts", "num_experts")
    if not experts:
        return {}
    width = _value(text, "moe_intermediate_size", "intermediate_size")
    shared = _value(text, "shared_expert_intermediate_size") or width * _value(text, "n_shared_experts")
    every = _value(text, "decoder_sparse_step", "interleave_moe_layer_step") or 1.0
    sparse = (layers - _value(text, "first_k_dense_replace")) // every
    per_token = _value(text, "num_experts_per_tok", "top_k_experts", "num_experts_per_token")
    table = {"experts": experts, "experts_per_token": per_token or 1.0, "expert_ffn": width}
    table |= {"shared_ffn": shared, "moe_layers": sparse}
    return table | ({"ffn": _value(text, "intermediate_size_mlp")} if "intermediate_size_mlp" in text else {})


def _latent(text: Mapping[str, Any]) -> dict[str, float]:
    if not _value(text, "kv_lora_rank"):
        return {}
    names = {"kv_lora": "kv_lora_rank", "q_lora": "q_lora_rank", "rope_head_dim": "qk_rope_head_dim"}
    names |= {
        "nope_head_dim": "qk_nope_head_dim",
        "v_head_dim": "v_head_dim",
        "index_topk_tokens": "index_topk",
    }
    return {field: _value(text, name) for field, name in names.items()}


def _reach(text: Mapping[str, Any]) -> dict[str, float]:
    """Return which layers see all, a window, or keep a state only."""
    kinds = [str(kind) for kind in text.get("layer_types") or []]
    full = sum("linear" not in kind for kind in kinds) / len(kinds) if kinds else 1.0
    chunk, window = _value(text, "attention_chunk_size"), _value(text, "sliding_window")
    if text.get("use_sliding_window") is False:
        window = 0.0
    if kinds:
        share = sum("sliding" in kind or "chunked" in kind for kind in kinds) / (full * len(kinds))
    elif chunk:
        share = 0.75
    else:
        share = 1.0 if window else 0.0
    table = {"full_attention_share": full}
    if chunk or window:
        table |= {
            "window_tokens": chunk or window,
            "window_share": share,
            "window_is_chunk": float(bool(chunk)),
        }
    if full < 1.0:
        table |= {"linear_state_elements": _linear_state(text)}
    return table


def _linear_state(text: Mapping[str, Any]) -> float:
    heads = _value(text, "linear_num_value_heads")
    return heads * _value(text, "linear_key_head_dim") * _value(text, "linear_value_head_dim")
