"""One row of a log in its own words: which of its values says what, chosen row by row, nothing settled yet."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from planner.usage.call import METERS
from planner.usage.labels import CONTENT, alternatives
from planner.usage.names import Meaning, meaning, plain
from planner.usage.outcomes import TOLD
from planner.usage.values import CALENDAR, period_named

Value = str | int | float | bool
Leaf = tuple[tuple[str, ...], Value]
Row = dict[str, Any]  # a field of FIELDS -> its value as the log has it; what is missing is left out

COUNTS = (
    "prompt", "fresh", "read", "write", "write_5m", "write_1h", "output", "answer", "reasoning", "total",
    "tool_prompt", "audio_in", "audio_out", "image_in", "image_out",
)  # fmt: skip
MEANS = ("mean_prompt", "mean_output", "mean_total", "mean_read", "mean_write", "mean_reasoning", "mean_cost")
NUMBERS = (*COUNTS, *MEANS, *METERS, "count", "ok_count", "failed_count", "retries", "cost")
WORDS = (
    "time", "day", "end_time", "model", "seller", "tier", "context", "status", "success", "error", "cancelled", "cache_hit",
    "currency", "request_id", "session_id", "kind",
)  # fmt: skip
FLAGS = (
    "beside",
    "thought_beside",
)  # what a name or a format tells of its own counts; None where it does not
FIELDS = (*NUMBERS, *WORDS)
SHARED = ("span", "parent", "kind")  # fields that share their names with others

HOURS = frozenset({"hour", "hourofday", "stunde", "heure", "hora"})
DEEPEST = 8
ITEM_NAMES = ("key", "modality", "ttl", "token_type", "tokenType")  # of parts of one row in a list
COUNTED_ITEM_NAMES = ("type", "kind", "name", "metric", "meter")  # the same, of items that hold one number
TYPED = frozenset(
    {
        "$date",
        "$oid",
        "$numberLong",
        "$numberInt",
        "$numberDouble",
        "$numberDecimal",
        "stringValue",
        "integerValue",
        "doubleValue",
        "booleanValue",
        "timestampValue",
    }
)  # MongoDB's and Firestore's names of types are no names
OF_OTHER_CALLS = frozenset({"tooluseresult"})  # sums of calls that have rows of their own
MOST_LEAVES = 3_000
LONGEST_WORD = 200
LONGEST_ITEM_NAME = 60
LONGEST_TEXT = 4_000_000  # of a cell that holds JSON
NOTHING = frozenset({"", "null", "none", "nan", "n/a", "na", "-", "--", "undefined", "<null>", "\\n"})
NO_MODEL = NOTHING | {"default", "unknown", "auto", "<synthetic>", "other", "all", "total"}
STANDARD = frozenset({
    "", "default", "standard", "auto", "on_demand", "on-demand", "ondemand", "normal", "regular", "false", "0", "no", "none",
    "online", "sync", "single", "chat", "api", "interactive", "global", "payg",
})  # fmt: skip
SURE_TIER = re.compile(
    r"servicetier|processing|servicelevel|pricingtier|inferencetier|^column"
)  # names of nothing else
TIER_WORD = re.compile(
    r"batch|discounted|async|flex|economy|slow|scale|provision|reserved|commit|ptu|dedicated|priority|fast|turbo"
)
_DAY = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?")
_HOUR = re.compile(r"[01]?\d|2[0-3]")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_JSON_IN_TEXT = re.compile(r"oken|usage|model", re.IGNORECASE)


def leaves(row: Mapping[str, Any]) -> list[Leaf]:
    """Return the values of a row that may count or name something, with their paths; texts of people are left alone.

    >>> leaves({"usage": {"in": 3}, "messages": [{"content": "secret"}]})
    [(('usage', 'in'), 3)]
    """
    found: list[Leaf] = []
    _gather(row, (), found, inside=False)
    return found


def _gather(row: Mapping[str, Any], path: tuple[str, ...], found: list[Leaf], *, inside: bool) -> None:
    """Add the leaves below a path; `inside` of content only numbers count, one step down."""
    for key, value in row.items():
        if len(found) >= MOST_LEAVES:
            return
        if key in TYPED and path:
            _gather({path[-1]: value}, path[:-1], found, inside=inside)
        elif isinstance(value, bool | int | float):
            found.append(((*path, key), value))
        elif inside or value is None:
            continue
        elif isinstance(value, str):
            _text((*path, key), value, found)
        elif isinstance(value, Mapping):
            if len(path) < DEEPEST and plain(key) not in OF_OTHER_CALLS:
                _gather(value, (*path, key), found, inside=plain(key) in CONTENT)
        elif isinstance(value, list):
            _listed((*path, key), value, found)


def _text(path: tuple[str, ...], value: str, found: list[Leaf]) -> None:
    """Add a word, or what a text of JSON holds."""
    if len(value) <= LONGEST_WORD:
        found.append((path, value))
        if not value.lstrip().startswith("{"):
            return
    if len(value) > LONGEST_TEXT or value.lstrip()[:1] != "{" or not _JSON_IN_TEXT.search(value):
        return
    if plain(path[-1]) in CONTENT or len(path) > DEEPEST:
        return
    held = parsed(value)
    if isinstance(held, Mapping):
        _gather(held, path, found, inside=False)


def parsed(text: str) -> Any:
    """Return what a text of JSON holds, None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _listed(path: tuple[str, ...], values: list[Any], found: list[Leaf]) -> None:
    """Add lists that are mappings in another form: [{key, value}], [{modality, tokenCount}], [{ttl, inputTokens}]."""
    if len(values) == 1 and isinstance(values[0], str) and plain(path[-1]) not in CONTENT:
        _text(path, values[0], found)
    for each in values[:200]:
        if not isinstance(each, Mapping):
            return
        if each.get("refType") == "CHILD_OF" and isinstance(each.get("spanID"), str):
            found.append(((*path[:-1], "parentSpanId"), each["spanID"]))
        if counted := counted_item(each):
            found.append(((*path, counted[0]), counted[1]))
            continue
        names = [each[name] for name in ITEM_NAMES if isinstance(each.get(name), str)]
        if not names:
            return
        for key, value in each.items():
            if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)).endswith("Value"):
                value = next(iter(value.values()))  # noqa: PLW2901 - a typed value of OTLP
            if isinstance(value, bool | int | float) or (
                key == "value" and isinstance(value, str) and len(value) <= LONGEST_WORD
            ):
                place = (*path[:-1], names[0]) if key == "value" else (*path, names[0].lower(), key)
                found.append((place, value))


