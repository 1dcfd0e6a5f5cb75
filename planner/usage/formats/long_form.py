"""Tables with a row for each kind of token: a column says which kind, another how many.

Read: rows that agree in everything but kind, amount and price are one. DeepSeek's amount export is such a table, and counts its
requests in rows of their own. Left out: prices. Where no row counts requests, the number a month must be told.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from planner.usage.call import METERS
from planner.usage.json_values import UNREADABLE
from planner.usage.names import Meaning, meaning, plain, words
from planner.usage.reading import COUNTS, Row, leaves, reading
from planner.usage.settle import UNREADABLE as UNREADABLE_LINES

NAME = "usage by kind of token"
KINDS = frozenset({"type", "tokentype", "usagetype", "metric", "metricname", "meter", "metername", "kind", "unittype", "item", "measure",
                   "skumeter", "lineitem", "tokenkind", "dimension", "category", "counter", "tokenclass"})  # fmt: skip
AMOUNTS = (
    "amount",
    "quantity",
    "value",
    "count",
    "tokens",
    "usage",
    "units",
    "usageamount",
    "usagequantity",
    "tokencount",
    "sum",
    "consumedquantity",
    "total",
)
NO_KEYS = frozenset(
    {"price", "unitprice", "cost", "unit", "rate", "spend", "currency", "description", "sku", "skuid"}
)
MOST_HELD = 50_000
_COUNTED = re.compile(
    r"(prompt|input|completion|output|cached?|reasoning)\w*tok|tok\w*(prompt|input|output|completion|in$)"
)


def knows(keys: set[str]) -> bool:
    """Whether a table has a column for the kind and one for the amount, and none that counts tokens by name."""
    plains = {key for key in keys if "=" not in key and "." not in key}
    amounts = {name for name in plains & set(AMOUNTS) if not any(key.startswith(f"{name}.") for key in keys)}
    counted = any(_COUNTED.search(key) for key in keys if "=" not in key)
    return bool(plains & KINDS) and bool(amounts) and not counted


def rows(values: Iterator[Any]) -> Iterator[Row]:
    """Yield a raw row for each set of rows that differ in their kind of token only."""
    held: dict[tuple[Any, ...], tuple[Mapping[str, Any], Row]] = {}
    for value in values:
        if value is UNREADABLE or not isinstance(value, dict):
            yield {"bad": UNREADABLE_LINES}
            continue
        kind, amount = _kind(value), _amount(value)
        if kind is None or amount is None:
            yield {"kind": "other"}
            continue
        key = tuple(str(each) for name, each in value.items() if _is_key(name))
        first, row = held.setdefault(key, (value, {}))
        row[kind.field] = row.get(kind.field, 0.0) + amount
        if len(held) > MOST_HELD:
            yield _whole(*held.pop(next(iter(held))))
    for first, row in held.values():
        yield _whole(first, row)


def _whole(first: Mapping[str, Any], row: Row) -> Row:
    """Return the sums of a set of rows with what else they say: when, which model."""
    around = {
        name: each for name, each in first.items() if plain(name) not in KINDS and plain(name) not in AMOUNTS
    }
    told = {
        field: each
        for field, each in reading(leaves(around)).items()
        if field not in COUNTS and field not in ("count", "cost")
    }
    whole: Row = {}
    if any(field in row for field in COUNTS):  # a set that only counts calls tells nothing of their tokens
        whole |= {"output": 0.0} if "answer" not in row else {}
        whole |= {"prompt": 0.0} if "fresh" not in row and "read" not in row else {}
    return told | whole | row | {"kind": "chat"}


def _is_key(name: str) -> bool:
    bare = plain(name)
    return (
        bare not in KINDS
        and bare not in AMOUNTS
        and bare not in NO_KEYS
        and not {"cost", "price", "spend"} & set(words(name))
    )


def _kind(value: Mapping[str, Any]) -> Meaning | None:
    for name, each in value.items():
        if plain(name) in KINDS and isinstance(each, str):
            told = meaning((each,)) or meaning(("usage", each))
            if told is not None and (
                told.field in COUNTS
                or told.field in METERS
                or told.field in ("count", "ok_count", "failed_count")
            ):
                return told
    return None


def _amount(value: Mapping[str, Any]) -> float | None:
    by_name = {plain(name): each for name, each in value.items()}
    for name in AMOUNTS:
        each = by_name.get(name)
        try:
            number = float(str(each).replace(",", ""))
        except ValueError:
            continue
        if each is not None and abs(number) < 1e15:
            return number
    return None
