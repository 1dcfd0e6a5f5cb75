"""Stream a log through duckdb: sums by hour, model and kind of request, and arrival times of some hours."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.records import dataclass
from planner.units import SECONDS_PER_HOUR
from planner.usage.columns import Columns
from planner.usage.guesses import plain
from planner.usage.logs import MOST_REJECTS_KEPT, Log, ask, ask_columns

Progress = Callable[[float], None]
Floats = NDArray[np.float64]

MOST_TOKENS = 1e8  # of one request; more is no count of tokens
OLDEST_S, NEWEST_S = 1_420_070_400.0, 4_102_444_800.0  # 2015 to 2100
RELATIVE_BELOW_S = 2e8  # times so early count from the start of the log
MOST_ARRIVALS = 1_500_000
MOST_HOURS = 48
LONGEST_MODEL_NAME = 120
FIRST_PASS_SHARE = 0.7

UNREADABLE = "unreadable lines"
NO_TOKENS = "rows without token counts"
ABSURD_TOKENS = "rows with token counts below 0 or above 100 million"
BAD_TIME = "rows with an unreadable or impossible time"
NOT_A_CALL = "rows that are no call to a model"
BAD_COUNT = "rows with a number of requests that is none"

_SUMS = (
    "requests", "prompt", "output", "reasoning", "cache_read", "cache_write", "cache_write_1h", "cost",
    "retried", "retries",
)  # fmt: skip


@dataclass(frozen=True)
class Groups:
    """Sums over the good rows by hour, model, processing tier, length of prompt, failure and reused answers.

    Arrays of shape (groups,). `sums` are totals over requests by name; `hour` counts from 1970, -1 without times.
    `bad` counts what could not be used, by reason; `skipped` what is no call to a model.
    """

    hour: NDArray[np.int64]
    model: list[str]
    provider: list[str]
    processing: list[str]
    step: NDArray[np.int64]
    failed: NDArray[np.bool_]
    reused: NDArray[np.bool_]
    rows: Floats
    costed: Floats
    prompt_squares: Floats
    output_squares: Floats
    sums: dict[str, Floats]
    first_s: float
    last_s: float
    bad: dict[str, int]
    at_least: bool
    skipped: int
    dated: bool


def scan(log: Log, columns: Columns, *, steps: list[int], progress: Progress | None) -> Groups:
    """Return the sums over a log; `steps` are prompt lengths at which some price changes."""
    dated, unit = _clock(log, columns)
    judged = _judged(log, columns, dated=dated, unit=unit)
    lengths = " + ".join(f"CAST(prompt > {step} * requests AS INT)" for step in steps) or "0"
    sums = ", ".join(f"sum({name}) AS {name}" for name in _SUMS)
    sql = f"""
        SELECT bad, hour, model, provider, processing, {lengths} AS step, failed, reused, count(*) AS n, {sums},
               count(cost) AS costed, sum(prompt * prompt / requests) AS prompt_squares,
               sum(output * output / requests) AS output_squares, min(at_s) AS first_s, max(at_s) AS last_s
        FROM ({judged}) GROUP BY bad, hour, model, provider, processing, step, failed, reused
    """
    table = ask_columns(log, sql, log.arguments, progress)
    return _grouped(log, table, dated=dated)


def _clock(log: Log, columns: Columns) -> tuple[bool, float]:
    """Return whether times are dates, and the unit of numbers that count from the start of the log."""
    if "time" not in columns.sql:
        return False, 1.0
    number = f"TRY_CAST({columns.sql['time']} AS DOUBLE)"
    if columns.types["time"].startswith(("TIMESTAMP", "DATE")):
        return True, 1.0
    newest = ask(
        log, f"SELECT max(t) FROM (SELECT {number} AS t FROM {columns.relation} LIMIT 100000)", log.arguments
    )
    if newest[0][0] is None or newest[0][0] >= RELATIVE_BELOW_S:
        return True, 1.0
    return False, 1e-3 if columns.names["time"].lower().endswith("ms") else 1.0


def _seconds(columns: Columns, *, dated: bool, unit: float) -> str:
    """Return SQL for the time of a row in seconds since 1970, or since the start of the log."""
    if "time" not in columns.sql:
        return "NULL::DOUBLE"
    raw, kind = columns.sql["time"], columns.types["time"]
    if kind.startswith(("TIMESTAMP", "DATE")):
        return f"epoch(CAST({raw} AS TIMESTAMP))"
    number = f"TRY_CAST({raw} AS DOUBLE)"
    if not dated:
        return f"{number} * {unit}"
    scaled = (
        f"CASE WHEN {number} > 1e17 THEN {number} / 1e9 WHEN {number} > 1e14 THEN {number} / 1e6 "
        f"WHEN {number} > 1e11 THEN {number} / 1e3 ELSE {number} END"
    )
    if kind != "VARCHAR":
        return scaled
    forms = "['%m/%d/%Y %H:%M:%S', '%m/%d/%Y %H:%M', '%d.%m.%Y %H:%M:%S', '%Y/%m/%d']"
    return f"coalesce(epoch(TRY_CAST({raw} AS TIMESTAMPTZ)), {scaled}, epoch(try_strptime({raw}, {forms})))"


def _judged(log: Log, columns: Columns, *, dated: bool, unit: float) -> str:
    """Return SQL with one row for each of the log's: its numbers, and what is wrong with it (NULL: nothing)."""
    low, high = (OLDEST_S, NEWEST_S) if dated else (0.0, NEWEST_S)
    timeless = "time" not in columns.sql
    time_rule = "FALSE" if timeless else f"at_s IS NULL OR at_s < {low} OR at_s >= {high}"
    unreadable = "FALSE" if log.kind in ("csv", "parquet") else "json_type(j) IS DISTINCT FROM 'OBJECT'"
    inside = (
        f"SELECT {_typed(columns, dated=dated, unit=unit)}, {unreadable} AS broken FROM {columns.relation}"
    )
    if (
        log.kind != "parquet"
    ):  # the list keeps duckdb from reading a cell's text again wherever its number is used
        inside = f"SELECT unnest(r) FROM (SELECT unnest([cells]) AS r FROM ({inside}) cells)"
    prompt = (
        "coalesce(prompt_raw, 0) + cache_read + cache_write + cache_write_1h"
        if columns.beside
        else "prompt_raw"
    )
    return f"""
        SELECT CASE WHEN broken THEN '{UNREADABLE}'
                    WHEN other THEN '{NOT_A_CALL}'
                    WHEN {time_rule} THEN '{BAD_TIME}'
                    WHEN failed THEN NULL
                    WHEN prompt_raw IS NULL OR output_raw IS NULL THEN '{NO_TOKENS}'
                    WHEN NOT (requests >= 1 AND requests < 1e12) THEN '{BAD_COUNT}'
                    WHEN least(prompt_raw, output_raw, reasoning, cache_read, cache_write, cache_write_1h) < 0
                      OR greatest({prompt}, output_raw, cache_read, reasoning) > {MOST_TOKENS} * requests
                      OR isnan({prompt} + output_raw) THEN '{ABSURD_TOKENS}' END AS bad,
               CASE WHEN bad IS NULL THEN CAST(floor(at_s / {SECONDS_PER_HOUR}) AS BIGINT) END AS hour,
               CASE WHEN bad IS NULL THEN at_s END AS at_s, failed, reused, retries, CAST(retries > 0 AS INT) AS retried,
               CASE WHEN failed THEN 0 ELSE {prompt} END AS prompt,
               CASE WHEN failed THEN 0 ELSE output_raw END AS output,
               CASE WHEN failed THEN 0 ELSE least(reasoning, output_raw) END AS reasoning,
               CASE WHEN failed THEN 0 ELSE least(cache_read, {prompt}) END AS cache_read,
               CASE WHEN failed THEN 0 ELSE cache_write END AS cache_write,
               CASE WHEN failed THEN 0 ELSE cache_write_1h END AS cache_write_1h,
               CASE WHEN failed AND NOT requests >= 1 THEN 1 ELSE requests END AS requests,
               cost, CASE WHEN bad IS NULL THEN model END AS model, CASE WHEN bad IS NULL THEN provider END AS provider,
               CASE WHEN bad IS NULL THEN processing END AS processing
        FROM ({inside})
    """


