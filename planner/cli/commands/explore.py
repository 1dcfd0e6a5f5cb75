"""`planner sweep`, `seek`, `moves`, `sensitivity`: many plans from one."""

from typing import Any

import click

from planner.cli.io.output_formats import shared_out, styled

SWEEP_METRICS = ("usd_per_outcome", "success_share", "gross_margin_share", "runway_months", "gpus")


@click.command(
    "sweep",
    epilog="""\b
Examples:
  planner sweep plan.toml --over share_to_last
  planner sweep plan.toml --over share_to_last=0,0.25,0.5 --over rag.chunks=2:16:8 --metric usd_per_outcome
  planner sweep plan.toml --over policy --over context_tokens=1000:64000:1000 --ray auto
Values: a list, LOW:HIGH:COUNT, or none for those worth trying.""",
)
@click.argument("file")
@click.option("--over", multiple=True, required=True, help="FIELD or FIELD=VALUES; one or two of them.")
@click.option("--metric", "metrics", multiple=True, help="A result to show; several may be given.")
@shared_out
@styled
def sweep_command(
    *, file: str, over: tuple[str, ...], metrics: tuple[str, ...], style: str | None,
    processes: int | None, ray_address: str | None,
) -> None:  # fmt: skip
    """Show results over one or two fields of FILE. Ctrl+c stops and shows what is done."""
    from planner.cli.commands import sweep_text  # noqa: PLC0415 - loads the model

    click.echo(sweep_text.report(file, over, metrics, style, processes=processes, ray_address=ray_address))


@click.command(
    "seek",
    epilog="""\b
Examples:
  planner seek plan.toml --field usd_per_customer_per_month --metric gross_margin_share --to 70%
  planner seek plan.toml --field share_to_last --metric usd_per_outcome --to 2.50 --lowest 0 --highest 0.5
That no value reaches the target is an answer, not an error.""",
)
@click.argument("file")
@click.option("--field", required=True, help="What may change.")
@click.option("--metric", required=True, help="The result that is wanted.")
@click.option("--to", "target", required=True, help="The value that it should reach.")
@click.option("--lowest", "lo", help="Smallest value of the field to try.")
@click.option("--highest", "hi", help="Largest value of the field to try.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def seek_command(
    *, file: str, field: str, metric: str, target: str, lo: str | None, hi: str | None, as_json: bool
) -> None:
    """Find the value of a field at which a result reaches a target."""
    from planner.cli.commands import seek_text  # noqa: PLC0415 - loads the model

    click.echo(seek_text.report(file, field, metric, target, ends=(lo, hi), as_json=as_json))


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
    help="What to rank by.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1, 10_000), default=15, show_default=True, help="How many.")
@click.option("--infeasible", is_flag=True, help="With those that break a promise or don't fit.")
@styled
def moves_command(*, file: str, by: str, limit: int, infeasible: bool, style: str | None) -> None:
    """Try every lever of FILE at each sensible setting, alone and in pairs, and rank them."""
    from planner.cli.commands import moves_text  # noqa: PLC0415 - loads the model

    click.echo(moves_text.report(file, by=by, limit=limit, feasible=not infeasible, style=style))


@click.command(
    "sensitivity",
    epilog="""\b
Examples:
  planner sensitivity plan.toml
  planner sensitivity plan.toml --metric usd_per_outcome --indices""",
)
@click.argument("file")
@click.option("--metric", default="runway_months", show_default=True, help="The result that matters.")
@click.option("--indices", is_flag=True, help="Shares of variance (Sobol), in place of one range at a time.")
@click.option(
    "--samples", type=click.IntRange(64, 65_536), default=1024, show_default=True, help="For --indices."
)
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="For --indices."
)
@styled
def sensitivity_command(**options: Any) -> None:
    """Say which unknown of FILE moves a result most, over its own range."""
    from planner.cli.commands import sensitivity_text  # noqa: PLC0415 - loads the model

    click.echo(sensitivity_text.report(**options))
