"""`planner model`: a model's config.json as a table for a scenario file."""

import json
from pathlib import Path

import click

MOST_BYTES = 1_000_000


@click.command(
    "model",
    epilog="""\b
Examples:
  planner model config.json --name our-7b >> plan.toml
Then a deployment of the file may say: model = "our-7b".""",
)
@click.argument("config", type=click.Path(path_type=Path))
@click.option("--name", default="own-model", show_default=True, help="What the scenario calls the model.")
def model_command(config: Path, name: str) -> None:
    """Print the [models.NAME] table of a Hugging Face config.json on disk."""
    from planner.catalog.hf_config import table_from_hf_config  # noqa: PLC0415 - loads numpy
    from planner.files.safe_text import inert  # noqa: PLC0415 - kept off the path of --help

    table = table_from_hf_config(_read(config), where=inert(config.name))
    click.echo(f"[models.{json.dumps(name)}]")
    for key, value in table.items():
        if value != 0.0 or key in {"vocab", "kv_heads"}:
            click.echo(f"{key} = {value:.12g}")


def _read(config: Path) -> dict[str, object]:
    """Return the parsed file; raise ScenarioError in words where it can't be."""
    from planner.errors import Problem, ScenarioError  # noqa: PLC0415 - kept off the path of --help

    try:
        if config.stat().st_size > MOST_BYTES:
            raise ScenarioError([Problem(str(config), "is larger than a config.json is.")])
        parsed = json.loads(config.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError([Problem(str(config), f"can't be read: {error.strerror}.")]) from None
    except (ValueError, RecursionError):
        raise ScenarioError([Problem(str(config), "is no JSON.")]) from None
    if not isinstance(parsed, dict):
        raise ScenarioError([Problem(str(config), "is no config.json: it must hold one table.")])
    return parsed
