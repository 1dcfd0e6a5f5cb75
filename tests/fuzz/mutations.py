"""Damage to a file: values of the wrong kind, names that are none, lines doubled and lost, bytes that are no text."""

import copy
import json
import random
import re
from collections.abc import Callable
from typing import Any

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**63, 10**30, 0.5, 128.5, 4.096e-06, -0.0, 1e300, float("nan"), float("inf"),
    float("-inf"), "", "x", "nan", "inf", "1e400", "-1e+300 to 120", "1 to nan", "0.99999", "']", "=1+1", "\x1b[31m",
    "\u202e", "\ud800", [], {}, [1, "a", None], [[[[1]]]], {"a": {"b": []}}, [40, "linear_attention"], "A" * 5000,
    "rgb(1e999,0,0)", "white 50%", "#12", "2026-13-45",
)  # fmt: skip
TOML_VALUES = (
    "nan", "inf", "-inf", "1e400", "1e300", "-1", "0", "0.5", "true", '""', '"x"', '"nan"', '"1 to nan"', "[]", "{}",
    "[1, 'a']", "[[[[[[1]]]]]]", "{ a = { b = [] } }", "2026-13-45", "2026-11-28", "07:32:00", "99999999999999999999",
    '"rgb(99999999999999999999999999999999999999e999,0,0)"', '"white 50%"', '"auto"', '"#12"', '"ansi_blue 50%"',
    '"hsl(nan,50%,50%)"', '"\\u001b[31m"', '"\\u202e"', "'''", '"', "[", "]", "=",
)  # fmt: skip
CELLS = (
    "", "nan", "inf", "-inf", "1e400", "-1", "0", "0.5", "x", "1e15", '"', "\x1b[31m", "1e308", "é", "4,5", "True",
    "2026-01-01", "=1+1",
)  # fmt: skip
BYTES = (
    b"\xff",
    b"\x00",
    b"\xef\xbb\xbf",
    b"\r",
    b"\x1b",
    b"\xed\xa0\x80",
    b"[" * 3000,
    b"{" * 3000,
    b"=",
    b'"',
)
DEEP = 2_000


def mutated(text: str, form: str, rng: random.Random) -> bytes:
    """Return a file in this form ("json", "toml" or "csv") with one or a few things wrong in it."""
    damage: Callable[[str, random.Random], str] = {"json": _json, "toml": _toml, "csv": _csv}[form]
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        text = damage(text, rng)
    data = text.encode("utf-8", "surrogatepass")
    return _bytes(data, rng) if rng.random() < 0.15 else data


def _bytes(data: bytes, rng: random.Random) -> bytes:
    start = rng.randint(0, len(data))
    return data[:start] + rng.choice(BYTES) + data[start + rng.choice((0, 1, 10, 1000)) :]


def _json(text: str, rng: random.Random) -> str:
    """Change a value anywhere in JSON, or in one line of it."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        lines = text.split("\n")
        at = rng.randrange(len(lines))
        try:
            lines[at] = json.dumps(_changed(json.loads(lines[at]), rng))
        except (ValueError, RecursionError):
            lines.insert(at, lines[at])
        return "\n".join(lines)
    return json.dumps(_changed(whole, rng))


def _changed(whole: Any, rng: random.Random) -> Any:
    whole = copy.deepcopy(whole)
    places = list(_places(whole))
    if not places:
        return rng.choice(VALUES)
    holder, key = rng.choice(places)
    deed = rng.random()
    if deed < 0.7:
        holder[key] = rng.choice(VALUES)
    elif deed < 0.8:
        del holder[key]
    elif deed < 0.9 and isinstance(holder, dict):
        holder[str(rng.choice(VALUES))[:40]] = holder.pop(key)
    elif isinstance(holder, list):
        holder.insert(key, rng.choice(VALUES))
    else:
        holder[key] = [holder[key]] * rng.choice((2, 300))
    return whole


def _places(node: Any) -> Any:
    """Yield each (holder, key) below a value."""
    waiting = [node]
    while waiting:
        held = waiting.pop()
        items = held.items() if isinstance(held, dict) else enumerate(held) if isinstance(held, list) else ()
        for key, value in items:
            yield held, key
            waiting.append(value)


def _toml(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    with_value = [number for number, line in enumerate(lines) if "=" in line]
    deed = rng.random()
    if deed < 0.6 and with_value:
        at = rng.choice(with_value)
        lines[at] = f"{lines[at].partition('=')[0]}= {rng.choice(TOML_VALUES)}"
    elif deed < 0.7:
        del lines[at]
    elif deed < 0.8:
        lines.insert(at, lines[rng.randrange(len(lines))])
    elif deed < 0.9:
        name = rng.choice(('"a.b"', '""', '"\\u001b"', "x", "1", '"${x}"', '"[red]"', "nan"))
        lines[at] = re.sub(r"[\w-]+", lambda _: name, lines[at], count=1)
    elif deed < 0.98:
        lines.insert(at, f"[{'.'.join('d' * rng.choice((2, 50, DEEP)))}]")
    else:
        lines.insert(at, f"x{rng.randrange(99)} = {'[' * DEEP}{']' * DEEP}")
    return "\n".join(lines)


def _csv(text: str, rng: random.Random) -> str:
    rows = [line.split(",") for line in text.split("\n")]
    row = rng.choice(rows[:-1] if len(rows) > 1 else rows)
    deed = rng.random()
    if deed < 0.8:
        row[rng.randrange(len(row))] = rng.choice(CELLS)
    elif deed < 0.9:
        rows.insert(rng.randrange(len(rows)), list(row))
    else:
        del row[rng.randrange(len(row))]
    return "\n".join(",".join(cells) for cells in rows)
