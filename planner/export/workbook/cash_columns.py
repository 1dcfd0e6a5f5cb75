"""Month columns for cash settlement and credits: see `planner.model.company.settlement`."""

from collections.abc import Mapping

from planner.export.workbook.book import number, total
from planner.export.workbook.inputs import Inputs
from planner.export.workbook.table import FIRST_ROW, Table
from planner.model.company.settlement import DAYS_PER_TERM_MONTH, YEAR
from planner.schema import Scenario
from planner.units import MONTHS_PER_YEAR

COLLECTED, RECEIVABLE, DEFERRED, CREDITS, INTEREST = (
    "Collected", "Owed by customers", "Paid ahead, not yet earned", "Paid by credits", "Interest on cash",
)  # fmt: skip


def seat_price_share(of: Inputs) -> str:
    """Return the mean share of seat prices paid, after the discount for annual prepayment."""
    return f"(1-{of['cash.annual_prepay_share']}*{of['cash.annual_discount_share']})"


def follows_share(of: Inputs) -> str:
    """Return the share of revenue taken by payment fees, other cost of revenue and refunds."""
    names = ("payment_fee_share", "other_cogs_share", "refund_share")
    return "(" + "+".join(of[f"cash.{name}"] for name in names) + ")"


def interest(table: Table, of: Inputs) -> str:
    """Add the interest earned in a month, without planned raises; return its cell."""
    rate = f"{of['cash.interest_share_per_year']}/{number(MONTHS_PER_YEAR)}"
    so_far = table.at("Raised, not closed, so far")
    there = (
        f"MAX({cash}+{table.at('Raised')}-{so_far},0)*{rate}"
        for cash in (table.at("Cash", "{before}"), of["company.cash_usd"])
    )
    return table.add(INTEREST, *there)


def add_columns(table: Table, of: Inputs, scenario: Scenario, seats: str, invoices: Mapping[str, str]) -> str:
    """Add cash collected, owed, deferred and paid by credits; return the reduction of a month's burn.

    `seats` is seat revenue, `invoices` the charges per deployment, without its staff.
    """
    share, discount = of["cash.annual_prepay_share"], of["cash.annual_discount_share"]
    prepaid = table.add(
        "Revenue paid a year ahead", f"({seats})*{share}*(1-{discount})/MAX({seat_price_share(of)},1E-300)"
    )
    begun = _begun(table, prepaid)
    invoiced = table.add("Invoiced", f"{table.at('Revenue')}-{prepaid}+{YEAR}*{begun}")
    arrived = table.add(COLLECTED, _arriving(table, of))
    owed = table.at(RECEIVABLE, "{before}")
    table.add(
        RECEIVABLE, f"{owed}+{invoiced}-{arrived}", f"{of['cash.receivables_usd']}+{invoiced}-{arrived}"
    )
    more = f"{YEAR}*{begun}-{prepaid}"
    table.add(DEFERRED, f"{table.at(DEFERRED, '{before}')}+{more}", f"{prepaid}*{YEAR - 1}/2+{more}")
    table.add(CREDITS, _credits(table, of, scenario, invoices))
    return f"({arrived}+{table.at(CREDITS)})"


def _begun(table: Table, prepaid: str) -> str:
    """Return the part of a month's revenue on annual contracts that start in it."""
    name = "Yearly contracts begun"
    so_far = f"SUM({table.at(name, '{year}')}:{table.at(name, '{before}')})"
    of_before = table.at("Revenue paid a year ahead", str(FIRST_ROW))
    old = f"MAX({YEAR}-{{month}},0)*{of_before}/{YEAR}"
    first = f"MAX({prepaid}-{YEAR - 1}*{prepaid}/{YEAR},0)"
    return table.add(name, f"MAX({prepaid}-({so_far}+{old}),0)", first)


def _arriving(table: Table, of: Inputs) -> str:
    """Return the invoices collected in a month, including those owed before the plan."""
    term = f"({of['cash.paid_after_days']}/{number(DAYS_PER_TERM_MONTH)})"
    months = f"{table.at('Month', str(FIRST_ROW))}:{table.at('Month')}"
    invoices = f"{table.at('Invoiced', str(FIRST_ROW))}:{table.at('Invoiced')}"
    part = f"(1-ABS({term}-({{month}}-{months})))"
    whole = f"MAX({term},1)"
    owed = f"(MIN({{month}},{whole})-MIN({{month}}-1,{whole}))/{whole}"
    return f"SUMPRODUCT(({part}>0)*{part}*{invoices})+{of['cash.receivables_usd']}*{owed}"


def _credits(table: Table, of: Inputs, scenario: Scenario, invoices: Mapping[str, str]) -> str:
    """Add each credit's payment towards each deployment's invoice; return the sum."""
    left = {
        tier: table.add(f"{tier}: invoice", usd) for tier, usd in invoices.items() if scenario.cash.credits
    }
    paid: list[str] = []
    for index, credit in enumerate(scenario.cash.credits):
        at, what = f"cash.credits.{index}", f"Credit {index + 1}"
        runs = f"AND({of[f'{at}.month']}<={{month}},{{month}}<{of[f'{at}.month']}+{of[f'{at}.months']})"
        spent = table.at(f"{what}: used so far", "{before}")
        here: list[str] = []
        for tier in (each for each in left if not credit.covers or each in credit.covers):
            formulas = [
                f"IF({runs},MIN({left[tier]},{of[f'{at}.usd']}-({total([used, *here])})),0)"
                for used in (spent, "0")
            ]
            here.append(table.add(f"{what}: {tier}", *formulas))
            left[tier] = f"({left[tier]}-{here[-1]})"
        table.add(f"{what}: used so far", total([spent, *here]), total(here))
        paid += here
    return total(paid)