def counted_item(item: Mapping[str, Any]) -> tuple[str, float] | None:
    """Return the name and the number of an item such as {type: input, tokens: 3}, None of any other."""
    names = [item[name] for name in COUNTED_ITEM_NAMES if isinstance(item.get(name), str)]
    numbers = [each for each in item.values() if isinstance(each, int | float) and not isinstance(each, bool)]
    alone = len(numbers) == 1 and len(item) <= 4 and not any(name in item for name in ITEM_NAMES)
    if alone and len(names) == 1 and len(names[0]) <= LONGEST_ITEM_NAME:
        return names[0], numbers[0]
    return None


def counts_tokens(found: list[Leaf]) -> bool:
    """Whether leaves hold a count of tokens, or something else that is billed."""
    for path, value in found:
        told = meaning(path)
        if told is not None and told.field in (*COUNTS, *MEANS, *METERS) and _number(value):
            return True
    return False


def _number(value: Value) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return math.isfinite(value)
    return any(char.isdigit() for char in value) and not any(
        char.isalpha() for char in value.replace("e", "")
    )


def reading(found: list[Leaf]) -> Row:
    """Return what each field of a row is, out of its leaves: the surest name first, one block of counts before others."""
    placed: dict[str, list[tuple[float, int, Meaning, tuple[str, ...], Value]]] = {}
    for place, (path, value) in enumerate(found):
        told = meaning(path)
        if told is None:
            continue
        if (
            told.field in NUMBERS
            and not _number(value)
            and not (told.field in ("cost", "mean_cost") and isinstance(value, str))
        ):
            continue
        placed.setdefault(told.field, []).append((told.rank, place, told, path, value))
    block = _main_block(placed)
    row: Row = {}
    for field, options in placed.items():
        if field in COUNTS:
            options.sort(key=lambda one: (one[0] >= 0, _block(one[3]) != block, one[0], len(one[3]), one[1]))
        else:
            options.sort(
                key=lambda one: (one[0] + len(one[3]) * (field in ("status", "error")), len(one[3]), one[1])
            )
        _choose(row, field, options)
    _with_clock(row, placed.get("time", []))
    if row.pop("whole", False):
        row.pop("beside", None)  # names of Anthropic's beside a whole prompt: a gateway's translation
    _shared_names(row, found)
    return row


def _with_clock(row: Row, options: list[tuple[float, int, Meaning, tuple[str, ...], Value]]) -> None:
    """Put the time of day that stands apart behind a date without one."""
    day = row.get("time")
    if isinstance(day, str) and _DAY.fullmatch(day.strip()):
        clocks = [clock for *_, path, each in options if (clock := _clock(path, each))]
        row["time"] = f"{day.strip()} {clocks[0]}" if clocks else day


def _clock(path: tuple[str, ...], value: Value) -> str:
    """Return a time of day that stands apart from its date, also the number of an hour; "" for anything else."""
    text = str(value).strip()
    if plain(path[-1]) in HOURS and _HOUR.fullmatch(text):
        return f"{int(text):02}:00"
    return text if isinstance(value, str) and _CLOCK.fullmatch(text) else ""


def _choose(row: Row, field: str, options: list[tuple[float, int, Meaning, tuple[str, ...], Value]]) -> None:
    """Put the best of the options into the row."""
    for _rank, _place, told, path, value in options:
        taken = _taken(field, told, path, value)
        if taken is None:
            continue
        row[field] = taken
        if field in ("cost", "mean_cost") and told.currency:
            row.setdefault("currency", told.currency)
        if field == "time" and (period := period_named(path[-1])):
            row["period"] = period
        if told.beside:
            row["beside"] = True
        if field == "prompt" and "prompt" in plain(path[-1]):
            row["whole"] = True
        if field == "output" and "completion" in plain(path[-1]):
            row["thought_beside"] = True  # where the vendor counts it so
        return


