"""`planner [FILE]`: the screen."""

from pathlib import Path

import click

from planner import startup


def check_terminals() -> None:
    """Raise a usage error if the system has no Unix terminal for the screen."""
    try:
        import termios  # noqa: F401, PLC0415 - only to see whether it exists
    except ImportError:
        raise click.UsageError(
            "The screen needs a Unix terminal: Linux, macOS, or WSL on Windows. "
            "All other commands work here, such as planner show PLAN."
        ) from None


@click.command(
    "open",
    epilog="""\b
Examples:
  planner                                choose a plan from the library
  planner saved/support-copilot.toml
  planner support-copilot --theme paper
  planner plan.toml --driver plain       for terminals that redraw badly""",
)
@click.argument("file", required=False)
@click.option(
    "--driver", type=click.Choice(["cells", "plain"]), default="cells", show_default=True,
    help="How to draw: only changed cells, or with Textual's own driver.",
)  # fmt: skip
@click.option(
    "--library", type=click.Path(path_type=Path), help="Folder to search first for plans and themes."
)
@click.option("--theme", default="", help="Name of a colour theme.")
@click.option(
    "--ascii/--no-ascii", "ascii_only", default=None,
    help="Draw in ASCII only; by default, the locale and TERM decide.",
)  # fmt: skip
@click.option("--read-only", is_flag=True, help="Write nothing, not even unsaved edits.")
@click.option(
    "--confine", type=click.Path(path_type=Path), hidden=True, help="Read and write only in this folder."
)
def open_command(
    file: str | None, driver: str, library: Path | None, theme: str, *,
    ascii_only: bool | None, read_only: bool, confine: Path | None,
) -> int:  # fmt: skip
    """Open the screen on FILE, or on the library."""
    startup.without_tls()
    from planner.files import find  # noqa: PLC0415 - loads the schema

    check_terminals()
    from planner.tui import start  # noqa: PLC0415 - loads Textual

    path = None if file is None else find(file, library=library)
    if read_only or confine is not None:
        start.keep_to(confine or Path("/"), read_only=read_only)
    return int(start.run(path, driver=driver, library=library, theme=theme, ascii_only=ascii_only) or 0)
