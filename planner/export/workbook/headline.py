"""The last sheet: the headline numbers, computed from the other sheets."""

import math
from collections.abc import Collection, Mapping, Sequence

from planner.export.workbook.book import Sheet, number, or_missing, total
from planner.export.workbook.customer_columns import mean_of_segments, value_formulas
from planner.export.workbook.inputs import Inputs
from planner.export.workbook.months import Written
from planner.export.workbook.requests import RequestCells
from planner.export.workbook.table import Table
from planner.model.joining import Joined
from planner.readout import METRICS, RUNWAY, runway_text
from planner.records import dataclass
from planner.schema import ApiDeployment, path_of, step_text
from planner.units import MONTHS_PER_YEAR, TOKENS_PER_MTOK

SHEET = "Headline"
YEAR = int(MONTHS_PER_YEAR)
ENDS = {
    "cash_out": "cash runs out", "beyond_horizon": "the last month still burns cash",
    "self_sustaining": "the last month burns no cash",
}  # fmt: skip


@dataclass(frozen=True)
class _Written:
    """The current sheet and those before it."""

    sheet: Sheet
    joined: Joined
    of: Inputs
    last_of: Inputs
    requests: Mapping[str, RequestCells]
    table: Table


def headline_sheet(epochs: Sequence[Written], table: Table) -> tuple[Sheet, dict[str, str], dict[str, str]]:
    """Return the sheet of headline numbers, each metric's cell, and the cost of each workload's request."""
    sheet, first = Sheet(SHEET), epochs[0]
    sheet.rows.append([first.joined.scenario.title])
    written = _Written(sheet, first.joined, first.of, epochs[-1].of, first.requests, table)
    company = _company_lines(written)
    sheet.heading("Requests of month 1")
    usd = _requests_usd(written)
    return sheet, {**company, **_request_lines(written, usd)}, _usd_per_request(written, usd)


def _company_lines(written: _Written) -> dict[str, str]:
    of, table = written.of, written.table
    months = int(written.joined.scenario.company.horizon_months)
    revenue, serving = table.cell("Revenue", 1), table.cell("Cost of serving", 1)
    profit = f"({revenue}-{serving})"
    found = {
        name: _metric(written, name, table.cell(METRICS[name].label, 1), METRICS[name].when)
        for name in ("gross_burn_usd_per_month", "net_burn_usd_per_month")
    }

    def add(name: str, formula: str, note: str = "") -> None:
        found[name] = _metric(written, name, formula, note)

    out = table.span("Cash out at month", months)
    lasts = f'"{runway_text(math.nan, "beyond_horizon", months)}"'
    add(RUNWAY, f"IF(COUNT({out})>0,MIN({out}),{lasts})")
    later = table.span("Cash out with raises", months)
    add("runway_with_raises_months", f"IF(COUNT({later})>0,MIN({later}),{lasts})")
    cash = table.span("Cash", months)
    add("least_cash_usd", f"MIN({cash})")
    add("least_cash_month", f"MATCH(MIN({cash}),{cash},0)")
    last = f'IF({table.cell("Net burn", months)}<=0,"{ENDS["self_sustaining"]}","{ENDS["beyond_horizon"]}")'
    found["runway_state"] = written.sheet.formula(
        "How it ends", f'IF(COUNT({out})>0,"{ENDS["cash_out"]}",{last})'
    )
    add("gross_margin_share", or_missing(f"{revenue}>0", f"{profit}/{revenue}"))
    winning = f"{table.cell('New customers', 1)}*{of['company.cac_in_contribution_margin']}"
    add("contribution_margin_share", or_missing(f"{revenue}>0", f"({profit}-{winning})/{revenue}"))
    last_month = min(months, YEAR + 1)
    burnt = f"SUM({table.span('Net burn', last_month - 1)})" if last_month > 1 else "0"
    new = f"({number(MONTHS_PER_YEAR)}*({table.cell('Revenue', last_month)}-{revenue}))"
    note = f"net burn of {last_month - 1} months over what it adds to a year's revenue by month {last_month}"
    add("burn_multiple", or_missing(f"AND({new}>0,{burnt}>0)", f"{burnt}/{new}"), note)
    segments = written.joined.scenario.segments
    if segments:
        left = total(table.cell(f"Segment {name}: leave", 1) for name in segments)
        values = mean_of_segments(table, of, f"({left})")
    else:
        values = value_formulas(written.sheet, table, of, written.last_of, months)
    for name, formula in values.items():
        add(name, formula)
    add("gpus", table.cell("GPUs", 1))
    return found


