"""The whole workbook of a plan: headline, inputs, requests, months."""

import math
from collections.abc import Sequence
from datetime import date

import numpy as np

from planner.analysis.actuals import CashPath, cash_path
from planner.errors import Problem, ScenarioError
from planner.export.workbook import cash_columns
from planner.export.workbook.book import Book, Sheet
from planner.export.workbook.headline import headline_sheet
from planner.export.workbook.inputs import input_sheet
from planner.export.workbook.months import Written, month_sheet
from planner.export.workbook.requests import request_sheet
from planner.export.workbook.segment_sheet import segment_sheet
from planner.model import evaluate
from planner.model.company.settlement import earns_interest, settles_later
from planner.model.joining import Joined
from planner.model.reacting import reacting_stages
from planner.readout.cautions import cautions
from planner.schema import ApiDeployment, Scenario, some, step_text
from planner.schema.actuals import Actuals

FLOWS = {
    "customers": "Customers", "requests": "Requests", "revenue_usd": "Revenue", "cogs_usd": "Cost of serving",
    "fixed_costs_usd": "Fixed costs", "acquisition_usd": "New customers", "one_off_usd": "One-off spend",
    "gross_burn_usd": "Gross burn", "net_burn_usd": "Net burn", "funding_usd": "Raised",
    "planned_funding_usd": "Raised, not closed", "cash_usd": "Cash", "gpus": "GPUs",
}  # fmt: skip
CASH_FLOWS = {
    "collected_usd": cash_columns.COLLECTED, "receivable_usd": cash_columns.RECEIVABLE,
    "deferred_usd": cash_columns.DEFERRED, "credits_usd": cash_columns.CREDITS,
}  # fmt: skip
ABOUT = (
    "Every number on this sheet, on Requests and on Months is a formula of the sheet Inputs: change a value there.",
    "Given as inputs: API list prices, rents, GPU speed on these requests, and the slots that the promise needs.",
    "Of these the last two follow from traffic, lengths and promise: after a large change of them, export again.",
    "Also given: the sums over a session's calls, and what customers pay by price bands, packages and credits.",
    "Switches are 1 or 0. The structure (tiers, policy, kinds of deployment, horizon) is fixed in the formulas.",
    "Not in here: latency, uncertainty. A range counts as its median.",
)


def _of_vendors(scenario: Scenario) -> list[Problem]:
    """Return what is agreed with vendors that the formulas don't know."""
    found = []
    for name, each in scenario.deployments.items():
        if not isinstance(each, ApiDeployment):
            continue
        where, units = f"deployments.{step_text(name)}", each.provisioned
        if each.meter_bands:
            what = "can't be put into a workbook: its formulas know one price of a meter."
            found.append(Problem(f"{where}.meter_bands", what, "Export .html, .md or .csv."))
        bought = some(units.units) or some(units.peak_share)
        if bought and units.beyond == "refused":
            what = "can't be put into a workbook: its formulas bill what exceeds units by the token."
            found.append(Problem(f"{where}.provisioned.beyond", what, "Export .html, .md or .csv."))
        users = [work for work in scenario.workloads.values() if name in work.routing.tiers and work.meters]
        if bought and (units.offer == "openai-reserved" or users):
            what = "can't be put into a workbook: its formulas know units that carry tokens, and no meters beside them."
            found.append(Problem(f"{where}.provisioned", what, "Export .html, .md or .csv."))
    return found


def _of_hours(parts: Sequence[Joined]) -> list[Problem]:
    """Return which loads through the hours the formulas don't know: ranked by others, or on provisioned units."""
    found = []
    for joined in parts:
        scenario = joined.scenario
        for tier, fleet in joined.business.fleets.items():
            if fleet.week is not None and fleet.week.unknown:
                what = (
                    f"is left out, while others on {tier} have one; formulas can't rank its hours by theirs."
                )
                where = f"workloads.{step_text(fleet.week.unknown[0])}.profile"
                found.append(Problem(where, what, "State one, or export .html, .md or .csv."))
        for tier, terms in joined.business.api_terms.items():
            users = [each for each in scenario.workloads.values() if tier in each.routing.tiers]
            if terms.pools and any(each.profile is not None for each in users):
                what = "can't be put into a workbook with profiles: its formulas know units by peak and mean."
                where = f"deployments.{step_text(tier)}.provisioned"
                found.append(Problem(where, what, "Export .html, .md or .csv."))
    return list(dict.fromkeys(found))


def _add_cash_path(months: Sheet, path: CashPath) -> None:
    """Add the cash that was, and what is left to come from there, as numbers of the planner beside the formulas."""
    head, *rows = months.rows
    head += ["Cash, actual", "Cash, left to come"]
    came = len(path.happened)
    for place, row in enumerate(rows):
        over = place < came
        known = over and not math.isnan(path.happened[place])
        row += [path.happened[place] if known else None, None if over else path.to_come[place - came]]


def workbook(scenario: Scenario, *, on: date | None = None, actuals: Actuals | None = None) -> Book:
    """Return a plan as sheets of inputs and formulas, with its warnings on the day `on` of its reader.

    `places` says where each metric, each flow of the months and each number of a segment stands.
    Raises ScenarioError for a scenario of many plans, and for names that the catalog lacks.
    """
    if problems := _of_vendors(scenario):
        raise ScenarioError(problems)
    horizon = int(np.max(scenario.company.horizon_months))
    parts = reacting_stages(scenario, horizon)
    if problems := _of_hours(parts):
        raise ScenarioError(problems)
    inputs, cells = input_sheet(parts, scenario)
    requests, of_requests = request_sheet(parts, cells)
    epochs = [Written(*each) for each in zip(parts, cells, of_requests, strict=True)]
    months, table = month_sheet(epochs, scenario)
    if path := actuals and cash_path(scenario, actuals):
        _add_cash_path(months, path)
    headline, metrics, usd_per_request = headline_sheet(epochs, table)
    result = evaluate(scenario)
    day = on or date.today()  # noqa: DTZ011 - a price is as old as the reader's calendar says
    for title, lines in (("Warnings", cautions(scenario, result, on=day)), ("About this workbook", ABOUT)):
        if lines:
            headline.heading(title)
            headline.rows += [[text] for text in lines]
    labels = FLOWS | (CASH_FLOWS if settles_later(scenario) else {})
    labels |= {"interest_usd": cash_columns.INTEREST} if earns_interest(scenario) else {}
    flows = {f"months.{name}": table.span(label, horizon) for name, label in labels.items()}
    sheets: tuple[Sheet, ...] = (headline, inputs, requests, months)
    if not scenario.segments:
        return Book(scenario.title, sheets, {**metrics, **flows})
    segments, shown = segment_sheet(cells[0], table, usd_per_request, result)
    return Book(scenario.title, (headline, segments, *sheets[1:]), {**metrics, **flows, **shown})
