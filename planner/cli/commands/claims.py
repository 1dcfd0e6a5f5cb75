"""`planner claims`: the rules of thumb, recomputed."""

import click

from planner.cli.io.output_formats import styled


@click.command(
    "claims",
    epilog="""\b
Examples:
  planner claims                 one line for each
  planner claims c19             one in full, with its inputs and sources
  planner claims --json""",
)
@click.argument("name", required=False)
@styled
def claims_command(*, name: str | None, style: str | None) -> None:
    """Show famous rules of thumb: claimed, computed from their own numbers, verdict, sources."""
    from planner.cli.commands import claims_text  # noqa: PLC0415 - loads the evidence

    click.echo(claims_text.report(name, style))
