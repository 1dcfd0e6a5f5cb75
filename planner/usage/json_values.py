"""The JSON of a log as a stream of values: lines, lists, documents one after another, lines behind a prefix."""

import csv
import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

from planner.errors import ScenarioError
from planner.files.os_errors import unusable
from planner.usage.containers import HEAD_BYTES, LogFile, readable, text_of

UNREADABLE = object()  # stands for a line that holds no JSON
LONGEST_LINE = 16_000_000
LARGEST_DOCUMENT = 64_000_000
_CHUNK = 1 << 20
_SPACE = re.compile(r"[\s,\x1e]*")
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?")
_FEW_LINES = 20
_DECODER = json.JSONDecoder()
BROKEN = (ValueError, RecursionError)


def is_json(text: str) -> bool:
    """Whether a text that begins like this holds JSON: as a whole, in its lines, or behind a prefix of its lines."""
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        return True
    lines = [line for line in text.split("\n")[:200] if line.strip()]
    if _is_table(lines[:_FEW_LINES]):
        return False
    held = sum(isinstance(_line(line), dict) for line in lines[:_FEW_LINES])
    return held * 2 >= len(lines[:_FEW_LINES]) and held > 0


def _is_table(lines: list[str]) -> bool:
    """Whether lines are rows of one length under a header that holds no JSON, whatever stands in their columns."""
    if len(lines) < 2 or "{" in lines[0]:
        return False
    delimiter = max(",;\t|", key=lines[0].count)
    try:
        width, *others = (len(row) for row in csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return False
    return width > 2 and all(each == width for each in others)


def values_of(source: LogFile, encoding: str) -> Iterator[Any]:
    """Yield each value of a JSON log; `UNREADABLE` for a line that is none. Lists at the top are taken apart."""
    with readable(source):
        file = text_of(source, encoding)
        first = file.read(HEAD_BYTES).lstrip("\ufeff \t\r\n")
        file.close()
    lines = in_lines(first)
    with text_of(source, encoding) as file:
        try:
            yield from _lines(file, source) if lines else _documents(file, source)
        except ScenarioError:
            raise
        except (OSError, EOFError) as error:
            with readable(source):
                raise error from None


def in_lines(first: str) -> bool:
    """Whether most of the first lines are values of their own."""
    if first.startswith("[") and not _is_value(first.split("\n", 1)[0]):
        return False
    lines = [line.strip() for line in first.split("\n")[:_FEW_LINES]]
    lines = [line for line in lines if line] or [""]
    if lines[0][:1] == "{" and lines[0][-1:] in "{[,:" and len(lines) > 1:
        return False
    if len(lines) == 1 and len(first) >= HEAD_BYTES - 10:
        return not first.startswith("[")
    if len(lines) == 1:
        return not first.startswith("[") and (first.startswith("{") is False or _is_value(lines[0]))
    if len(lines) > 1 and len(first) >= HEAD_BYTES - 10:
        lines = lines[:-1]
    held = sum(isinstance(_line(line), dict | list) for line in lines)
    return held * 2 >= len(lines) and not (held == 1 and first.startswith("["))


def _is_value(line: str) -> bool:
    try:
        json.loads(line)
    except BROKEN:
        return False
    return True


def _lines(file: TextIO, source: LogFile) -> Iterator[Any]:
    while True:
        with readable(source):
            line = file.readline(LONGEST_LINE + 1)
        if not line:
            return
        if len(line) > LONGEST_LINE:
            raise unusable(source.name, f"has a line of more than {LONGEST_LINE / 1e6:.0f} MB.")
        if not line.strip("\ufeff \t\r\n\x1e"):
            continue
        value = _line(line)
        if value is None:
            continue
        if isinstance(value, list):
            yield from value if any(isinstance(each, dict) for each in value) else [UNREADABLE]
        else:
            yield value


def _line(line: str) -> Any:
    """Return the value of a line, also behind a prefix such as a time or `data:`; None for a line of a protocol."""
    text = line.strip("\ufeff \t\r\n\x1e,")
    try:
        value = json.loads(text)
        return json.loads(value) if isinstance(value, str) and value.lstrip()[:1] == "{" else value
    except BROKEN:
        pass
    if text.startswith(("event:", "id:", "retry:", ":", "data: [DONE]")) and "{" not in text[:7]:
        return None
    start = text.find("{")
    if start <= 0 or start > 400:
        return UNREADABLE
    try:
        value, end = _DECODER.raw_decode(text, start)
    except BROKEN:
        return UNREADABLE
    if text[end:].lstrip()[:1] in (",", ";", "|"):
        return UNREADABLE  # a cell of a table
    found = TIME.search(text[:start])
    if isinstance(value, dict) and found:
        value.setdefault("logged_at", found[0])
    return value


def _documents(file: TextIO, source: LogFile) -> Iterator[Any]:
    """Yield values that stand one after another, however they are laid out; the items of a list at the top."""
    text, place, ended, listed, any_value = "", 0, False, False, False
    while True:
        place = _SPACE.match(text, place).end()  # type: ignore[union-attr]  # it matches nothing too
        if place < len(text) and text[place] == "\ufeff":
            place += 1
            continue
        if place < len(text) and text[place] in "[]" and not (text[place] == "[" and listed):
            listed, place = text[place] == "[", place + 1
            continue
        value, end = _next(text, place) if place < len(text) else (None, -1)
        if end >= 0 and (end < len(text) or ended):
            yield value
            place, any_value = end, True
            continue
        if ended:
            if place < len(text) or listed or not any_value:
                raise unusable(source.name, "can't be read as JSON: it is damaged, or something else.")
            return
        text, place, ended = _more(file, source, text[place:])


def _next(text: str, place: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, place)
    except BROKEN:
        return None, -1


def _more(file: TextIO, source: LogFile, rest: str) -> tuple[str, int, bool]:
    """Return the text that is left with as much again behind it, so that a long value is read few times over."""
    if len(rest) > LARGEST_DOCUMENT:
        raise unusable(
            source.name,
            f"is one JSON document of more than {LARGEST_DOCUMENT / 1e6:.0f} MB.",
            "Export it as JSON lines.",
        )
    with readable(source):
        chunk = file.read(max(_CHUNK, len(rest)))
    return rest + chunk, 0, not chunk
