"""Numbers in a plan: one value, a range, or an array for many plans."""

import math
import re
from typing import Final, Literal, Self

import numpy as np

from planner.arrays import Array, Flags, Number

Family = Literal["logit-normal", "lognormal", "normal", "triangular", "two lognormals"]

Z_95: Final = 1.6448536269514722  # standard normal quantile of 0.95
LONGEST_NUMBER_TEXT: Final = 80

_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_SUFFIXED = re.compile(rf"^\s*\$?\s*({_NUMBER})\s*(%|k|K|M|B|G|ms|s)?\s*$")
_RANGE = re.compile(r"^\s*(.+?)\s+to\s+(.+?)\s*$")
_PART = rf"\$?\s*{_NUMBER}\s*(?:%|k|K|M|B|G|ms|s)?"
_DASHED = re.compile(rf"^\s*({_PART})\s*[-\u2013]\s*({_PART})\s*$")
_TRIANGULAR = re.compile(r"^\s*triangular\s+([^,]+),\s*([^,]+),\s*([^,]+?)\s*$")
_TIMES: Final = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "G": 1e9}
_OVER: Final = {"%": 100.0, "ms": 1000.0}  # divide, so that 35% is exactly 0.35


class Range(float):
    """A number the team doesn't know exactly: its median, carrying the range it came from.

    `low` and `high` are the 5th and 95th percentile, except in a triangular range, where they are
    the ends and `mode` is the peak. Of two lognormals, one below and one above, `mode` is where they meet,
    the median. Computing with a Range computes with its median.

    >>> growth = Range(0.04, 0.12, family="normal")
    >>> float(growth), str(growth)
    (0.08, '0.04 to 0.12')
    """

    low: float
    high: float
    mode: float
    family: Family

    def __new__(cls, low: float, high: float, *, family: Family, mode: float = math.nan) -> Self:
        """Make the range; `mode` belongs to triangular ones and to two lognormals."""
        self = super().__new__(cls, _median(low, high, mode, family))
        self.low, self.high, self.mode, self.family = low, high, mode, family
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[float, float], dict[str, object]]:
        return (self.low, self.high), {"family": self.family, "mode": self.mode}

    def __str__(self) -> str:
        if self.family == "triangular":
            return f"triangular {self.low:.12g}, {self.mode:.12g}, {self.high:.12g}"
        return f"{self.low:.12g} to {self.high:.12g}"

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Range):
            return str(self) == str(other) and self.family == other.family
        return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self.low, self.high, self.family))

    def quantile(self, z: Array) -> Array:
        """Return the values at standard normal scores `z`, shape (n,)."""
        if self.family == "triangular":
            return _triangular_quantile(z, self.low, self.mode, self.high)
        if self.family == "normal":
            return self + (self.high - self.low) / (2 * Z_95) * z
        if self.family == "lognormal":
            return np.exp(math.log(self) + math.log(self.high / self.low) / (2 * Z_95) * z)
        if self.family == "two lognormals":
            below, above = math.log(self.mode / self.low) / Z_95, math.log(self.high / self.mode) / Z_95
            return self.mode * np.exp(np.where(z < 0, below, above) * z)
        centre, spread = _logit(self), (_logit(self.high) - _logit(self.low)) / (2 * Z_95)
        return 1.0 / (1.0 + np.exp(-(centre + spread * z)))


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))


def _median(low: float, high: float, mode: float, family: Family) -> float:
    if family == "lognormal":
        return math.sqrt(low * high)
    if family == "logit-normal":
        return 1.0 / (1.0 + math.exp(-(_logit(low) + _logit(high)) / 2))
    if family == "two lognormals":
        return mode
    if family == "triangular":
        left = (high - low) * (mode - low) / 2
        if mode - low >= (high - low) / 2:
            return low + math.sqrt(left)
        return high - math.sqrt((high - low) * (high - mode) / 2)
    return (low + high) / 2


def _triangular_quantile(z: Array, low: float, mode: float, high: float) -> Array:
    u = normal_cdf(z)
    width = max(high - low, np.finfo(float).tiny)
    rising = low + np.sqrt(u * width * max(mode - low, 0.0))
    falling = high - np.sqrt((1.0 - u) * width * max(high - mode, 0.0))
    return np.where(u < (mode - low) / width, rising, falling)


def normal_cdf(z: Array) -> Array:
    """Return the standard normal distribution function, error below 1e-7.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17.
    """
    t = 1.0 / (1.0 + 0.2316419 * np.abs(z))
    poly = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    upper = np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi) * poly
    return np.where(z >= 0, 1.0 - upper, upper)


def some(value: Number | Flags) -> bool:
    """Return whether a number or a flag is nonzero in any plan.

    >>> some(0.0), some(np.array([0.0, 0.2]))
    (False, True)
    """
    if not isinstance(value, np.ndarray):
        return bool(value)
    return bool(value.size and value.item(0)) or bool(value.any())  # mostly the first plan tells


def read_number(text: str) -> float | None:
    """Return the number written in `text`, or None. Commas may separate thousands, as in the planner's own output.

    >>> read_number("1.2M"), read_number("35%"), read_number("800ms"), read_number("4_000")
    (1200000.0, 0.35, 0.8, 4000.0)
    >>> read_number("$310,000"), read_number("1,2"), read_number("1,0000")
    (310000.0, None, None)
    """
    if len(text) > LONGEST_NUMBER_TEXT or not (match := _SUFFIXED.match(text)):
        return None
    value = (
        float(match[1].replace("_", "").replace(",", ""))
        * _TIMES.get(match[2], 1.0)
        / _OVER.get(match[2], 1.0)
    )
    return value if math.isfinite(value) else None


def read_range(text: str) -> tuple[float, float, float] | None:
    """Return (low, mode, high) of "a to b" or "a-b" (mode is nan) or "triangular a, m, b", or None.

    >>> read_range("250k-330k")[::2], read_range("1e-3"), read_range("-3")
    ((250000.0, 330000.0), None, None)
    >>> read_range("4% to 12%")[::2], read_range("4-12%")[::2], read_range("triangular 1, 2, 5")
    ((0.04, 0.12), (0.04, 0.12), (1.0, 2.0, 5.0))
    """
    if len(text) > LONGEST_NUMBER_TEXT:
        return None
    if match := _TRIANGULAR.match(text):
        parts = [read_number(part) for part in match.groups()]
        return None if None in parts else (parts[0], parts[1], parts[2])  # type: ignore[return-value]  # none is None
    if match := _RANGE.match(text) or _DASHED.match(text):
        low, high = read_number(match[1]), read_number(match[2])
        if low is not None and high is not None and low > high:  # "5 to 9%": the sign goes for both
            low = read_number(f"{match[1]}%") if match[2].endswith("%") else low
        return None if low is None or high is None else (low, math.nan, high)
    return None
