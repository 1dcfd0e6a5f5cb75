"""Open models as blocks with dimensions, and the weights, KV cache and state derived from them."""
