"""Columns and headline lines for customer lifetime value: see `planner.model.company.customer_value`."""

from collections.abc import Mapping

from planner.export.workbook import cash_columns
from planner.export.workbook.book import Sheet, or_missing, total
from planner.export.workbook.inputs import Inputs
from planner.export.workbook.requests import RequestCells
from planner.export.workbook.table import Table
from planner.schema import Scenario, step_text

GROSS, KEPT, SO_FAR = "Gross profit of customers", "A customer brings", "A customer has brought"
PAID_BACK, STAYS = "Paid back at month", "Share of customers who stay"
STEP = "a step to CAC payback"


def add_columns(
    table: Table,
    of: Inputs,
    scenario: Scenario,
    requests: Mapping[str, RequestCells],
    own: Mapping[str, str],
    *,
    churn_before: str,
) -> None:
    """Add customers' gross profit by month; `own` are the requests that no other request starts.

    `churn_before` is the churn in the month before an epoch starts.
    """
    asked = {name: table.at(f"Requests: {name}") for name in requests}
    from_customers = {name: f"({asked[name]}-({_besides(of, scenario, name)}))" for name in requests}
    direct, of_customers = [], []
    for name, each in requests.items():
        calls = [table.at(key) for key in table.columns if key.endswith(f": calls of {name}")]
        usd = total([*calls, f"{asked[name]}*({total([each.extras, each.people, each.failure])})"])
        direct.append(table.add(f"{name}: cost of its requests", usd))
        of_customers.append(f"{direct[-1]}/IF({asked[name]}>0,{asked[name]},1)*{from_customers[name]}")
    seats = table.at("Revenue of seats")
    paid = (
        f"({own[name]}-{of[f'workloads.{step_text(name)}.requests_per_month']})*{each.revenue}"
        for name, each in requests.items()
    )
    revenue = table.add("Revenue from customers", total([seats, *paid]))
    rates = cash_columns.follows_share(of)
    follows = f"{revenue}*{rates}+{table.at('Customers')}*{table.at('Fee of a charge')}"
    part = f"IF({table.at('Requests')}>0,({total(from_customers.values())})/MAX({table.at('Requests')},1E-300),1)"
    shared = f"({table.at('Cost of serving')}-{table.at('Follows revenue')}-({total(direct)}))"
    profit = table.add(GROSS, f"{revenue}-({follows})-({total(of_customers)})-{part}*{shared}")
    stay = (
        f"{table.at(STAYS, '{before}')}*(1-{churn})"
        for churn in (of["demand.churn_share_per_month"], churn_before)
    )
    table.add(STAYS, next(stay), "1", next(stay))
    there = table.at("Customers")
    kept = table.add(KEPT, f"IF({there}>0,{profit}/MAX({there},1E-300),0)*{table.at(STAYS)}")
    table.add(SO_FAR, f"{table.at(SO_FAR, '{before}')}+{kept}", kept)
    cac, so_far = of["company.cac_usd_per_customer"], table.at(SO_FAR)
    reached = f"{table.at('Month')}-1+MAX(({cac}-({so_far}-{kept}))/{kept},0)"
    table.add(PAID_BACK, f'IF(AND({so_far}>={cac},{kept}>0),{reached},"")')


def _besides(of: Inputs, scenario: Scenario, name: str) -> str:
    """Return a workload's requests that don't come from customers, including those started by such requests."""
    started = (
        f"{of[f'workloads.{step_text(other)}.session.spawns.{step_text(name)}']}*({_besides(of, scenario, other)})"
        for other, workload in scenario.workloads.items()
        if name in workload.session.spawns
    )
    return total([of[f"workloads.{step_text(name)}.requests_per_month"], *started])


def value_formulas(sheet: Sheet, table: Table, of: Inputs, last_of: Inputs, months: int) -> dict[str, str]:
    """Return the formulas of lifetime value, its ratio to CAC, and payback.

    `of` are the inputs of month 1, `last_of` those of the last month.
    """
    churn, cac = last_of["demand.churn_share_per_month"], of["company.cac_usd_per_customer"]
    known = f"AND({table.cell('Customers', 1)}>0,{table.cell('Revenue', 1)}>0)"
    brought, last = table.cell(SO_FAR, months), table.cell(KEPT, months)
    value = f"({brought}+{last}*(1-{churn})/{churn})"
    after = sheet.formula("A customer brings in the month after the plan", f"{last}*(1-{churn})", "USD", STEP)
    left = sheet.formula(
        "Left to pay back after the plan", f"{cac}-{brought}", "USD", f"{STEP}; below 0: paid back within it"
    )
    lasting = f"INT(LN(1-{left}*{churn}/{after})/LN(1-{churn}))"
    ever = f"IF({after}>0,1-{left}*{churn}/{after}>0,FALSE())"
    whole = sheet.formula(
        "Whole months until then", f"IF({ever},IF({churn}>0,{lasting},0),0)", "months", STEP
    )
    kept = f"(1-{churn})^{whole}"
    part = f"({left}-{after}*(1-{kept})/{churn})/({after}*{kept})"
    later = f'IF({ever},{months}+IF({churn}>0,{whole}+{part},{left}/{after}),"n/a")'
    back = table.span(PAID_BACK, months)
    payback = f'IF(AND({known},{cac}>0),IF(COUNT({back})>0,MIN({back}),{later}),"n/a")'
    return {
        "ltv_usd": or_missing(f"AND({known},{churn}>0)", value),
        "ltv_to_cac_ratio": f'IF(AND({known},{churn}>0,{cac}>0),{value}/{cac},"n/a")',
        "cac_payback_months": payback,
    }


def mean_of_segments(table: Table, of: Inputs, left: str) -> dict[str, str]:
    """Return the same for the mean customer of a plan with segments; `left` are those leaving segments in month 1."""
    outside, cac = table.cell("Customers outside of segments", 1), of["company.cac_usd_per_customer"]
    customers = table.cell("Customers", 1)
    gone = f"({outside}*{of['demand.churn_share_per_month']}+{left})"
    profit = f"({table.cell('Revenue', 1)}-{table.cell('Cost of serving', 1)})"
    known = f"{customers}>0,{table.cell('Revenue', 1)}>0,{gone}>0"
    each, value = f"({profit}/{customers})", f"({profit}/{gone})"
    return {
        "ltv_usd": or_missing(f"AND({known})", value),
        "ltv_to_cac_ratio": or_missing(f"AND({known},{cac}>0)", f"{value}/{cac}"),
        "cac_payback_months": or_missing(
            f"AND({customers}>0,{table.cell('Revenue', 1)}>0,{cac}>0,{profit}>0)", f"{cac}/{each}"
        ),
    }
