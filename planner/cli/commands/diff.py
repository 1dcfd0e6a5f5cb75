"""`planner diff`: what differs between two plans, and why."""

from pathlib import Path

import click

SAME, DIFFERENT = 0, 2
SAMPLES = 128


@click.command(
    "diff",
    epilog="""\b
Examples:
  planner diff main.toml plan.toml
  git show main:plan.toml | planner diff - plan.toml
  planner diff main.toml plan.toml --markdown >> comment.md
As git difftool:
  git config difftool.planner.cmd 'planner diff --at "$MERGED" "$LOCAL" "$REMOTE"'
  git difftool -y -t planner main -- '*.toml'

Exit code 0: same, 2: different.""",
)
@click.argument("a")
@click.argument("b")
@click.option("--json", "style", flag_value="json", help="For programs.")
@click.option(
    "--markdown", "style", flag_value="markdown", help="Tables for a pull request, only what differs."
)
@click.option(
    "--at", type=click.Path(path_type=Path), help="Read both as if they stood here, for what they extend."
)
@click.option(
    "--samples", type=click.IntRange(0, 8192), default=SAMPLES, show_default=True,
    help="Draws behind the range of each change; 0 for none.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Of the draws.")
@click.option("--library", type=click.Path(path_type=Path), help="A folder to look for names in first.")
def diff_command(
    *, a: str, b: str, style: str | None, at: Path | None, samples: int, seed: int, library: Path | None
) -> int:
    """Say which inputs and results differ from A to B, and how much of each change an input explains.

    The shares are Shapley values: they sum to the change, and turn their signs where A and B swap.
    One of A and B may be "-", standard input.
    """
    from planner.cli.commands import diff_text  # noqa: PLC0415 - loads the model
    from planner.cli.commands.comparing import compared  # noqa: PLC0415 - as above

    if a == b == "-":
        raise click.UsageError("Only one of A and B can be standard input.")
    found = compared(a, b, at=at, samples=samples, seed=seed, library=library)
    click.echo(diff_text.STYLES[style or "text"](found))
    return SAME if found.comparison.same else DIFFERENT
