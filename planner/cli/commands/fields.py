"""`planner fields` and `planner schema`: what a scenario file may say."""

import click

FIELDS_COLUMNS = 44


@click.command(
    "fields",
    epilog="""\b
Examples:
  planner fields                 every field with unit, bounds and default
  planner fields routing         those whose path, label or help holds a word
  planner fields --json""",
)
@click.argument("query", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def fields_command(query: tuple[str, ...], as_json: bool) -> None:
    """List the fields of a scenario: unit, bounds, default, what they mean, what the default rests on."""
    from planner.cli.commands import fields_text  # noqa: PLC0415 - loads the schema

    found = fields_text.declared(" ".join(query))
    if not found:
        raise click.UsageError(f"No field holds {' '.join(query)!r}.")
    click.echo(fields_text.as_json(found) if as_json else fields_text.as_text(found, whole=not query))


@click.command(
    "schema",
    epilog="""\b
Example:
  planner schema > planner.schema.json
A first line "#:schema ./planner.schema.json" then lets editors complete and check a scenario.""",
)
def schema_command() -> None:
    """Print the JSON schema of a scenario file."""
    from planner.cli.commands.fields_text import json_schema  # noqa: PLC0415 - loads the schema

    click.echo(json_schema())
