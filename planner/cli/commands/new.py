"""`planner new`: a plan to start from."""

from pathlib import Path

import click

DEFAULT_NAME = "plan.toml"


@click.command(
    "new",
    epilog="""\b
Examples:
  planner new                      writes plan.toml
  planner new saved/chat.toml
  planner new copy.toml --from support-copilot    copies a plan that ships
  planner new - | less             prints it""",
)
@click.argument("file", default=DEFAULT_NAME)
@click.option(
    "--from",
    "origin",
    help="Copy this plan from the library, or this file.",
)
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
def new_command(*, file: str, origin: str | None, force: bool) -> None:
    """Write a commented starter plan with sources to FILE (plan.toml). --force replaces a file."""
    text = _starter() if origin is None else _copied(origin, Path(file))
    if file == "-":
        click.echo(text, nl=False)
        return
    write(Path(file), text if file == DEFAULT_NAME else _titled(text, Path(file)), force=force)
    click.echo(f"Wrote {_shown(file)}. Open it with: planner {_shown(file)}")


def _titled(text: str, path: Path) -> str:
    from planner.files.titles import titled  # noqa: PLC0415 - loads the schema

    return titled(text, path)


def _starter() -> str:
    from planner.files import starter  # noqa: PLC0415 - loads the schema

    return starter()


def _copied(origin: str, path: Path) -> str:
    """Return the text of another plan, in full if it extends a file that isn't beside the copy."""
    from planner.cli.io.scenario_input import read  # noqa: PLC0415 - loads the schema
    from planner.files import new_text, table_of  # noqa: PLC0415 - as above

    loaded = read(origin)
    if loaded.baseline is None or path.parent.resolve() == loaded.path.parent.resolve():
        return loaded.text
    return new_text(table_of(loaded.scenario))


def _shown(name: str) -> str:
    from planner.files import inert  # noqa: PLC0415 - loads the schema

    return inert(name)


def write(path: Path, text: str | bytes, *, force: bool) -> None:
    """Write a new file, or replace one if forced; raise ScenarioError if that fails."""
    from planner.files import atomic_write  # noqa: PLC0415 - loads the schema
    from planner.files.atomic import MISSING, FileChangedError  # noqa: PLC0415 - as above
    from planner.files.os_errors import unusable  # noqa: PLC0415 - as above

    try:
        if force:
            atomic_write(path, text)
        else:
            atomic_write(path, text, expect=MISSING)
    except FileChangedError:
        raise unusable(path, "exists already.", "--force replaces it.") from None