def _typed(columns: Columns, *, dated: bool, unit: float) -> str:
    """Return the SQL of what is read of each row: numbers, three short names, and yes or no."""
    sql = columns.sql

    def number(field: str, missing: str) -> str:
        return f"coalesce(TRY_CAST({sql[field]} AS DOUBLE), {missing})" if field in sql else missing

    def name(field: str) -> str:
        return f"left(CAST({sql[field]} AS VARCHAR), {LONGEST_MODEL_NAME})" if field in sql else "''"

    prompt = sql.get("uncached_prompt_tokens") or sql["prompt_tokens"]
    parts = {
        "at_s": _seconds(columns, dated=dated, unit=unit),
        "prompt_raw": f"TRY_CAST({prompt} AS DOUBLE)",
        "output_raw": f"TRY_CAST(({sql['output_tokens']}) AS DOUBLE)",
        "requests": number("requests", "1.0"),
        "reasoning": number("reasoning_tokens", "0.0"),
        "cache_read": number("cache_read_tokens", "0.0"),
        "cache_write": number("cache_write_tokens", "0.0"),
        "cache_write_1h": number("cache_write_1h_tokens", "0.0"),
        "cost": f"TRY_CAST({sql['cost_usd']} AS DOUBLE)" if "cost_usd" in sql else "NULL::DOUBLE",
        "retries": number("retries", "0.0"),
        "failed": _failed(columns),
        "reused": f"lower(CAST({sql['reused_answer']} AS VARCHAR)) IN ('true', '1', 'hit')"
        if "reused_answer" in sql
        else "FALSE",
        "model": name("model"),
        "provider": name("provider"),
        "processing": f"lower({name('processing')})" if "processing" in sql else "''",
        "other": _other(columns, prompt),
    }
    return ", ".join(f"{expression} AS {field}" for field, expression in parts.items())


