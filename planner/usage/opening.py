"""A value of JSON taken apart into the rows in it, whatever the wrappers around them are called."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from planner.usage.labels import CONTENT
from planner.usage.names import meaning, plain, words
from planner.usage.reading import NUMBERS, Leaf, Row, counted_item, counts_tokens, inherited, leaves, reading

DEEPEST = 6
FEWEST_COLUMNS = 3
FEWEST_NAMED = 2
SUMMED = ("prompt", "fresh", "output", "answer")  # what tells that two parts count the same tokens
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_COUNTS = re.compile(r"(?i)tok|usage")
_ID = re.compile(
    r"\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{12,}|(?=.*\d)[0-9a-fA-F]{16,}|(?:msg|req|resp|run|chatcmpl|gen|call)[_-].*"
)
LOOKED_AT = 5
EMPTY_BUCKET = "empty"
NO_ROWS = frozenset(
    {
        "attributes",
        "tags",
        "headers",
        "toolcalls",
        "functions",
        "annotations",
        "links",
        "citations",
        "logprobs",
    }
)
NO_ITEMS = frozenset({"modality", "ttl", "key"})  # lists of these are parts of one row
NO_MODEL_WORDS = frozenset({
    "usage", "token", "tokens", "total", "totals", "details", "detail", "metadata", "response", "info", "summary", "metrics", "result",
    "body", "message", "last", "input", "output", "prompt", "completion", "data", "attributes", "object", "llm", "request", "llmresponse",
    "payload", "event", "record", "item", "value", "stats", "counts", "step", "steps", "generation", "span",
})  # fmt: skip


def opened(value: Any, held: Row | None = None, depth: int = 0) -> Iterator[Row]:
    """Yield the raw rows of a value: those of the lists in it that hold calls, else the value itself.

    `held` is what wrappers around it say: the time of a bucket, the model of a session.
    """
    held = held or {}
    if isinstance(value, list):
        for each in value:
            yield from opened(each, held, depth)
        return
    if not isinstance(value, Mapping):
        return
    rows = _rows_of_table(value) or _named_rows(value)
    inner = [(rows, "")] if rows else _by_model(value) or _without_sums(list(_inner(value, depth)))
    if not inner:
        found = leaves(value)
        inner = _in_content(value, found, depth)
        if not inner:
            yield held | reading(found)
            return
    around = {
        key: each
        for key, each in value.items()
        if not any(each is found for found in _outermost(value, inner))
    }
    told = held | dict(inherited(leaves(around)))
    for items, model in inner:
        if isinstance(items, list):
            if not items:
                yield told | {"bucket": EMPTY_BUCKET}
            for each in items:
                yield from opened(each, told, depth + 1)
        else:
            own = {**_of_the_call(around), **told, "model": model} if model else told
            yield own | reading(leaves(items))


def _in_content(value: Mapping[str, Any], own: list[Leaf], depth: int) -> list[tuple[Any, str]]:
    """Return the calls below names of what people wrote, where the value counts nothing itself, or only their sum.

    `own` are its leaves: what else they count is that of a request that holds its history.
    """
    content = [each for key, each in value.items() if isinstance(each, dict | list) and plain(key) in CONTENT]
    looked = any(map(_names_counts, content))
    if not looked and counts_tokens(own):
        return []
    found = list(_inner(value, depth, in_content=True))
    total = _sums([reading(own)]) if found else ()
    summed = not any(total) or total == _sums([row for items, _ in found for row in opened(items)])
    return _without_sums(found) if summed else []


def _names_counts(value: Any) -> bool:
    """Whether a key in the first items of a value sounds like tokens: a look that costs little."""
    held = [value]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for each in held:
            if isinstance(each, list):
                below += [one for one in each[: LOOKED_AT * 4] if isinstance(one, dict | list)]
            elif isinstance(each, dict):
                if _COUNTS.search(" ".join(each)):
                    return True
                below += [one for one in each.values() if isinstance(one, dict | list)]
        if not below:
            return False
        held = below
    return False


def _without_sums(parts: list[tuple[Any, str]]) -> list[tuple[Any, str]]:
    """Leave out usages by model whose tokens are those of a list beside them: statistics of its samples."""
    if len(parts) < FEWEST_NAMED:
        return parts
    of_models = [part for part in parts if part[1]]
    lists = _one_breakdown([items for items, model in parts if not model])
    if not of_models or not lists:
        return [*of_models, *((items, "") for items in lists)]
    total = _sums([reading(leaves(items)) for items, _ in of_models])
    repeated = any(total) and any(_sums(list(opened(items))) == total for items in lists)
    return [(items, "") for items in lists] if repeated else parts


def _one_breakdown(lists: list[Any]) -> list[Any]:
    """Return lists of sums without those that count the same requests another way: by day what is by model already."""
    if len(lists) < FEWEST_NAMED:
        return lists
    read = [list(opened(items)) for items in lists]
    counted = [
        (*_sums(rows), *(sum(_number(row, name) for row in rows) for name in ("count", "ok_count")))
        for rows in read
    ]
    kept: dict[int, tuple[float, ...]] = {}
    for place in sorted(range(len(lists)), key=lambda place: not any("model" in row for row in read[place])):
        keys = {name for row in read[place] for name in row}
        again = any(
            sums == counted[place] and keys != {name for row in read[other] for name in row}
            for other, sums in kept.items()
        )
        if not (again and any(counted[place][len(SUMMED) :])):
            kept[place] = counted[place]
    return [items for place, items in enumerate(lists) if place in kept]


def _number(row: Row, field: str) -> float:
    value = row.get(field)
    return float(value) if isinstance(value, int | float) else 0.0


def _sums(rows: list[Row]) -> tuple[float, ...]:
    return tuple(sum(_number(row, field) for row in rows) for field in SUMMED)


def _of_the_call(around: Mapping[str, Any]) -> Row:
    """Return what stands beside the usages by model of one call: its place among spans, how it ended."""
    return {
        field: each
        for field, each in reading(leaves(around)).items()
        if field not in NUMBERS and field != "request_id"
    }


def _rows_of_table(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a table in JSON: names of columns in one list, rows as lists in another."""
    if told := _streams_of_loki(value) or _columns_of_table(value):
        return told
    names = next(
        (
            value[key]
            for key in ("columns", "fields", "header", "headers")
            if isinstance(value.get(key), list)
        ),
        None,
    )
    lists = [value[key] for key in ("rows", "data", "values") if isinstance(value.get(key), list)]
    rows = lists[0] if lists else []
    if not names or not rows or not all(isinstance(row, list) for row in rows[:LOOKED_AT]):
        return []
    titles = [str(each.get("name", "")) if isinstance(each, Mapping) else str(each) for each in names]
    return [dict(zip(titles, row, strict=False)) for row in rows if isinstance(row, list)]


