"""`planner model`: a model's config.json as a table for a scenario file."""

import click


@click.command(
    "model",
    epilog="""\b
Examples:
  planner model config.json --name our-7b >> plan.toml
  planner model qwen3-32b
Then a deployment of the file may say: model = "our-7b".""",
)
@click.argument("config")
@click.option("--name", default=None, help="What the scenario calls the model.")
@click.option("--json", "as_json", is_flag=True, help="Totals and description as JSON.")
def model_command(config: str, name: str | None, as_json: bool) -> None:
    """Print the [models.NAME] section of a Hugging Face config.json on disk, or of a model of the catalog."""
    from planner.cli.commands import model_text  # noqa: PLC0415 - loads numpy
    from planner.cli.io import model_input  # noqa: PLC0415 - as above

    table, notes, known = model_input.described(config)
    printed = model_text.as_json if as_json else model_text.as_section
    click.echo(printed(table, name=name or known or "own-model", notes=notes))
