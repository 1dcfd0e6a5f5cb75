"""`planner diff`: how two plans differ, and why."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from planner.analysis.compare import Comparison, MetricChange, Share, compare
from planner.analysis.differences import Difference, Part
from planner.cli.io import json_output
from planner.cli.io.evaluated_plans import named_after, together
from planner.cli.io.field_values import NOTHING, input_text
from planner.cli.io.layout import section, table, width, wrapped
from planner.cli.io.scenario_input import STDIN, STDIN_NAME, read
from planner.errors import ScenarioError
from planner.files import Loaded, inert, inert_markdown
from planner.readout import change_text, number_text, spans_text
from planner.records import dataclass

SAME, DIFFERENT = 0, 2
SAMPLES = 128


@click.command(
    "diff",
    epilog="""\b
Examples:
  planner diff support-copilot support-copilot-own-gpu
  planner diff support-copilot support-copilot-rag-routing --markdown
  git show main:plan.toml | planner diff - plan.toml
As a git difftool:
  git config difftool.planner.cmd \\
    'planner diff --at "$MERGED" "$LOCAL" "$REMOTE"'
  git difftool -y -t planner main -- '*.toml'

\b
Exit code 0: the plans are the same; 2: they differ.""",
)
@click.argument("a")
@click.argument("b")
@click.option("--json", "style", flag_value="json", help="Print JSON.")
@click.option("--markdown", "style", flag_value="markdown", help="Print Markdown tables for a pull request.")
@click.option("--at", type=click.Path(path_type=Path), help="Resolve `extends` as if both files were here.")
@click.option(
    "--samples", type=click.IntRange(0, 8192), default=SAMPLES, show_default=True,
    help="Draws for the range of each change; 0 for no ranges.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Seed of the draws."
)
@click.option(
    "--library", type=click.Path(path_type=Path), help="Folder to search first when FILE is a name."
)
def diff_command(
    *, a: str, b: str, style: str | None, at: Path | None, samples: int, seed: int, library: Path | None
) -> int:
    """Print the inputs and results that differ from A to B, and each input's share of every change.

    The shares are Shapley values: they sum to the change, and change sign when A and B swap places.
    One of A and B may be "-" for standard input.
    """
    if a == b == "-":
        raise click.UsageError("Only one of A and B can be standard input.")
    found = compared(a, b, at=at, samples=samples, seed=seed, library=library)
    click.echo(STYLES[style or "text"](found))
    return SAME if found.comparison.same else DIFFERENT


@dataclass(frozen=True)
class Compared:
    """Two plans and their comparison."""

    a: Loaded
    b: Loaded
    comparison: Comparison

    @property
    def names(self) -> tuple[str, str]:
        """The two file names, safe to print."""
        return _shown(self.a.path), _shown(self.b.path)

    @property
    def changed(self) -> list[MetricChange]:
        """The results that differ."""
        return list(self.comparison.differing)


def compared(
    a: str, b: str, *, at: Path | None = None, samples: int = 0, seed: int = 0, library: Path | None = None
) -> Compared:
    """Compare plan `a` with plan `b`; raise ScenarioError with the problems of both."""
    found: list[Loaded] = []
    errors: list[ScenarioError] = []
    for name, other in ((a, b), (b, a)):
        beside = at or (Path(other) if name == STDIN else None)
        try:
            found.append(read(name, at=beside, library=library))
        except ScenarioError as error:
            errors.append(error)
    if errors:
        raise together(errors)
    first, second = found
    with named_after(second), named_after(first):
        return Compared(first, second, compare(first.scenario, second.scenario, n=samples, seed=seed))


def _shown(path: Path) -> str:
    return STDIN_NAME if path.name == STDIN_NAME else inert(str(path))


MOST_REASONS = 6
SMALLEST_SHARE = 5e-4  # of the total change; smaller contributions are left out of the text


def as_text(found: Compared) -> str:
    """Return the comparison as text."""
    a, b = found.names
    if found.comparison.same:
        return f"{a} and {b} have the same inputs."
    lines = [f"{a} -> {b}"]
    lines += section("Inputs that differ", list(_input_lines(found.comparison.inputs)))
    changed = found.changed
    lines += section("Results that differ", _result_lines(found, changed))
    lines += section("Why", list(_why_lines(changed)))
    lines += section(
        "Changed together, because neither works without the other", _structure_lines(found.comparison.parts)
    )
    if not changed:
        lines += ["", "No result differs."]
    return "\n".join(lines)


def _input_lines(inputs: tuple[Difference, ...]) -> Iterator[str]:
    for each in inputs:
        a, b = input_text(each.a), input_text(each.b)
        words = f"{a} -> {b}" if NOTHING not in (a, b) else f"new: {b}" if a == NOTHING else f"gone: {a}"
        line = f"  {inert(each.placed)}  {words}  ({inert(each.path)})"
        yield from [line] if len(line) <= width() else wrapped(line.strip())


def _structure_lines(parts: tuple[Part, ...]) -> list[str]:
    """Return the inputs that changed as one unit."""
    joint = [part for part in parts if len(part.differences) > 1]
    return [
        line for part in joint for line in wrapped(f"{inert(part.label)}: {inert(', '.join(part.paths))}")
    ]


def _result_lines(found: Compared, changed: list[MetricChange]) -> list[str]:
    ahead = found.comparison.horizons_months
    rows = [
        (
            ", ".join(filter(None, (change.label, spans_text(change.metric, ahead)))),
            number_text(change.metric, change.a, ahead[0]),
            number_text(change.metric, change.b, ahead[1]),
            change_text(change.metric, change.change, at_least=_over(change, ahead)),
            "" if _over(change, ahead) else _by(change),
        )
        for change in changed
    ]
    return table(rows, head=("", "a", "b", "change", ""))


def _over(change: MetricChange, horizons_months: tuple[float, float]) -> bool:
    """Return whether a runway outlasts its plan, so that only months up to the horizon count."""
    ends = zip((change.a, change.b), horizons_months, strict=True)
    lasts = change.metric == "runway_months" and any(value >= horizon for value, horizon in ends)
    return bool(lasts and change.change)


def _by(change: MetricChange) -> str:
    if "_share" in change.metric or not change.a or math.isnan(change.change):
        return ""
    return f"{change.change / abs(change.a):+z.1%}"


def _spread(change: MetricChange) -> str:
    if math.isnan(change.p5) or change.p5 == change.p95:
        return ""
    return f"{change_text(change.metric, change.p5)} to {change_text(change.metric, change.p95)}"


def _why_lines(changed: list[MetricChange]) -> Iterator[str]:
    """Yield the explanation of each change; results with the same explanation share one."""
    told: dict[tuple[str, ...], list[str]] = {}
    for change in changed:
        words = tuple(_why(change))
        if words:
            told.setdefault(words, []).append(change.label)
    for (head, *reasons), labels in told.items():
        yield from wrapped(f"{', '.join(labels)} {head}")
        for each in reasons:
            yield from wrapped(each, indent=4, hang=6)


def _why(change: MetricChange) -> Iterator[str]:
    """Yield the change with its range, then each input's contribution."""
    spread = _spread(change)
    head = change_text(change.metric, change.change) + (f" (p5 to p95: {spread})" if spread else "")
    if change.reason:
        yield f"n/a: {inert(change.reason)}"
        return
    shares = _telling(change)
    if not shares:
        return
    yield head
    for share in shares[:MOST_REASONS]:
        yield f"{inert(share.label)} {change_text(change.metric, share.change)}"
    if rest := shares[MOST_REASONS:]:
        others = sum(share.change for share in rest)
        yield f"{len(rest)} more {change_text(change.metric, others)}"


