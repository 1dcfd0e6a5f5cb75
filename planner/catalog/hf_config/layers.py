"""How each layer mixes tokens and which layers have experts, from the many ways in which files say so."""

from planner.catalog.hf_config import families
from planner.catalog.hf_config.fields import CHOSEN, CONTEXT, EXPERTS, MOST_CONTEXT, Fields

FULL, WINDOW, CHUNK, LINEAR, MAMBA, CONV, RECURRENT = (
    "full",
    "window",
    "chunk",
    "linear",
    "mamba",
    "conv",
    "recurrent",
)
BOTH, NONE, MLP, MOE = "attention and state", "none", "mlp", "moe"
_WORDS = {
    "full_attention": FULL, "attention": FULL, "full": FULL, "global": FULL, "global_attention": FULL, "*": FULL,
    "indexed_attention": FULL, "deepseek_sparse_attention": FULL, "sparse_attention": FULL, "sliding_attention": WINDOW, "sliding_window": WINDOW, "sliding": WINDOW, "local": WINDOW,
    "local_attention": WINDOW, "swa": WINDOW, "chunked_attention": CHUNK, "linear_attention": LINEAR, "linear": LINEAR,
    "kda": LINEAR, "gated_delta_net": LINEAR, "lightning_attention": LINEAR, "mamba": MAMBA, "mamba2": MAMBA, "M": MAMBA,
    "conv": CONV, "recurrent": RECURRENT, "mlp": MLP, "-": MLP, "moe": MOE, "E": MOE,
    "hybrid": BOTH, "compressed_sparse_attention": "csa", "heavily_compressed_attention": "hca",
}  # fmt: skip
_LISTS = ("layer_types", "layers_block_type", "block_types", "layer_type_list")
_WINDOWS = ("sliding_window", "sliding_window_size", "attention_window_size")
_PERIODIC = ("sliding_window_pattern", "_sliding_window_pattern", "global_attn_every_n_layers")


def single_blocks(f: Fields) -> list[str]:
    """Return the blocks of a model whose layers have one block each: a mixer or a feed-forward block."""
    pattern = f.value("hybrid_override_pattern")
    if pattern is not None:
        if not isinstance(pattern, str):
            f.refuse("hybrid_override_pattern", pattern, "it must be a word of M, *, - and E")
            return []
        return _read(f, "hybrid_override_pattern", list(pattern.replace("|", "")))
    for name in _LISTS:
        words = f.words(name) if f.has(name) else []
        if {"moe", "mlp"} & set(words):
            return _read(f, name, words)
    return []


def mixers(f: Fields, layers: int, kind: str) -> list[str]:
    """Return how each layer mixes tokens."""
    for name in _LISTS:
        if f.has(name):
            read = _fitted(f, name, _read(f, name, f.words(name)), layers)
            return [WINDOW if one == FULL else one for one in read] if kind == "recurrent_gemma" else read
    if f.has("compress_ratios"):  # these state it directly
        return [FULL] * layers
    return (
        _by_numbers(f, layers)
        or _by_period(f, layers, kind)
        or _by_window(f, layers, kind)
        or [FULL] * layers
    )


def _fitted(f: Fields, name: str, found: list[str], layers: int) -> list[str]:
    """Return a list for all layers: a longer one includes drafting layers, and Griffin's short one is repeated."""
    if name == "block_types" and found:
        found = [found[place % len(found)] for place in range(layers)]
    if found and len(found) < layers:
        f.refuse(name, f.value(name), f"it must name all {layers} layers")
    return [*found, *[FULL] * layers][:layers]


def _read(f: Fields, name: str, words: list[str]) -> list[str]:
    unknown = sorted({word for word in words if word not in _WORDS})
    for word in unknown[:5]:
        f.refuse(name, word, f"not a known kind of layer: {', '.join(sorted(set(_WORDS)))}")
    return [_WORDS.get(word, FULL) for word in words]


def _by_numbers(f: Fields, layers: int) -> list[str]:
    """Return the kinds if the file lists the layers of one kind by number, or has 0 or 1 for each."""
    config = f.part("linear_attn_config")
    if config.given:
        full = {int(one) - 1 for one in config.numbers("full_attn_layers")}
        return [FULL if place in full else LINEAR for place in range(layers)]
    for name, other in (("attn_layer_indices", MAMBA), ("full_attn_idxs", CONV)):
        if f.has(name):
            full = {int(one) for one in f.numbers(name)}
            return [FULL if place in full else other for place in range(layers)]
    for name, (zero, one) in {
        "attn_type_list": (LINEAR, FULL),
        "hybrid_layer_pattern": (FULL, WINDOW),
    }.items():
        if f.has(name):
            return _fitted(f, name, [one if value else zero for value in f.numbers(name)], layers)
    return []


