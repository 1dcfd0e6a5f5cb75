"""Amounts that were booked, by month and line of a plan: ledgers and bills, for what a plan is held against.

A ledger is read by `ledger`: columns of a month or date, a line or account, and an amount or a debit and a credit.
A bill is FOCUS, a cloud's, or a vendor's cost report: each row is an amount with a date and a name. Which deployment it is for is
told by the model in its name. What is in another currency, has no date or no deployment is named and counted.
Sources: FOCUS 1.0, focus.finops.org (BilledCost, ChargePeriodStart); Anthropic, Cost report API (amounts in cents); OpenAI, Costs API
(buckets with start_time), read 2026-11-28.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from planner.catalog.api_offers import NotListed, look_up
from planner.files import inert
from planner.records import dataclass
from planner.schema import ApiDeployment, Scenario, read_number
from planner.units import counted
from planner.usage.containers import LogFile, encoding_of, head, shown, text_of
from planner.usage.formats.bills import BILLS
from planner.usage.json_values import is_json, values_of
from planner.usage.ledger import ledger_columns, read_ledger

LEDGER, LEDGER_COLUMNS = "a ledger", frozenset({"month", "line", "amount"})
IN_CENTS = frozenset({"costtype", "amount"})  # Anthropic's cost report
COSTS = (
    "billedcost", "amountvalue", "costusd", "costinusd", "costinbillingcurrency", "pretaxcost", "lineitemunblendedcost",
    "unblendedcost", "effectivecost", "amount", "cost",
)  # fmt: skip
DATES = (
    "chargeperiodstart", "starttime", "startingat", "lineitemusagestartdate", "usagestarttime", "usagedateutc", "usagedate",
    "usagestartdate", "invoicemonth", "date", "day",
)  # fmt: skip
NAMES = (
    "xmodel", "model", "lineitem", "skudescription", "chargedescription", "description", "metername", "usagetype",
    "lineitemusagetype", "servicename", "service",
)  # fmt: skip
CURRENCIES = ("billingcurrency", "amountcurrency", "currency", "billingcurrencycode", "lineitemcurrencycode")
LONGEST_NAME = 60
LONGEST_TITLE = 12  # lines above the header
_MONTH = re.compile(r"^(\d{4})-?(0[1-9]|1[0-2])(?!\d{3})")
_METER = re.compile(
    r"(?i)[\s,_-]+(?:cached?|input|output|batch|prompt|completion|tokens?)\b"
)  # what follows a model's name
_EPOCH = re.compile(r"^\d{10}(\.\d+)?$")


@dataclass(frozen=True)
class Booked:
    """What one file books: amounts by (month, line), and sentences on what it leaves out. `form` says what it is."""

    form: str
    amounts: Mapping[tuple[str, str], float]
    remarks: tuple[str, ...] = ()


def booked_form(source: LogFile) -> str:
    """Return what a file of amounts is called, LEDGER or a bill of some vendor; "" where it is neither."""
    keys = next(({*row} for row in _rows(source)), set[str]())
    if keys >= LEDGER_COLUMNS:
        return LEDGER
    bill = next((name for name, marks, _ in BILLS if marks <= keys and "metrics" not in name), "")
    return bill or (LEDGER if ledger_columns(keys) else "")


def read_booked(
    source: LogFile, scenario: Scenario, *, deployment: str = "", named: Mapping[str, str] | None = None
) -> Booked | None:
    """Return what a ledger or a bill books, None where the file is neither: it may be a usage log.

    All of a bill is for `deployment`, where one is named; `named` gives the lines of a ledger's accounts. Raises
    ScenarioError with every row of a ledger that can't be used.
    """
    form = booked_form(source)
    if form == LEDGER:
        return _ledger(source, scenario, named or {})
    return _bill(form, _rows(source), scenario, deployment) if form else None


def _ledger(source: LogFile, scenario: Scenario, named: Mapping[str, str]) -> Booked | None:
    columns = ledger_columns(next(_rows(source)))
    if columns is None:
        return None
    above = _header(_beginning(source)[0])[0]
    found = read_ledger(
        _rows(source), columns, scenario, source=shown(source), named=named, first_line=above + 2
    )
    return Booked(LEDGER, *found)


def _beginning(source: LogFile) -> tuple[str, str]:
    """Return how a file begins, and its encoding."""
    first = head(source)
    encoding = encoding_of(first, source.name)
    return first.decode(encoding, "replace").lstrip("\ufeff"), encoding


def _rows(source: LogFile) -> Iterator[dict[str, Any]]:
    """Return the rows of a file from its start."""
    text, encoding = _beginning(source)
    return _json_rows(source, encoding) if is_json(text) else _csv_rows(source, encoding, text)


def _csv_rows(source: LogFile, encoding: str, text: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table by the bare names of its columns."""
    skipped, delimiter = _header(text)
    with text_of(source, encoding) as file:
        for _ in range(skipped):
            file.readline()
        for row in csv.DictReader(file, delimiter=delimiter):
            yield {_bare(str(name)): value or "" for name, value in row.items() if name is not None}


