"""The text of `planner actuals`: the plan compared with what happened."""

import math
import sys
from pathlib import Path
from typing import Any

from planner.analysis.actuals import PlanAndActuals, Remaining, cash_path, check, compare, remaining
from planner.analysis.actuals.compared import AWAITED_INSIDE, Accuracy, LineCompared, MonthCompared
from planner.analysis.actuals.told import LINES_HEAD, WHY_HEAD, line_cells, rest_text, why_cells
from planner.analysis.draws import draw, ranges
from planner.cli.io import json_output
from planner.cli.io.evaluated_plans import named_after
from planner.cli.io.layout import section, table, wrapped
from planner.cli.io.progress import working
from planner.cli.io.scenario_input import read
from planner.errors import Problem, ScenarioError
from planner.files import Loaded, inert
from planner.files.actuals import LoadedActuals, actuals_path, load_actuals
from planner.readout import number_text, runway_text
from planner.readout.actual_lines import ACCURACY_WORDS, PART_WORDS, line_label
from planner.records import dataclass
from planner.units import NOT_AVAILABLE, show


@dataclass(frozen=True)
class ActualsAsked:
    """The plan, the location of its actuals, and what to show of them."""

    file: str
    beside: Path | None
    only: str | None
    samples: int
    seed: int


@dataclass(frozen=True)
class ActualsFound:
    """A plan and its actuals, compared."""

    loaded: Loaded
    actuals: LoadedActuals
    compared: PlanAndActuals
    remaining: Remaining | None


def report(asked: ActualsAsked, *, as_json: bool) -> str:
    """Return the output of `planner actuals`."""
    found = find(asked)
    if as_json:
        return json_output.as_json(_told(found))
    return "\n".join(_lines(found, asked.only))


def opened(asked: ActualsAsked) -> tuple[Loaded, LoadedActuals]:
    """Return the plan and its actuals; raise ScenarioError if the actuals name what the plan doesn't have."""
    loaded = read(asked.file)
    actuals = load_actuals(asked.beside or actuals_path(loaded.path))
    check(loaded.scenario, actuals.actuals, source=inert(str(actuals.path)))
    return loaded, actuals


def find(asked: ActualsAsked) -> ActualsFound:
    """Return the plan compared with its actuals."""
    loaded, actuals = opened(asked)
    if not actuals.actuals.months:
        what = "has no month of actuals."
        hint = "Write one as `planner actuals --help` shows, or read bills and ledgers with --from."
        raise ScenarioError([Problem(inert(str(actuals.path)), what, hint)])
    if asked.only is not None and asked.only not in actuals.actuals.months:
        known = ", ".join(actuals.actuals.months)
        raise ScenarioError([Problem("--month", f'is "{inert(asked.only)}"; there are actuals for {known}.')])
    scenario = loaded.scenario
    with named_after(loaded), working("Comparing", sys.stderr):
        compared = compare(scenario, actuals.actuals, n=asked.samples, seed=asked.seed)
        drawn = draw(scenario, n=asked.samples, seed=asked.seed) if ranges(scenario) else None
        left = remaining(scenario, actuals.actuals, drawn)
    return ActualsFound(loaded, actuals, compared, left)


def _told(found: ActualsFound) -> dict[str, Any]:
    """Return the comparison for JSON."""
    return {
        "plan": inert(str(found.loaded.path)),
        "actuals": inert(str(found.actuals.path)),
        "months": [_month_told(month) for month in found.compared.months],
        "accuracy": {
            name: json_output.bare(each) | {"inside_share": json_output.bare(each.inside_share)}
            for name, each in found.compared.accuracy.items()
        },
        "inside_share": found.compared.inside_share,
        "unsourced_lines": found.compared.unsourced,
        "runway": found.remaining,
        "cash_usd": cash_path(found.loaded.scenario, found.actuals.actuals),
    }


