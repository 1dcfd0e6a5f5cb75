"""Round tick values for an axis, the same on the screen and in reports."""

import math


def ticks(low: float, high: float, *, count: int) -> list[float]:
    """Return about `count` round numbers from low to high, multiples of 1, 2, 2.5 or 5 times a power of ten.

    >>> ticks(-1_200_000.0, 5_000_000.0, count=4)
    [0.0, 2000000.0, 4000000.0]
    """
    if not high > low or count < 1:
        return [low]
    rough = (high - low) / count
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * size for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * size >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]
