"""A warning that is suppressed says why, on its line."""

import re

import pytest
from syntax_tree import ROOT, SOURCES

SUPPRESSION = re.compile(
    r"#\s*(?:noqa|type:\s*ignore|fmt:\s*(?:skip|off)|pragma|ruff:|mypy:)[^#]*", re.IGNORECASE
)
REASONED = re.compile(
    r"(?:ruff: )?noqa: [A-Z]+\d+(?:, [A-Z]+\d+)* - \w.+|# type: ignore\[[a-z, -]+\]\s+(?:#|-) \w.+",
    re.IGNORECASE,
)
LAYOUT = re.compile(r"#\s*fmt: (?:skip|off|on)\s*$")  # a table stays one: the layout itself is the reason
FILES = [
    *SOURCES,
    *sorted(path for path in (ROOT / "tests").rglob("*.py") if path.name != "test_house_suppressions.py"),
    *sorted((ROOT / ".ci").glob("*.py")),
]


def unreasoned(text):
    """Return the lines that suppress a warning and do not say why."""
    return [
        f"{number}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), 1)
        if (found := SUPPRESSION.search(line))
        and not LAYOUT.match(found[0].rstrip())
        and not REASONED.search(line[found.start() :])
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_suppressed_warning_says_why(path):
    assert unreasoned(path.read_text()) == []


@pytest.mark.parametrize(
    "line",
    [
        "x = 1  # noqa",
        "x = 1  # noqa: A001",
        "f()  # type: ignore",
        "f()  # type: ignore[arg-type]",
        "g()  # pragma: no cover",
    ],
)
def test_a_bare_suppression_is_found(line):
    assert len(unreasoned(line)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "import numpy as np  # noqa: PLC0415 - slow to load",
        "f()  # type: ignore[arg-type]  # the stub lacks None",
        "table = [  # fmt: skip",
    ],
)
def test_a_reason_is_enough(line):
    assert unreasoned(line) == []
