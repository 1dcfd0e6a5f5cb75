"""Rows of a log settled into calls, in SQL: what is inside of what, what a row is, and what can't be used.

Many logs count tokens twice: cached ones inside the input or beside it, reasoning inside the output or beside it. A
row's own total says which; without one, what can't be inside is beside, then the names say it, then the other rows of
the model. The columns that come out are those of `planner.usage.call.Call`, sums of the tokens by kind.
"""

import re
from collections.abc import Sequence

from planner.units import SECONDS_PER_HOUR
from planner.usage.call import METERS
from planner.usage.cells import Cells, is_live, number_of, word_of
from planner.usage.engine import kept
from planner.usage.reading import COUNTS, MEANS
from planner.usage.values import NEWEST_S, OLDEST_S, literal
from planner.usage.verdicts import SUMMED, judged, with_words, words_of

MOST_TOKENS = 1e8  # of one request; more is no count of tokens
LONGEST_PROMPT = 10_000_000  # tokens: beyond every context window that is sold

UNREADABLE = "unreadable lines"
NO_TOKENS = "rows without token counts"
ABSURD_TOKENS = "rows with token counts below 0 or above 100 million"
NOT_A_CALL = "rows that are no call to a model"
BAD_COUNT = "rows with a number of requests that is none"
_HOUR = re.compile(r'(?i)"[^"]*(?:hour|stunde|heure|hora)[^"]*"')
EMPTY = "buckets of time without calls"


def sum_of(cells: Cells, field: str) -> str:
    """Return SQL for a number of a row, which may be told as a mean over the requests that the row counts."""
    mean = MEAN_OF.get(field, "")
    return (
        _or_mean(cells, number_of(cells, field), number_of(cells, mean))
        if mean in cells
        else number_of(cells, field)
    )


def _or_mean(cells: Cells, whole: str, mean: str) -> str:
    counted = f"coalesce({number_of(cells, 'count')}, {number_of(cells, 'ok_count')})"
    return f"coalesce({whole}, {mean} * {counted})"


def _cost_of(cells: Cells) -> str:
    whole, mean = _amount_of(cells, "cost"), MEAN_OF["cost"]
    return _or_mean(cells, whole, _amount_of(cells, mean)) if mean in cells else whole


def _amount_of(cells: Cells, field: str) -> str:
    parts = [
        f"amount({cell.sql})" if cell.is_text else f"CAST({cell.sql} AS DOUBLE)"
        for cell in cells.get(field, ())
    ]
    return f"coalesce({', '.join(parts)})" if parts else "NULL::DOUBLE"


def time_of(cells: Cells, field: str, *, dated: bool) -> str:
    """Return SQL for the moment of a row in seconds, from the first of its columns that holds one; NULL elsewhere.

    The columns `FIELD_0`, `FIELD_1`, ... hold what each of them says (`moments_of`).
    """
    places = range(len(cells.get(field, ())))
    if not places:
        return "NULL::DOUBLE"
    low = OLDEST_S if dated else 0.0
    parts = [
        f"CASE WHEN {field}_{place} >= {low} AND {field}_{place} < {NEWEST_S} THEN {field}_{place} END"
        for place in places
    ]
    day = f"coalesce({', '.join(parts)})"
    if len(parts) < 2 or not dated:
        return day
    clock = f"coalesce({', '.join(f'{field}_clock_{place}' for place in places)}, 0)"
    return f"{day} + CASE WHEN {day} % 86400 = 0 THEN {clock} ELSE 0 END"


def _end_of(cells: Cells, period: str, *, dated: bool) -> str:
    """Return SQL for the moment at which what a row sums up ends: told, or a week or a month after it begins."""
    told = time_of(cells, "end_time", dated=dated)
    if not dated or not (period or "period" in cells):
        return told
    begins = "make_timestamp(CAST(at_s * 1e6 AS BIGINT))"
    lasts = f"CASE coalesce(period_w, {literal(period)}) WHEN 'week' THEN INTERVAL 7 DAY WHEN 'month' THEN INTERVAL 1 MONTH END"
    return f"coalesce({told}, epoch({begins} + {lasts}))"


