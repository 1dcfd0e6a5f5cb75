"""The work behind `planner import`."""

import sys
from pathlib import Path

from planner.cli.commands.new import write
from planner.cli.io import json_output
from planner.cli.io.layout import cut, table, wrapped
from planner.cli.io.progress import working
from planner.files import inert
from planner.usage import Imported, read_log

NAME_COLUMNS, VALUE_COLUMNS = 34, 26


def report(
    log: Path, *, workload: str, columns: dict[str, str], out: str | None, force: bool, as_json: bool
) -> str:
    """Read the log, write the scenario where asked, and return what `planner import` prints."""
    done = {"share": 0.0}

    def told(share: float, _left_s: float) -> None:
        done["share"] = share

    with working(f"Reading {inert(log.name)}", sys.stderr, share=lambda: done["share"]):
        found = read_log(log, workload=workload, columns=columns, progress=told)
    text = found.as_toml()
    if out == "-":
        return text.rstrip("\n")
    if out is not None:
        write(Path(out), text, force=force)
    if as_json:
        return json_output.as_json({**vars(found), "toml": text})
    return "\n".join([*_lines(found), *_end(out, text)])


def _lines(found: Imported) -> list[str]:
    lines = []
    for row in found.summary():
        what, value, spread = (inert(str(row[name])) for name in ("what", "value", "range"))
        lines.append((cut(what, NAME_COLUMNS), cut(value, VALUE_COLUMNS), spread))
    notes = [
        line
        for row in found.summary()
        if row["note"]
        for line in wrapped(f"{inert(str(row['what']))}: {inert(str(row['note']))}")
    ]
    return [*table(lines, indent=0), "", "Notes", *notes]


def _end(out: str | None, text: str) -> list[str]:
    if out is not None:
        return ["", f"{inert(out)} is written. Open it with: planner {inert(out)}"]
    return ["", "As a scenario (--out FILE writes it):", "", text.rstrip("\n")]
