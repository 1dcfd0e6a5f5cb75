"""`planner actuals`: a plan against what really happened."""

from pathlib import Path

import click


@click.command(
    "actuals",
    epilog="""\b
PLAN.actuals.toml beside PLAN.toml says what happened; whatever a month
leaves out is compared with nothing:
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
  planner actuals plan.toml
  planner actuals plan.toml --month 2027-02
  planner actuals plan.toml --from ledger.csv bill.csv    shown, not written
  planner actuals plan.toml --refit
  planner actuals plan.toml --backtest --scatter 0.03
  planner actuals plan.toml --json""",
)
@click.argument("file", metavar="PLAN")
@click.argument("more", metavar="", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--from",
    "first",
    type=click.Path(path_type=Path),
    metavar="FILE...",
    help="Read ledgers (CSV: month, line, amount), bills and usage logs; shows what would change.",
)
@click.option("--workload", default="", help="With --from: the workload that usage logs are of.")
@click.option("--deployment", default="", help="With --from: the deployment that bills are for.")
@click.option(
    "--actuals", "beside", type=click.Path(path_type=Path), help="File of actuals, if not beside PLAN."
)
@click.option("--month", "only", help="Show the lines of this month only, such as 2027-02.")
@click.option("--samples", type=click.IntRange(64, 65_536), default=2048, show_default=True, help="Draws.")
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Of the samples."
)
@click.option("--refit", is_flag=True, help="Re-weight the plan's ranges by what happened: before and after.")
@click.option(
    "--backtest",
    is_flag=True,
    help="Draw truths from the ranges and a year from each: how often a refit finds them.",
)
@click.option(
    "--scatter", type=click.FloatRange(1e-4, 1.0), default=0.05, show_default=True,
    help="With --backtest: of each number of a month.",
)  # fmt: skip
@click.option("--write", is_flag=True, help="Write what --from or --refit shows; nothing is written without.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def actuals_command(
    *, file: str, more: tuple[Path, ...], first: Path | None, workload: str, deployment: str,
    beside: Path | None, only: str | None, samples: int, seed: int, refit: bool, backtest: bool,
    scatter: float, write: bool, as_json: bool,
) -> None:  # fmt: skip
    """Show PLAN against what happened, why they differ, how good it foretold, and the runway that is left."""
    if more and first is None:
        raise click.UsageError("Files to read go after --from.")
    if refit and first is not None:
        raise click.UsageError("--from and --refit are asked for one after the other.")
    if backtest and (refit or first is not None):
        raise click.UsageError("--backtest is asked for alone.")
    if write and not refit and first is None:
        raise click.UsageError("--write goes with --from or --refit.")
    from planner.cli.commands.actuals import text  # noqa: PLC0415 - loads the model

    asked = text.ActualsAsked(file, beside, only, samples, seed)
    if first is not None:
        from planner.cli.commands.actuals import from_files  # noqa: PLC0415 - reads bills

        told = from_files.FilesAsked((first, *more), workload, deployment)
        click.echo(from_files.report(asked, told, write=write))
        return
    if backtest:
        from planner.cli.commands.actuals import backtest_text  # noqa: PLC0415 - only asked for here

        click.echo(backtest_text.report(file, scatter=scatter, draws=samples, seed=seed, as_json=as_json))
        return
    if refit:
        from planner.cli.commands.actuals import refit_text  # noqa: PLC0415 - only asked for here

        click.echo(refit_text.report(asked, as_json=as_json, write=write))
        return
    click.echo(text.report(asked, as_json=as_json))
