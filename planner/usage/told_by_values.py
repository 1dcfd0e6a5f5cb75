"""Columns that only their values tell: `input` and `output` of numbers, a model under any name, a cache's hits or tokens."""

import re
from collections.abc import Iterable
from typing import Any

from planner.usage.names import CHOSEN, MEAN, TOTAL, meaning, plain, words
from planner.usage.outcomes import YES
from planner.usage.pricing import listed
from planner.usage.reading import COUNTS, MEANS, NO_MODEL, leaves

BARE = {
    "prompt": ("input", "inputs", "prompt", "in"), "output": ("output", "outputs", "completion", "out"),
    "read": ("cached", "cacheread", "cachedinput"), "reasoning": ("reasoning", "thinking"),
}  # fmt: skip
CACHES = frozenset({"cache", "cached", "cachestatus", "cacheresult"})
NUMBERS_OF_ROWS = frozenset({"n", "cnt", "num", "rows", "events", "anzahl", "hits", "nrows"})
TIME_WORDS = frozenset({"ts", "time", "date", "dt", "at", "stamp", "zeit", "moment", "called", "logged"})
OTHER_DATES = frozenset({"signup", "birth", "expires", "expiry", "expire", "joined", "due", "trial", "registered", "subscribed", "renewal", "until",
                         "valid", "user", "customer", "account", "key", "model", "release", "released"})  # fmt: skip
FAILURES = frozenset({"errors", "failures", "failed", "errored", "fehler"})
MOST_MODELS = 200
LONGEST_MODEL = 120
_NUMBER = re.compile(r"\s*\d[\d., ]*[kKmM]?\s*")
_OF_COUNT = re.compile(
    r"(?i)(?<![a-z])(?:summary|usage|input|output|prompt|completion|tokens?|total|in|out|count|sum)(?![a-z])[ _.]?"
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_HIT = {*YES, "miss", "bypass", "expired", "none", "hit", "skip"}

Held = dict[str, list[Any]]


def told_by_values(sample: list[Any]) -> dict[str, str]:
    """Return columns of the first rows of a log whose names leave open what they are, by our fields."""
    held: Held = {}
    known: dict[str, set[str]] = {}
    for value in sample:
        for path, each in leaves(value) if isinstance(value, dict) else ():
            if path[-1].startswith(CHOSEN):
                continue
            name = ".".join(path)
            held.setdefault(name, []).append(each)
            told = meaning(path)
            if told is not None:
                known.setdefault(told.field, set()).add(name)
    if not known.keys() & {*COUNTS, *MEANS}:
        return _bare_counts(held)
    return (
        _side(held, known)
        | _model(held, known)
        | _time(held, known)
        | _cache(held, known)
        | _count(held, known)
        | _failures(held, known)
    )


def _bare_counts(held: Held) -> dict[str, str]:
    """Return columns that are called no more than `input` and `output` and hold numbers.

    Only where nothing else counts tokens: elsewhere such columns hold what people wrote.
    """
    found = {}
    for field, bare in BARE.items():
        name = next((name for name in held if plain(name) in bare), "")
        if name and all(map(_is_number, held[name])):
            found[field] = name
    return found if {"prompt", "output"} <= found.keys() else {}


def _side(held: Held, known: dict[str, set[str]]) -> dict[str, str]:
    """Return the column called no more than `output` (or `input`) that holds numbers, where only the other side has a name."""
    lacking = [
        field
        for field, named in (("prompt", {"prompt", "fresh", "read"}), ("output", {"output", "answer"}))
        if not named & known.keys() and not known.keys() & {"total", *MEANS}
    ]
    if len(lacking) != 1:
        return {}
    names = [name for name in held if plain(name) in BARE[lacking[0]] and all(map(_is_number, held[name]))]
    return {lacking[0]: names[0]} if names else {}


def _time(held: Held, known: dict[str, set[str]]) -> dict[str, str]:
    """Return the first column all of whose values are dates with a time of day, where no column is called a time."""
    if "time" in known or "end_time" in known:
        return {}
    names = [
        name
        for name, values in held.items()
        if not set(words(name)) & OTHER_DATES
        and all(isinstance(each, str) and _MOMENT.match(each) for each in values)
    ]
    names.sort(key=lambda name: not set(words(name)) & TIME_WORDS)
    return {"time": names[0]} if names else {}


def _model(held: Held, known: dict[str, set[str]]) -> dict[str, str]:
    """Return the column all of whose values are models of the price list, where no column is called a model."""
    named = [each for name in known.get("model", ()) for each in held[name]]
    if any(str(each).strip().lower() not in NO_MODEL for each in named):
        return {}
    for name, values in held.items():
        texts = {each.strip() for each in values if isinstance(each, str) and each.strip()}
        if 0 < len(texts) <= MOST_MODELS and all(
            len(text) <= LONGEST_MODEL and not isinstance(listed(text, ""), str) for text in texts
        ):
            return {"model": name}
    return {}


def _cache(held: Held, known: dict[str, set[str]]) -> dict[str, str]:
    """Return what a column called no more than `cache` or `cached` holds: tokens, or whether a cache had the answer."""
    for name, values in held.items():
        if plain(name.rpartition(".")[2]) not in CACHES:
            continue
        if all(map(_is_number, values)):
            counts = any(_size(each) > 1 for each in values)
            others = known.get("read", set()) - {name}
            return {"read": name} if counts and not others else {}
        if any(isinstance(each, str) for each in values) and all(
            str(each).strip().lower() in _HIT | {"", "false", "no"} for each in values
        ):
            return {"cache_hit": name}
    return {}


def _count(held: Held, known: dict[str, set[str]]) -> dict[str, str]:
    """Return the column that counts the rows of which others are called the sums or the means."""
    summed = any(
        set(words(name.rpartition(".")[2])) & (TOTAL | MEAN)
        for field in ("prompt", "output", *MEANS)
        for name in known.get(field, ())
    )
    if not summed or "count" in known or "ok_count" in known:
        return {}
    name = next(
        (name for name in held if plain(name) in NUMBERS_OF_ROWS and all(map(_is_number, held[name]))), ""
    )
    return {"count": name} if name else {}


def _failures(held: Held, known: dict[str, set[str]]) -> dict[str, str]:
    """Return the column called no more than `errors` that counts them beside a number of requests."""
    if "count" not in known or "failed_count" in known:
        return {}
    name = next(
        (
            name
            for name in held
            if plain(name.rpartition(".")[2]) in FAILURES and all(map(_is_number, held[name]))
        ),
        "",
    )
    return {"failed_count": name} if name else {}


def models_in_columns(names: Iterable[str]) -> list[str]:
    """Return the models that have columns of their own for input and output, where there are several; else none.

    >>> models_in_columns(["day", "gpt-4o input tokens", "gpt-4o output tokens", "gpt-5 input tokens", "gpt-5 output tokens"])
    ['gpt-4o', 'gpt-5']
    """
    sides: dict[str, set[str]] = {}
    for name in names:
        told = meaning((name,))
        model = _OF_COUNT.sub("", name.replace("/", " ")).strip(" _-.:()")
        if told is not None and told.field in ("prompt", "output") and model:
            sides.setdefault(model, set()).add(told.field)
    found = [
        model
        for model, both in sides.items()
        if len(both) == len(("prompt", "output")) and not isinstance(listed(model, ""), str)
    ]
    return found if len(found) > 1 else []


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return bool(_NUMBER.fullmatch(value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _size(value: Any) -> float:
    try:
        return float(str(value).strip().replace(",", ""))
    except ValueError:
        return 0.0
