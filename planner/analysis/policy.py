"""Guardrails from a policy file: bounds on results, and limits on their changes."""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from planner.errors import Problem, ScenarioError
from planner.model import STATES
from planner.readout import METRICS
from planner.records import dataclass
from planner.schema import read_number

Level = Literal["fail", "warn"]
Cause = Literal["any", "edits", "drift"]
Operator = Literal["<=", "<", ">=", ">", "=="]

LONGEST_RULE = 200
MOST_RULES = 200
FEWEST_SAMPLES, MOST_SAMPLES = 64, 1_000_000
DEFAULT_SAMPLES = 8_192
STATE = "runway_state"
KEYS = ("fail", "warn", "change", "samples", "seed")
CHANGE_KEYS = ("metric", "rise", "fall", "cause", "level")
PARTS = ("workloads", "deployments")
EXAMPLES = '"gross_margin_share >= 0.6", "p95(usd_per_outcome) <= 2", "P(runway_months < 12) <= 0.1"'

_NAME = r"[A-Za-z][A-Za-z0-9_.-]{0,120}"
_COMPARED = re.compile(rf"\s*({_NAME})\s*(<=|>=|==|<|>)\s*(\S.{{0,60}}?)\s*")
_CHANCE = re.compile(r"\s*P\(([^()]{1,160})\)\s*(<=|>=|<|>)\s*(\S.{0,60}?)\s*")
_PERCENTILE = re.compile(rf"\s*p(\d{{1,2}})\(\s*({_NAME})\s*\)\s*(<=|>=|<|>)\s*(\S.{{0,60}}?)\s*")


@dataclass(frozen=True)
class Bound:
    """A rule on one plan: a result, its percentile, or a probability, compared with a limit.

    `percent` is the percentile asked for, None where none is. In a chance `inside` is what happens and `metric` is its.
    """

    text: str
    level: Level
    metric: str
    operator: Operator
    limit: float
    percent: float | None = None
    inside: "Inside | None" = None


@dataclass(frozen=True)
class Inside:
    """The event of a probability: a result compared with a limit, or the state of the runway."""

    operator: Operator
    limit: float
    state: str = ""


@dataclass(frozen=True)
class ChangeLimit:
    """A rule on how far a result may move from a baseline; a share of the baseline's size if `is_share`."""

    metric: str
    level: Level
    cause: Cause
    rise: float | None = None
    fall: float | None = None
    rise_is_share: bool = False
    fall_is_share: bool = False

    @property
    def text(self) -> str:
        """The rule as text."""
        limits = [
            f"{way} by at most {f'{limit * 100:.6g}%' if is_share else f'{limit:.12g}'}"
            for way, limit, is_share in (
                ("rise", self.rise, self.rise_is_share),
                ("fall", self.fall, self.fall_is_share),
            )
            if limit is not None
        ]
        because = {"any": "", "edits": " through edits", "drift": " without edits"}[self.cause]
        return f"{self.metric} may {' and '.join(limits)}{because}"


@dataclass(frozen=True)
class Policy:
    """All rules of one policy file."""

    bounds: tuple[Bound, ...] = ()
    changes: tuple[ChangeLimit, ...] = ()
    samples: int = DEFAULT_SAMPLES
    seed: int = 0


def read_policy(table: Mapping[str, Any], *, source: str = "") -> Policy:
    """Return the policy in a parsed file; raise ScenarioError with every problem in it."""
    problems = [_unknown_key(key, KEYS) for key in table if key not in KEYS]
    bounds: list[Bound] = []
    changes: list[ChangeLimit] = []
    for level in ("fail", "warn"):
        for where, text in _listed(table, level, problems):
            _collect(bounds, problems, where, lambda text=text, level=level: read_bound(text, level=level))
    for where, entry in _listed(table, "change", problems):
        _collect(changes, problems, where, lambda entry=entry: _read_change(entry))
    samples = _whole(table, "samples", DEFAULT_SAMPLES, (FEWEST_SAMPLES, MOST_SAMPLES), problems)
    seed = _whole(table, "seed", 0, (0, 2**32 - 1), problems)
    if not problems and not bounds and not changes:
        problems.append(Problem("the policy", "has no rule.", f"For instance fail = [{EXAMPLES}]."))
    if problems:
        raise ScenarioError(problems, source=source)
    return Policy(tuple(bounds), tuple(changes), samples, seed)


def read_bound(text: Any, *, level: Level = "fail") -> Bound:
    """Return the bound written in `text`; raise ValueError with the problem.

    >>> bound = read_bound("P(runway_months < 12) <= 10%")
    >>> bound.metric, bound.inside.limit, bound.operator, bound.limit
    ('runway_months', 12.0, '<=', 0.1)
    """
    if not isinstance(text, str) or len(text) > LONGEST_RULE:
        raise ValueError(
            f"is not a rule: it must be text of at most {LONGEST_RULE} characters, such as {EXAMPLES}."
        )
    if match := _CHANCE.fullmatch(text):
        metric, inside = _inside(match[1])
        limit = _number(match[3])
        if not 0.0 <= limit <= 1.0:
            raise ValueError("compares a probability with a limit outside 0 to 1.")
        return Bound(text.strip(), level, metric, _operator(match[2]), limit, inside=inside)
    if match := _PERCENTILE.fullmatch(text):
        limit = _number(match[4])
        return Bound(
            text.strip(), level, result_named(match[2]), _operator(match[3]), limit, percent=float(match[1])
        )
    if (match := _COMPARED.fullmatch(text)) and match[2] != "==":
        return Bound(text.strip(), level, result_named(match[1]), _operator(match[2]), _number(match[3]))
    raise ValueError(f"can't be read as a rule. Rules look like {EXAMPLES}.")