def _request_lines(written: _Written, requests_usd: Sequence[str]) -> dict[str, str]:
    line, of, table = written.sheet.formula, written.of, written.table
    terms: list[tuple[str, ...]] = []
    for (name, each), usd in zip(written.requests.items(), requests_usd, strict=True):
        asked = table.cell(f"Requests: {name}", 1)
        started = any(
            name in workload.session.spawns for workload in written.joined.scenario.workloads.values()
        )
        own = table.cell(f"Asked by customers: {name}", 1) if started else asked
        failing = f"(1-{each.solved})*{of[f'workloads.{step_text(name)}.outcome.failure_usd']}+{each.people}"
        whole = f"{usd}+{asked}*({failing})"
        terms.append(
            (own, f"{own}*{each.success}", f"{own}*{each.solved}", usd, whole, f"{asked}*{each.tokens}")
        )
    labels = {
        "Requests": "/month", "Solved by models": "/month", "Solved": "/month", "Serving": "USD/month",
        "Serving, people and failures": "USD/month", "Tokens": "/month",
    }  # fmt: skip
    sums = {
        label: line(label, total(each[index] for each in terms), unit)
        for index, (label, unit) in enumerate(labels.items())
    }

    def over(name: str, top: str, bottom: str, times: str = "1") -> str:
        formula = or_missing(f"{sums[bottom]}>0", f"{sums[top]}*{times}/{sums[bottom]}")
        return _metric(written, name, formula)

    return {
        name: over(name, *parts)
        for name, parts in {
            "usd_per_request": ("Serving", "Requests"),
            "usd_per_outcome": ("Serving, people and failures", "Solved"),
            "usd_per_pass": ("Serving", "Solved by models"),
            "usd_per_mtok": ("Serving", "Tokens", number(TOKENS_PER_MTOK)),
            "success_share": ("Solved", "Requests"),
        }.items()
    }


def _metric(written: _Written, name: str, formula: str, note: str = "") -> str:
    """Write a headline number under its own label and unit, and return its cell."""
    return written.sheet.formula(METRICS[name].label, formula, METRICS[name].unit, note)


def _requests_usd(written: _Written) -> list[str]:
    """Return the cost of serving each workload in month 1."""
    tiers = dict.fromkeys(tier for each in written.requests.values() for tier in each.calls)
    shared = {tier: _shared(written, tier) for tier in tiers}
    company = _company_usd(written, listed=tiers)
    found = []
    for name, each in written.requests.items():
        asked = written.table.cell(f"Requests: {name}", 1)
        models = total(
            f"{calls}*{_call_usd(written, name, tier, shared[tier])}" for tier, calls in each.calls.items()
        )
        idle = total(_idle_usd(shared[tier]) for tier in each.calls)
        one = f"({models}+{each.extras}+{idle}+{company})"
        usd = f"IF({asked}>0,{asked}*{one}+{each.flat_per_month},0)"
        found.append(written.sheet.formula(f"{name}: cost of its requests", usd, "USD/month"))
    return found


def _usd_per_request(written: _Written, requests_usd: Sequence[str]) -> dict[str, str]:
    """Return the cost of a request of each workload in month 1, including those it starts."""
    workloads = written.joined.scenario.workloads
    alone = {}
    for name, usd in zip(written.requests, requests_usd, strict=True):
        asked = written.table.cell(f"Requests: {name}", 1)
        alone[name] = f"IF({asked}>0,{usd}/MAX({asked},1E-300),0)"

    def with_started(name: str) -> str:
        started = (
            f"{written.of[path_of(('workloads', name, 'session', 'spawns', other))]}*({with_started(other)})"
            for other in workloads[name].session.spawns
        )
        return total([alone[name], *started])

    return {
        name: written.sheet.formula(f"{name}: a request, with those it starts", with_started(name), "USD")
        for name in alone
    }


@dataclass(frozen=True)
class _Shared:
    """The cells of a deployment's standing cost, its calls' weight, and the requests that list it."""

    standing: str
    weight: str
    asked: str


