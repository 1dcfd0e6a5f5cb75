"""A comparison as text, JSON and Markdown."""

import math
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel

from planner.analysis.compare import Change, Share
from planner.analysis.differences import Difference, Part
from planner.cli.commands.comparing import Compared
from planner.cli.io import json_output
from planner.cli.io.layout import cut, section, table, width, wrapped
from planner.files import inert, inert_markdown
from planner.readout import change_text, number_text
from planner.schema import Range

MOST_REASONS = 6
SMALLEST_SHARE = 5e-4  # of all that moves a result; what moves it less is left out of the text
VALUE_COLUMNS = 26
NOTHING = "-"


def as_text(found: Compared) -> str:
    """Return the comparison for people."""
    a, b = found.names
    if found.comparison.same:
        return f"{a} and {b} assume the same."
    lines = [f"{a} -> {b}"]
    lines += section("Inputs that differ", list(_input_lines(found.comparison.inputs)))
    changed = found.changed
    lines += section("Results that differ", _result_lines(found, changed))
    lines += section("Why", list(_why_lines(changed)))
    lines += section(
        "Told together, as one can't be had without the other", _structure_lines(found.comparison.parts)
    )
    if not changed:
        lines += ["", "No result differs."]
    return "\n".join(lines)


def _input_lines(inputs: tuple[Difference, ...]) -> Iterator[str]:
    for each in inputs:
        a, b = input_text(each.a), input_text(each.b)
        line = f"  {inert(each.path)}  {a} -> {b}" if NOTHING not in (a, b) else _came_or_went(each, a, b)
        yield from [line] if len(line) <= width() else wrapped(line.strip())


def _structure_lines(parts: tuple[Part, ...]) -> list[str]:
    """Return what the parts with names of their own stand for."""
    joint = [part for part in parts if len(part.differences) > 1]
    return [line for part in joint for line in wrapped(f"{inert(part.name)}: {inert(', '.join(part.paths))}")]


def _came_or_went(each: Difference, a: str, b: str) -> str:
    return f"  {inert(each.path)}  " + (f"new: {b}" if a == NOTHING else f"gone: {a}")


def input_text(value: Any) -> str:
    """Return an input as a person writes it, exactly, with a dash for what a file does not have.

    >>> input_text(310_000.0), input_text(0.601), input_text(True), input_text(None)
    ('310,000', '0.601', 'on', '-')
    """
    if value is None:
        return NOTHING
    if isinstance(value, BaseModel):
        words = [getattr(value, name, "") for name in ("kind", "model", "gpu")]
        return inert(" ".join(word for word in words if isinstance(word, str) and word)) or "a section"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Range):
        return str(value)
    if isinstance(value, int | float):
        return f"{value:,.12g}"
    if isinstance(value, tuple):
        return _listed(value)
    return cut(inert(str(value)), VALUE_COLUMNS * 2)


def _listed(value: tuple[Any, ...]) -> str:
    if any(isinstance(each, BaseModel) for each in value):
        return "1 entry" if len(value) == 1 else f"{len(value)} entries"
    return ", ".join(input_text(each) for each in value) or "none"


def _result_lines(found: Compared, changed: list[Change]) -> list[str]:
    ahead = found.horizon_months
    rows = [
        (
            change.label,
            number_text(change.metric, change.a, ahead[0]),
            number_text(change.metric, change.b, ahead[1]),
            _over(change, ahead) + change_text(change.metric, change.change),
            _over(change, ahead) * bool(_by(change)) + _by(change),
        )
        for change in changed
    ]
    return table(rows, head=("", "a", "b", "change", ""))


def _over(change: Change, horizons_months: tuple[float, float]) -> str:
    """Return a sign for a runway that lasts beyond its plan: it is counted up to the end, and so is its change."""
    ends = zip((change.a, change.b), horizons_months, strict=True)
    lasts = change.metric == "runway_months" and any(value >= horizon for value, horizon in ends)
    return ">" if lasts and change.change else ""


def _by(change: Change) -> str:
    if "_share" in change.metric or not change.a or math.isnan(change.change):
        return ""
    return f"{change.change / abs(change.a):+.1%}"


def _spread(change: Change) -> str:
    if math.isnan(change.p5) or change.p5 == change.p95:
        return ""
    return f"{change_text(change.metric, change.p5)} to {change_text(change.metric, change.p95)}"


def _why_lines(changed: list[Change]) -> Iterator[str]:
    """Yield what explains each change; results that the same shares explain are told together."""
    told: dict[tuple[str, ...], list[str]] = {}
    for change in changed:
        words = tuple(_why(change))
        if words:
            told.setdefault(words, []).append(change.label)
    for (head, *reasons), labels in told.items():
        yield from wrapped(f"{', '.join(labels)} {head}")
        for each in reasons:
            yield from wrapped(each, indent=4, hang=6)


def _why(change: Change) -> Iterator[str]:
    """Yield the change with its range, then what each input contributes."""
    spread = _spread(change)
    head = change_text(change.metric, change.change) + (f" (p5 to p95: {spread})" if spread else "")
    if change.reason:
        yield f"n/a: {inert(change.reason)}"
        return
    shares = _telling(change)
    if not shares:
        return
    yield head
    for name, share in shares[:MOST_REASONS]:
        yield f"{inert(name)} {change_text(change.metric, share.change)}"
    if rest := shares[MOST_REASONS:]:
        others = sum(share.change for _, share in rest)
        yield f"{len(rest)} more {change_text(change.metric, others)}"


def _telling(change: Change) -> list[tuple[str, Share]]:
    """Return the shares that are worth a line, the largest first."""
    whole = sum(abs(share.change) for share in change.why.values())
    telling = [item for item in change.why.items() if abs(item[1].change) > SMALLEST_SHARE * whole]
    return sorted(telling, key=lambda item: -abs(item[1].change))


def as_json(found: Compared) -> str:
    """Return the comparison for programs; a result that can't be computed is null."""
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


def _change_table(change: Change) -> dict[str, Any]:
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
    """Return the comparison as tables for a pull request."""
    a, b = (inert_markdown(name) for name in found.names)
    if found.comparison.same:
        return f"**{a}** and **{b}** assume the same."
    lines = [f"**{a}** → **{b}**", "", "| input | a | b |", "| --- | ---: | ---: |"]
    lines += [
        f"| {inert_markdown(each.path)} | {inert_markdown(input_text(each.a))} |"
        f" {inert_markdown(input_text(each.b))} |"
        for each in found.comparison.inputs
    ]
    changed = found.changed
    if not changed:
        return "\n".join([*lines, "", "No result differs."])
    lines += ["", "| result | a | b | change | why |", "| --- | ---: | ---: | ---: | --- |"]
    return "\n".join([*lines, *(_markdown_row(found, change) for change in changed)])


def _markdown_row(found: Compared, change: Change) -> str:
    ahead = found.horizon_months
    shares = _telling(change)[:3]
    why = ", ".join(f"{inert(name)} {change_text(change.metric, share.change)}" for name, share in shares)
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
