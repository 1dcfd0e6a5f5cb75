"""`planner actuals --backtest`: how often a refit finds the truth of plans whose truth is known."""

import sys

from planner.analysis.actuals.backtest import Backtest, backtest
from planner.analysis.draws import ranges
from planner.cli.io import json_output
from planner.cli.io.evaluated_plans import named_after
from planner.cli.io.layout import section, table, wrapped
from planner.cli.io.progress import working
from planner.cli.io.scenario_input import read
from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.units import show

AWAITED = 0.9  # of true values, for accurate ranges from the 5th to the 95th percentile


def report(file: str, *, scatter: float, draws: int, seed: int, as_json: bool) -> str:
    """Return the output of `planner actuals --backtest`."""
    loaded = read(file)
    if not ranges(loaded.scenario):
        raise ScenarioError([Problem(inert(str(loaded.path)), "has no range to draw a truth from.")])
    with named_after(loaded), working("Drawing and refitting", sys.stderr):
        found = backtest(loaded.scenario, scatter=scatter, draws=draws, seed=seed)
    return json_output.as_json(_told(found)) if as_json else "\n".join(_lines(found))


def _told(found: Backtest) -> dict[str, object]:
    return {
        "cases": found.cases,
        "scatter": found.scatter,
        "inside_share": found.share,
        "inside": dict(found.inside),
    }


def _lines(found: Backtest) -> list[str]:
    words = (
        f"{found.cases} years simulated from as many truths, each number scattered by "
        f"{show(found.scatter, 'share')}: {show(found.share, 'share')} of the true values are between p5 and "
        f"p95 after the refit; the target is {AWAITED:.0%}."
    )
    rows = [(inert(path), f"{count} of {found.cases}") for path, count in found.inside.items()]
    return [*wrapped(words, indent=0, hang=0), *section("Inside, by field", table(rows))]
