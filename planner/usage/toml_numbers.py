"""Numbers as a scenario states them: ranges around a value that stays their median."""

import math
from decimal import Decimal

import numpy as np

from planner.usage.measures import Estimate

NARROWEST = 0.01  # of the value: a range narrower than this is a number
LOWEST_SHARE, HIGHEST_SHARE = 1e-6, 1 - 1e-6
DIGITS = 5
WIDEST = 100.0  # times the value


def number(value: Estimate, *, low: float = 0.0, high: float = math.inf) -> str:
    """Return an estimate as a scenario states it: a range whose median it is, or a number where that is narrow or unknown.

    >>> number(Estimate(1000.0, 900.0, 1100.0)), number(Estimate(3.0, 3.0, 3.0), high=9.0)
    ('"904.53 to 1_105.5"', '3')
    """
    middle = min(max(value.value, low), high)
    if (
        middle > 0
        and np.isfinite([value.low, value.high]).all()
        and value.high - value.low > NARROWEST * middle
    ):
        reach = math.sqrt(min(value.high / max(value.low, middle / WIDEST), WIDEST**2))
        bottom, top = middle / reach, middle * reach
        if bottom >= low and top <= high and digits(bottom) != digits(top):
            return f'"{digits(bottom)} to {digits(top)}"'
    return digits(middle)


def share(value: Estimate) -> str:
    """Return an estimate of a share as a scenario states it: a range that is even on the scale of odds.

    >>> share(Estimate(0.5, 0.4, 0.6)), share(Estimate(1.0, 0.9, 1.0))
    ('"0.4 to 0.6"', '1')
    """
    middle = min(max(value.value, 0.0), 1.0)
    bottom, top = max(value.low, LOWEST_SHARE), min(value.high, HIGHEST_SHARE)
    if LOWEST_SHARE < middle < HIGHEST_SHARE and top - bottom > NARROWEST * middle:
        reach = (_odds(top) - _odds(bottom)) / 2
        ends = [1 / (1 + math.exp(-(_odds(middle) + sign * reach))) for sign in (-1, 1)]
        if ends[0] > LOWEST_SHARE and ends[1] < HIGHEST_SHARE and digits(ends[0]) != digits(ends[1]):
            return f'"{digits(ends[0])} to {digits(ends[1])}"'
    return digits(middle)


def _odds(value: float) -> float:
    return math.log(value / (1 - value))


def digits(value: float) -> str:
    """Return a number with five digits that count, as TOML writes it.

    >>> digits(123456.0), digits(0.000123456), digits(2.0), digits(4410.629)
    ('123_460', '0.00012346', '2', '4_410.6')
    """
    whole, point, part = f"{Decimal(f'{value:.{DIGITS}g}'):f}".partition(".")
    text = f"{int(whole):_}" if abs(value) >= 1 else whole
    return (text + point + part).rstrip("0").rstrip(".") if point else text
