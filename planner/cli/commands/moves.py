"""`planner moves`: every lever at each sensible setting, judged by our cash, promises and success."""

import math
import sys
from typing import Any

import click

from planner.analysis.moves import Move, Moves, moves, under_headings
from planner.cli.io import json_output
from planner.cli.io.evaluated_plans import named_after
from planner.cli.io.layout import cells, table, wrapped
from planner.cli.io.output_formats import csv_text, styled
from planner.cli.io.progress import STOPPED, stoppable
from planner.cli.io.scenario_input import read
from planner.files import inert
from planner.readout import RUNWAY, change_text, label
from planner.readout.name_rows import name_rows
from planner.units import NOT_AVAILABLE, show

WORDS_COLUMNS = 38
LISTED = ("free win", "trade-off")
LEAST_RUNWAY_MONTHS = 0.05


@click.command(
    "moves",
    epilog="""\b
Examples:
  planner moves support-copilot
  planner moves plan.toml --best runway --keep "success_share >= 0.75"
  planner moves plan.toml --csv > moves.csv
A free win worsens nothing that matters: burn, cash at the end, success of
any workload, cost of failures to customers, promises. It holds in most
draws and doesn't rely on a default. [goal] in the file does the same as
--best and --keep.""",
)
@click.argument("file")
@click.option("--best", default="", help="Result to improve; default: net burn.")
@click.option("--keep", multiple=True, help="Rule that no move may break; may be repeated.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=12, show_default=True, help="Rows per group."
)
@click.option("--infeasible", is_flag=True, help="Include moves that break a promise or don't fit.")
@styled
def moves_command(
    *, file: str, best: str, keep: tuple[str, ...], limit: int, infeasible: bool, style: str | None
) -> None:
    """Try every lever of FILE at each sensible setting, alone and in pairs, and sort the moves by effect."""
    loaded = read(file)
    with named_after(loaded), stoppable("Trying every lever", sys.stderr) as told:
        found = moves(loaded.scenario, best=best, keep=keep, progress=told)
    if found.stopped:
        click.echo(STOPPED, err=True)
    listed = [each for each in found.found if infeasible or each.group != "can't be"]
    if style == "csv":
        click.echo(csv_text([_row(each) for each in listed]))
        return
    if style == "json":
        click.echo(_json(found, listed))
        return
    lines = [inert(loaded.scenario.title), *_lines(found, limit, infeasible=infeasible)]
    click.echo("\n".join(lines))


def _json(found: Moves, listed: list[Move]) -> str:
    return json_output.as_json(
        {
            "best": found.goal.best,
            "keep": [each.text for each in found.goal.keep],
            "moves": [_row(each) for each in listed],
            "base": found.base,
            "draws": found.draws,
            "refused": [inert(each.words) for each in found.refused],
            "not_priced": [inert(each) for each in found.unpriced],
            "stopped": found.stopped,
        }
    )


def _lines(found: Moves, limit: int, *, infeasible: bool) -> list[str]:
    draws = f"P: share of {found.draws} draws in which it holds" if found.draws else "the plan has no ranges"
    lines = wrapped(
        f"{len(found.found):,} moves tried, ranked under each heading by {label(found.goal.best).lower()}. "
        f"Month 1, without one-off payments; {draws}. Customers: added cost of failures to customers, "
        "not part of any other number.",
        indent=0,
    )
    if found.credits_usd:
        paid = show(found.credits_usd, "usd")
        lines += wrapped(
            f"Credits pay {paid} of month 1: savings on it move burn and cash only later.", indent=0
        )
    looked_into = [
        each for each in found.found if each.group in LISTED and not math.isnan(each.p_better_share)
    ]
    for title, every in under_headings(looked_into):
        lines += ["", *wrapped(f"{title} ({len(every)})", indent=0), *_group(every[:limit])]
    return lines + _rest(found, limit, infeasible=infeasible)


def _group(chosen: list[Move]) -> list[str]:
    if not chosen:
        return ["  none"]
    head = ("", "", "burn", "once", "runway", "success", "customers", "P")
    lines = table(
        [row for index, each in enumerate(chosen, 1) for row in _rows(index, each)], head=head, left=2
    )
    return lines + [
        line
        for index, each in enumerate(chosen, 1)
        for line in wrapped(f"{index}. {inert(each.words)}: {inert(each.effect)}", hang=5)
    ]


def _rows(index: int, each: Move) -> list[tuple[str, ...]]:
    """Return the row of a move, and rows below it for names that are too long for their column."""
    first, *below = name_rows([inert(setting.words) for setting in each.settings], WORDS_COLUMNS, cells)
    return [
        (
            str(index),
            first,
            _change("usd", -each.burn_cut_usd_per_month),
            _change("usd", each.one_off_usd),
            _runway(each),
            _change("success_share", each.success_gained_share).replace(" pts", " pt"),
            _change("usd", each.customers_lose_usd_per_month),
            f"{each.p_better_share:.0%}",
        ),
        *(("", f"  {row}") for row in below),
    ]


def _rest(found: Moves, limit: int, *, infeasible: bool) -> list[str]:
    """Return how many moves are not worth it or not possible, and the levers that have no price."""
    broken = found.of("can't be")
    later = [each for each in found.of("trade-off") if math.isnan(each.p_better_share)]
    lines = ["", f"Not worth it: {len(found.of('not worth it')):,}"]
    if later:
        lines.append(f"With smaller gains, not examined further: {len(later):,}")
    if broken:
        lines.append(f"Break a promise or a rule, or don't fit: {len(broken):,}")
    if infeasible:
        lines += [
            line
            for each in broken[:limit]
            for line in wrapped(f"{inert(each.words)}: {inert(each.effect)}", hang=4)
        ]
    if found.unpriced:
        lines += ["Not offered:", *(f"  {inert(each)}" for each in found.unpriced)]
    return lines


def _change(name: str, value: float) -> str:
    if math.isnan(value):
        return NOT_AVAILABLE
    text = change_text(name, value, brief=True)
    return "-" if text.lstrip("+-$").rstrip(" pts").strip("0.") == "" else text


def _runway(move: Move) -> str:
    """Return the months gained; a lower bound if the cash outlasts the plan."""
    gained = move.runway_gained_months
    if math.isnan(gained):
        return NOT_AVAILABLE
    if abs(gained) < LEAST_RUNWAY_MONTHS:
        return "-"
    return change_text(RUNWAY, gained, brief=True, at_least=move.runway_lasts)


def _row(move: Move) -> dict[str, Any]:
    return {
        "move": inert(move.words),
        "group": move.group,
        "burn_cut_usd_per_month": move.burn_cut_usd_per_month,
        "one_off_usd": move.one_off_usd,
        "cash_end_usd": move.cash_end_usd,
        "runway_gained_months": move.runway_gained_months,
        "runway_lasts": move.runway_lasts,
        "success_gained_share": move.success_gained_share,
        "customers_lose_usd_per_month": move.customers_lose_usd_per_month,
        "latency_added_s": move.latency_added_s,
        "turns_at_failure_usd": move.turns_at_failure_usd,
        "p_better_share": move.p_better_share,
        "loses_at_plan": move.loses,
        "rests_on": [inert(each) for each in move.rests_on],
        "effect": inert(move.effect),
    }