def _telling(change: MetricChange) -> list[Share]:
    """Return the shares worth a line, largest first."""
    whole = sum(abs(share.change) for share in change.why.values())
    telling = [share for share in change.why.values() if abs(share.change) > SMALLEST_SHARE * whole]
    return sorted(telling, key=lambda share: -abs(share.change))


def as_json(found: Compared) -> str:
    """Return the comparison as JSON; results that can't be computed are null."""
    a, b = found.names
    comparison = found.comparison
    return json_output.as_json(
        {
            "a": {"file": a, "title": found.a.scenario.title},
            "b": {"file": b, "title": found.b.scenario.title},
            "same": comparison.same,
            "inputs": [
                {"path": each.path, "label": each.label, "unit": each.unit, "a": each.a, "b": each.b}
                for each in comparison.inputs
            ],
            "parts": [{"input": part.name, "paths": part.paths} for part in found.comparison.parts],
            "outputs": [_change_table(change) for change in found.changed],
            "samples": comparison.n,
            "seed": comparison.seed,
        }
    )


def _change_table(change: MetricChange) -> dict[str, Any]:
    return {
        "metric": change.metric,
        "a": change.a,
        "b": change.b,
        "change": change.change,
        "p5": change.p5,
        "p95": change.p95,
        "why": [
            {"input": name, "change": share.change, "p5": share.p5, "p95": share.p95}
            for name, share in change.why.items()
        ],
        "reason": change.reason,
    }


def as_markdown(found: Compared) -> str:
    """Return the comparison as Markdown tables for a pull request."""
    a, b = (inert_markdown(name) for name in found.names)
    if found.comparison.same:
        return f"**{a}** and **{b}** have the same inputs."
    lines = [f"**{a}** → **{b}**", "", "| input | field | a | b |", "| --- | --- | ---: | ---: |"]
    inputs = [
        (each.placed, each.path, input_text(each.a), input_text(each.b)) for each in found.comparison.inputs
    ]
    lines += [f"| {' | '.join(map(inert_markdown, cells))} |" for cells in inputs]
    changed = found.changed
    if not changed:
        return "\n".join([*lines, "", "No result differs."])
    lines += ["", "| result | a | b | change | why |", "| --- | ---: | ---: | ---: | --- |"]
    return "\n".join([*lines, *(_markdown_row(found, change) for change in changed)])


def _markdown_row(found: Compared, change: MetricChange) -> str:
    ahead = found.comparison.horizons_months
    shares = _telling(change)[:3]
    why = ", ".join(f"{inert(share.label)} {change_text(change.metric, share.change)}" for share in shares)
    moved = " ".join(filter(None, (change_text(change.metric, change.change), _by(change))))
    cells = (
        change.label,
        number_text(change.metric, change.a, ahead[0]),
        number_text(change.metric, change.b, ahead[1]),
        moved,
        why or change.reason,
    )
    return f"| {' | '.join(inert_markdown(cell) for cell in cells)} |"


STYLES: dict[str, Callable[[Compared], str]] = {"text": as_text, "json": as_json, "markdown": as_markdown}
