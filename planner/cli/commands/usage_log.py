"""`planner import`: a workload from a usage log."""

from importlib.util import find_spec
from pathlib import Path

import click

NEEDED = "duckdb"
NAME = "imported"


@click.command(
    "import",
    epilog="""\b
Examples:
  planner import requests.parquet
  planner import spend.csv --workload chat --out chat.toml
  planner import log.jsonl --column prompt_tokens=tok_in --column time=created
  planner import exports/ more.jsonl.gz --time-format '%d/%m/%Y %H:%M'
  zcat old.gz | planner import -
  planner import log.jsonl --into plan.toml --workload chat   keeps comments
Only counts, times, model names, costs and statuses are read; prompts and
answers are not.""",
)
@click.argument("logs", metavar="LOG...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--workload", default=NAME, show_default=True, help="Name of the workload.")
@click.option(
    "--column", "columns", multiple=True, help="WHAT=COLUMN, if the guess is wrong; may be repeated."
)
@click.option("--time-format", default="", help="Format of times, such as '%d/%m/%Y %H:%M'.")
@click.option("--no-time", is_flag=True, help="Ignore times: no volume, no busiest hour.")
@click.option("--out", help="Write the plan here (- prints it, without the summary).")
@click.option("--into", help="Merge into this plan: preview the changes, then ask before writing.")
@click.option("--force", is_flag=True, help="Replace an existing file; with --into, write without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def import_command(
    *,
    logs: tuple[Path, ...],
    workload: str,
    columns: tuple[str, ...],
    time_format: str,
    no_time: bool,
    out: str | None,
    into: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Read usage logs into a workload.

    LOG is CSV, JSON or Parquet, an export of a gateway or vendor, a folder, an archive, or - for stdin.
    """
    if find_spec(NEEDED) is None:
        raise click.UsageError(
            "This needs the extra \"usage\". In the planner's own folder: pip install -e '.[usage]'"
        )
    if wrong := [each for each in columns if "=" not in each]:
        raise click.UsageError(f"--column {wrong[0]!r} must be WHAT=COLUMN, such as prompt_tokens=tok_in.")
    if into is not None and (out is not None or as_json):
        raise click.UsageError("--into can't be combined with --out or --json.")
    from planner.cli.commands import usage_log_text  # noqa: PLC0415 - loads duckdb

    chosen = dict(each.split("=", 1) for each in columns)
    asked = usage_log_text.Asked(logs, workload, chosen, time_format, no_time)
    if into is not None:
        usage_log_text.merge(asked, into, force=force)
        return
    click.echo(usage_log_text.report(asked, out=out, force=force, as_json=as_json))
