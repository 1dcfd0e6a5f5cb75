"""`planner [FILE]`: the screen."""

import gc
from pathlib import Path

import click
from click.shell_completion import CompletionItem

COLLECT_OFTEN = (20_000, 20, 20)  # a screen is open for long, and need not grow


def complete_scenarios(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the names of the library to a shell, and files as ever."""
    from planner.files import list_scenarios  # noqa: PLC0415 - loads the schema

    names = [CompletionItem(entry.name) for entry in list_scenarios() if entry.name.startswith(incomplete)]
    return [*names, CompletionItem(incomplete, type="file")]


@click.command(
    "open",
    epilog="""\b
Examples:
  planner                                choose a scenario of the library
  planner saved/support-copilot.toml
  planner support-copilot --theme paper
  planner plan.toml --driver plain       for terminals that redraw badly""",
)
@click.argument("file", required=False, shell_complete=complete_scenarios)
@click.option(
    "--driver", type=click.Choice(["cells", "plain"]), default="cells", show_default=True,
    help="How the terminal is written: changed cells only, or Textual's own way.",
)  # fmt: skip
@click.option(
    "--library", type=click.Path(path_type=Path), help="A folder to look for scenarios and themes in first."
)
@click.option("--theme", default="", help="Colours by name.")
@click.option(
    "--ascii/--no-ascii", "ascii_only", default=None,
    help="Charts and frames with ASCII alone; without it, as the locale and TERM ask.",
)  # fmt: skip
def open_command(
    file: str | None, driver: str, library: Path | None, theme: str, *, ascii_only: bool | None
) -> int:
    """Open the screen on FILE, or on the library."""
    from planner.files import find  # noqa: PLC0415 - loads the schema
    from planner.tui import app  # type: ignore[attr-defined, unused-ignore]  # noqa: PLC0415 - loads Textual

    gc.freeze()  # what is loaded now stays: looking through it for what is not used any more would find nothing
    gc.set_threshold(*COLLECT_OFTEN)
    path = None if file is None else find(file, library=library)
    return int(app.run(path, driver=driver, library=library, theme=theme, ascii_only=ascii_only) or 0)