def _inside(text: str) -> tuple[str, Inside]:
    match = _COMPARED.fullmatch(text)
    if not match:
        raise ValueError("has a probability that can't be read; P( ) must contain one comparison.")
    if match[1] == STATE:
        if match[2] != "==" or match[3] not in STATES:
            raise ValueError(f"must compare {STATE} with == and one of {', '.join(STATES)}.")
        return STATE, Inside("==", 0.0, match[3])
    if match[2] == "==":
        raise ValueError("compares numbers with ==; use <= or >=.")
    return result_named(match[1]), Inside(_operator(match[2]), _number(match[3]))


def _operator(text: str) -> Operator:
    known: dict[str, Operator] = {"<=": "<=", "<": "<", ">=": ">=", ">": ">"}
    return known[text]


def result_named(name: str) -> str:
    """Return the result for a name, or for part of exactly one name; raise ValueError otherwise."""
    if name in METRICS:
        return name
    parts = name.split(".")
    if len(parts) >= 3 and parts[0] in PARTS:
        return name
    short = [metric for metric in METRICS if f"_{name}_" in f"_{metric}_"]
    short = [metric for metric in short if "_with_" not in metric] or short  # prefer the plain one
    if len(short) == 1:
        return short[0]
    if short:
        raise ValueError(f'names "{name}", which is ambiguous: {", ".join(short)}.')
    near = difflib.get_close_matches(name, METRICS, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(METRICS)}, or workloads.NAME.FIELD."
    raise ValueError(f'names "{name}", which is not a result. {hint}')


def _number(text: str) -> float:
    value = read_number(text)
    if value is None:
        raise ValueError("has a limit that is not a number; try 0.6, 60%, 1.2M or 800ms.")
    return value


def _read_change(entry: Any) -> ChangeLimit:
    if not isinstance(entry, Mapping):
        words = 'is no table; write [[change]] with metric = "usd_per_outcome" and rise = "10%" below.'
        raise ValueError(words)  # noqa: TRY004 - collected with the other problems
    if unknown := [key for key in entry if key not in CHANGE_KEYS]:
        raise ValueError(f"has {', '.join(map(repr, unknown[:5]))}; known are {', '.join(CHANGE_KEYS)}.")
    rise, rise_is_share = _most(entry, "rise")
    fall, fall_is_share = _most(entry, "fall")
    if rise is None and fall is None:
        raise ValueError("limits nothing: give rise, fall or both.")
    cause, level = entry.get("cause", "any"), entry.get("level", "fail")
    if cause not in ("any", "edits", "drift"):
        raise ValueError('has a cause other than "any", "edits" (the file) and "drift" (prices).')
    if level not in ("fail", "warn"):
        raise ValueError('has a level other than "fail" and "warn".')
    return ChangeLimit(
        result_named(str(entry.get("metric", ""))), level, cause, rise, fall, rise_is_share, fall_is_share
    )


def _most(entry: Mapping[str, Any], key: str) -> tuple[float | None, bool]:
    value = entry.get(key)
    if value is None:
        return None, False
    number = read_number(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < 1e300:
        raise ValueError(f'has a {key} that is no limit; "10%" (of the baseline) and 0.02 (as is) are.')
    return float(number), isinstance(value, str) and value.strip().endswith("%")


def _collect(found: list[Any], problems: list[Problem], where: str, read: Any) -> None:
    try:
        found.append(read())
    except ValueError as error:
        problems.append(Problem(where, str(error)))


def _listed(table: Mapping[str, Any], key: str, problems: list[Problem]) -> Iterator[tuple[str, Any]]:
    entries = table.get(key, [])
    if not isinstance(entries, list):
        problems.append(Problem(key, "must be a list of rules."))
        return
    if len(entries) > MOST_RULES:
        problems.append(Problem(key, f"has {len(entries):,} rules; {MOST_RULES} are the most."))
    yield from ((f"{key}, rule {index}", entry) for index, entry in enumerate(entries[:MOST_RULES], start=1))


def _whole(
    table: Mapping[str, Any], key: str, default: int, bounds: tuple[int, int], problems: list[Problem]
) -> int:
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not bounds[0] <= value <= bounds[1]:
        problems.append(Problem(key, f"must be a whole number from {bounds[0]:,} to {bounds[1]:,}."))
        return default
    return value


def _unknown_key(key: str, known: tuple[str, ...]) -> Problem:
    safe = "".join(char if char.isprintable() else "?" for char in key[:60])
    near = difflib.get_close_matches(safe, known, n=1)
    return Problem(
        safe,
        "is not a field of a policy.",
        f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}.",
    )
