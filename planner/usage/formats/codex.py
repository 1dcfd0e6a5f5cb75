"""Sessions of the Codex CLI (`rollout-*.jsonl`): token counts that run up over a session, told again and again.

A call is a step of the running total: `last_token_usage` where the total moved on, else its difference. The model is that of
the last `turn_context`. Left out: everything that is said.
"""

from collections.abc import Iterator
from typing import Any

from planner.usage.json_values import UNREADABLE
from planner.usage.reading import Row, leaves, reading
from planner.usage.settle import UNREADABLE as UNREADABLE_LINES

NAME = "Codex session"
COUNTS = ("prompt", "read", "output", "reasoning")


def knows(keys: set[str]) -> bool:
    """Whether keys are those of a Codex session, or of any log with a running total beside the last usage."""
    return (
        any(key.endswith("totaltokenusage") for key in keys)
        or {"payload.clivers", "payload.info.lasttokenusage"} <= keys
    )


def rows(values: Iterator[Any]) -> Iterator[Row]:
    """Yield a raw row for each step of the running total."""
    model, session, before = "", "", dict.fromkeys(COUNTS, 0.0)
    for value in values:
        if value is UNREADABLE or not isinstance(value, dict):
            yield {"bad": UNREADABLE_LINES}
            continue
        held = value.get("payload")
        payload: dict[str, Any] = held if isinstance(held, dict) else value
        if (
            payload.get("type") != "token_count"
            and "total_token_usage" not in str(list(payload))
            and not _usages(payload)
        ):
            told = reading(leaves(value))
            model = str(told.get("model", model))
            if value.get("type") == "session_meta":
                session, before = str(payload.get("id", "")), dict.fromkeys(COUNTS, 0.0)
            yield {"kind": str(value.get("type", ""))[:60]}
            continue
        total, last = _usages(payload) or ({}, {})
        now = _counts(total)
        if not total or now == before:
            yield {"kind": "token_count"}
            continue
        fell = now["prompt"] < before["prompt"]
        step = (
            _counts(last) if last else {name: now[name] - (0.0 if fell else before[name]) for name in COUNTS}
        )
        before = now
        yield {**step, "model": model, "session_id": session, "time": value.get("timestamp")} | {
            "beside": False,
            "kind": "chat",
        }


def _usages(payload: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return the running total and the last usage, wherever they are."""
    for place in (payload, payload.get("info"), payload.get("msg")):
        if isinstance(place, dict) and isinstance(place.get("total_token_usage"), dict):
            last = place.get("last_token_usage")
            return place["total_token_usage"], last if isinstance(last, dict) else {}
    return None


def _counts(usage: dict[str, Any]) -> dict[str, float]:
    told = reading(leaves(usage))
    out = {}
    for name in COUNTS:
        value = told.get(name, 0)
        out[name] = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
    return out
