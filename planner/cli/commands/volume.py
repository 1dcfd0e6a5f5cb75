"""`planner volume`: an API against own GPUs, and the volume at which self-hosting pays."""

import click


@click.command(
    "volume",
    epilog="""\b
Examples:
  planner volume plan.toml --workload chat --first frontier --second small
  planner volume plan.toml --workload chat --first frontier --second small --json
  planner volume plan.toml --workload chat --first frontier --second small --same-quality
Each deployment answers the whole workload alone, at its own success rate; with --same-quality the second has that of the first.""",
)
@click.argument("file")
@click.option("--workload", required=True, help="The workload that is answered.")
@click.option("--first", required=True, help="One deployment, for instance the API.")
@click.option("--second", required=True, help="The other, for instance the own GPUs.")
@click.option("--same-quality", is_flag=True, help="Both at the success rate of the first.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def volume_command(
    *, file: str, workload: str, first: str, second: str, same_quality: bool, as_json: bool
) -> None:
    """Find the volume from which the second deployment costs less than the first."""
    from planner.cli.commands import volume_text  # noqa: PLC0415 - loads the model

    click.echo(
        volume_text.report(
            file, workload=workload, first=first, second=second, same_quality=same_quality, as_json=as_json
        )
    )
