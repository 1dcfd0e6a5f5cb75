"""`planner actuals`: a plan against what really happened."""

from pathlib import Path

import click


@click.command(
    "actuals",
    epilog="""\b
PLAN.actuals.toml beside PLAN.toml says what happened; whatever a month leaves out is compared with nothing:
  schema = 1
  [months.2026-12]
  customers      = 600
  revenue_usd    = 143_800
  requests       = { chat = 371_000 }
  success_share  = { chat = 0.77 }
  deployment_usd = { frontier = 12_450 }
  cash_usd       = 2_380_000
  source         = { all = "books of 2027-01-08" }

\b
Examples:
  planner actuals support-copilot
  planner actuals plan.toml --month 2027-02
  planner actuals plan.toml --refit
  planner actuals plan.toml --json""",
)
@click.argument("file", metavar="PLAN")
@click.option(
    "--actuals", "beside", type=click.Path(path_type=Path), help="File of actuals, if not beside PLAN."
)
@click.option("--month", "only", help="Show the lines of this month only, such as 2027-02.")
@click.option("--samples", type=click.IntRange(64, 65_536), default=2048, show_default=True, help="Draws.")
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Of the samples."
)
@click.option("--refit", is_flag=True, help="Re-weight the plan's ranges by what happened: before and after.")
@click.option("--write", is_flag=True, help="With --refit: write the new ranges into the plan.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def actuals_command(
    *, file: str, beside: Path | None, only: str | None, samples: int, seed: int, refit: bool, write: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Show PLAN against what happened, why they differ, how good it foretold, and the runway that is left."""
    if write and not refit:
        raise click.UsageError("--write goes with --refit.")
    from planner.cli.commands.actuals import text  # noqa: PLC0415 - loads the model

    asked = text.ActualsAsked(file, beside, only, samples, seed)
    if refit:
        from planner.cli.commands.actuals import refit_text  # noqa: PLC0415 - only asked for here

        click.echo(refit_text.report(asked, as_json=as_json, write=write))
        return
    click.echo(text.report(asked, as_json=as_json))
