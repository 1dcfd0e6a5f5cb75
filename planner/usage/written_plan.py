"""An import as the text of a scenario, and what that plan costs beside what the log cost."""

from dataclasses import field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import numpy as np

from planner.errors import ScenarioError
from planner.files import inert
from planner.files.bounds import parse
from planner.files.toml_text import toml_key, toml_string
from planner.model import evaluate_month_one
from planner.records import dataclass
from planner.schema import SCHEMA, ApiDeployment, Scenario, step_text
from planner.units import show
from planner.usage.plan_parts import PlanPart, monthly_usd, parts_of
from planner.usage.plan_tables import WrittenDeployment, WrittenWorkload, deployments_of, left_out, workload

if TYPE_CHECKING:
    from planner.usage.log_summary import LogSummary

NEAR = 0.005  # of what the log cost
MOST_SPEND_LINES = 10
SECTIONS = ("routing", "cache", "meters")


@dataclass(frozen=True)
class WrittenPlan:
    """A plan out of a log: its text and parts, what it costs a month, and what the log's calls cost at its pace.

    `plan_usd_per_month` is that of the text, evaluated; `log_usd_per_month` that of each kind of calls at the list prices of the
    plan's first month. Both are nan where the log tells no volume. `remarks` are sentences for a reader.
    """

    text: str
    deployments: tuple[WrittenDeployment, ...]
    workloads: tuple[WrittenWorkload, ...]
    plan_usd_per_month: float
    log_usd_per_month: float
    remarks: tuple[str, ...] = field(default=())

    @property
    def said(self) -> tuple[str, ...]:
        """The remarks, and what is assumed of the models because no log tells it."""
        return (*self.remarks, *assumed_success([one.name for one in self.deployments]))

    @property
    def near(self) -> bool:
        """Whether the plan costs what the log did, within half a percent."""
        gap = abs(self.plan_usd_per_month - self.log_usd_per_month)
        return bool(gap <= NEAR * abs(self.log_usd_per_month)) or not np.isfinite(gap)


def assumed_success(names: list[str]) -> list[str]:
    """Return what to say of deployments whose success the plan takes from nowhere.

    >>> assumed_success(["gpt-4o"])
    ['A log does not tell how often an answer solves what was asked: 80.0% is assumed of gpt-4o (success_share).']
    """
    if not names:
        return []
    share = show(float(ApiDeployment.model_fields["success_share"].default), "share")
    shown = ", ".join(map(inert, names[:MOST_SPEND_LINES])) + (
        " and others" if len(names) > MOST_SPEND_LINES else ""
    )
    return [
        f"A log does not tell how often an answer solves what was asked: {share} is assumed of {shown} (success_share)."
    ]


def written_plan(found: "LogSummary", name: str) -> WrittenPlan:
    """Return the plan that a log leads to; its first workload is called `name`."""
    on = _first_of_month()
    parts = parts_of(found.kinds, on=on, summed=found.summed)
    deployments = deployments_of(parts, found, on)
    workloads = tuple(
        workload(one, part, found, deployments, on)
        for one, part in zip(_names(name, parts), parts, strict=True)
    )
    listed = tuple(deployments.values())
    text = _text(found, listed, workloads, parts)
    pace = found.requests_per_month.value / found.requests if found.requests else float("nan")
    log_usd = monthly_usd(parts, on=on, per_request=pace)
    plan_usd = _cost(text) if np.isfinite(pace) else float("nan")
    then_usd = pace * sum(one.list_usd for one in found.kinds if np.isfinite(one.list_usd))
    return WrittenPlan(
        text, listed, workloads, plan_usd, log_usd, tuple(_said(parts, plan_usd, log_usd, then_usd))
    )


def _first_of_month() -> date:
    start = Scenario.from_table({}).company.start
    return date.fromisoformat(f"{start}-01") if start else datetime.now(tz=UTC).date()


def _names(name: str, parts: tuple[PlanPart, ...]) -> list[str]:
    """Return a name for each workload: that of the log for one alone, with its model and step where there are more."""
    if len(parts) == 1:
        return [name]
    out: list[str] = []
    for part in parts:
        first = part.kinds[0]
        base = f"{name}-{first.model.rpartition(':')[2].lower()}"
        base += "" if first.processing == "standard" else f"-{first.processing}"
        alone = len(part.kinds) == 1 and sum(first.model == one.kinds[0].model for one in parts) > 1
        base += f"-over-{first.step // 1000}k" if alone and first.step else ""
        plain = "".join(char if char.isalnum() or char in "-_" else "-" for char in base)[:80]
        count = sum(one == plain or one.startswith(f"{plain}-n") for one in out)
        out.append(plain if not count else f"{plain}-n{count + 1}")
    return out