def _failed(columns: Columns) -> str:
    """Return SQL for whether a call failed, by what the column of its status is called."""
    if "status" not in columns.sql:
        return "FALSE"
    raw, name = f"lower(trim(CAST({columns.sql['status']} AS VARCHAR)))", plain(columns.names["status"])
    if name.endswith("success"):
        return f"coalesce({raw} IN ('false', '0', 'no', 'f', 'failure', 'failed'), FALSE)"
    if name.endswith(("error", "errortype", "exception")):
        return f"coalesce({raw} NOT IN ('', 'none', 'null', 'false', '0', '{{}}', '[]'), FALSE)"
    words = "'error', 'failure', 'failed', 'fail', 'exception', 'timeout', 'status_code_error', '2'"
    code = f"TRY_CAST({raw} AS INT)"
    return f"coalesce({raw} IN ({words}) OR {code} BETWEEN 400 AND 599, FALSE)"


def _other(columns: Columns, prompt: str) -> str:
    """Return SQL for whether a row is something else than a call: a trace, a step of a program."""
    unless = f"{prompt} IS NULL AND ({columns.sql['output_tokens']}) IS NULL"
    if columns.form == "OpenTelemetry GenAI spans":
        return f"({unless} AND {columns.sql.get('model', 'NULL')} IS NULL)"
    if columns.form == "Langfuse export" and "kind" in columns.sql:
        return f"(coalesce(upper({columns.sql['kind']}), '') NOT IN ('GENERATION', 'EMBEDDING') AND {unless})"
    return "FALSE"


