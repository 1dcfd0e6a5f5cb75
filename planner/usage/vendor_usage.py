"""What the extractors of genai-prices know of a vendor's usage that the names in it do not tell."""

from functools import lru_cache

from planner.usage.pricing import listed

CHAT = frozenset({"default", "chat"})  # answers that count `completion_tokens`


@lru_cache(maxsize=4096)
def adds_reasoning(model: str, seller: str) -> bool:
    """Whether the chat answers of a model's vendor count reasoning beside `completion_tokens`, as xAI's do.

    >>> adds_reasoning("grok-4", ""), adds_reasoning("gpt-5", "")
    (True, False)
    """
    found = listed(model, seller)
    if isinstance(found, str):
        return False
    mappings = [
        mapping
        for extractor in found.provider.extractors or ()
        if extractor.api_flavor in CHAT
        for mapping in extractor.mappings
    ]
    return any(mapping.dest == "output_tokens" and "reasoning_tokens" in mapping.path for mapping in mappings)


def context_window(model: str, seller: str) -> float:
    """Return the longest prompt that a model takes, in tokens; infinite where the price list does not say."""
    found = listed(model, seller)
    return float("inf") if isinstance(found, str) else float(found.model.context_window or "inf")
