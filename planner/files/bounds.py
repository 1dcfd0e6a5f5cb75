"""Read a plan file within bounds: files that are too large or too deep are rejected early, with a reason."""

import copy
import math
import os
import re
import stat
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from planner.errors import Problem, ScenarioError
from planner.files.confined import check_reading
from planner.files.os_errors import refused, unusable
from planner.files.safe_text import inert

LARGEST_FILE_BYTES = 1_000_000
LONGEST_LINE = 20_000
MOST_KEYS = 20_000
MOST_ITEMS = 60_000
DEEPEST = 40
MOST_DOT_WORK = 4_000_000  # a key with n dots takes the parser n * n steps
LARGEST_NUMBER = 1e300
MOST_PROBLEMS = 50

# a pipe must not block; Windows has neither flag, nor pipes that look like files
_READ_AT_ONCE = (
    os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)

_POSITION = re.compile(r"^(.*) \(at (?:line (\d+), column (\d+)|end of document)\)$", re.DOTALL)
_PLAINER = {
    "Cannot overwrite a value": "a name is given a value twice",
    "Cannot declare": "a section appears twice",
    "Invalid value": "a value is missing or can't be read; text needs quotes",
    "Invalid statement": "something is neither name = value nor a [section]",
    "Invalid initial character for a key part": "a name is missing, or needs quotes",
    "Expected '=' after a key in a key/value pair": 'there is no "=" after a name',
    "Unclosed array": 'a list is missing its closing "]"',
    "Unclosed inline table": 'a table is missing its closing "}"',
    "Expected \"'": "a text is missing its closing quote",
    "Unterminated string": "a text is missing its closing quote",
    "Expected newline or end of document after a statement": "there is unexpected text after the value",
    "Illegal character '\\n'": "a text is missing its closing quote",
    "Illegal character": "the text contains a control character",
}  # fmt: skip


def read_text(path: Path, *, noun: str = "a plan", most_bytes: int = LARGEST_FILE_BYTES) -> str:
    """Return the text of the file at `path`; raise ScenarioError if it can't be read or is too large for `noun`."""
    raw = read_bytes(path, noun=noun, most_bytes=most_bytes)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"is not UTF-8 text: byte 0x{raw[error.start]:02x} in line {line}."
        raise unusable(path, what, "Save it as UTF-8.") from None


def read_bytes(path: Path, *, noun: str = "a plan", most_bytes: int = LARGEST_FILE_BYTES) -> bytes:
    """Return the bytes of the file at `path`; raise ScenarioError if it can't be read or is too large for `noun`.

    Devices, pipes and absurdly large files are rejected before a byte is read.
    """
    check_reading(path)
    try:
        return _read(path, noun, most_bytes)
    except OSError as error:
        raise refused(error, path, "reading") from None


def _read(path: Path, noun: str, most_bytes: int) -> bytes:
    if "\0" in str(path):
        raise unusable(path, "has a name that no file can have.")
    descriptor = os.open(path, _READ_AT_ONCE)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            raise unusable(path, "is a folder, not a file.")
        if not stat.S_ISREG(found.st_mode):
            raise unusable(path, "is a device or a pipe, not a file.", "Use - to read from standard input.")
        raw = file.read(most_bytes + 1) if found.st_size <= most_bytes else None
    if raw is None or len(raw) > most_bytes:
        mb = max(found.st_size, len(raw or b"")) / 1e6
        raise unusable(path, f"has {mb:,.1f} MB; {noun} may have at most {most_bytes / 1e6:.0f} MB.")
    return raw


def parse(
    text: str, *, source: str, rest: Callable[[dict[str, Any]], Iterable[Problem]] | None = None
) -> dict[str, Any]:
    """Return the table in `text`; raise ScenarioError if it isn't valid TOML or exceeds the bounds.

    `rest` finds the problems in the part within bounds, so that all are reported together.
    """
    text = text.removeprefix("\ufeff")
    source = inert(source)
    if problem := _too_much(text):
        raise ScenarioError([problem], source=source)
    try:
        table = tomllib.loads(text)
    except RecursionError:
        raise ScenarioError([_too_deep()], source=source) from None
    except ValueError as error:
        raise ScenarioError([_syntax(str(error), text)], source=source) from None
    if problems := _out_of_bounds(table):
        raise ScenarioError([*problems, *(rest(_without(table, problems)) if rest else ())], source=source)
    return table


def _without(table: dict[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """Return a table without out-of-bounds numbers, so that the rest can be read; empty for other violations."""
    whole = copy.deepcopy(table)
    for problem in problems:
        node: Any = whole
        *above, name = problem.where.split(".")
        try:
            for step in above:
                node = node[int(step)] if isinstance(node, list) else node[step]
            del node[name]
        except (KeyError, IndexError, ValueError, TypeError):
            return {}
    return whole


def _too_much(text: str) -> Problem | None:
    """Return a problem if the text would take too long to parse."""
    if len(text) > LARGEST_FILE_BYTES:
        return Problem("the file", f"has {len(text):,} characters; at most {LARGEST_FILE_BYTES:,}.")
    if max(map(text.count, "=[{")) > MOST_KEYS:
        return _too_many_keys()
    if max(map(text.count, ",.")) > MOST_ITEMS:
        return Problem("the file", f"lists more than {MOST_ITEMS:,} items.")
    dot_work = 0
    for number, line in enumerate(text.split("\n"), 1):
        dot_work += line.count(".") ** 2
        if dot_work > MOST_DOT_WORK:
            return _too_deep()
        if len(line) > LONGEST_LINE:
            return Problem(f"line {number}", f"has {len(line):,} characters; at most {LONGEST_LINE:,}.")
    return None


def _too_deep() -> Problem:
    return Problem("the file", f"is nested more than {DEEPEST} levels deep.")


def _too_many_keys() -> Problem:
    return Problem("the file", f"has more than {MOST_KEYS:,} keys.")


def _syntax(message: str, text: str) -> Problem:
    match = _POSITION.match(message)
    if match is None:
        return Problem("the file", f"can't be read: {inert(message)[:200]}.")
    line, column = match[2] or str(text.count("\n") + 1), match[3]
    where = f"line {line}, column {column}" if column else f"line {line}, at the end of the file"
    plainer = next((words for start, words in _PLAINER.items() if match[1].startswith(start)), None)
    return Problem(where, f"can't be read: {plainer or inert(match[1])[:200]}.")


def _out_of_bounds(table: dict[str, Any]) -> list[Problem]:
    """Return what exceeds the bounds: nesting, number of keys, size of numbers."""
    problems: list[Problem] = []
    waiting: list[tuple[str, int, Any]] = [("", 0, table)]
    keys = 0
    while waiting:
        path, depth, node = waiting.pop()
        if depth > DEEPEST:
            return [_too_deep()]
        if isinstance(node, dict | list):
            items = node.items() if isinstance(node, dict) else enumerate(node)
            keys += len(node)
            if keys > MOST_ITEMS:
                return [_too_many_keys()]
            below = [(f"{path}.{name}" if path else str(name), depth + 1, item) for name, item in items]
            waiting += reversed(below)
        elif _absurd(node) and len(problems) < MOST_PROBLEMS:
            problems.append(Problem(inert(path)[:200], "must be a finite number of a sensible size."))
    return problems


def _absurd(value: Any) -> bool:
    if isinstance(value, int):
        return abs(value) > int(LARGEST_NUMBER)
    return isinstance(value, float) and not (math.isfinite(value) and abs(value) <= LARGEST_NUMBER)
