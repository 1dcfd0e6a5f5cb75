"""The sheet of segments: what each pays, costs and earns in month 1, per segment and per tenth by usage."""

import math
from collections.abc import Mapping

from planner.export.workbook import cash_columns
from planner.export.workbook.book import CellFormula, Sheet, or_missing, total
from planner.export.workbook.inputs import Inputs
from planner.export.workbook.table import Table
from planner.model import Result
from planner.readout import SEGMENTS_HEAD, TENTHS_HEAD, number

SHEET = "Segments"
FIRST = 2
LETTERS = "BCDEFGH"
FLOWS = (
    "customers", "requests_per_month", "revenue_usd_per_month", "cogs_usd_per_month", "margin_usd_per_month",
    "gross_margin_share", "ltv_usd",
)  # fmt: skip


def segment_sheet(
    of: Inputs, table: Table, usd_per_request: Mapping[str, str], result: Result
) -> tuple[Sheet, dict[str, str]]:
    """Return the sheet and the cell of each segment number: formulas, except lifetime values and tenths.

    `usd_per_request` is the cost of a request of each workload in month 1, including requests it starts.
    """
    sheet = Sheet(SHEET, [["Segment, month 1", *SEGMENTS_HEAD[1:]]])
    places: dict[str, str] = {}
    for row, (name, each) in enumerate(result.segments.items(), FIRST):
        sheet.rows.append(
            [name, *_formulas(of, table, name, usd_per_request, row), _stated(number(each.ltv_usd))]
        )
        places |= {
            f"segments.{name}.{flow}": f"{SHEET}!${letter}${row}"
            for letter, flow in zip(LETTERS, FLOWS, strict=True)
        }
    sheet.rows.append(
        ["Lifetime values and the tables below are computed by the planner; USD per customer and month."]
    )
    for name, each in result.segments.items():
        sheet.heading(f"{name}: customers by use")
        sheet.rows.append(["tenth", *TENTHS_HEAD[1:]])
        tenths = each.tenths
        columns = (
            tenths.requests_per_customer, tenths.cost_share, tenths.revenue_usd_per_customer,
            tenths.cogs_usd_per_customer, tenths.margin_usd_per_customer, tenths.ltv_usd,
        )  # fmt: skip
        count = max(len(column) for column in columns)
        for at in range(count):
            cells = [_stated(column[at if len(column) > 1 else 0]) for column in columns]
            sheet.rows.append([float(at + 1), *cells])
    return sheet, places


def _stated(value: float) -> float | str:
    """Return a number computed by the planner, for a cell."""
    return "n/a" if math.isnan(value) else float(value)


def _formulas(
    of: Inputs, table: Table, name: str, usd_per_request: Mapping[str, str], row: int
) -> list[CellFormula]:
    """Return formulas for customers, requests, revenue, cost, profit and margin of a segment."""

    def cell(what: str) -> str:
        return table.cell(f"Segment {name}: {what}", 1)

    customers = cell("customers")
    asked = {other: f"{customers}*{cell(f'{other} of a customer')}" for other in usd_per_request}
    served = total(f"{count}*{usd_per_request[other]}" for other, count in asked.items())
    rates = cash_columns.follows_share(of)
    revenue = f"{cell('seats')}*{cash_columns.seat_price_share(of)}+{cell('overage')}"
    cost = f"{served}+D{row}*{rates}+{cell('paying')}*{of['cash.payment_fee_usd']}"
    texts = (
        customers, total(asked.values()), revenue, cost, f"D{row}-E{row}",
        or_missing(f"D{row}>0", f"F{row}/D{row}"),
    )  # fmt: skip
    return [CellFormula(text) for text in texts]
