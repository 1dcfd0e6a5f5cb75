"""`planner serve`: the screen in a browser."""

from importlib.util import find_spec
from pathlib import Path

import click

from planner.cli.commands.screen import check_terminals

NEEDED = "textual_serve"


@click.command(
    "serve",
    epilog="""\b
Examples:
  planner serve
  planner serve plan.toml --port 9000
  planner serve plan.toml --read-only       to let others look at it
Only this machine can reach it, and only at the address that it prints.
Over SSH: ssh -L 8000:127.0.0.1:8000 HOST planner serve""",
)
@click.argument("file", required=False)
@click.option(
    "--port", type=click.IntRange(1, 65_535), default=8000, show_default=True, help="Port on 127.0.0.1."
)
@click.option(
    "--library", type=click.Path(path_type=Path), help="Folder to search first for plans and themes."
)
@click.option("--theme", default="", help="Name of a colour theme.")
@click.option("--read-only", is_flag=True, help="Write nothing, not even unsaved edits.")
def serve_command(*, file: str | None, port: int, library: Path | None, theme: str, read_only: bool) -> None:
    """Serve the screen to a browser on this machine, until ctrl+c.

    Visitors can read and write the folder of FILE, or the library, and nothing else.
    """
    if find_spec(NEEDED) is None:
        raise click.UsageError(
            "This needs the extra \"web\". In the planner's own folder: pip install -e '.[web]'"
        )
    check_terminals()
    from planner.files import find  # noqa: PLC0415 - loads the schema
    from planner.files.library import user_folder  # noqa: PLC0415 - as above
    from planner.tui.terminal.browser import serve  # noqa: PLC0415 - loads the server

    path = None if file is None else str(find(file, library=library))
    options = [*(["--library", str(library)] if library else []), *(["--theme", theme] if theme else [])]
    options += ["--read-only"] if read_only else []
    folder = library or (Path(path).parent if path else user_folder("saved"))
    serve(path, port=port, options=tuple(options), folder=folder)
