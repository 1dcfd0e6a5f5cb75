"""A ledger as the books export it: who was booked what in which month, put on the lines of the actuals.

Columns are told by their names: a date or month, an account, and an amount or a debit and a credit. An account is a line by
its name in the file of actuals, by its label ("Revenue", "Fixed costs"), as a deployment of the plan, or as the user says.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from planner.analysis.actuals.planned import is_line
from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.records import dataclass
from planner.schema import Scenario, declared, read_number
from planner.schema.actuals import ActualMonth
from planner.units import counted
from planner.usage.tables import decimal_comma, order_of_dates

# Bare names of columns, in the order in which they are taken.
MONTHS = [
    "month",
    "period",
    "date",
    "postingdate",
    "transactiondate",
    "bookingdate",
    "bookedon",
    "valuedate",
    "monthending",
    "monat",
    "datum",
    "mois",
    "mes",
    "fecha",
]
LINES = [
    "line",
    "account",
    "accountname",
    "glaccount",
    "category",
    "lineitem",
    "item",
    "position",
    "posten",
    "konto",
    "compte",
    "cuenta",
]
AMOUNTS = [
    "amount",
    "amountusd",
    "usd",
    "value",
    "total",
    "net",
    "netamount",
    "totalamount",
    "sum",
    "betrag",
    "montant",
    "importe",
]
DEBITS = ["debit", "debitamount", "debitusd", "dr", "soll"]
CREDITS = ["credit", "creditamount", "creditusd", "cr", "haben"]
CURRENCIES = ("currency", "currencycode")
NO_LEDGER = [
    "token",
    "model",
    "prompt",
    "completion",
    "request",
    "latency",
    "billed",
    "charge",
    "sku",
    "usage",
]  # a log or a bill has such names
EARNED = ("revenue_usd", "funding_usd")  # a credit raises them, a debit all others
BALANCES = ("cash_usd", "customers")  # what stands at a time, which debits and credits don't say
LEFT_OUT = "-"
SAMPLE, MOST_PROBLEMS, LONGEST_NAME = 500, 50, 60
_YEAR_MONTH = re.compile(r"^(\d{4})[-/.]?(0[1-9]|1[0-2])(?!\d{3})")
_NUMERIC_DATE = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})\b")
_MONTH_YEAR = re.compile(r"^(\d{1,2})[-/.](\d{4})$")
_SPELLED = (
    "%b %Y", "%B %Y", "%b-%Y", "%b-%y", "%B-%y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y",
)  # fmt: skip

Row = Mapping[str, Any]
Amounts = dict[tuple[str, str], float]


@dataclass(frozen=True)
class Columns:
    """The bare names of the columns of a ledger; `amount` is "" where debit and credit are apart."""

    month: str
    line: str
    amount: str
    debit: str
    credit: str
    currency: str


def ledger_columns(keys: Iterable[str]) -> Columns | None:
    """Return which columns of a table make it a ledger, None where it is none.

    >>> ledger_columns(["date", "account", "debit", "credit"]).debit
    'debit'
    >>> ledger_columns(["date", "model", "amount"]) is None
    True
    """
    there = list(keys)
    month, line, amount, debit, credit, currency = (
        next((name for name in names if name in there), "")
        for names in (MONTHS, LINES, AMOUNTS, DEBITS, CREDITS, CURRENCIES)
    )
    exact = {"month", "line", "amount"} <= {*there}
    if not exact and any(mark in key for key in there for mark in NO_LEDGER):
        return None
    apart = bool(debit and credit) and not amount
    if not (month and line and (amount or apart)):
        return None
    return Columns(month, line, amount, debit, credit, currency)


def read_ledger(
    rows: Iterator[Row],
    columns: Columns,
    scenario: Scenario,
    *,
    source: str,
    named: Mapping[str, str],
    first_line: int = 2,
) -> tuple[Amounts, tuple[str, ...]]:
    """Return the amounts of a ledger by (month, line), and what of it is left out, in words.

    `named` gives the lines of accounts, LEFT_OUT for one that is not wanted; `first_line` is that of the first row in the file. Raises ScenarioError with every row that can't
    be used.
    """
    first = list(itertools.islice(rows, SAMPLE))
    reader = _Reader(columns, scenario, named, first)
    for number, row in enumerate(itertools.chain(first, rows), start=first_line):
        reader.take(number, row)
    if reader.problems:
        raise ScenarioError(reader.problems[:MOST_PROBLEMS], source=source)
    return dict(reader.amounts), tuple(
        f"{counted(count, 'row')} of a ledger {'is' if count == 1 else 'are'} left out: {why}."
        for why, count in reader.left_out.items()
    )


class _Reader:
    """Adds up the rows of a ledger; `problems` has what is wrong with them."""

    def __init__(
        self, columns: Columns, scenario: Scenario, named: Mapping[str, str], sample: list[Row]
    ) -> None:
        self.columns = columns
        self.amounts: defaultdict[tuple[str, str], float] = defaultdict(float)
        self.left_out, self.problems = Counter[str](), list[Problem]()
        written = [
            str(row.get(name, ""))
            for row in sample
            for name in (columns.amount, columns.debit, columns.credit)
        ]
        self._comma = decimal_comma([text for text in written if text], ",")
        self._day_first = order_of_dates([str(row.get(columns.month, "")) for row in sample])[0]
        self._lines = _known_lines(scenario) | {_bare(account): line for account, line in named.items()}
        self._unknown: set[str] = set()

    def take(self, number: int, row: Row) -> None:
        """Take one row, the `number` of its line in the file."""
        account = str(row.get(self.columns.line, "")).strip()
        line = self._lines.get(_bare(account), account)
        if line == LEFT_OUT:
            self.left_out[f'account "{inert(account)[:LONGEST_NAME]}"'] += 1
            return
        currency = str(row.get(self.columns.currency, "")).strip().upper() or "USD"
        if currency != "USD":
            self.left_out[f"in {inert(currency)[:8]}"] += 1
            return
        month = month_named(str(row.get(self.columns.month, "")).strip(), day_first=self._day_first)
        amount = self._amount(row, line)
        self._check(number, row, line, month, amount)
        if month and amount is not None:
            self.amounts[month, line] += amount

    def _amount(self, row: Row, line: str) -> float | None:
        if self.columns.amount:
            return amount_written(str(row.get(self.columns.amount, "")), comma=self._comma)
        sides = [str(row.get(name, "")).strip() for name in (self.columns.debit, self.columns.credit)]
        debit, credit = (amount_written(text or "0", comma=self._comma) for text in sides)
        if debit is None or credit is None or not any(sides):
            return None
        return credit - debit if line in EARNED else debit - credit

    def _check(self, number: int, row: Row, line: str, month: str, amount: float | None) -> None:
        """Note what is wrong with a row; of an account that is not known, the first row alone."""
        columns = self.columns

        def wrong(column: str, rule: str, hint: str = "") -> None:
            what = f'is "{inert(str(row.get(column, "")).strip())[:LONGEST_NAME]}"; it must be {rule}.'
            self.problems.append(Problem(f"line {number}: {column}", what, hint))

        if not month:
            wrong(columns.month, 'a month or a date, such as "2026-11"')
        if not is_line(line) and line not in self._unknown:
            self._unknown.add(line)
            hint = f'Say which one, or "{LEFT_OUT}" to leave it out: --line "{inert(line)[:LONGEST_NAME]}=fixed_costs_usd".'
            wrong(columns.line, "a line of the actuals, such as revenue_usd or deployment_usd.NAME", hint)
        if line in BALANCES and not columns.amount:
            wrong(columns.line, "a flow: debits and credits tell no balance")
        if amount is None:
            for name in filter(None, (columns.amount, columns.debit, columns.credit)):
                wrong(name, "a number")


def _known_lines(scenario: Scenario) -> dict[str, str]:
    """Return the lines of the actuals by their labels, and those of a plan's deployments by their names."""
    found = {_bare(name): f"deployment_usd.{name}" for name in scenario.deployments}
    for name in ActualMonth.model_fields:
        spec = declared(ActualMonth, name)
        if spec is not None and is_line(name):
            found[_bare(spec.label)] = name
    return found