def _taken(field: str, told: Meaning, path: tuple[str, ...], value: Value) -> Value | None:
    """Return what a value says of a field, None where it says nothing of it."""
    word = str(value).strip().lower() if not isinstance(value, float) else ""
    if isinstance(value, str) and word in NOTHING:
        return None
    if field == "model":
        return value if isinstance(value, str) and word not in NO_MODEL else None
    if field == "error":
        return _fault(path, word) or None
    if field == "status" and plain(path[-1]) == "result":
        return value if word in TOLD else None  # of many logs it is what was answered
    if field == "tier":
        return _tier(path, word) or None
    if field == "time":
        return value if _may_be_time(path, value) else None
    return value if told.scale == 1.0 else _scaled(value, told)


def _fault(path: tuple[str, ...], word: str) -> str:
    """Return a word for what went wrong: a code as it is, never a message."""
    if word in ("false", "0", "no", "{}", "[]", "ok", "success", "none"):
        return ""
    code = plain(path[-1]).endswith(("type", "code", "class")) and re.fullmatch(r"[\w.:\- ]{1,40}", word)
    return word if code else "error"


def _tier(path: tuple[str, ...], word: str) -> str:
    """Return the word of a tier, "" where it is the standard one or no tier at all."""
    name = plain(path[-1])
    if "batch" in name:
        return "batch" if word in ("true", "1", "yes", "batch") else ""
    if word in STANDARD:
        return ""
    return word if SURE_TIER.search(name) or TIER_WORD.search(word) else ""


def _may_be_time(path: tuple[str, ...], value: Value) -> bool:
    """Whether a value can be a moment: the column `time` of many logs holds how long a call took."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return math.isfinite(value) and (value >= 1e8 or plain(path[-1]) not in CALENDAR | {"time"})
    return any(char.isdigit() for char in value)


def _scaled(value: Value, told: Meaning) -> Value | None:
    """Return a number of another unit in ours, None where the text of one can't be read for sure."""
    text = str(value).strip()
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    try:
        return float(text.replace(",", ".")) * told.scale
    except ValueError:
        return None


@lru_cache(maxsize=20_000)
def _block(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the object that holds a usage: the parts of its counts belong to it."""
    end = len(path) - 1
    while end > 0 and (
        "detail" in path[end - 1].lower()
        or plain(path[end - 1]) in ("cachecreation", "cache", "servertooluse")
    ):
        if plain(path[end - 1]) in ("usagedetails", "details", "costdetails"):
            break
        end -= 1
    return path[:end]


def _main_block(
    placed: dict[str, list[tuple[float, int, Meaning, tuple[str, ...], Value]]],
) -> tuple[str, ...]:
    """Return the object with most of what a call needs: input and output before all, the shallowest of equals."""
    held: dict[tuple[str, ...], set[str]] = {}
    for field in COUNTS:
        for option in placed.get(field, ()):
            held.setdefault(_block(option[3]), set()).add(field)

    def rank(block: tuple[str, ...]) -> tuple[int, int, int]:
        fields = held[block]
        sides = bool(fields & {"prompt", "fresh"}) + bool(fields & {"output", "answer"})
        billed = any("billed" in part.lower() for part in block)
        return -sides, len(block) - billed, -len(fields)

    return min(held, key=rank) if held else ()


def _shared_names(row: Row, found: list[Leaf]) -> None:
    """Add what a name says besides: `id` is a request's and a span's, a path of a request what kind of call it is."""
    best: dict[str, tuple[int, Value]] = {}
    for path, value in found:
        if len(path) > 3 or not isinstance(value, str | int) or isinstance(value, bool):
            continue
        for field, rank in _shared(path[-2:]):
            old = best.get(field)
            if (old is None or rank < old[0]) and str(value).lower() not in NOTHING:
                best[field] = (rank, value)
    for field in SHARED:
        if field in best:
            row[field] = best[field][1]
    own = {path[0]: value for path, value in found if len(path) == 1 and path[0] in ("id", "run_id")}
    if len(own) > 1 and "parent" not in row and own["id"] != own["run_id"]:  # a step of a run
        row |= {"span": own["id"], "request_id": own["id"], "parent": own["run_id"]}


@lru_cache(maxsize=20_000)
def _shared(end: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Return what the end of a path says of spans and kinds of calls, with how sure that is."""
    told = alternatives(plain(end[-1])) | alternatives(plain("".join(end)))
    return tuple((field, told[field]) for field in SHARED if field in told)


def inherited(found: list[Leaf]) -> Iterator[tuple[str, Value]]:
    """Yield what a wrapper says of all that is in it: its time, model, seller, currency, session."""
    row = reading([leaf for leaf in found if len(leaf[0]) <= 2])
    for field in ("time", "end_time", "model", "seller", "tier", "currency", "session_id"):
        if field in row:
            yield field, row[field]
