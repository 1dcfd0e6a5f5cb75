"""`planner frontier`: the plans that no other combination of levers beats."""

import click

from planner.cli.io.output_formats import shared_out, styled


@click.command(
    "frontier",
    epilog="""\b
Examples:
  planner frontier plan.toml --lever share_to_last --lever rag.chunks=2,4,8,16
  planner frontier plan.toml --lever weights=bf16,fp8 --lever share_to_last=0:1:101 --csv
Values: a list, LOW:HIGH:COUNT, or none for those worth trying.""",
)
@click.argument("file")
@click.option(
    "--lever", "levers", multiple=True, required=True, help="FIELD or FIELD=VALUES; as many as you like."
)
@click.option(
    "--metric", "metrics", multiple=True, help="What counts; cost per outcome, success and latency if none."
)
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, help="How many to print."
)
@shared_out
@styled
def frontier_command(
    *, file: str, levers: tuple[str, ...], metrics: tuple[str, ...], limit: int, style: str | None,
    processes: int | None, ray_address: str | None,
) -> None:  # fmt: skip
    """Evaluate every combination of levers of FILE and keep those that are best at something.

    Ctrl+c stops and shows the best of what is done.
    """
    from planner.cli.commands import frontier_text  # noqa: PLC0415 - loads the model

    click.echo(
        frontier_text.report(
            file, levers, metrics, limit=limit, style=style, processes=processes, ray_address=ray_address
        )
    )
