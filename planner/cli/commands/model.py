"""`planner model`: a model's config.json as a table for a scenario file."""

import json
from pathlib import Path
from typing import Any

import click

MOST_BYTES = 1_000_000


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
    from planner.files.safe_text import inert  # noqa: PLC0415 - kept off the path of --help

    path = Path(config)
    if not path.exists() and path.suffix != ".json":
        table, notes, own = _of_catalog(config)
    else:
        from planner.catalog.hf_config import read_hf_config  # noqa: PLC0415 - only where a file is read

        read = read_hf_config(_read(path), where=inert(path.name))
        table, notes, own = read.table, read.notes, "own-model"
    printed = model_text.as_json if as_json else model_text.as_section
    click.echo(printed(table, name=name or own, notes=notes))


def _of_catalog(name: str) -> tuple[dict[str, Any], tuple[str, ...], str]:
    """Return a model of the catalog: its description, its source, its name there."""
    from planner.catalog import hardware  # noqa: PLC0415 - loads numpy

    found = hardware.llm_name(name)
    table = hardware.llms()[found]
    return table, tuple(str(table[key]) for key in ("source", "note") if key in table), found


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
