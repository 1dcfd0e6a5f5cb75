"""Image tokens in a prompt, by vendors' published rules."""

import numpy as np

from planner.schema import Number, Workload

PIXELS_PER_TOKEN = 750.0  # Anthropic, vision page, 2026
LONGEST_EDGE, MOST_TOKENS = 1_568.0, 1_600.0  # larger images are scaled down to both
SQUARE, SHORTEST_SIDE, TILE = 2_048.0, 768.0, 512.0  # OpenAI, vision guide, 2025
SMALL_EDGE, GOOGLE_TILE, GOOGLE_TOKENS = 384.0, 768.0, 258.0  # Google, token guide, 2026


def by_area(width_px: Number, height_px: Number) -> Number:
    """Return the tokens of an image counted by its pixels, after scaling down to the maximum size.

    >>> float(by_area(200.0, 200.0)), float(by_area(1_092.0, 1_092.0))
    (54.0, 1590.0)
    """
    scale = np.minimum(1.0, LONGEST_EDGE / np.maximum(np.maximum(width_px, height_px), 1.0))
    tokens = width_px * height_px * np.square(scale) / PIXELS_PER_TOKEN
    return np.ceil(np.minimum(tokens, MOST_TOKENS))


def by_tiles(width_px: Number, height_px: Number, *, base: Number, tile: Number) -> Number:
    """Return the tokens of an image cut into tiles of 512, after fitting it into 2,048 and its shortest side to 768.

    >>> float(by_tiles(2_048.0, 4_096.0, base=85.0, tile=170.0))
    1105.0
    """
    fitted = np.minimum(1.0, SQUARE / np.maximum(np.maximum(width_px, height_px), 1.0))
    shortest = np.minimum(width_px, height_px) * fitted
    scale = fitted * np.minimum(1.0, SHORTEST_SIDE / np.maximum(shortest, 1.0))
    return base + tile * _squares(width_px * scale, height_px * scale, TILE)


def by_large_tiles(width_px: Number, height_px: Number) -> Number:
    """Return the tokens of an image cut into tiles of 768, 258 tokens each; a small image is one tile.

    >>> float(by_large_tiles(384.0, 300.0)), float(by_large_tiles(1_024.0, 768.0))
    (258.0, 516.0)
    """
    small = (np.asarray(width_px) <= SMALL_EDGE) & (np.asarray(height_px) <= SMALL_EDGE)
    return np.where(small, 1.0, _squares(width_px, height_px, GOOGLE_TILE)) * GOOGLE_TOKENS


def _squares(width_px: Number, height_px: Number, edge: float) -> Number:
    across, down = (np.ceil(np.round(np.asarray(size) / edge, 9)) for size in (width_px, height_px))
    return np.asarray(across * down)


def picture_tokens(workload: Workload) -> Number:
    """Return the tokens that images add to a prompt; 0 if it has none."""
    said = workload.pictures
    if not np.any(np.asarray(said.per_call + 0.0) > 0):
        return 0.0
    rule = np.asarray(said.counted)
    size = said.width_px + 0.0, said.height_px + 0.0  # a range counts as its median
    of_tiles = by_tiles(*size, base=said.base_tokens, tile=said.tile_tokens)
    each = np.where(
        rule == "pixels", by_area(*size), np.where(rule == "tiles-512", of_tiles, by_large_tiles(*size))
    )
    return said.per_call * each
