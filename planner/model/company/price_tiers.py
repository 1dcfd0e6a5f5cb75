"""Prices that depend on quantity: graduated bands, volume bands, packages. USD."""

from collections.abc import Sequence

import numpy as np

from planner.arrays import Number
from planner.model.handed_on import MeterPrice
from planner.records import dataclass


@dataclass(frozen=True)
class ChargeBand:
    """A price band: its upper limit (infinite for the last), the price of a unit, and its fee."""

    up_to: Number
    usd: Number
    fee_usd: Number = 0.0


def graduated_usd(quantity: Number, bands: Sequence[ChargeBand]) -> Number:
    """Return the cost of a quantity if each unit is charged at the price of its band.

    Equation: `sum over k of min(max(q - a_k, 0), b_k - a_k) p_k`, and the fee of each band that is reached.

    >>> float(graduated_usd(15_000.0, [ChargeBand(1_000, 0.01), ChargeBand(10_000, 0.008), ChargeBand(np.inf, 0.005)]))
    107.0
    """
    total: Number = 0.0
    start: Number = 0.0
    for band in bands:
        inside = np.minimum(quantity, band.up_to) - np.minimum(quantity, start)
        total = total + inside * band.usd + np.where(np.asarray(quantity) > start, band.fee_usd, 0.0)
        start = band.up_to
    return total


def volume_usd(quantity: Number, bands: Sequence[ChargeBand]) -> Number:
    """Return the cost of a quantity charged in full at the price of the band it reaches, plus that band's fee.

    >>> float(volume_usd(65_000.0, [ChargeBand(10_000, 0.001), ChargeBand(np.inf, 0.0006, fee_usd=10.0)]))
    49.0
    """
    total: Number = np.nan
    for band in reversed(bands):
        total = np.where(np.asarray(quantity) <= band.up_to, quantity * band.usd + band.fee_usd, total)
    return total


def package_usd(quantity: Number, *, size: Number, usd: Number, free: Number = 0.0) -> Number:
    """Return the cost of a quantity in whole packages of `size`, beyond the free amount.

    >>> float(package_usd(1_500_000.0, size=1_000_000.0, usd=1.25))
    2.5
    """
    return np.ceil(np.maximum(quantity - free, 0.0) / size) * usd


def metered_usd(price: MeterPrice, quantity: Number) -> Number:
    """Return the cost of a meter's monthly quantity beyond the free amount, by the rule of its bands."""
    beyond = np.maximum(quantity - price.free, 0.0)
    fees = price.fees_usd or (0.0,) * len(price.prices_usd)
    bands = [
        ChargeBand(end, usd, fee)
        for end, usd, fee in zip((*price.up_to, np.inf), price.prices_usd, fees, strict=True)
    ]
    rules = {
        "graduated": lambda: graduated_usd(beyond, bands),
        "volume": lambda: volume_usd(beyond, bands),
        "package": lambda: package_usd(beyond, size=price.package, usd=price.prices_usd[0]),
    }
    words = np.asarray(price.rule)
    total: Number = 0.0
    for word in sorted({str(each) for each in words.ravel().tolist()}):
        total = total + np.where(words == word, rules[word](), 0.0)
    return total * price.usd_x
