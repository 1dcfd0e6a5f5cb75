"""`planner claims`: well-known rules of thumb, recomputed."""

from collections.abc import Mapping
from typing import Any

import click

from planner.analysis.claims import ClaimResult, claim, claims
from planner.cli.io import json_output
from planner.cli.io.layout import wrapped
from planner.cli.io.output_formats import csv_text, styled
from planner.files import inert
from planner.readout.quantity_text import quantity_name, quantity_text


@click.command(
    "claims",
    epilog="""\b
Examples:
  planner claims                 one line each
  planner claims c19             one in full, with its inputs and sources
  planner claims --json""",
)
@click.argument("name", required=False)
@styled
def claims_command(*, name: str | None, style: str | None) -> None:
    """Recompute well-known rules of thumb from their own numbers: claim, result, verdict, sources."""
    click.echo(report(name, style))


def report(name: str | None, style: str | None) -> str:
    """Return what `planner claims` prints."""
    found = claims() if name is None else [claim(name)]
    if style == "json":
        return json_output.as_json(found if name is None else found[0])
    if style == "csv":
        return csv_text([_row(each) for each in found])
    if name is not None:
        return "\n".join(_full(found[0]))
    verdicts = [each.verdict for each in found]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in dict.fromkeys(verdicts))
    return "\n".join(
        [f"{len(found)} claims: {counts}", "", *(line for each in found for line in _brief(each))]
    )


def _row(each: ClaimResult) -> dict[str, Any]:
    return {
        "id": each.id,
        "claim": each.paraphrase,
        "claimed": numbers(each.claimed),
        "computed": numbers(each.computed),
        "verdict": each.verdict,
        "sources": "; ".join(source.finding for source in each.sources),
    }


def numbers(table: Mapping[str, Any]) -> str:
    """Return named numbers on one line.

    >>> numbers({"price_cut_x": 20.0, "train_usd_per_token": 0.00125})
    'price cut 20x, train $0.00125 per token'
    """
    return ", ".join(f"{quantity_name(name)} {quantity_text(name, value)}" for name, value in table.items())


def _brief(each: ClaimResult) -> list[str]:
    lines = wrapped(inert(f"{each.id} {each.verdict}: {each.paraphrase}"), indent=0, hang=4)
    if each.claimed:
        lines += wrapped(inert(f"claimed: {numbers(each.claimed)}"), indent=4, hang=6)
    return [*lines, *wrapped(inert(f"computed: {numbers(each.computed)}"), indent=4, hang=6)]


def _full(each: ClaimResult) -> list[str]:
    parts = {
        "equation": each.equation,
        "inputs": numbers(each.inputs),
        "measured": numbers(each.measured),
        "claimed": numbers(each.claimed),
        "computed": numbers(each.computed),
        "arithmetic": each.arithmetic,
        "reality": each.reality,
        "rule": each.rule,
        "note": each.note,
    }
    lines = wrapped(inert(f"{each.id} {each.verdict}: {each.paraphrase}"), indent=0, hang=4)
    lines += [line for name, text in parts.items() if text for line in wrapped(inert(f"{name}: {text}"))]
    for source in each.sources:
        words = f"{source.finding}: {source.source} ({source.how_read}; confidence {source.confidence})"
        lines += wrapped(inert(words), hang=6)
    return lines
