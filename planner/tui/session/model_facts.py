"""What a picker says of a model, and what changes beside the price when one is put in another's place."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from planner.catalog.hardware import llm, llm_names
from planner.errors import ScenarioError
from planner.schema import ApiDeployment
from planner.schema.steps import steps_of
from planner.units import show

if TYPE_CHECKING:
    from planner.catalog.api_rates import ApiRates
    from planner.schema import Field, Scenario

BILLION, MILLION = 1e9, 1e6
_VERSION = re.compile(r"(?<![\d.])(\d{1,2})(?:[.-](\d{1,2})(?![\d.]*[bk]\b))?(?![\d.]*[bk]\b|\d)")
MOST_OF_IT = 0.9  # a model of which more works for each token is told as one number


_PER_MTOK = " /Mtok"
_IN_SHORT = {
    "Price in": "in", "Price out": "out", "From cache": "cache", "Window": "window", "Price as of": "price of",
}  # fmt: skip
MODEL_HEAD = (
    f"{'in/Mtok':>8}{'out/Mtok':>10}{'window':>8}{'price of':>10}"  # over the columns of models that are sold
)


def sold_model_text(name: str, on: date) -> str:
    """Return price in and out per million tokens, the longest prompt, and the month of the price, as far as known.

    A model that its vendor took off, or will, says so before them.

    >>> sold_model_text("openai:gpt-5", date(2026, 11, 28))
    'ends 2026-12     $1.25    $10.00    400k   2025-11'
    """
    rates = _rates(name, on)
    if rates is None:
        return "no price listed".rjust(len(MODEL_HEAD))
    usd = (float(rates.input.usd_per_mtok), float(rates.output.usd_per_mtok))
    window = tokens_text(rates.context_tokens) if rates.context_tokens else ""
    end = f"{end_text(rates.retired, on)}  " if rates.retired else ""
    month = f"{rates.as_of:%Y-%m}"
    return f"{end}{show(usd[0], 'usd'):>8}{show(usd[1], 'usd'):>10}{window:>8}{month:>10}"


def end_text(day: date, on: date) -> str:
    """Return when a vendor took a model off the market, or will, in two words.

    >>> end_text(date(2026, 8, 23), date(2026, 11, 28)), end_text(date(2027, 4, 14), date(2026, 11, 28))
    ('ended 2026-08', 'ends 2027-04')
    """
    return f"{'ended' if day <= on else 'ends'} {day:%Y-%m}"


def open_model_text(name: str) -> str:
    """Return the size of a model to host, and what of it works for each token.

    >>> open_model_text("llama-3.1-8b")
    '8.0B parameters'
    """
    from planner.model.serving.memory import active_params, total_params  # noqa: PLC0415 - few plans host

    model = llm(name)
    total, active = (float(count(llm=model)) / BILLION for count in (total_params, active_params))
    sparse = f", {active:.1f}B active" if active < MOST_OF_IT * total else ""
    return f"{total:.1f}B parameters{sparse}"


def model_text(name: str, on: date | None = None) -> str:
    """Return what is known of a model, hosted or sold; nothing for one that no catalog knows."""
    day = on or _today()
    return open_model_text(name) if name in llm_names() else sold_model_text(name, day)


def _today() -> date:
    return date.today()  # noqa: DTZ011 - a price is as old as the reader's calendar says


def swap_words(before: Scenario, after: Scenario, field: Field, on: date) -> tuple[str, str] | None:
    """Return what to know after another model was chosen for a deployment: it, beside the one before, and what stays.

    None where the field names no model, or nothing changed.
    """
    steps = steps_of(field.path)
    if len(steps) != len(("deployments", "name", "model")) or (steps[0], steps[2]) != (
        "deployments",
        "model",
    ):
        return None
    old, new = before.deployments[steps[1]], after.deployments[steps[1]]
    if old.model == new.model:
        return None
    kept = f"success {float(new.success_share):.0%}"
    if isinstance(new, ApiDeployment):
        told, kept = _beside(old.model, new.model, on), f"{kept}, latency, reasoning tokens"
    else:
        told = open_model_text(new.model) if new.model in llm_names() else "a model of the file"
    return f"{steps[1]}: {told}.", f"Kept as of {old.model}: {kept}. Set its own; e tells more"


def _beside(old: str, new: str, on: date) -> str:
    """Return prices per million tokens and window of a model, in brackets those of the one before where they differ."""
    was, now = dict(sold_facts(old, on)), dict(sold_facts(new, on))

    def told(name: str, word: str) -> str:
        value = now[name].removesuffix(_PER_MTOK)
        before = was.get(name, now[name]).removesuffix(_PER_MTOK)
        return f"{word} {value}" + (f" (was {before})" if before != value else "")

    return ", ".join(told(name, word) for name, word in _IN_SHORT.items() if name in now) or "no price listed"


def sold_facts(name: str, on: date) -> list[tuple[str, str]]:
    """Return what is known of a model that is sold: each fact with its name; nothing of one without a price.

    >>> sold_facts("openai:gpt-5", date(2026, 11, 28))[:3]
    [('Price in', '$1.25 /Mtok'), ('Price out', '$10.00 /Mtok'), ('From cache', '$0.125 /Mtok')]
    """
    rates = _rates(name, on)
    if rates is None:
        return []
    prices = [("Price in", rates.input), ("Price out", rates.output)]
    prices += [("From cache", rates.cache_read)] if rates.has_cache_read else []
    found = [(what, show(float(price.usd_per_mtok), "usd") + _PER_MTOK) for what, price in prices]
    found += [] if rates.has_cache_read else [("From cache", "as other input")]
    found += [
        (what, tokens_text(length) if length else "not told")
        for what, length in (("Window", rates.context_tokens), ("Longest answer", rates.answer_tokens))
    ]
    verb = "" if rates.retired is None else "gone since" if rates.retired <= on else "until"
    sold = f"{verb} {rates.retired}" if rates.retired else "no end told"
    return [*found, ("Price as of", f"{rates.as_of}"), ("Sold", sold)]


def tokens_text(tokens: int) -> str:
    """Return a length of context as vendors write it.

    >>> tokens_text(400_000), tokens_text(1_048_576), tokens_text(131_072)
    ('400k', '1M', '131k')
    """
    return f"{tokens / MILLION:.2g}M" if tokens >= MILLION else f"{tokens / 1e3:.0f}k"


def version(name: str) -> float:
    """Return the version in a model's name, 0 where there is none; sizes and days are none.

    >>> [version(name) for name in ("anthropic:claude-haiku-5-5", "google:claude-3-haiku", "openai:gpt-5.4-mini")]
    [5.5, 3.0, 5.4]
    >>> [version(name) for name in ("aws:claude-haiku-4-5-20251001-v1:0", "groq:llama-3.1-8b", "openai:gpt-4o", "x:o3")]
    [4.5, 3.1, 4.0, 3.0]
    """
    found = _VERSION.search(name.partition(":")[2] or name)
    return float(f"{found[1]}.{found[2] or 0}") if found else 0.0


def ends(name: str) -> int:
    """Return 2 for a model that its vendor took off the market, 1 where the vendor has said when, else 0."""
    from planner.catalog.api_models import model_facts  # noqa: PLC0415 - reads a table

    day = model_facts(name).retired
    return 0 if day is None else 2 if day <= _today() else 1


def _rates(name: str, on: date) -> ApiRates | None:
    from planner.catalog.api_prices import api_rates  # noqa: PLC0415 - loads the price list

    try:
        return api_rates(name, on=on)
    except ScenarioError:
        return None