def moments_of(cells: Cells, field: str) -> str:
    """Return SQL for the moments that the columns of a field hold, and the times of day that stand for themselves."""
    columns = []
    for place, cell in enumerate(cells.get(field, ())):
        if cell.type.startswith(("TIMESTAMP", "DATE")):
            columns += [
                f"epoch(CAST({cell.sql} AS TIMESTAMP)) AS {field}_{place}",
                f"NULL::DOUBLE AS {field}_clock_{place}",
            ]
        else:
            text = cell.sql if cell.is_text else f"CAST({cell.sql} AS VARCHAR)"
            clock = (
                _clock(text, hour=bool(_HOUR.search(cell.sql))) if len(cells[field]) > 1 else "NULL::DOUBLE"
            )
            columns += [f"moment({text}) AS {field}_{place}", f"{clock} AS {field}_clock_{place}"]
    return "".join(f", {column}" for column in columns)


def _clock(text: str, *, hour: bool) -> str:
    """Return SQL for the seconds since midnight of a time of day that stands in a column of its own, or of an hour's number."""
    if hour:
        return f"CASE WHEN regexp_matches({text}, '^([01]?\\d|2[0-3])$') THEN TRY_CAST({text} AS DOUBLE) * 3600 END"
    forms = "['%H:%M:%S', '%H:%M', '%I:%M:%S %p', '%I:%M %p', '%H:%M:%S.%f']"
    return f"CASE WHEN regexp_matches({text}, '^\\d{{1,2}}:\\d{{2}}[^/-]*$') THEN epoch(try_strptime({text}, {forms})) + 2208988800 END"


OWN_WORDS = ("bad", "bucket", "first", "period")  # what only a reader of rows, or a row's first cell, says
NUMBER_FIELDS = (*COUNTS, *METERS, "count", "ok_count", "failed_count", "retries")
MEAN_OF = {mean.removeprefix("mean_"): mean for mean in MEANS}


def typed_sql(
    relation: str, cells: Cells, *, dated: bool, period: str = "", looked_up: Sequence[str] = ()
) -> str:
    """Return SQL with a row for each of the log's, every value read as what it is and its words judged.

    `looked_up` are the columns by which the row's words were judged already. What no column of the log can make other
    than NULL stands outside of what is read: duckdb leaves out all that depends on it.
    """
    live, still = list[str](), list[str]()

    def put(sql: str, name: str, *fields: str) -> None:
        (live if any(is_live(cells, field) for field in fields) else still).append(f"{sql} AS {name}")

    for field in NUMBER_FIELDS:
        put(sum_of(cells, field), f"{field}_n", field, MEAN_OF.get(field, field))
    for field in OWN_WORDS:
        put(f"lower({word_of(cells, field)})", f"{field}_w", field)
    if not looked_up:
        for name, sql, fields in words_of(cells):
            put(sql, name, *fields)
    put(_cost_of(cells), "cost", "cost", MEAN_OF["cost"])
    beside = cells["beside"][0].sql if "beside" in cells else "NULL"
    put(f"TRY_CAST({beside} AS BOOLEAN)", "named_beside", "beside")
    chat = cells["thought_beside"][0].sql if "thought_beside" in cells else "FALSE"
    put(f"coalesce(TRY_CAST({chat} AS BOOLEAN), FALSE)", "is_chat_name", "thought_beside")
    values = f"{', '.join(live) or '0 AS nothing'}{moments_of(cells, 'time')}{moments_of(cells, 'end_time')}"
    read = with_words(values, relation, looked_up) if looked_up else f"SELECT {values} FROM {relation}"
    # the list keeps duckdb from reading a cell's text again wherever its number is used
    held = (
        f"SELECT unnest(one) FROM (SELECT unnest([row_of]) AS one FROM ({read}) row_of)"
        if _has_text(cells)
        else read
    )
    typed = f"""
        SELECT *, {", ".join(still) or "0 AS nothing"}, {"TRUE" if "time" in cells else "FALSE"} AS has_time,
               {time_of(cells, "time", dated=dated)} AS at_s, {_end_of(cells, period, dated=dated)} AS end_s FROM ({held})
    """
    return typed if looked_up else judged(typed)


def _has_text(cells: Cells) -> bool:
    return any(
        cell.is_text for key in ("prompt", "output", "time", "total", "read") for cell in cells.get(key, ())
    )