def _month_told(month: MonthCompared) -> dict[str, Any]:
    return {
        "month": month.month,
        "net_burn_difference_usd": month.net_burn_difference_usd,
        "effects_usd": month.effects,
        "lines": [
            json_output.bare(line) | {"difference": line.difference, "inside": line.inside}
            for line in month.lines
        ],
    }


def _lines(found: ActualsFound, only: str | None) -> list[str]:
    """Return the answer first: why net burn differs, and what is left; the lines of each month come last."""
    compared = found.compared
    shown = [month for month in compared.months if only in (None, month.month)]
    out = [inert(found.loaded.scenario.title), *_summary(compared)]
    why = table([tuple(map(inert, why_cells(month))) for month in shown], head=WHY_HEAD)
    out += section("Why net burn differs (above 0: burns more)", why)
    for words in (rest_text(shown[-1]), "; ".join(f"{part}: {said}" for part, said in PART_WORDS.items())):
        out += wrapped(inert(f"{words[:1].upper()}{words[1:]}")) if words else []
    out += section("Cash and runway", _left(found))
    if len(compared.months) > 1:
        rows = [_accuracy_row(name, each) for name, each in compared.accuracy.items()]
        head = ("", "months", "WAPE", "bias", "in p5 to p95")
        out += section("How good the forecast was", [*table(rows, head=head), *wrapped(ACCURACY_WORDS)])
    for month in shown:
        out += section(month.month, table([_row(line) for line in month.lines], head=LINES_HEAD))
    return out


def _summary(compared: PlanAndActuals) -> list[str]:
    names = [month.month for month in compared.months]
    over = (
        f"{len(names)} months of actuals, {names[0]} to {names[-1]}"
        if len(names) > 1
        else f"one month of actuals, {names[0]}"
    )
    ranged, inside = (
        sum(getattr(each, part) for each in compared.accuracy.values()) for part in ("ranged", "inside")
    )
    words = f"{over}."
    if ranged:
        share = show(compared.inside_share, "share")
        words += f" {inside} of {ranged} numbers ({share}) are within the plan's p5 to p95;"
        words += f" the target is {AWAITED_INSIDE:.0%}."
    if compared.unsourced:
        words += f" {compared.unsourced} numbers have no source."
    return wrapped(words, indent=0, hang=0)


def _row(line: LineCompared) -> tuple[str, ...]:
    return tuple(map(inert, line_cells(line)))


def _accuracy_row(name: str, each: Accuracy) -> tuple[str, ...]:
    inside = f"{each.inside} of {each.ranged}" if each.ranged else ""
    bias = NOT_AVAILABLE if math.isnan(each.bias) else f"{each.bias:+z.1%}"
    return (inert(line_label(name)), str(each.months), show(each.wape, "share"), bias, inside)


def _left(found: ActualsFound) -> list[str]:
    left = found.remaining
    if left is None:
        return ["  The plan ends with the last month of actuals, so there is no remaining runway to show."]
    how = f", computed from {left.reckoned}" if left.reckoned else ""
    cash = [show(usd, "usd") for usd in (left.cash_usd, left.planned_cash_usd)]
    ahead = left.months_to_come
    own, planned = (
        runway_text(months, state, ahead).replace("lasts all", "lasts the next")
        for months, state in ((left.months, left.state), (left.planned_months, left.planned_state))
    )
    rows = [
        ("", "actual", "planned"),
        (f"Cash at the end of {left.last_month}", *cash),
        ("Runway from there", own, planned),
    ]
    ends = _runway_ends(left)
    words = f"At the plan's burn in the months to come, without planned raises{how}.{ends}"
    return [*table(rows), *wrapped(words)]


def _runway_ends(left: Remaining) -> str:
    if not left.range.spreads:
        return ""
    low, high = (
        number_text("runway_months", end, left.months_to_come) for end in (left.range.p5, left.range.p95)
    )
    return f" p5 to p95: {low} to {high}."