def _grouped(log: Log, table: dict[str, Any], *, dated: bool) -> Groups:
    plain_columns = {name: _plain(values) for name, values in table.items()}
    reasons = np.asarray([reason or "" for reason in plain_columns["bad"]], dtype=object)
    rows = plain_columns["n"].astype(float)
    good = reasons == ""
    bad = {str(reason): int(rows[reasons == reason].sum()) for reason in dict.fromkeys(reasons[~good])}
    skipped = bad.pop(NOT_A_CALL, 0)
    rejected = _rejected(log)
    if rejected:
        bad[UNREADABLE] = bad.get(UNREADABLE, 0) + rejected
    if not good.any():
        raise ScenarioError([_nothing(bad, skipped)], source=inert(str(log.path)))
    kept = {name: values[good] for name, values in plain_columns.items()}

    def floats(name: str) -> Floats:
        values: Floats = np.nan_to_num(kept[name].astype(float))
        return values

    def words(name: str) -> list[str]:
        return [str(value or "") for value in kept[name]]

    return Groups(
        hour=kept["hour"].astype(np.int64), model=words("model"), provider=words("provider"),
        processing=words("processing"), step=kept["step"].astype(np.int64), failed=kept["failed"].astype(bool),
        reused=kept["reused"].astype(bool), rows=rows[good], costed=floats("costed"),
        prompt_squares=floats("prompt_squares"), output_squares=floats("output_squares"),
        sums={name: floats(name) for name in _SUMS},
        first_s=float(np.min(floats("first_s"))), last_s=float(np.max(floats("last_s"))),
        bad=bad, at_least=rejected >= MOST_REJECTS_KEPT, skipped=skipped, dated=dated,
    )  # fmt: skip


def _plain(values: Any) -> NDArray[Any]:
    """Return a column without a mask: None, nan or -1 stand where there was nothing."""
    masked = np.ma.asarray(values)
    if masked.dtype.kind == "O":
        hidden = np.ma.getmaskarray(masked)
        return np.array(
            [None if gone else value for gone, value in zip(hidden, masked.data, strict=True)], dtype=object
        )
    return np.ma.filled(masked, {"b": False, "f": np.nan}.get(masked.dtype.kind, -1))


def _rejected(log: Log) -> int:
    """Return how many lines of a CSV were given up, by the number of their lines."""
    if log.kind != "csv":
        return 0
    counted = (
        "SELECT count(DISTINCT line) AS n FROM reject_errors WHERE error_type != 'CAST' GROUP BY scan_id"
    )
    return int(ask(log, f"SELECT coalesce(max(n), 0) FROM ({counted})")[0][0])


def _nothing(bad: dict[str, int], skipped: int) -> Problem:
    counted = [f"{count:,} {reason}" for reason, count in bad.items()]
    counted += [f"{skipped:,} {NOT_A_CALL}"] if skipped else []
    return Problem("the file", f"has no row that can be used: {', '.join(counted) or 'there are no rows'}.")


def arrivals(log: Log, columns: Columns, groups: Groups, *, progress: Progress | None) -> list[Floats]:
    """Return the sorted arrival times in seconds of some whole hours, spread over the log; none without times."""
    hours, place = np.unique(groups.hour, return_inverse=True)
    rows = np.bincount(place, weights=groups.rows)
    if "time" not in columns.sql or "requests" in columns.sql:
        return []
    busy = np.flatnonzero(rows >= min(50.0, float(rows.max())))
    count = int(np.clip(MOST_ARRIVALS / max(float(np.mean(rows[busy])), 1.0), 1, MOST_HOURS))
    chosen = busy[np.unique(np.linspace(0, len(busy) - 1, min(count, len(busy))).astype(int))]
    share = min(MOST_ARRIVALS / float(rows[chosen].sum()), 1.0)
    judged = _judged(log, columns, dated=groups.dated, unit=_clock(log, columns)[1])
    listed = ", ".join(str(int(hour)) for hour in hours[chosen])
    sql = f"""
        SELECT at_s, hour FROM ({judged})
        WHERE hour IN ({listed}) AND at_s - hour * {SECONDS_PER_HOUR} <= {SECONDS_PER_HOUR * share}
    """
    table = ask_columns(log, sql, log.arguments, progress)
    times, of_hour = np.asarray(table["at_s"], dtype=float), np.asarray(table["hour"])
    order = np.lexsort((times, of_hour))
    times, of_hour = times[order], of_hour[order]
    return np.split(times, np.flatnonzero(np.diff(of_hour)) + 1) if len(times) else []
