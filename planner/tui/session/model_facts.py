"""What a picker says of a model, and what changes beside the price when one is put in another's place."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from planner.catalog.hardware import llm, llm_names
from planner.errors import ScenarioError
from planner.readout import placed_label
from planner.schema import ApiDeployment
from planner.schema.steps import steps_of
from planner.units import show

if TYPE_CHECKING:
    from planner.catalog.api_rates import ApiRates
    from planner.schema import Field, Scenario

BILLION, MILLION = 1e9, 1e6
MOST_OF_IT = 0.9  # a model of which more works for each token is told as one number


def sold_model_text(name: str, on: date) -> str:
    """Return price in and out per million tokens, the longest prompt, and the day of the price, as far as known.

    >>> sold_model_text("openai:gpt-5", date(2026, 11, 28))
    '$1.25 in  $10.00 out  400k  2025-11'
    """
    rates = _rates(name, on)
    if rates is None:
        return "no price listed"
    usd = (float(rates.input.usd_per_mtok), float(rates.output.usd_per_mtok))
    parts = [f"{show(usd[0], 'usd')} in", f"{show(usd[1], 'usd')} out"]
    parts += [_thousands(rates.context_tokens)] if rates.context_tokens else []
    return "  ".join([*parts, f"{rates.as_of:%Y-%m}"])


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
    day = on or date.today()  # noqa: DTZ011 - a price is as old as the reader's calendar says
    return open_model_text(name) if name in llm_names() else sold_model_text(name, day)


def swap_words(before: Scenario, after: Scenario, field: Field) -> tuple[str, str] | None:
    """Return what to know after another model was chosen for a deployment: its price, and that success is not its own.

    None where the field names no model, or nothing changed.
    """
    steps = steps_of(field.path)
    if (
        len(steps) != len(("deployments", "name", "model"))
        or steps[0] != "deployments"
        or steps[2] != "model"
    ):
        return None
    old, new = before.deployments[steps[1]], after.deployments[steps[1]]
    if old.model == new.model:
        return None
    hosted = not isinstance(new, ApiDeployment)
    told = open_model_text(new.model) if hosted and new.model in llm_names() else model_text(new.model)
    was = "" if hosted else f"; was {_price_text(old.model)}"
    kept = f"Success stays {float(new.success_share):.0%}, as of {old.model}: set its own."
    return placed_label(field.path, f"{told}{was}"), kept


def _thousands(tokens: int) -> str:
    """Return a length of context as vendors write it.

    >>> _thousands(400_000), _thousands(1_048_576), _thousands(131_072)
    ('400k', '1M', '131k')
    """
    return f"{tokens / MILLION:.2g}M" if tokens >= MILLION else f"{tokens / 1e3:.0f}k"


def _price_text(name: str) -> str:
    return "  ".join(sold_model_text(name, date.today()).split("  ")[:2])  # noqa: DTZ011 - as above


def _rates(name: str, on: date) -> ApiRates | None:
    from planner.catalog.api_prices import api_rates  # noqa: PLC0415 - loads the price list

    try:
        return api_rates(name, on=on)
    except ScenarioError:
        return None
