"""Images in a prompt: how many, how large, and how the vendor counts them."""

from typing import Annotated

from planner.arrays import Number
from planner.schema.declare import choice, ratio, tokens
from planner.schema.section import Section


class Pictures(Section):
    """Images in the prompt, billed as prompt tokens; images with a price of their own are a meter."""

    per_call: Annotated[Number, ratio("Pictures per call", unit="", role="lever", hi=10_000)] = 0.0
    width_px: Annotated[Number, ratio("Width", unit="px", role="lever", lo=1, hi=100_000, step=64)] = 1_024.0
    height_px: Annotated[Number, ratio("Height", unit="px", role="lever", lo=1, hi=100_000, step=64)] = (
        1_024.0
    )
    counted: Annotated[
        str,
        choice("Counted by", "pixels", "tiles-512", "tiles-768",
               help="pixels / 750 (Anthropic), tiles of 512 (OpenAI), tiles of 768 at 258 tokens (Google)."),
    ] = "pixels"  # fmt: skip
    base_tokens: Annotated[
        Number, tokens("Tokens of a picture", "Base tokens, before the tiles of 512.", step=5)
    ] = 85.0
    tile_tokens: Annotated[Number, tokens("Tokens of a square", "Of 512.", step=10)] = 170.0
