"""`planner model`: a model's config.json as a section of a plan file."""

import click


@click.command(
    "model",
    epilog="""\b
Examples:
  planner model config.json --name our-7b >> plan.toml
  planner model qwen3-32b
A deployment in the file can then say: model = "our-7b".""",
)
@click.argument("config")
@click.option("--name", default=None, help="Name of the model in the plan.")
@click.option("--json", "as_json", is_flag=True, help="Print totals and description as JSON.")
def model_command(config: str, name: str | None, as_json: bool) -> None:
    """Print the [models.NAME] section for a Hugging Face config.json on disk or a catalog model."""
    from planner.cli.commands import model_text  # noqa: PLC0415 - loads numpy
    from planner.cli.io import model_input  # noqa: PLC0415 - as above

    table, notes, known = model_input.described(config)
    printed = model_text.as_json if as_json else model_text.as_section
    click.echo(printed(table, name=name or known or "own-model", notes=notes))
