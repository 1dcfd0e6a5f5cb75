"""Evidence behind the planner's numbers: findings with sources, defaults, formulas, and claims to test.

Each file is read only when something in it is needed.
"""

import difflib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from planner.catalog.facts import table
from planner.errors import Problem, ScenarioError
from planner.records import dataclass

READ_WORDS = {
    "full": "read in full",
    "abstract": "abstract only",
    "secondary": "through another text",
    "computed": "computed from fetched data",
    "memory": "from memory",
}
FINDINGS_FILES = {
    "routing": ("rt",),
    "context": ("lc", "rag"),
    "models": ("qz", "ds", "ft", "sp"),
    "caching": ("ca", "pc", "ol"),
    "serving": ("la", "hw", "ld"),
    "market": ("pr", "dm", "bz", "cp"),
}


@dataclass(frozen=True)
class Source:
    """A publication, and the place in it."""

    title: str
    venue: str
    year: int
    locator: str
    authors: str = ""

    def __str__(self) -> str:
        return ", ".join(
            word for word in (self.authors, self.title, self.venue, str(self.year), self.locator) if word
        )


@dataclass(frozen=True)
class Finding:
    """One finding, with its value and range if it has them.

    `caveat` says which part is a judgement or from memory.
    """

    id: str
    lever: str
    statement: str
    read: str
    confidence: str
    source: Source
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    caveat: str = ""
    note: str = ""

    @property
    def how_read(self) -> str:
        """How it was read, as text."""
        return "; ".join(word for word in (READ_WORDS[self.read], self.caveat) if word)


@dataclass(frozen=True)
class Default:
    """The value that a plan uses if it states none."""

    key: str
    value: float
    low: float
    high: float
    unit: str
    evidence: tuple[str, ...]
    note: str = ""
    caveat: str = ""

    @property
    def how_read(self) -> str:
        """How the findings behind it were read, each way once, and which part is a judgement."""
        ways = dict.fromkeys(finding(one).how_read for one in self.evidence)
        return "; ".join(word for word in (*ways, self.caveat) if word)


@dataclass(frozen=True)
class Formula:
    """An equation of the model and the findings that support it."""

    id: str
    expression: str
    evidence: tuple[str, ...]
    variables: str = ""
    note: str = ""


@dataclass(frozen=True)
class Claim:
    """A rule of thumb: its claim, its inputs and related measurements.

    The result is not stored here: it is computed from `inputs` and `measured`.
    """

    id: str
    paraphrase: str
    equation: str
    inputs: Mapping[str, float]
    claimed: Mapping[str, Any]
    measured: Mapping[str, Any]
    evidence: tuple[str, ...]
    note: str


def finding(finding_id: str) -> Finding:
    """Return one finding.

    Raises:
        ScenarioError: unknown name, with close matches.
    """
    prefix = finding_id.partition("-")[0]
    for name, prefixes in FINDINGS_FILES.items():
        if prefix in prefixes and finding_id in _findings(name):
            return _findings(name)[finding_id]
    raise _unknown("evidence", finding_id, (one.id for one in findings()))


def findings() -> tuple[Finding, ...]:
    """Return every finding."""
    return tuple(one for name in FINDINGS_FILES for one in _findings(name).values())


@cache
def _findings(name: str) -> dict[str, Finding]:
    file = dict(table(f"findings/{name}"))
    sources = file.pop("sources")
    return {key: _finding(key, row, sources) for key, row in file.items()}


def _finding(key: str, row: dict[str, Any], sources: dict[str, Any]) -> Finding:
    work = sources[row["source"]]
    facts = {name: value for name, value in row.items() if name not in ("source", "locator")}
    return Finding(id=key, source=Source(**work, locator=row["locator"]), **facts)


def how_read(finding_id: str) -> str:
    """Return how a finding was read: "read in full", "abstract only", "through another text" ..."""
    return finding(finding_id).how_read


def default(key: str) -> Default:
    """Return a default value by its key ("routing.k").

    Raises:
        ScenarioError: unknown name, with close matches.
    """
    known = defaults()
    if key not in known:
        raise _unknown("default", key, known)
    return known[key]


@cache
def defaults() -> dict[str, Default]:
    """Return every default by its key."""
    return {key: Default(key=key, **_tupled(row)) for key, row in table("defaults").items()}


@cache
def formulas() -> dict[str, Formula]:
    """Return every formula by its name."""
    return {key: Formula(id=key, **_tupled(row)) for key, row in table("formulas").items()}


@cache
def claims() -> dict[str, Claim]:
    """Return every claim by its name."""
    return {key: Claim(id=key, **_tupled(row)) for key, row in table("claims").items()}


def _tupled(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "evidence": tuple(row["evidence"])}


def _unknown(where: str, name: str, known: Iterable[str]) -> ScenarioError:
    close = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    hint = f"Close: {', '.join(close)}." if close else ""
    return ScenarioError([Problem(where, f"{name!r} is not in the catalog.", hint)])
