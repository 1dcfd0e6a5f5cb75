"""`planner actuals --refit`: the ranges of a plan before and after what happened."""

import sys
from typing import Any

import click

from planner.analysis.actuals import remaining
from planner.analysis.actuals.new_ranges import NewRanges, with_new_ranges
from planner.analysis.actuals.refit import Refit, refit
from planner.analysis.draws import draw, ranges
from planner.cli.commands.actuals.text import ActualsAsked, opened
from planner.cli.io import json_output
from planner.cli.io.evaluated_plans import named_after
from planner.cli.io.layout import section, table, wrapped
from planner.cli.io.progress import working
from planner.errors import Problem, ScenarioError
from planner.files import Loaded, inert, save
from planner.files.actuals import LoadedActuals
from planner.files.preview import changed_lines
from planner.files.saving import edited_text
from planner.readout import Percentiles, number_text
from planner.records import dataclass
from planner.schema import replaced_many
from planner.units import show

FEWEST_EFFECTIVE = 200  # draws below which percentiles are only a hint


@dataclass(frozen=True)
class Refitted:
    """A plan, its ranges before and after a refit, and the plan with the new ranges."""

    loaded: Loaded
    actuals: LoadedActuals
    found: Refit
    new: NewRanges
    runway: dict[str, Percentiles]
    months_to_come: int


def report(asked: ActualsAsked, *, as_json: bool, write: bool) -> str:
    """Return the output of `planner actuals --refit`; with `write`, save the new ranges in the plan."""
    done = _refitted(asked)
    said = json_output.as_json(_told(done)) if as_json else "\n".join(_lines(done, shown=not write))
    if not write or not done.new.moved:
        return said
    saved = save(done.loaded, done.new.scenario)
    name = inert(str(done.loaded.path))
    if not isinstance(saved, Loaded):
        raise click.UsageError(f"Another program changed {name} in the meantime; nothing written.")
    return said if as_json else f"{said}\n\nWrote {name}."


def _refitted(asked: ActualsAsked) -> Refitted:
    loaded, actuals = opened(asked)
    if not actuals.actuals.months:
        what = "has no month of actuals."
        raise ScenarioError([Problem(inert(str(actuals.path)), what)])
    scenario = loaded.scenario
    if not ranges(scenario):
        raise ScenarioError([Problem(inert(str(loaded.path)), "has no range to re-weight.")])
    with named_after(loaded), working("Re-weighting", sys.stderr):
        found = refit(scenario, actuals.actuals, n=asked.samples, seed=asked.seed)
        drawn = draw(scenario, n=asked.samples, seed=asked.seed)
        after = replaced_many(scenario, found.draws)
        left = {
            name: remaining(scenario, actuals.actuals, each)
            for name, each in (("before", drawn), ("after", after))
        }
    new = with_new_ranges(scenario, found, until=max(actuals.actuals.months))
    runway = {name: each.range for name, each in left.items() if each is not None}
    to_come = max((each.months_to_come for each in left.values() if each is not None), default=0)
    return Refitted(loaded, actuals, found, new, runway, to_come)


def _told(done: Refitted) -> dict[str, Any]:
    found = done.found
    return {
        "ranges": {
            path: {"before": found.before[path], "after": each, "moved": path in done.new.moved}
            for path, each in found.after.items()
        },
        "refused": done.new.refused,
        "draws": found.n,
        "effective_draws": found.effective,
        "stages": found.stages,
        "months_by_series": found.series,
        "runway_months": done.runway,
    }


def _lines(done: Refitted, *, shown: bool) -> list[str]:
    found = done.found
    out = [inert(done.loaded.scenario.title), *wrapped(_evidence(found), indent=0, hang=0)]
    rows = [
        (
            inert(path), _ends(path, found.before[path]), _ends(path, after),
            "" if path in done.new.moved else "kept",
        )
        for path, after in found.after.items()
    ]  # fmt: skip
    out += section("Ranges, p5 to p95", table(rows, head=("", "before", "after", "")))
    out += [
        line
        for path, why in done.new.refused.items()
        for line in wrapped(f"{inert(path)} keeps its range: {why}")
    ]
    runway = [(name, _runway(each, done.months_to_come)) for name, each in done.runway.items()]
    out += section("Remaining runway, p5 to p95", table(runway))
    if shown and done.new.moved:
        preview = _preview(done)
        out += section("Changes that --write would make to the plan", preview)
    return out


def _evidence(found: Refit) -> str:
    if not found.series:
        return "The actuals don't distinguish between the draws of the plan, so its ranges stay."
    counted = ", ".join(f"{inert(name)} ({months})" for name, months in found.series.items())
    words = (
        f"{found.n:,} draws of the ranges, weighted by the actuals, are worth "
        f"{found.effective:,.0f} equally weighted ones. "
        f"Series used, with their months: {counted}."
    )
    if found.effective < FEWEST_EFFECTIVE:
        words += " That is few: treat the ends as hints, or ask for more with --samples."
    return words


def _ends(path: str, ends: Percentiles) -> str:
    return f"{show(ends.p5, path)} to {show(ends.p95, path)}"


def _runway(ends: Percentiles, months_to_come: int) -> str:
    low, high = (number_text("runway_months", end, months_to_come) for end in (ends.p5, ends.p95))
    return f"{low} to {high}" if low != high else low


def _preview(done: Refitted) -> list[str]:
    after = edited_text(done.loaded, done.new.scenario)
    return changed_lines(done.loaded.text, after, done.loaded.path.name, with_what="re-weighted")
