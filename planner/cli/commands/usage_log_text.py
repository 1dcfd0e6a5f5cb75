"""The work behind `planner import`."""

import sys
from pathlib import Path
from typing import Any

import click

from planner.cli.commands.new import write
from planner.cli.io import json_output
from planner.cli.io.layout import cut, table, wrapped
from planner.cli.io.progress import working
from planner.files import inert
from planner.records import dataclass
from planner.usage import LogSummary, read_log

NAME_COLUMNS, VALUE_COLUMNS = 34, 26


@dataclass(frozen=True)
class Asked:
    """The logs to read, the name of the workload, and the user's notes on columns and times."""

    logs: tuple[Path, ...]
    workload: str
    columns: dict[str, str]
    time_format: str
    no_time: bool


def report(asked: Asked, *, out: str | None, force: bool, as_json: bool) -> str:
    """Read the logs, write the plan if asked, and return the output of `planner import`."""
    found = read(asked)
    plan = found.plan()
    text = plan.text
    if out == "-":
        return text.rstrip("\n")
    if out is not None:
        write(Path(out), text, force=force)
    if as_json:
        costs = {
            "plan_usd_per_month": plan.plan_usd_per_month, "log_usd_per_month": plan.log_usd_per_month,
            "plan_remarks": plan.said,
        }  # fmt: skip
        return json_output.as_json(_told(found) | costs | {"toml": text})
    remarks = [line for words in plan.said for line in wrapped(words)]
    return "\n".join([*_lines(found), *remarks, *_end(out, text)])


def merge(asked: Asked, into: str, *, force: bool) -> None:
    """Read the logs, preview the changes to a plan, and write them if the user confirms."""
    from planner.cli.io.scenario_input import read as read_plan  # noqa: PLC0415 - only a merge needs it
    from planner.files import save  # noqa: PLC0415 - as above
    from planner.files.loading import Loaded  # noqa: PLC0415 - as above
    from planner.usage.into_plan import merged_into  # noqa: PLC0415 - as above

    merged = merged_into(read_plan(into), read(asked), asked.workload)
    click.echo(
        "\n".join([*merged.preview(), "", *(line for words in merged.remarks for line in wrapped(words))])
    )
    if not force:
        if not sys.stdin.isatty():
            click.echo(f"Nothing written. --force writes this into {inert(into)}.")
            return
        click.confirm(f"Write this into {inert(into)}?", abort=True)
    done = save(merged.loaded, merged.scenario)
    if not isinstance(done, Loaded):
        raise click.UsageError(f"Another program changed {inert(into)} in the meantime; nothing written.")
    click.echo(f"Wrote {inert(into)}.")


def read(asked: Asked) -> LogSummary:
    """Return the findings from the logs, with a progress line while they are read."""
    done = {"share": 0.0}

    def told(share: float, _left_s: float) -> None:
        done["share"] = share

    name = inert(asked.logs[0].name) if len(asked.logs) == 1 else f"{len(asked.logs)} logs"
    with working(f"Reading {name}", sys.stderr, share=lambda: done["share"]):
        return read_log(
            asked.logs,
            workload=asked.workload,
            columns=asked.columns,
            time_format=asked.time_format,
            no_time=asked.no_time,
            progress=told,
        )


def _told(found: LogSummary) -> dict[str, Any]:
    """Return the findings for JSON: totals over all calls first, then the parts of the plan."""
    own = {
        name: value
        for name, value in vars(found).items()
        if name not in ("sums", "logged", "kinds", "summed")
    }
    return {
        "totals": found.totals,
        "currency": found.currency or None,
        "logged_by_currency": found.logged,
        "rows_left_out": found.rows_left_out,
        **own,
    }


def _lines(found: LogSummary) -> list[str]:
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
        return ["", f"Wrote {inert(out)}. Open it with: planner {inert(out)}"]
    return ["", "As a plan (--out FILE writes it):", "", text.rstrip("\n")]
