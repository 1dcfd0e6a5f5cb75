"""A field's lowest and highest value as text, in the units in which its values are shown."""

import math

_LARGE = ((1e12, "T"), (1e9, "B"), (1e6, "M"))


def unit_text(unit: str) -> str:
    """Return the text after a value: its unit, without the part that the value already shows.

    >>> unit_text("USD/GPU/hour"), unit_text("share"), unit_text("tokens")
    ('/GPU/hour', '', 'tokens')
    """
    if unit in ("share", "s", "x", "USD"):
        return ""
    if unit.startswith("x/"):
        return unit[1:]
    return unit.removeprefix("USD")


def ends_text(lo: float, hi: float, unit: str) -> str:
    """Return the range `lo` to `hi` (inf: open) as short, exact text; "" if any number is allowed.

    >>> ends_text(0.0, 1.0, "share"), ends_text(0.0, 1e12, "USD"), ends_text(0.0, 20e6, "tokens")
    ('0% to 100%', '$0 to $1T', '0 to 20M tokens')
    >>> ends_text(0.0, math.inf, "GB"), ends_text(1.0, 120.0, "")
    ('0 or more GB', '1 to 120')
    """
    if math.isinf(lo):
        return ""
    what = unit_text(unit)
    what = what if what.startswith("/") or not what else f" {what}"
    return (f"{_end(lo, unit)} or more" if math.isinf(hi) else f"{_end(lo, unit)} to {_end(hi, unit)}") + what


def _end(value: float, unit: str) -> str:
    if unit == "share":
        return f"{value * 100:g}%"
    scale, letter = next((pair for pair in _LARGE if abs(value) >= pair[0]), (1.0, ""))
    number = f"{value / scale:,.10g}{letter}"
    if unit.startswith("USD"):
        return f"-${number.removeprefix('-')}" if value < 0 else f"${number}"
    return f"{number}{unit}" if unit in ("s", "x") else number
