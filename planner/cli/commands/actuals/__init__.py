"""`planner actuals`: a plan compared with what really happened."""

from pathlib import Path

import click


@click.command(
    "actuals",
    epilog="""\b
PLAN.actuals.toml beside PLAN.toml holds the actuals; anything a month
leaves out isn't compared:
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
  planner actuals plan.toml --from ledger.csv bill.csv    preview only
  planner actuals plan.toml --from ledger.csv --line Rent=fixed_costs_usd
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
    help="Read ledgers (CSV: month, line, amount), bills and usage logs; previews the changes.",
)
@click.option("--workload", default="", help="With --from: the workload of the usage logs.")
@click.option("--deployment", default="", help="With --from: the deployment of the bills.")
@click.option(
    "--line", "lines", multiple=True, metavar="ACCOUNT=LINE",
    help="With --from: the line of a ledger's account; '-' leaves it out.",
)  # fmt: skip
@click.option(
    "--actuals", "beside", type=click.Path(path_type=Path), help="File of actuals, if not beside PLAN."
)
@click.option("--month", "only", help="Show the lines of this month only, such as 2027-02.")
@click.option("--samples", type=click.IntRange(64, 65_536), default=2048, show_default=True, help="Draws.")
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Seed of the draws."
)
@click.option("--refit", is_flag=True, help="Re-weight the plan's ranges by the actuals: before and after.")
@click.option(
    "--backtest",
    is_flag=True,
    help="Simulate actuals from plans with known truths: how often does a refit find them?",
)
@click.option(
    "--scatter", type=click.FloatRange(1e-4, 1.0), default=0.05, show_default=True,
    help="With --backtest: scatter of each monthly number.",
)  # fmt: skip
@click.option("--write", is_flag=True, help="Write what --from or --refit shows.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def actuals_command(
    *, file: str, more: tuple[Path, ...], first: Path | None, workload: str, deployment: str,
    lines: tuple[str, ...],
    beside: Path | None, only: str | None, samples: int, seed: int, refit: bool, backtest: bool,
    scatter: float, write: bool, as_json: bool,
) -> None:  # fmt: skip
    """Compare PLAN with actuals: why they differ, how good the forecast was, and the remaining runway."""
    if more and first is None:
        raise click.UsageError("Files to read go after --from.")
    if refit and first is not None:
        raise click.UsageError("Use --from and --refit one after the other.")
    if backtest and (refit or first is not None):
        raise click.UsageError("--backtest can't be combined with other options.")
    if write and not refit and first is None:
        raise click.UsageError("--write needs --from or --refit.")
    from planner.cli.commands.actuals import text  # noqa: PLC0415 - loads the model

    asked = text.ActualsAsked(file, beside, only, samples, seed)
    if first is not None:
        from planner.cli.commands.actuals import from_files  # noqa: PLC0415 - reads bills

        told = from_files.FilesAsked((first, *more), workload, deployment, lines)
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
