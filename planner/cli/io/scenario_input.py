"""Read plans from the files, names and streams given on a command line."""

import os
import sys
from pathlib import Path

from planner.errors import Problem, ScenarioError
from planner.files import Loaded, find, load, load_text

STDIN = "-"
STDIN_NAME = "standard input"
EMPTY = "schema = 1\n"  # git's stand-in for a file that didn't exist
NOTHING_NAME = "nothing"
LARGEST_BYTES = 4_000_000


def read(name: str, *, at: Path | None = None, library: Path | None = None) -> Loaded:
    """Return the plan that `name` refers to: a file, a name in the library, or "-" for standard input.

    `at` is the location to read the text as: files it extends are looked for beside it.
    """
    if name == STDIN:
        return load_text(_stdin(), path=_beside(at, STDIN_NAME), library=library)
    if name == os.devnull:
        return load_text(EMPTY, path=_beside(at, NOTHING_NAME), library=library)
    path = find(name, library=library)
    if at is None:
        return load(path, library=library)
    from planner.files.bounds import read_text  # noqa: PLC0415 - only with --at

    return load_text(read_text(path), path=_beside(at, path.name), library=library)


def _beside(at: Path | None, name: str) -> Path:
    return Path(name) if at is None else at.parent / name


def _stdin() -> str:
    raw = sys.stdin.buffer.read(LARGEST_BYTES + 1)
    if len(raw) > LARGEST_BYTES:
        raise ScenarioError([Problem(STDIN_NAME, f"is larger than {LARGEST_BYTES // 1_000_000} MB.")])
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ScenarioError([Problem(STDIN_NAME, "is not UTF-8 text.")]) from None