def _streams_of_loki(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the lines of a stream of Loki: pairs of a time and a text of JSON."""
    pairs = value.get("values")
    if "stream" not in value or not isinstance(pairs, list):
        return []
    return [
        {"timestamp": pair[0], "line": pair[1]}
        for pair in pairs
        if isinstance(pair, list) and len(pair) >= 2 and str(pair[1]).lstrip().startswith("{")
    ]


def _columns_of_table(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a table that is written by columns: names with lists of one length."""
    lists = {key: each for key, each in value.items() if isinstance(each, list)}
    lengths = {len(each) for each in lists.values()}
    if (
        len(lists) < FEWEST_COLUMNS
        or len(lengths) != 1
        or not any(counts_tokens([((key,), 1)]) for key in lists)
    ):
        return []
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def _named_rows(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a mapping from ids, or from days, to rows that count the same."""
    rows = list(value.items())
    if len(rows) < FEWEST_NAMED or not all(isinstance(each, Mapping) for _, each in rows) or _by_model(value):
        return []
    counted = [
        frozenset(path for path, one in leaves(each) if counts_tokens([(path, one)])) for _, each in rows
    ]
    if not counted[0] or len(set(counted)) > 1 or any(set(words(key)) & NO_MODEL_WORDS for key in value):
        return []
    return [{"date": key, **each} if _DAY.match(key) else dict(each) for key, each in rows]


def _outermost(value: Mapping[str, Any], inner: list[tuple[Any, str]]) -> list[Any]:
    """Return the parts of a value that hold rows: what they say is no part of what is around."""
    found = [items for items, _ in inner]
    return [
        each
        for each in value.values()
        if isinstance(each, list | Mapping) and any(_holds(each, one, DEEPEST) for one in found)
    ]


def _holds(value: Any, part: Any, depth: int) -> bool:
    if value is part:
        return True
    if depth and isinstance(value, Mapping):
        return any(
            _holds(each, part, depth - 1) for each in value.values() if isinstance(each, list | Mapping)
        )
    return False


def _inner(value: Mapping[str, Any], depth: int, *, in_content: bool = False) -> Iterator[tuple[Any, str]]:
    """Yield the lists of rows in a value, and usages by model with the model's name."""
    if depth >= DEEPEST:
        return
    for key, each in value.items():
        name = plain(key)
        if isinstance(each, list):
            if (name in CONTENT and not in_content) or name in NO_ROWS:
                continue
            if (not each and name in ("results", "result")) or _bears(each, depth):
                yield each, ""
        elif isinstance(each, Mapping) and (name not in CONTENT or in_content):
            by_model = _by_model(each)
            if by_model:
                yield from by_model
            elif all(map(_ID.fullmatch, each)) and (rows := _named_rows(each)):
                yield rows, ""
            else:
                yield from _inner(each, depth + 1, in_content=in_content)


def _bears(items: list[Any], depth: int) -> bool:
    """Whether a list holds calls, by its first items."""
    while any(isinstance(one, list) for one in items):  # lists of lists
        items = [each for one in items[: LOOKED_AT * 4] if isinstance(one, list) for each in one]
    for each in [one for one in items[: LOOKED_AT * 4] if isinstance(one, Mapping)][:LOOKED_AT]:
        if (NO_ITEMS & each.keys() and len(each) <= 4) or counted_item(each):
            return False
        if counts_tokens(leaves(each)) or _rows_of_table(each) or any(True for _ in _inner(each, depth + 1)):
            return True
    return False


def _by_model(value: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """Return the usages of a mapping from models to usages."""
    if (
        not value
        or not all(isinstance(each, Mapping) for each in value.values())
        or all(map(_ID.fullmatch, value))
    ):
        return []
    found: list[tuple[Any, str]] = []
    for key, each in value.items():
        fields = {
            told.field
            for name, one in each.items()
            if isinstance(one, int | float) and (told := meaning((name,)))
        }
        own = any((told := meaning((name,))) and told.field == "model" for name in each)
        if (
            own
            or set(words(key)) & NO_MODEL_WORDS
            or not (fields & {"prompt", "fresh"} and fields & {"output", "answer"})
        ):
            return []
        found.append((each, key))
    return found