def _bare(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum() or char == ".")


def month_named(text: str, *, day_first: bool = False) -> str:
    """Return the calendar month of a date as books write it, "" where it is none.

    >>> [month_named(text) for text in ("2026-11-20", "202611", "11/20/2026", "Nov 2026", "11.2026", "soon")]
    ['2026-11', '2026-11', '2026-11', '2026-11', '2026-11', '']
    >>> month_named("3.4.2026"), month_named("3/4/2026"), month_named("3/4/2026", day_first=True)
    ('2026-04', '2026-03', '2026-04')
    """
    if found := _YEAR_MONTH.match(text):
        return f"{found[1]}-{found[2]}"
    if found := _MONTH_YEAR.match(text):
        return _checked(found[2], found[1])
    if found := _NUMERIC_DATE.match(text):
        first, second, year = found.groups()
        month = second if day_first or "." in text or int(first) > 12 else first
        return _checked(year, month)
    for form in _SPELLED:
        try:
            return datetime.strptime(text, form).strftime("%Y-%m")  # noqa: DTZ007 - a month has no time zone
        except ValueError:
            continue
    return ""


def _checked(year: str, month: str) -> str:
    return f"{year if len(year) > 2 else f'20{year}'}-{int(month):02d}" if 1 <= int(month) <= 12 else ""


def amount_written(text: str, *, comma: bool = False) -> float | None:
    """Return an amount as books write it: with a currency, in brackets or with a minus behind where it is negative.

    >>> amount_written("$1,234.50"), amount_written("(1,234.50)"), amount_written("1.234,50-", comma=True)
    (1234.5, -1234.5, -1234.5)
    """
    bare = re.sub(r"[\s\u00a0'\u2019]|USD|US\$", "", text).removeprefix("$")
    negative = (bare[:1] == "(" and bare[-1:] == ")") or bare[-1:] == "-"
    bare = bare.strip("()").removesuffix("-")
    if comma:
        bare = bare.replace(".", "").replace(",", ".")
    value = read_number(bare)
    return -value if value is not None and negative else value
