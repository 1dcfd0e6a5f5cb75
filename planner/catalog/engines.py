"""Serving engines: names and release dates of their versions."""

import re
import tomllib
from functools import cache
from pathlib import Path

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


def released(engine: str, version: str) -> float:
    """Return a version's release date as a fractional year; interpolated between known versions, 0 if unknown.

    >>> 2025.5 < released("vllm", "0.10.2") < released("vllm", "0.11.0") < 2026
    True
    >>> released("vllm", "nightly")
    0.0
    """
    found = _VERSION.search(version)
    if found is None or engine not in _table():
        return 0.0
    asked = _place(found)
    known = sorted((_place(match), year) for match, year in _known(engine))
    below = [each for each in known if each[0] <= asked] or known[:1]
    above = [each for each in known if each[0] >= asked] or known[-1:]
    (low, early), (high, late) = below[-1], above[0]
    return early if high <= low else early + (late - early) * (asked - low) / (high - low)


def _place(match: re.Match[str]) -> float:
    major, minor, patch = (float(part or 0) for part in match.groups())
    return 1000.0 * major + minor + min(patch, 20.0) / 21.0


def _known(engine: str) -> list[tuple[re.Match[str], float]]:
    found = [(_VERSION.search(version), year) for version, year in _table()[engine].items()]
    return [(match, year) for match, year in found if match is not None]


@cache
def _table() -> dict[str, dict[str, float]]:
    text = Path(__file__).with_name("engines.toml").read_text(encoding="utf-8")
    return {name: dict(rows["released"]) for name, rows in tomllib.loads(text).items()}
