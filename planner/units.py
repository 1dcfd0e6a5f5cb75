"""Conversion constants, and formatting of numbers for people."""

import math

HOURS_PER_MONTH = 730.0  # 365 days * 24 h / 12, the month used in cloud bills
HOURS_PER_DAY = 24
HOURS_PER_WEEK = 168
SECONDS_PER_HOUR = 3600.0
SECONDS_PER_MONTH = HOURS_PER_MONTH * SECONDS_PER_HOUR
MONTHS_PER_YEAR = 12.0
TOKENS_PER_MTOK = 1e6
BYTES_PER_GB = 1e9
FLOPS_PER_TFLOPS = 1e12

NOT_AVAILABLE = "n/a"

_MINUTE_S = 60.0
_HOUR_S = 3600.0
_SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_LEAST_WRITTEN_OUT = 1e-7  # dollars; smaller amounts have too many zeros to read
_LARGEST = 1e15  # larger numbers are written with an exponent


def show(value: float, name: str = "") -> str:
    """Format a number for people; the suffix of its name (or its unit) gives its kind. Zero never has a minus sign.

    >>> show(5_000_000.0, "cash_usd"), show(0.0425, "usd_per_request"), show(0.356, "gross_margin_share")
    ('$5.00M', '$0.0425', '35.6%')
    >>> show(0.8, "latency_target_s"), show(7.9, "runway_months"), show(float("nan"), "gpus")
    ('800 ms', '7.9 months', 'n/a')
    >>> show(999_999.0, "tokens"), show(2e12, "tokens"), show(1.3e15, "tokens"), show(3e12, "usd")
    ('999,999', '2T', '1.3e15', '$3.00T')
    >>> show(-0.0004, "share"), show(-0.01, "months"), show(-0.0)
    ('0.0%', '0.0 months', '0')
    >>> show(4e-6, "usd"), show(1.25e-5, "usd"), show(2e-9, "usd")
    ('$0.000004', '$0.0000125', '$2.00e-09')
    """
    if math.isnan(value):
        return NOT_AVAILABLE
    words = name.rpartition(".")[2]
    if words == "share" or "_share" in words:
        return f"{value * 100:z.1f}%" if abs(value) < 10 else f"{value * 100:,.0f}%"
    if "usd" in words.lower():
        return ("-$" if value < 0 else "$") + _money(abs(value))
    if words == "s" or words.endswith("_s"):
        return _time(value)
    if words.endswith("months"):
        return f"{value:z.1f} months"
    if words == "x" or "_x" in words or words.startswith("x/") or words.endswith("ratio"):
        return f"{value:z.3g}x" if abs(value) < 1e3 else f"{value:,.0f}x"
    return _plain(value)


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun.

    >>> counted(1, "row"), counted(1_200, "row"), counted(2, "entry", "entries")
    ('1 row', '1,200 rows', '2 entries')
    """
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def _money(value: float) -> str:
    """Return an amount with three significant figures: whole dollars from 100 to 10,000, cents from 1 cent."""
    for scale, letter in _SCALES:
        if value >= (0.9995 * scale if scale > 1e3 else 9999.5):
            return f"{_three_figures(value / scale)}{letter}"
    if value >= 99.995:
        return f"{value:,.0f}"
    if value >= 1 or value == 0:
        return f"{value:.2f}"
    if value < _LEAST_WRITTEN_OUT:
        return f"{value:.2e}"
    text = f"{value:.3g}" if value >= 1e-4 else f"{value:.{2 - math.floor(math.log10(value))}f}".rstrip("0")
    return text.ljust(4, "0")


def _three_figures(value: float) -> str:
    decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{decimals}f}"


def _time(value: float) -> str:
    if abs(value) < 1:
        return f"{value * 1000:z.3g} ms"
    if abs(value) < 2 * _MINUTE_S:
        return f"{value:.3g} s"
    if abs(value) < 2 * _HOUR_S:
        return f"{value / _MINUTE_S:.3g} min"
    return f"{value / _HOUR_S:.3g} h"


def _plain(value: float) -> str:
    if abs(value) >= _LARGEST:
        return f"{value:.3g}".replace("e+", "e")
    for scale, letter in _SCALES[:3]:
        if abs(value) >= scale:
            return f"{value / scale:.3g}{letter}"
    if abs(value) >= 100 or value == int(value):
        return f"{value:z,.0f}"
    return f"{value:.3g}"
