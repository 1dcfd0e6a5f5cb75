"""Find numbers and text in parsed JSON or CSV, wherever and however a client writes them."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from planner.formats import WEIGHT_WORDS, WEIGHTS

Table = Mapping[str, Any]

_LISTS_OF_REQUESTS = ("requests", "successful_requests", "request_samples", "records_list", "experiments")
LARGEST = 1e12  # above any count, rate or time of a run
_DAY = re.compile(r"(20\d\d)-?(\d\d)")
_ENGINES = {"tensorrt": "trtllm", "trtllm": "trtllm", "trt-llm": "trtllm", "sglang": "sglang", "vllm": "vllm"}


def number(table: Table, *keys: str) -> float:
    """Return the value of the first of `keys` with a number, as a number or as text; nan if none has one.

    >>> number({"request_rate": "inf", "rate": None}, "rate", "request_rate")
    inf
    """
    for key in keys:
        value = table.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            continue
        try:
            found = float(value)
        except (ValueError, OverflowError):
            continue
        if abs(found) <= LARGEST or math.isinf(found):
            return found
    return math.nan


def word(table: Table, *keys: str) -> str:
    """Return the value of the first of `keys` with text, or with a list that starts with text."""
    for key in keys:
        value = table.get(key)
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, str) and first.strip():
            return first.strip()
    return ""


def inner(table: Any, *path: str) -> Table:
    """Return the table at `path`, or an empty one."""
    for key in path:
        table = table.get(key) if isinstance(table, Mapping) else None
    return table if isinstance(table, Mapping) else {}


def tables(node: Any, depth: int = 8) -> Iterator[Table]:
    """Yield a table and all tables inside it, outermost first, skipping lists of single requests."""
    level: list[Any] = [node]
    for _ in range(depth):
        below: list[Any] = []
        for each in level:
            if isinstance(each, Mapping):
                yield each
                below += [value for key, value in each.items() if key not in _LISTS_OF_REQUESTS]
            elif isinstance(each, list):
                below += each[:64]
        level = below


def anywhere(node: Any, *keys: str) -> str:
    """Return the outermost text under one of `keys`, the first of them first."""
    return next((found for key in keys for table in tables(node) if (found := word(table, key))), "")


def number_anywhere(node: Any, *keys: str) -> float:
    """Return the outermost number under one of `keys`, the first of them first; nan if there is none."""
    values = (number(table, key) for key in keys for table in tables(node))
    return next((value for value in values if not math.isnan(value)), math.nan)


def engine_in(words: str) -> str:
    """Return the engine for a backend's name; "" for a mere protocol such as openai-chat.

    >>> engine_in("tensorrtllm"), engine_in("vllm-chat"), engine_in("openai")
    ('trtllm', 'vllm', '')
    """
    return next((engine for part, engine in _ENGINES.items() if part in words.lower()), "")


def weights_in(model: str) -> str:
    """Return the weight format in a model's name; "" if there is none.

    >>> weights_in("nvidia/Llama-3.1-8B-Instruct-FP8"), weights_in("Qwen/Qwen3-8B-AWQ"), weights_in("Qwen/Qwen3-8B")
    ('fp8', 'int4', '')
    """
    known = {each: each for each in WEIGHTS} | WEIGHT_WORDS
    parts = re.split(r"[-_/. ]", model.lower())
    return next((known[part] for part in reversed(parts) if part in known and part != "half"), "")


def month_of(words: str) -> str:
    """Return year and month of a date as written by clients.

    >>> month_of("20250914-020903"), month_of("2025-10-03T11:00:00Z"), month_of("")
    ('2025-09', '2025-10', '')
    """
    found = _DAY.match(words)
    return f"{found[1]}-{found[2]}" if found and 1 <= int(found[2]) <= 12 else ""


def count_of(failed: float, sent: float, completed: float) -> float:
    """Return the number of failed requests, as stated or as sent minus completed; 0 if unknown."""
    if not math.isnan(failed):
        return failed
    return max(sent - completed, 0.0) if math.isfinite(sent - completed) else 0.0


def spread_of(lengths: Any) -> float:
    """Return the coefficient of variation of a list of lengths; nan if it isn't one."""
    if not isinstance(lengths, list):
        return math.nan
    kept = [float(each) for each in lengths if isinstance(each, int | float) and each > 0]
    if not kept:
        return math.nan
    mean = math.fsum(kept) / len(kept)
    return math.sqrt(math.fsum((each - mean) ** 2 for each in kept) / len(kept)) / mean