def _header(text: str) -> tuple[int, str]:
    """Return how many lines stand above the header of a table, and what divides its columns: books begin with a title."""
    lines = text.split("\n")[:LONGEST_TITLE]
    for place, line in enumerate(lines):
        delimiter = max(",;\t", key=line.count)
        keys = [_bare(cell) for cell in next(csv.reader([line], delimiter=delimiter), [])]
        if ledger_columns(keys):
            return place, delimiter
    return 0, max(",;\t", key=lines[0].count)


def _json_rows(source: LogFile, encoding: str) -> Iterator[dict[str, Any]]:
    for value in values_of(source, encoding):
        yield from _leaves(value, {})


def _leaves(value: Any, above: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the innermost records of a document, each with what stands above it: a bucket's date."""
    if isinstance(value, list):
        for each in value:
            yield from _leaves(each, above)
        return
    if not isinstance(value, Mapping):
        return
    flat, lists = dict(above), list[Any]()
    for name, held in value.items():
        if isinstance(held, list):
            lists.append(held)
        elif isinstance(held, Mapping):
            flat |= {_bare(f"{name}{inner}"): each for inner, each in held.items()}
        elif held is not None:
            flat[_bare(str(name))] = held
    records = [each for each in lists if any(isinstance(one, Mapping) for one in each)]
    if lists and not any(name in flat for name in COSTS):
        for each in records:
            yield from _leaves(each, flat)
    else:
        yield flat


def _bare(name: str) -> str:
    """Return the name of a column as bills of all vendors have it.

    >>> _bare("lineItem/UnblendedCost"), _bare("x_Model")
    ('lineitemunblendedcost', 'xmodel')
    """
    return "".join(char for char in name.lower() if char.isalnum())


def _bill(name: str, rows: Iterator[dict[str, Any]], scenario: Scenario, deployment: str) -> Booked:
    amounts, left_out = defaultdict[tuple[str, str], float](float), Counter[str]()
    for row in rows:
        usd, month = _first(row, COSTS), _month_of(_first(row, DATES))
        amount = read_number(usd)
        currency = _first(row, CURRENCIES).upper() or "USD"
        if amount is None or not month or currency != "USD":
            left_out[
                "no amount" if amount is None else "no date" if not month else f"in {inert(currency)[:8]}"
            ] += 1
            continue
        each = amount / 100.0 if row.keys() >= IN_CENTS else amount
        amounts[month, f"deployment_usd.{deployment}" if deployment else line_of(row, scenario)] += each
    remarks = [
        f"{counted(count, 'row')} of {name} {'is' if count == 1 else 'are'} left out: {why}."
        for why, count in left_out.items()
    ]
    return Booked(name, dict(amounts), tuple(remarks))


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(row[name]).strip() for name in names if row.get(name) not in (None, "")), "")


def _month_of(text: str) -> str:
    """Return the calendar month of a date as bills write it, "" where it is none.

    >>> _month_of("2026-11-20T00:00:00Z"), _month_of("202611"), _month_of("1786147200"), _month_of("soon")
    ('2026-11', '2026-11', '2026-08', '')
    """
    if _EPOCH.match(text):
        return datetime.fromtimestamp(float(text), tz=UTC).strftime("%Y-%m")
    found = _MONTH.match(text)
    return f"{found[1]}-{found[2]}" if found else ""


def line_of(row: Mapping[str, Any], scenario: Scenario) -> str:
    """Return the line that a row of a bill belongs to: that of the deployment whose model it names, or an unplanned one."""
    model, said = _model_named(row), _bare(" ".join(str(row[name]) for name in NAMES if row.get(name)))
    found = {
        name: deployment
        for name, deployment in scenario.deployments.items()
        if isinstance(deployment, ApiDeployment) and model and _listed(str(deployment.model)) == model
    }
    if len(found) > 1:  # the same model, processed in another way
        batch = "batch" in said
        found = {name: each for name, each in found.items() if (each.processing == "batch") == batch}
    if len(found) == 1:
        return f"deployment_usd.{next(iter(found))}"
    return f"unplanned_usd.{model or inert(_first(row, NAMES))[:LONGEST_NAME] or 'unnamed'}"


def _model_named(row: Mapping[str, Any]) -> str:
    """Return the model of the price list that the names in a row mean, "" where none does."""
    for name in NAMES:
        text = str(row.get(name) or "")
        for words in (text, text.partition(",")[0], _METER.split(text)[0]):
            if words.strip() and (listed := _listed(words.strip(" -_:/"))):
                return listed
    return ""


def _listed(model: str) -> str:
    found = look_up(model)
    return "" if isinstance(found, NotListed) else found.name
