"""`planner refresh`: what newer prices would change."""

from pathlib import Path

import click


@click.command(
    "refresh",
    epilog="""\b
Examples:
  planner refresh                          how old the prices in use are
  planner refresh newer.toml               rents and prices in the form of the catalog
  planner refresh /tmp/new/genai_prices    a newer price package, unpacked
Scenarios and catalog stay as they are.""",
)
@click.argument("source", required=False, type=click.Path(path_type=Path))
@click.option("--library", type=click.Path(path_type=Path), help="A folder of scenarios to look at first.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def refresh_command(*, source: Path | None, library: Path | None, as_json: bool) -> None:
    """Say which prices SOURCE changes, and what that does to each scenario of the library."""
    from planner.cli.commands import refresh_text  # noqa: PLC0415 - loads the model

    click.echo(refresh_text.report(source, library=library, as_json=as_json))
