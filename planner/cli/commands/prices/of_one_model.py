"""All prices of one model, as text and as JSON."""

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from planner.catalog.rate_limits import tiers_of
from planner.catalog.unit_offers import offers_of
from planner.cli.commands.prices.vendor_terms import limit_lines, unit_lines
from planner.cli.io.layout import table, wrapped
from planner.files import inert

if TYPE_CHECKING:
    from planner.catalog.model_prices import ModelPrices, PriceLine

_PER = {1e6: "per million", 1e3: "per thousand", 3_600.0: "per hour", 1e9: "per billion"}


def as_json(found: "ModelPrices") -> dict[str, Any]:
    """Return all prices of a model, for programs."""
    return {
        **asdict(found),
        "units_of_capacity": [asdict(each) for each in offers_of(found.name)],
        "limits_by_tier": [asdict(each) for each in tiers_of(found.name)],
    }


def as_text(found: "ModelPrices", day: date) -> list[str]:
    """Return all prices of a model as lines: facts about it, its price table, changes and notes."""
    lines = [f"{inert(found.name)}  {inert(found.title)}"]
    lines += table(list(_facts(found, day)), left=2)
    lines += ["", f"USD on {found.on}"]
    lines += table([_row(line, found.tiers) for line in found.lines], head=("", *found.tiers), left=1)
    if found.changes:
        days = ", ".join(f"{one}{' (announced)' if one > found.on else ''}" for one in found.changes)
        lines += ["", *wrapped(f"Prices change or start on {days}.", hang=2)]
    for note in found.notes:
        lines += ["", *wrapped(inert(note), hang=2)]
    return [*lines, *unit_lines(offers_of(found.name)), *limit_lines(tiers_of(found.name))]


def _facts(found: "ModelPrices", day: date) -> list[tuple[str, str]]:
    if found.checked is None:
        age = (day - found.list_of).days
        checked = f"unknown; the list ({found.source}) is of {found.list_of}, {age} days old"
    else:
        checked = f"{found.checked}, {(day - found.checked).days} days ago ({found.source})"
    rows = [
        ("price last checked", checked),
        ("longest prompt", _tokens(found.context_tokens)),
        ("longest answer", _tokens(found.answer_tokens)),
    ]
    if found.appeared:
        rows.append(("not sold before", str(found.appeared)))
    if found.retired:
        gone = "gone" if found.retired <= day else f"in {(found.retired - day).days} days"
        rows.append(("retired by its vendor", f"{found.retired}, {gone}"))
    elif found.deprecated:
        rows.append(("retired by its vendor", "deprecated, no date given"))
    return rows


def _tokens(count: int | None) -> str:
    return "unknown" if count is None else f"{count:,} tokens"


def _row(line: "PriceLine", tiers: tuple[str, ...]) -> tuple[str, ...]:
    words = line.unit.replace("_", " ")
    if line.per != 1:
        words = f"{words}, {_PER.get(line.per, f'per {line.per:,.0f}')}"
    if line.above_tokens:
        words = f"  prompts over {line.above_tokens:,} tokens"
    if line.hours:
        words = f"{words}, {line.hours}"
    return (words, *(f"{line.usd[tier]:.12g}" if tier in line.usd else "" for tier in tiers))