def _cost(text: str) -> float:
    """Return what the plan costs in its first month; nan where it can't be evaluated."""
    try:
        scenario = Scenario.from_table(parse(text, source="the plan"))
        return float(evaluate_month_one(scenario).metrics["gross_burn_usd_per_month"])
    except ScenarioError:
        return float("nan")


def _said(parts: tuple[PlanPart, ...], plan_usd: float, log_usd: float, then_usd: float) -> list[str]:
    out = []
    if len(parts) > 1:
        out.append(
            f"The plan has {len(parts)} workloads: models, or prompts on both sides of a price step, differ too much for one."
        )
    if not (np.isfinite(plan_usd) and np.isfinite(log_usd)):
        return out
    gap = f" ({plan_usd / log_usd - 1.0:+z.2%})" if log_usd else ""
    out.append(
        f"The plan costs {show(plan_usd, 'usd')} a month; the log's calls, at its pace and the list prices of the plan, "
        f"{show(log_usd, 'usd')}{gap}."
    )
    listed = sum(one.list_usd for part in parts for one in part.kinds if np.isfinite(one.list_usd))
    if (
        listed > 0
        and then_usd > 0
        and abs(log_usd - then_usd) > NEAR * then_usd
        and all(one.known for part in parts for one in part.kinds)
    ):
        out.append(
            f"At the list prices of the log's own days and hours the same calls cost {show(then_usd, 'usd')} a month: "
            "prices have changed since, or depend on the hour."
        )
    return out


def _text(
    found: "LogSummary",
    deployments: tuple[WrittenDeployment, ...],
    workloads: tuple[WrittenWorkload, ...],
    parts: tuple[PlanPart, ...],
) -> str:
    body = [f"# {found.provenance}", *_remarks(found, parts), "", f"schema = {SCHEMA}"]
    body.append(f"title  = {toml_string('Usage from ' + inert(found.path.name)[:200])}")
    for one in deployments:
        body += ["", f"[deployments.{toml_key(one.name)}]  # {one.comment}"]
        body += [_row(*row) for row in one.rows]
    for each in workloads:
        body += _workload_lines(each)
    body += ["", "[source]"]
    for each in workloads:
        for path, _, comment in each.rows:
            words = found.provenance + (f"; {comment}" if comment else "")
            body.append(f"{toml_key(f'workloads.{step_text(each.name)}.{path}')} = {toml_string(words)}")
    return "\n".join(body) + "\n"


def _row(path: str, value: str, comment: str) -> str:
    return f"{path} = {value}" + (f"  # {comment}" if comment else "")


def _workload_lines(each: WrittenWorkload) -> list[str]:
    where = f"workloads.{toml_key(each.name)}"
    lines = ["", f"[{where}]", *(_row(*row) for row in each.rows if "." not in row[0])]
    for section in SECTIONS:
        rows = [
            (path.partition(".")[2], *rest) for path, *rest in each.rows if path.startswith(f"{section}.")
        ]
        if rows:
            lines += ["", f"[{where}.{section}]", *(_row(*row) for row in rows)]
    return lines


def _remarks(found: "LogSummary", parts: tuple[PlanPart, ...]) -> list[str]:
    """Return comments: what was left out, and what no field of a workload holds."""
    out = [f"# left out: {count:,} {reason}" for reason, count in sorted(found.bad.items())]
    if found.growth_per_month.known:
        growth = found.growth_per_month
        low, high = (show(value, "share") for value in (growth.low, growth.high))
        moved = f"{'fell' if growth.value < 0 else 'grew'} {show(abs(growth.value), 'share')}"
        out.append(f"# requests {moved} a month ({low} to {high}): see [demand] growth_share_per_month")
    if found.failed_share > 0:
        out.append(f"# {show(found.failed_share, 'share')} of the calls failed; they are in no number below")
    if np.isfinite(found.retried_share):
        out.append(f"# {show(found.retried_share, 'share')} of the requests were tried again")
    models, requests, usd = left_out(found.kinds, parts)
    if models:
        part = f"{show(requests, 'share')} of the requests and {show(usd, 'share')} of the cost"
        out.append(f"# {models} more models with {part} are not listed")
    for line in found.spend[:MOST_SPEND_LINES]:
        if np.isfinite(line.difference_usd):
            words = f"logged {show(line.logged_usd, 'usd')}, list {show(line.list_usd, 'usd')}"
            out.append(f"# spend on {line.model}: {words}, difference {show(line.difference_usd, 'usd')}")
    return [inert(line) for line in out]
