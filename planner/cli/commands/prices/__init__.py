"""`planner prices`: API and GPU prices with source, date and age."""

from datetime import date
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from planner.catalog.api_prices import PriceRow
    from planner.catalog.model_prices import ModelPrices
    from planner.catalog.rents import Rent

MOST_SHOWN = 60
TITLE_COLUMNS, PROVIDER_COLUMNS = 34, 22


@click.command(
    "prices",
    epilog="""\b
Examples:
  planner prices gpt-5.4
  planner prices H100 on-demand
  planner prices anthropic --on 2027-01-01     prices announced for that day
  planner prices --json > prices.json""",
)
@click.argument("query", nargs=-1)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Prices on this day; default: today.")
@click.option("--all", "every", is_flag=True, help=f"List all matches, not just {MOST_SHOWN} of each.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def prices_command(*, query: tuple[str, ...], on: Any, every: bool, as_json: bool) -> None:
    """List API prices per million tokens and GPU rents per hour that match every word of QUERY.

    If QUERY names one model, in any form that a log or a plan uses, all its prices come first: every meter,
    processing tier, price step by prompt length, price by hour and price change.
    """
    from planner.catalog.api_prices import find_prices  # noqa: PLC0415 - loads the price list
    from planner.catalog.rents import find_rents  # noqa: PLC0415 - as above
    from planner.cli.commands.prices import of_one_model  # noqa: PLC0415 - beside its use

    day = on.date() if on else date.today()  # noqa: DTZ011 - the user's own day
    words = " ".join(query)
    models, rents = find_prices(words, on=day), find_rents(words)
    one = _one_model(words, models, day)
    if not models and not rents and one is None:
        raise click.UsageError(f"No price matches {words!r}. The list may not cover every model on sale.")
    if as_json:
        from planner.cli.io import json_output  # noqa: PLC0415 - loads numpy

        whole = {} if one is None else {"model": of_one_model.as_json(one)}
        click.echo(json_output.as_json({**_json(models, rents, day), **whole}))
        return
    lines = [] if one is None else [*of_one_model.as_text(one, day), ""]
    others = [row for row in models if one is None or row.name != one.name]
    click.echo("\n".join([*lines, *_text(others, rents, day, None if every else MOST_SHOWN)]).rstrip())


def _one_model(words: str, models: "list[PriceRow]", day: date) -> "ModelPrices | None":
    """Return all prices of the model that the words name in full, or of the only model they match."""
    from planner.catalog.api_offers import NotListed  # noqa: PLC0415 - loads the price list
    from planner.catalog.model_prices import model_prices  # noqa: PLC0415 - as above

    name = models[0].name if len(models) == 1 else words
    found = model_prices(name, on=day) if name.strip() else None
    return None if isinstance(found, NotListed) else found


def _json(models: "list[PriceRow]", rents: "list[Rent]", day: date) -> dict[str, Any]:
    return {
        "on": day,
        "api": [
            {
                "model": row.name,
                "title": row.title,
                "input_usd_per_mtok": row.rates.input.usd_per_mtok,
                "cache_read_usd_per_mtok": row.rates.cache_read.usd_per_mtok,
                "cache_write_usd_per_mtok": row.rates.cache_write.usd_per_mtok,
                "output_usd_per_mtok": row.rates.output.usd_per_mtok,
                "usd_per_request": row.rates.usd_per_request,
                "long_prompts": [
                    {"above_tokens": start, "input_usd_per_mtok": usd} for start, usd in row.rates.input.tiers
                ],
                "processing": row.processing_tiers,
                "source": row.rates.source,
                "as_of": row.rates.as_of,
                "checked": row.rates.checked,
                "age_days": (day - row.rates.as_of).days,
                "scheduled": [
                    {
                        "from": start,
                        "input_usd_per_mtok": later.input.usd_per_mtok,
                        "output_usd_per_mtok": later.output.usd_per_mtok,
                    }
                    for start, later in row.scheduled
                ],
                "notes": row.rates.notes,
            }
            for row in models
        ],
        "gpu": [
            {
                "gpu": rent.gpu, "paid": rent.kind, "usd_per_gpu_hour": rent.usd_per_gpu_hour,
                "provider": rent.provider, "region": rent.region, "instance": rent.instance,
                "source": rent.source,
                "as_of": rent.as_of, "dated": rent.dated, "age_days": rent.age_days(day), "note": rent.note,
            }
            for rent in rents
        ],
    }  # fmt: skip


def _text(models: "list[PriceRow]", rents: "list[Rent]", day: date, most: int | None) -> list[str]:
    lines = _api_lines(models, day, most)
    return [*lines, *([""] if lines and rents else []), *_gpu_lines(rents, day, most)]


def _api_lines(models: "list[PriceRow]", day: date, most: int | None) -> list[str]:
    from planner.cli.io.layout import cut, table  # noqa: PLC0415 - beside its use
    from planner.files import inert  # noqa: PLC0415 - loads the schema

    if not models:
        return []
    from planner.catalog.api_offers import data_date  # noqa: PLC0415 - the list is loaded by now

    source, as_of = models[0].rates.source, data_date()
    rows = [
        (
            cut(inert(row.name), TITLE_COLUMNS),
            *(f"{float(usd):.12g}" for usd in _token_prices(row)),
            str(row.rates.checked or ""),
            inert(", ".join(tier for tier in row.processing_tiers if tier != "standard")),
        )
        for row in models[:most]
    ]
    lines = [f"API models, USD per million tokens, from {inert(source)} of {as_of} ({_age(as_of, day)})"]
    lines += table(rows, head=("model", "input", "cached", "output", "checked", "also sold as"), left=1)
    lines += [
        f"  {inert(row.name)} from {start}: {float(later.input.usd_per_mtok):.12g} in,"
        f" {float(later.output.usd_per_mtok):.12g} out"
        for row in models[:most]
        for start, later in row.scheduled
    ]
    return lines + _rest(len(models), most)


def _token_prices(row: "PriceRow") -> tuple[Any, Any, Any]:
    rates = row.rates
    return rates.input.usd_per_mtok, rates.cache_read.usd_per_mtok, rates.output.usd_per_mtok


def _gpu_lines(rents: "list[Rent]", day: date, most: int | None) -> list[str]:
    from planner.cli.io.layout import cut, table, wrapped  # noqa: PLC0415 - beside its use
    from planner.files import inert  # noqa: PLC0415 - loads the schema

    if not rents:
        return []
    sources = list(dict.fromkeys(rent.source for rent in rents[:most]))
    rows = [
        (
            rent.gpu,
            rent.kind,
            cut(inert(rent.provider), PROVIDER_COLUMNS),
            f"{rent.usd_per_gpu_hour:.2f}",
            str(rent.as_of),
            f"{rent.age_days(day)} d" + (" !" if rent.is_stale(day) else "  "),
            f"[{sources.index(rent.source) + 1}]",
        )
        for rent in rents[:most]
    ]
    head = ("GPU", "paid as", "provider", "USD/hour", "as of", "age  ", "source")
    lines = ["GPU rents, USD per GPU-hour", *table(rows, head=head, left=3)]
    lines += [
        line for i, source in enumerate(sources) for line in wrapped(f"[{i + 1}] {inert(source)}", hang=6)
    ]
    if any(rent.is_stale(day) for rent in rents[:most]):
        lines.append("  ! older than 60 days: rents move, so check again before you decide.")
    return lines + _rest(len(rents), most)


def _age(as_of: date, day: date) -> str:
    from planner.catalog.rents import STALE_AFTER_DAYS  # noqa: PLC0415 - beside its use

    days = (day - as_of).days
    if days < 0:
        return "newer than the day asked for"
    words = f"{days} day{'' if days == 1 else 's'} old"
    return f"{words}; older than {STALE_AFTER_DAYS} days, check again" if days > STALE_AFTER_DAYS else words


def _rest(found: int, most: int | None) -> list[str]:
    return [f"  and {found - most} more: add words, or --all"] if most is not None and found > most else []