def calls_sql(typed: str, *, beside_models: list[str], adding_models: list[str], has_model: bool) -> str:
    """Return SQL with the columns of a call for each row of `typed`, and in `bad` why a row is none (NULL: it is one)."""
    listed = ", ".join(map(literal, beside_models)) or "NULL"
    asked = f"""
        SELECT *, coalesce(count_n, 1) AS k0, coalesce(read_n, 0) AS r,
               greatest(coalesce(write_n, 0), coalesce(write_5m_n, 0) + coalesce(write_1h_n, 0)) AS w,
               coalesce(write_1h_n, 0) AS w1, coalesce(reasoning_n, 0) AS t,
               CASE WHEN prompt_n IS NOT NULL THEN prompt_n + coalesce(tool_prompt_n, 0) END AS p,
               CASE WHEN output_n IS NOT NULL THEN output_n WHEN answer_n IS NOT NULL THEN answer_n
                    WHEN no_answer AND (prompt_n IS NOT NULL OR total_n IS NOT NULL) THEN 0 END AS o,
               total_n AS n
        FROM ({typed})
    """
    filled = f"""
        SELECT * REPLACE (
                 CASE WHEN p IS NOT NULL THEN p WHEN fresh_n IS NOT NULL THEN fresh_n
                      WHEN n IS NOT NULL AND o IS NOT NULL THEN n - o - CASE WHEN named_beside THEN r + w ELSE 0 END END AS p,
                 CASE WHEN o IS NOT NULL THEN o WHEN n IS NOT NULL AND p IS NOT NULL AND n >= p
                      THEN n - p - CASE WHEN named_beside AND n >= p + r + w THEN r + w ELSE 0 END END AS o),
               p IS NULL AND fresh_n IS NOT NULL AS only_fresh, output_n IS NULL AND answer_n IS NOT NULL AS only_answer,
               coalesce(named_beside, model IN ({listed}), FALSE) AS hinted
        FROM ({asked})
    """
    adding = ", ".join(map(literal, adding_models)) or "NULL"
    sides = kept(_sides(filled, f"is_chat_name AND model IN ({adding})"))
    return _columns(kept(_ended(sides)), has_model=has_model)


def _sides(filled: str, thought_beside: str) -> str:
    """Return SQL that says what is beside what: by the total, by what can't be inside, by the names and other rows.

    `thought_beside` is SQL for whether the row's vendor counts reasoning beside the output, by its names.
    """
    near = "abs({0} - n) <= greatest(0.5, 1e-9 * n)"
    inside, cached = near.format("p + o"), near.format("p + r + w + o")
    thought, both = near.format("p + o + t"), near.format("p + r + w + o + t")
    c = f"""CASE WHEN only_fresh THEN TRUE WHEN r + w = 0 THEN FALSE
                 WHEN ({inside} OR {thought}) AND ({cached} OR {both}) THEN hinted
                 WHEN {inside} OR {thought} THEN FALSE WHEN {cached} OR {both} THEN TRUE
                 WHEN r + w > p THEN TRUE WHEN fresh_n + r + w > p * 1.000001 AND fresh_n < p THEN hinted ELSE hinted END"""
    by_total = f"""CASE WHEN t = 0 THEN FALSE WHEN t > o THEN TRUE
                 WHEN {near.format("x + o")} THEN FALSE WHEN n >= x + o + t THEN TRUE ELSE only_answer OR coalesce({thought_beside}, FALSE) END"""
    return f"""
        SELECT *, CASE WHEN {by_total} THEN o + t ELSE o END AS y
        FROM (SELECT *, CASE WHEN coalesce({c}, hinted) THEN p + r + w ELSE p END AS x,
                     r + w > 0 AND n IS NULL AND named_beside IS NULL AND NOT only_fresh AND NOT hinted AND r + w <= p AS unsure
              FROM ({filled}))
    """


SOME = "coalesce(p, fresh_n, n, o) IS NOT NULL"
METERED = " + ".join(f"coalesce({meter}_n, 0)" for meter in METERS)
ANSWERED = "coalesce(ok_count_n, CASE WHEN failed_count_n > 0 THEN k0 - failed_count_n ELSE k0 END)"


def _ended(sides: str) -> str:
    """Return SQL that adds how a call ended; one that was stopped after some of its answer was billed is an ordinary one."""
    counted = f"SELECT *, {SOME} AS counting, {METERED} AS metered, {ANSWERED} AS k FROM ({sides})"
    silent = "coalesce(o, 0) <= 0"
    refund = "cost < 0 AND coalesce(least(p, o, 0), 0) <= 0 AND coalesce(greatest(p, o), 0) <= 0"
    ended = f"""
        SELECT *, CASE WHEN {refund} THEN 'refund' WHEN from_cache AND NOT faulty THEN 'cache_hit'
                       WHEN limited AND NOT fine THEN 'rate_limited' WHEN faulty THEN 'failed'
                       WHEN stopped AND {silent} THEN 'cancelled'
                       WHEN unfinished AND {silent} AND coalesce(cost, 0) = 0 THEN 'failed' ELSE 'ok' END AS outcome
        FROM ({counted})
    """
    dead = f"SELECT *, outcome IN ('failed', 'cancelled', 'rate_limited') AS dead FROM ({ended})"
    return f"SELECT *, dead OR outcome = 'refund' AS gone FROM ({dead})"


