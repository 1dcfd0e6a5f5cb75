"""`planner check`: guardrails, for a person, a pull request or a CI server."""

from pathlib import Path
from typing import Literal

import click

BREACHED = 3
POLICY_NAME = "policy.toml"


@click.command(
    "check",
    epilog="""\b
A policy is a TOML file:
  fail = ["gross_margin_share >= 0.6", "P(runway_months < 12) <= 0.1"]
  warn = ["p95(usd_per_outcome) <= 2"]
  [[change]]                       # against a baseline
  metric = "usd_per_outcome"
  rise   = "10%"                   # falling is free: limits are one-sided
  cause  = "edits"                 # or "drift" (prices moved, the file did not), or "any"

\b
Examples:
  planner check saved/*.toml --policy policy.toml
  planner check plan.toml --policy policy.toml --against main
  planner check plan.toml --policy policy.toml --against recorded.json --format junit
A baseline is a git revision, a scenario file, or what `planner show --json` printed earlier; only the last
can tell drift from edits. Exit code 3: a rule that fails is broken.""",
)
@click.argument("files", nargs=-1, required=True)
@click.option("--policy", default=POLICY_NAME, show_default=True, help="The file of rules.")
@click.option("--against", help="Baseline: a git revision, a scenario, or a recorded result (JSON).")
@click.option(
    "--format", "style", type=click.Choice(["text", "json", "junit", "markdown"]), default="text",
    show_default=True, help="How to print the verdicts.",
)  # fmt: skip
@click.option("--library", type=click.Path(path_type=Path), help="A folder to look for names in first.")
def check_command(
    *, files: tuple[str, ...], policy: str, against: str | None,
    style: Literal["text", "json", "junit", "markdown"], library: Path | None,
) -> int:  # fmt: skip
    """Hold FILES against a policy: bounds on results, percentiles and chances, and limits on change."""
    from planner.cli.commands import checking, verdict_text  # noqa: PLC0415 - loads the model

    checked = checking.check(files, policy=policy, against=against, library=library)
    click.echo(verdict_text.STYLES[style](checked))
    broken = any(verdict.state == "fail" for each in checked for verdict in each.verdicts)
    return BREACHED if broken else 0