def _shared(written: _Written, tier: str) -> _Shared:
    of, table, at = written.of, written.table, f"deployments.{step_text(tier)}"
    deployment, line = written.joined.scenario.deployments[tier], written.sheet.formula
    users = {user: each for user, each in written.requests.items() if tier in each.calls}
    own = [of[f"{at}.staff_usd_per_month"], *_amortised(written, tier)]
    if isinstance(deployment, ApiDeployment):
        own.append(table.cell(f"{tier}: beside calls", 1))
    else:
        own.append(table.cell(f"{tier}: {'cost of owning' if deployment.rent == 'owned' else 'rent'}", 1))
    weight = total(
        f"{table.cell(f'Requests: {user}', 1)}*{each.calls[tier]}*{_weight(written, user, tier)}"
        for user, each in users.items()
    )
    asked = total(table.cell(f"Requests: {user}", 1) for user in users)
    return _Shared(
        line(f"{tier}: costs anyway", total(own), "USD/month"),
        line(f"{tier}: weight of its calls", weight, "", "tokens, or GPU time at the peak"),
        line(f"{tier}: requests that list it", asked, "/month"),
    )


def _call_usd(written: _Written, name: str, tier: str, shared: _Shared) -> str:
    """Return the cost of a call in month 1: its own, and its share of the deployment's standing cost."""
    tokens = "0"
    if isinstance(written.joined.scenario.deployments[tier], ApiDeployment):
        carried = written.table.cell(f"{tier}: carried by units", 1)
        tokens = f"{written.requests[name].api_usd[tier, 0]}*(1-{carried})"
    part = f"IF({shared.weight}>0,{_weight(written, name, tier)}/MAX({shared.weight},1E-300),0)"
    return written.sheet.formula(f"{name}: a call to {tier}", f"{tokens}+{part}*{shared.standing}", "USD")


def _idle_usd(shared: _Shared) -> str:
    """Return a request's share of a deployment without calls."""
    return f"IF(AND({shared.weight}<=0,{shared.asked}>0),{shared.standing}/MAX({shared.asked},1E-300),0)"


def _weight(written: _Written, user: str, tier: str) -> str:
    """Return the weight by which calls share a deployment's standing cost: tokens (API), GPU time at the peak (own)."""
    scenario = written.joined.scenario
    if isinstance(scenario.deployments[tier], ApiDeployment):
        return written.requests[user].tokens
    peak = (
        "1"
        if scenario.workloads[user].latency == "none" or written.joined.business.fleets[tier].week is not None
        else written.of[f"workloads.{step_text(user)}.peak_to_mean"]
    )
    slot = written.of[f"fleet.{tier}.slot_s.{user}"]
    calls = written.of[path_of(("workloads", user, "session", "calls"))]
    return f"{slot}*{calls}*{peak}"


def _company_usd(written: _Written, *, listed: Collection[str]) -> str:
    """Return every request's share of the company's one-off spend and of unlisted deployments."""
    asked = written.table.cell("Requests", 1)
    spread = _once(written, "company", written.joined.scenario.company.one_off)
    for tier in (each for each in written.joined.scenario.deployments if each not in listed):
        spread += [written.table.cell(f"{tier}: staff and units", 1), *_amortised(written, tier)]
    usd = f"IF({asked}>0,({total(spread)})/MAX({asked},1E-300),0)"
    return written.sheet.formula("A request's part of one-off and unused spend", usd, "USD")


def _once(written: _Written, at: str, payments: Sequence[object]) -> list[str]:
    """Return month 1's part of spread one-off payments."""
    of, found = written.of, []
    for index in range(len(payments)):
        each = f"{at}.one_off.{index}"
        if f"{each}.amortise_months" in of.by_path:
            usd = f"{of[f'{each}.amount_usd']}/{of[f'{each}.amortise_months']}"
            found.append(f"IF({of[f'{each}.month']}<=1,{usd},0)")
    return found


def _amortised(written: _Written, tier: str) -> list[str]:
    """Return month 1's part of a deployment's one-off spend."""
    of, at = written.of, f"deployments.{step_text(tier)}"
    once = _once(written, at, written.joined.scenario.deployments[tier].one_off)
    student, tuned = f"{at}.distillation", f"{at}.fine_tuning"
    runs = f"{of[f'{student}.run_usd']}*{of[f'{student}.steps']}/{of[f'{student}.amortise_months']}"
    return [
        *once,
        f"IF({of[f'{student}.on']}>0,{runs},0)",
        f"IF({of[f'{tuned}.on']}>0,{of[f'{tuned}.run_usd']}/{of[f'{tuned}.amortise_months']},0)",
    ]
