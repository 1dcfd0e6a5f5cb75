"""A table of measurements, predicted row by row: CSV in, CSV out, errors by kind."""

import csv
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from planner.analysis.serving_fit.table import Errors, Predicted, predict_table
from planner.cli.io import json_output
from planner.cli.io.layout import section, table
from planner.cli.io.output_formats import csv_text
from planner.cli.io.progress import working
from planner.errors import Problem, ScenarioError
from planner.files import as_csv, atomic_write, inert
from planner.files.measurements import measurements

MOST_PROBLEMS = 20
KEPT = "ok"  # a table's quality column has this for reliable rows
NEEDED = ("kind", "model", "gpu")


def report(source: Path, out: Path, *, style: str | None) -> str:
    """Write the table with predictions to `out` and return the errors by kind of run."""
    if os.path.realpath(source) == os.path.realpath(out):
        raise ScenarioError([Problem("--out", "is the same file as --table.")])
    rows = _read(source)
    with working(f"Predicting {len(rows):,} rows", sys.stderr):
        found = predict_table(rows)
    atomic_write(out, as_csv(found.rows))
    kept = [row for row in rows if row.get("quality") == KEPT]
    good = predict_table(kept).errors if 0 < len(kept) < len(rows) else ()
    if style == "json":
        return json_output.as_json(
            {
                "rows": len(rows),
                "errors": found.errors,
                "errors_of_ok_rows": good,
                "problems": [str(p) for p in found.problems],
            }
        )
    if style == "csv":
        return csv_text([vars(error) for error in good or found.errors])
    return "\n".join(_lines(found, good, len(rows), out))


def _read(source: Path) -> list[dict[str, str | None]]:
    name, text = inert(str(source)), measurements(source)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        rows = [{key: value for key, value in row.items() if key is not None} for row in reader]
    except csv.Error as error:
        raise ScenarioError(
            [Problem("the file", f"is not valid CSV: {inert(str(error))}.")], source=name
        ) from None
    missing = [column for column in NEEDED if column not in (reader.fieldnames or ())]
    if missing or not rows:
        what = f"lacks the column {', '.join(missing)}." if missing else "has no rows."
        raise ScenarioError([Problem("the table", what)], source=name)
    return rows


def _lines(found: Predicted, good: Sequence[Errors], count: int, out: Path) -> list[str]:
    lines = [f"{count:,} rows, written to {inert(str(out))}"]
    if found.errors:
        lines += section(f"Rows of quality {KEPT}", _error_lines(good)) if good else []
        lines += section("All rows", _error_lines(found.errors))
    else:
        lines += ["", "No row has a measured value to compare with."]
    problems = [f"  {inert(str(problem))}" for problem in found.problems[:MOST_PROBLEMS]]
    if len(found.problems) > MOST_PROBLEMS:
        problems.append(f"  and {len(found.problems) - MOST_PROBLEMS} more")
    return [*lines, *(["", "Not predicted"] if problems else []), *problems]


def _error_lines(errors: Sequence[Errors]) -> list[str]:
    rows = [
        (
            error.kind,
            error.metric,
            f"{error.rows:,}",
            f"{error.median:.1%}",
            f"{error.p90:.1%}",
            f"{error.bias:+z.1%}",
        )
        for error in errors
    ]
    head = ("kind", "metric", "rows", "median error", "90th percentile", "bias")
    return table(rows, head=head, left=2)
