"""The numbers that decide a model's bytes and operations: sums over its blocks."""

from planner.arrays import Number
from planner.records import dataclass


@dataclass(frozen=True, kw_only=True)
class Llm:
    """Sums over a model's blocks. Each number may be an array: many models at once.

    `heads`, `kv_heads`, `head_dim` and the `kv_lora` group are those of most of the attention; the sums are exact
    where layers differ. Elements are numbers in memory, before a format gives them bytes:

    - `cache_elements` are kept of every token and all read by the next one, `sparse_elements` kept of every token but
      read of `topk_tokens` only, `window_elements` kept and read of the last `window_tokens` only (in chunks of that
      length where `window_is_chunk`). `index_elements` are the index by which sparse attention chooses.
    - `cache_heads` and `window_heads` say over how many GPUs a cache can be split.
    - `state_elements` (of `state_element_bytes` each) and `conv_elements` are kept of a sequence whatever its length.

    `expert_groups` are the groups from which a token may choose its experts, 0 for any: over as many nodes they are.

    Weights in 4-bit integers share one 16-bit scale by `int4_group`.

    `attend_width` is what a new token multiplies for each token it attends to without latent vectors, summed over
    heads and layers; `latent_width` the same where heads multiply a shared latent vector.
    """

    layers: Number
    hidden: Number
    vocab: Number
    heads: Number = 0.0
    kv_heads: Number = 0.0
    head_dim: Number = 0.0
    kv_lora: Number = 0.0
    attention_layers: Number = 0.0
    state_layers: Number = 0.0
    dense_layers: Number = 0.0
    moe_layers: Number = 0.0
    experts: Number = 0.0
    experts_per_token: Number = 0.0
    expert_groups: Number = 0.0
    expert_ffn: Number = 0.0
    attention_params: Number = 0.0
    state_params: Number = 0.0
    dense_params: Number = 0.0
    expert_params: Number = 0.0
    lookup_params: Number = 0.0
    tower_params: Number = 0.0
    tied_embeddings: Number = 0.0
    int4_group: Number = 32.0
    cache_elements: Number = 0.0
    sparse_elements: Number = 0.0
    index_elements: Number = 0.0
    window_elements: Number = 0.0
    window_tokens: Number = 0.0
    window_is_chunk: Number = 0.0
    topk_tokens: Number = 0.0
    cache_heads: Number = 1.0
    window_heads: Number = 1.0
    attend_width: Number = 0.0
    latent_width: Number = 0.0
    state_elements: Number = 0.0
    state_element_bytes: Number = 4.0
    conv_elements: Number = 0.0
    max_context_tokens: Number = 0.0
