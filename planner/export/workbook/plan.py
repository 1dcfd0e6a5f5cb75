"""The whole workbook of a plan: headline, inputs, requests, months."""

from planner.errors import Problem, ScenarioError
from planner.export.workbook.book import Book, Sheet
from planner.export.workbook.headline import headline_sheet
from planner.export.workbook.inputs import input_sheet
from planner.export.workbook.months import month_sheet
from planner.export.workbook.requests import request_sheet
from planner.model.company.settlement import settles_later
from planner.model.joining import join
from planner.schema import ApiDeployment, Scenario, some, step_text

FLOWS = {
    "customers": "Customers", "requests": "Requests", "revenue_usd": "Revenue", "cogs_usd": "Cost of serving",
    "fixed_costs_usd": "Fixed costs", "acquisition_usd": "New customers", "one_off_usd": "One-off spend",
    "gross_burn_usd": "Gross burn", "net_burn_usd": "Net burn", "funding_usd": "Raised",
    "planned_funding_usd": "Raised, not closed", "cash_usd": "Cash", "gpus": "GPUs",
}  # fmt: skip
ABOUT = (
    "Every number on this sheet, on Requests and on Months is a formula of the sheet Inputs: change a value there.",
    "Given as inputs: API list prices, rents, GPU speed on these requests, and the slots that the promise needs.",
    "Of these the last two follow from traffic, lengths and promise: after a large change of them, export again.",
    "Switches are 1 or 0. The structure (tiers, policy, kinds of deployment, horizon) is fixed in the formulas.",
    "Not in here: latency, uncertainty. A range counts as its median.",
)


def _not_expressed(scenario: Scenario) -> list[Problem]:
    """Return the sections of a plan that the formulas of a workbook don't know."""
    other = "Export .html, .md or .csv, or leave the {} out."
    found = []
    if scenario.change:
        what = "can't be put into a workbook: its formulas hold one set of levers for all months."
        found.append(Problem("change", what, other.format("changes")))
    if scenario.segments:
        what = "can't be put into a workbook: its formulas know one kind of customer."
        found.append(Problem("segments", what, other.format("segments")))
    if settles_later(scenario):
        what = "has terms, prepayment or credits; the formulas of a workbook take revenue as cash."
        found.append(Problem("cash", what, other.format("payment terms and credits")))
    return [*found, *_of_vendors(scenario)]


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
        users = [work for work in scenario.workloads.values() if name in work.routing.tiers and work.meters]
        if bought and (units.offer == "openai-reserved" or users):
            what = "can't be put into a workbook: its formulas know units that carry tokens, and no meters beside them."
            found.append(Problem(f"{where}.provisioned", what, "Export .html, .md or .csv."))
    return found


def workbook(scenario: Scenario) -> Book:
    """Return a plan as sheets of inputs and formulas.

    `places` says where each metric and each flow of the months stands. Raises ScenarioError for a scenario of
    many plans, and for names that the catalog lacks.
    """
    if problems := _not_expressed(scenario):
        raise ScenarioError(problems)
    inputs, cells = input_sheet(joined := join(scenario))
    requests, of_requests = request_sheet(joined, cells)
    months, table = month_sheet(joined, cells, of_requests)
    headline, metrics = headline_sheet(joined, cells, of_requests, table)
    headline.heading("About this workbook")
    headline.rows += [[text] for text in ABOUT]
    horizon = int(scenario.company.horizon_months)
    flows = {f"months.{name}": table.span(label, horizon) for name, label in FLOWS.items()}
    sheets: tuple[Sheet, ...] = (headline, inputs, requests, months)
    return Book(scenario.title, sheets, {**metrics, **flows})
