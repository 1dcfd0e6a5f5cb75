"""A quantity by its name in a catalog, in words: the unit goes from the name to the number."""

from typing import Any

import numpy as np

from planner.units import show

_UNITS = (  # the end of a name, how a number of it is shown, and what stands behind that
    ("usd_per_success_and_token", "usd", " per success and token"),
    ("usd_per_success", "usd", " per success"),
    ("usd_per_token", "usd", " per token"), ("usd_per_mtok", "usd", " per Mtok"),
    ("usd_per_month", "usd", " a month"), ("share_per_month", "share", " a month"),
    ("log_points_per_year", "", " log points a year"), ("x_per_year", "x", " a year"),
    ("tokens_per_month", "tokens", " tokens a month"), ("tokens_per_s", "", " tokens/s"),
    ("service_times", "", " times the service"), ("params_b", "", "B parameters"), ("usd", "usd", ""),
    ("share", "share", ""), ("frac", "share", ""), ("ratio", "x", ""), ("x", "x", ""), ("s", "s", ""),
    ("tokens", "tokens", " tokens"), ("months", "", " months"), ("points", "", " points"),
)  # fmt: skip
_WRITTEN = {
    "gpt": "GPT", "rag": "RAG", "mmlu": "MMLU", "gsm8k": "GSM8K", "openai": "OpenAI", "google": "Google",
    "gemini": "Gemini", "openrouter": "OpenRouter", "h100": "H100", "b200": "B200", "h200": "H200",
    "cv2": "cv²", "lora": "LoRA", "ruler": "RULER", "nolima": "NoLiMa", "lara": "LaRA", "epoch": "Epoch",
}  # fmt: skip
_LEAST = 1e-3


def quantity_name(name: str) -> str:
    """Return what a quantity is called, without its unit.

    >>> quantity_name("train_usd_per_token"), quantity_name("openai_compute_margin_2025_share")
    ('train', 'OpenAI compute margin 2025')
    """
    return " ".join(_WRITTEN.get(word, word) for word in _parts(name)[0].split("_"))


def quantity_text(name: str, value: Any) -> str:
    """Return a number with the unit of its name.

    >>> quantity_text("train_usd_per_token", 0.0002), quantity_text("loss_share", 0.05)
    ('$0.0002 per token', '5.0%')
    >>> quantity_text("lifetime_in_months_of_google", 7.69e-5), quantity_text("moat", True)
    ('0.0000769', 'yes')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int | float):
        return str(value)
    _, kind, behind = _parts(name)
    return f"{_shown(float(value), kind)}{behind}"


def _parts(name: str) -> tuple[str, str, str]:
    """Return a name without its unit, how numbers of it are shown, and what stands behind them."""
    for ending, kind, behind in _UNITS:
        if name.endswith(f"_{ending}"):
            return name.removesuffix(f"_{ending}"), kind, behind
    return name, "", ""


def _shown(value: float, kind: str) -> str:
    if 0 < abs(value) < _LEAST and not kind:
        return str(np.format_float_positional(value, precision=3, fractional=False, trim="-"))
    if not kind and value == int(value) and abs(value) < 1e6:
        return f"{value:.0f}"  # a year, a count
    return show(value, kind)
