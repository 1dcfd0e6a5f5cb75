"""`planner moves`: every lever at each sensible setting, ranked."""

import sys
from typing import Any

import click

from planner.analysis.moves import Move, Rank, moves
from planner.cli.io import json_output
from planner.cli.io.evaluated_plans import named_after
from planner.cli.io.layout import cut, table, wrapped
from planner.cli.io.output_formats import csv_text, styled
from planner.cli.io.progress import working
from planner.cli.io.scenario_input import read
from planner.files import inert
from planner.readout import change_text


@click.command(
    "moves",
    epilog="""\b
Examples:
  planner moves plan.toml
  planner moves plan.toml --by runway --limit 5
  planner moves plan.toml --csv > moves.csv""",
)
@click.argument("file")
@click.option(
    "--by", type=click.Choice(["savings", "burn", "runway", "success"]), default="savings", show_default=True,
    help="Rank by.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1, 10_000), default=15, show_default=True, help="Rows to print.")
@click.option("--infeasible", is_flag=True, help="Include plans that break a promise or don't fit.")
@styled
def moves_command(*, file: str, by: str, limit: int, infeasible: bool, style: str | None) -> None:
    """Try every lever of FILE at each sensible setting, alone and in pairs, and rank them."""
    click.echo(report(file, by=by, limit=limit, feasible=not infeasible, style=style))


RANKS: dict[str, Rank] = {
    "savings": "saves_usd_per_month",
    "burn": "burn_cut_usd_per_month",
    "runway": "runway_gained_months",
    "success": "success_gained_share",
}
WORDS_COLUMNS = 44


def report(file: str, *, by: str, limit: int, feasible: bool, style: str | None) -> str:
    """Return what `planner moves` prints."""
    loaded = read(file)
    with named_after(loaded), working("Trying every lever", sys.stderr):
        found = moves(loaded.scenario)
    best = found.ranked(RANKS[by], feasible=feasible)[:limit]
    if style == "csv":
        return csv_text([_row(move) for move in best])
    if style == "json":
        refused = [inert(each.words) for each in found.refused]
        return json_output.as_json(
            {"moves": [_row(move) for move in best], "base": found.base, "refused": refused}
        )
    tried = len(found.singles) + len(found.pairs)
    lines = [
        inert(loaded.scenario.title),
        f"{tried:,} moves tried; the best {len(best)} by {by}, month 1",
        "",
    ]
    head = ("", "saves a month", "success", "runway", "p95")
    lines += table([_cells(index, move) for index, move in enumerate(best, 1)], head=("", *head), left=2)
    lines += ["", *(line for i, move in enumerate(best, 1) for line in _effect(i, move))]
    return "\n".join(lines)


def _cells(index: int, move: Move) -> tuple[str, ...]:
    return (
        str(index),
        cut(inert(move.words), WORDS_COLUMNS),
        change_text("usd", move.saves_usd_per_month),
        change_text("success_share", move.success_gained_share).replace(" points", " pt"),
        _runway(move),
        change_text("latency_s", move.latency_added_s),
    )


def _runway(move: Move) -> str:
    """Return the months gained; a lower bound if the cash outlasts the plan."""
    over = ">" if move.runway_lasts and move.runway_gained_months else ""
    return over + change_text("months", move.runway_gained_months).replace(" months", " mo")


def _effect(index: int, move: Move) -> list[str]:
    return wrapped(f"{index}. {inert(move.words)}: {inert(move.effect)}", hang=5)


def _row(move: Move) -> dict[str, Any]:
    return {
        "move": inert(move.words),
        "saves_usd_per_month": move.saves_usd_per_month,
        "saves_share": move.saves_share,
        "serving_cut_usd_per_month": move.serving_cut_usd_per_month,
        "burn_cut_usd_per_month": move.burn_cut_usd_per_month,
        "runway_gained_months": move.runway_gained_months,
        "runway_lasts": move.runway_lasts,
        "success_gained_share": move.success_gained_share,
        "latency_added_s": move.latency_added_s,
        "one_off_usd": move.one_off_usd,
        "break_even_failure_usd": move.break_even_failure_usd,
        "verdict": move.verdict,
        "effect": inert(move.effect),
    }
