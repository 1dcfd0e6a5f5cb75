"""`planner completion`: a shell's completion script for commands, plans, fields, results and models."""

import os
from pathlib import Path

import click

COMPLETE_VARIABLE = "_PLANNER_COMPLETE"  # click's own, by the program's name
SHELLS = ("bash", "zsh", "fish")


@click.command(
    "completion",
    epilog="""\b
Examples:
  planner completion bash > ~/.local/share/bash-completion/completions/planner
  planner completion zsh > "${fpath[1]}/_planner"
  planner completion fish > ~/.config/fish/completions/planner.fish
Start a new shell afterwards. For this one only:
  eval "$(planner completion bash)" """,
)
@click.argument("shell", required=False, type=click.Choice(SHELLS))
def completion_command(*, shell: str | None) -> None:
    """Print a script that completes commands, plans, fields, results and models in SHELL (default: yours)."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415 - only for this command

    from planner.cli.app import planner  # noqa: PLC0415 - it lists this command

    kind = get_completion_class(shell or _shell_in_use())
    assert kind is not None, "click knows the three shells"
    template = kind(planner, {}, "planner", COMPLETE_VARIABLE)
    click.echo(template.source_template % template.source_vars(), nl=False)


def _shell_in_use() -> str:
    name = Path(os.environ.get("SHELL", "")).name
    if name not in SHELLS:
        raise click.UsageError(f"$SHELL is none of {', '.join(SHELLS)}: name one.")
    return name