def _reason(*, has_model: bool) -> str:
    """Return SQL for why a row can't be used, NULL where it can."""
    no_model = "model = ''" if has_model else "FALSE"
    free = "coalesce(cost, 0) = 0"
    too_many = f"""greatest(x, y) > {MOST_TOKENS} * k AND count_n IS NOT NULL OR greatest(x, y) > 1e13
                   OR greatest(x, y) > {MOST_TOKENS} AND count_n IS NULL AND end_s IS NULL AND at_s % 86400 <> 0"""
    return f"""
        CASE WHEN bad_w IS NOT NULL THEN bad_w WHEN bucket_w IS NOT NULL THEN {literal(EMPTY)}
             WHEN first_w IN {SUMMED} OR totals THEN {literal(NOT_A_CALL)}
             WHEN {no_model} AND has_time AND at_s IS NULL AND count_n IS NOT NULL THEN {literal(NOT_A_CALL)}
             WHEN outcome = 'refund' THEN NULL
             WHEN NOT counting AND metered = 0 AND no_call THEN {literal(NOT_A_CALL)}
             WHEN dead THEN NULL
             WHEN metered > 0 AND coalesce(p, o) IS NULL AND coalesce(n, 0) = 0 THEN NULL
             WHEN NOT counting AND end_s - at_s >= {SECONDS_PER_HOUR} AND count_n IS NULL AND {free} THEN {literal(EMPTY)}
             WHEN NOT counting AND {no_model} AND {free} THEN {literal(NOT_A_CALL)}
             WHEN metered > 0 AND count_n >= 1 AND coalesce(p, o) IS NULL THEN NULL
             WHEN p IS NULL OR o IS NULL OR isnan(p + o) THEN {literal(NO_TOKENS)}
             WHEN p + o + r + w = 0 AND metered = 0 AND {free} AND count_n IS NULL AND outcome <> 'cache_hit' THEN {literal(NO_TOKENS)}
             WHEN NOT (k >= 1 AND k < 1e12) AND failed_count_n IS NULL THEN {literal(BAD_COUNT)}
             WHEN least(p, o, t, r, w) < 0 OR {too_many} THEN {literal(ABSURD_TOKENS)} END
    """


def _columns(ended: str, *, has_model: bool) -> str:
    """Return SQL for a call's columns, what the row is, and why it can't be used."""
    tokens = {
        "prompt": "coalesce(x, 0)", "output": "coalesce(y, 0)", "reasoning": "least(t, y)", "cache_read": "least(r, x)",
        "cache_write": "greatest(least(w - w1, x - least(r, x)), 0)", "cache_write_1h": "least(w1, x)",
        "audio_in": "least(coalesce(audio_in_n, 0), x)", "audio_out": "least(coalesce(audio_out_n, 0), y)",
        "image_in": "least(coalesce(image_in_n, 0), x)", "image_out": "least(coalesce(image_out_n, 0), y)",
        **{meter: f"coalesce(greatest({meter}_n, 0), 0)" for meter in METERS},
    }  # fmt: skip
    counted = ", ".join(f"CASE WHEN gone THEN 0 ELSE {sql} END AS {name}" for name, sql in tokens.items())
    return f"""
        SELECT outcome, {_reason(has_model=has_model)} AS bad, dead AS failed, outcome = 'cache_hit' AS reused, at_s, end_s,
               model, seller, tier, currency, cost, above, {counted},
               CASE WHEN outcome = 'refund' THEN 0 WHEN dead THEN greatest(k0, 1) ELSE greatest(k, 0) END AS requests,
               coalesce(CASE WHEN NOT dead THEN failed_count_n END, 0) AS failed_requests,
               count_n IS NOT NULL OR ok_count_n IS NOT NULL AS summed,
               unsure, retries_n AS retries, has_time AND at_s IS NULL AS timeless, no_answer
        FROM ({ended})
    """
