"""`planner volume`: the volume at which own GPUs beat an API."""

import math
from collections.abc import Iterator

import click
import numpy as np

from planner.analysis.side_by_side import Side, SideBySide, side_by_side
from planner.cli.io import json_output
from planner.cli.io.evaluated_plans import named_after
from planner.cli.io.layout import table
from planner.cli.io.scenario_input import read
from planner.files import inert
from planner.units import show


@click.command(
    "volume",
    epilog="""\b
Examples:
  planner volume support-copilot-own-gpu --workload chat \\
    --first frontier --second small
  planner volume support-copilot-own-gpu --workload chat \\
    --first frontier --second small --same-quality
Each deployment serves the whole workload alone, at its own success rate.
With --same-quality, the second gets the success rate of the first.""",
)
@click.argument("file")
@click.option("--workload", required=True, help="Workload to serve.")
@click.option("--first", required=True, help="First deployment, for example an API.")
@click.option("--second", required=True, help="Second deployment, for example your own GPUs.")
@click.option("--same-quality", is_flag=True, help="Give both the success rate of the first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def volume_command(
    *, file: str, workload: str, first: str, second: str, same_quality: bool, as_json: bool
) -> None:
    """Find the volume from which the second deployment costs less than the first."""
    click.echo(
        report(
            file, workload=workload, first=first, second=second, same_quality=same_quality, as_json=as_json
        )
    )


def report(file: str, *, workload: str, first: str, second: str, same_quality: bool, as_json: bool) -> str:
    """Return what `planner volume` prints."""
    loaded = read(file)
    with named_after(loaded):
        found = side_by_side(
            loaded.scenario, workload=workload, first=first, second=second, same_quality=same_quality
        )
    return json_output.as_json(found) if as_json else "\n".join(_lines(found))


def _lines(found: SideBySide) -> Iterator[str]:
    names = (inert(found.first.deployment), inert(found.second.deployment))
    share = show(found.first.success_share, "share")
    quality = f"both at the success of {names[0]}, {share}" if found.success_of else "each at its own success"
    yield f"{inert(found.workload)}, answered by {names[0]} alone or by {names[1]} alone, {quality}"
    yield ""
    head = (
        "requests/month",
        *(f"{name} {what}" for name in names for what in ("$/request", "$/outcome")),
        "GPUs",
    )
    yield from table(list(_rows(found)), head=head)
    yield ""
    success = [show(side.success_share, "share") for side in (found.first, found.second)]
    yield f"Success: {names[0]} {success[0]}, {names[1]} {success[1]}."
    yield f"Per request, {names[1]} is cheaper {_from(found.pays_from_requests)}."
    yield f"Per outcome, {names[1]} is cheaper {_from(found.outcome_pays_from_requests)}."
    if found.by_token:
        yield "Both are billed by the token alone, so their costs never cross."
    for side in (found.first, found.second):
        if not side.promise_met:
            yield f"{inert(side.deployment)} breaks the latency promise at some volume."


def _rows(found: SideBySide) -> Iterator[tuple[str, ...]]:
    for requests in found.decades:
        at = int(np.argmin(np.abs(np.log(found.requests_per_month / requests))))
        yield (show(requests), *_costs(found.first, at), *_costs(found.second, at), _gpus(found, at))


def _costs(side: Side, at: int) -> tuple[str, str]:
    return show(float(side.usd_per_request[at]), "usd"), show(float(side.usd_per_outcome[at]), "usd")


def _gpus(found: SideBySide, at: int) -> str:
    return show(float(max(found.first.gpus[at], found.second.gpus[at])))


def _from(requests: float) -> str:
    if math.isnan(requests):
        return "at no volume"
    return f"from {show(requests)} requests a month" if requests else "at every volume"
