"""Columns by the user's word: which are there, and what they are called once they are chosen."""

from typing import Any

from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.usage.engine import shown_names
from planner.usage.names import CHOSEN
from planner.usage.reading import leaves

FIELD_OF = {
    "time": "time", "prompt_tokens": "prompt", "uncached_prompt_tokens": "fresh", "output_tokens": "output", "reasoning_tokens": "reasoning",
    "cache_read_tokens": "read", "cache_write_tokens": "write", "cache_write_1h_tokens": "write_1h", "total_tokens": "total",
    "requests": "count", "failed_requests": "failed_count", "model": "model", "provider": "seller", "cost_usd": "cost", "currency": "currency",
    "status": "status", "retries": "retries", "reused_answer": "cache_hit", "processing": "tier", "request_id": "request_id",
    "session": "session_id", "kind": "kind",
}  # fmt: skip
NAME_OF = {field: name for name, field in FIELD_OF.items()}


def names_in(sample: list[Any]) -> list[str]:
    """Return the dotted names of the leaves of some values, those inside of lists too."""
    found: dict[str, None] = {}

    def gather(value: Any) -> None:
        if isinstance(value, dict):
            for path, _ in leaves(value):
                found.setdefault(".".join(path))
            for each in value.values():
                if isinstance(each, list | dict):
                    gather(each)
        elif isinstance(value, list):
            for each in value[:20]:
                gather(each)

    for value in sample[:50]:
        gather(value)
    return list(found)[:2_000]


def renamed(value: Any, chosen: dict[str, str]) -> Any:
    """Return a value in which the columns of the user's choice have the names of their fields."""
    if not chosen:
        return value
    if isinstance(value, list):
        return [renamed(each, chosen) for each in value]
    if not isinstance(value, dict):
        return value
    out = {key: renamed(each, chosen) for key, each in value.items()}
    for field_name, column in chosen.items():
        path = [column] if column in out else column.split(".")
        place: Any = out
        for part in path[:-1]:
            place = place.get(part) if isinstance(place, dict) else None
        if isinstance(place, dict) and path[-1] in place:
            place[CHOSEN + field_name] = place.pop(path[-1])
    return out


def known_columns(chosen: dict[str, str], names: list[str], name: str) -> dict[str, str]:
    """Return the columns of the user's choice by our fields; raise ScenarioError naming all that are not there."""
    problems, out = [], {}
    for what, column in chosen.items():
        if what not in FIELD_OF:
            hint = f"Those are {', '.join(FIELD_OF)}."
            problems.append(Problem(f"--column {inert(what)[:60]}", "is not what a column can say.", hint))
        elif column not in names:
            hint = f"Columns of the log: {shown_names(names)}."
            problems.append(
                Problem(f"--column {what}", f'names "{inert(column)[:80]}", which is not there.', hint)
            )
        else:
            out[FIELD_OF[what]] = column
    if problems:
        raise ScenarioError(problems, source=inert(name))
    return out


def missing(names: list[str]) -> Problem:
    """Return the problem of a log in which nothing counts tokens."""
    listed = shown_names(names) or "none that can be named"
    hint = f"Say which with --column prompt_tokens=NAME --column output_tokens=NAME. Columns of the log: {listed}."
    return Problem("the file", "has no column that is known to hold prompt_tokens and output_tokens.", hint)