def _by_period(f: Fields, layers: int, kind: str) -> list[str]:
    """Return the kinds if every n-th layer differs."""
    period = int(f.number("attn_layer_period"))
    if period:
        offset = int(f.number("attn_layer_offset"))
        return [FULL if place % period == offset else MAMBA for place in range(layers)]
    period = int(
        f.number(
            "full_attention_interval", "layer_group_size", default=families.EVERY_NTH_STATELESS.get(kind, 0)
        )
    )
    if period:
        return _every(layers, period, LINEAR)
    if kind in ("mamba", "mamba2", "falcon_mamba"):
        return [MAMBA] * layers
    if kind == "falcon_h1":
        return [BOTH] * layers
    return []


def _by_window(f: Fields, layers: int, kind: str) -> list[str]:
    """Return which layers have a window, if the file has a window but no list."""
    if f.number("attention_chunk_size") and kind in families.CHUNKED_EVERY:
        return _every(layers, families.CHUNKED_EVERY[kind], CHUNK)
    if not window(f):
        return []
    if f.has("max_window_layers") or f.has("use_sliding_window"):
        full = int(f.number("max_window_layers"))
        return [FULL if place < full else WINDOW for place in range(layers)]
    said = next((f.given[name] for name in _PERIODIC if f.has(name)), None)
    if isinstance(said, str):  # "LLLG"
        return (
            [FULL if said[place % len(said)] in "Gg" else WINDOW for place in range(layers)] if said else []
        )
    period = int(f.number(*_PERIODIC, default=families.EVERY_NTH_FULL.get(kind, 0)))
    if period:
        found = _every(layers, period, WINDOW)
        return [*found[:-1], FULL] if kind.startswith("gemma4") else found
    first = families.FIRST_OF_EVERY_FULL.get(kind, 0)
    if first:
        return [FULL if place % first == 0 else WINDOW for place in range(layers)]
    if kind not in families.ALL_WINDOWED and f.has(*_WINDOWS):
        f.refuse(_WINDOWS[0], window(f), "the file does not say which layers have this window (layer_types)")
    return [WINDOW] * layers if kind in families.ALL_WINDOWED else []


def _every(layers: int, period: int, others: str) -> list[str]:
    return [FULL if (place + 1) % period == 0 else others for place in range(layers)]


def window(f: Fields) -> float:
    """Return the window in tokens; 0 if there is none, it is off, or no context is longer."""
    if f.value("use_sliding_window") is False:
        return 0.0
    found, context = f.number(*_WINDOWS), f.number(*CONTEXT, most=MOST_CONTEXT)
    return found if not context or found < context else 0.0


def feeding(f: Fields, layers: int) -> list[str]:
    """Return which layers have experts."""
    if not _has_experts(f) or f.value("is_moe") is False:
        return [MLP] * layers
    f.needed(*CHOSEN)
    words = f.words("mlp_layer_types") if f.has("mlp_layer_types") else []
    if words:
        return _fitted(f, "mlp_layer_types", [MLP if word == "dense" else MOE for word in words], layers)
    if f.is_list("moe_layer_freq"):
        return _fitted(
            f, "moe_layer_freq", [MOE if one else MLP for one in f.numbers("moe_layer_freq")], layers
        )
    if f.has("moe_layers") and f.is_list("moe_layers"):
        sparse = {int(one) for one in f.numbers("moe_layers")}
        return [MOE if place in sparse else MLP for place in range(layers)]
    enumerated = f.value("moe_layers_enum")
    if isinstance(enumerated, str):
        sparse = {int(one) for one in enumerated.split(",") if one.strip().isdigit()}
        return [MOE if place in sparse else MLP for place in range(layers)]
    return _feeding_by_period(f, layers)


def _feeding_by_period(f: Fields, layers: int) -> list[str]:
    dense = {int(one) for one in f.numbers("mlp_only_layers")}
    first = int(f.number("first_k_dense_replace", "num_dense_layers", "moe_layer_start_index"))
    last = int(f.number("moe_layer_end_index", default=float(layers - 1)))
    period = int(f.number("expert_layer_period"))
    if period:
        offset = int(f.number("expert_layer_offset"))
        return [MOE if place % period == offset else MLP for place in range(layers)]
    every = (
        int(
            f.number(
                "decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_interval", "moe_layer_freq"
            )
        )
        or 1
    )
    if f.number("first_k_dense_replace") and every > 1:
        return [MOE if place >= first and place % every == 0 else MLP for place in range(layers)]
    return [
        MOE if (place + 1) % every == 0 and first <= place <= last and place not in dense else MLP
        for place in range(layers)
    ]  # fmt: skip


def _has_experts(f: Fields) -> bool:
    counts = next(
        (f.numbers(name) for name in EXPERTS if f.has(name) and f.is_list(name)), [f.number(*EXPERTS)]
    )
    return max(counts, default=0.0) > 1
