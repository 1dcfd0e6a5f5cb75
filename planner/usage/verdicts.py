"""What the words of a row say by themselves (its status, error, kind and model), in SQL.

A log of millions of rows holds few different words. Where a table keeps its columns apart, as Parquet does, they are
judged once each and looked up by row; elsewhere each row's are judged where they stand, by the same rules.
"""

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from planner.errors import ScenarioError
from planner.usage.cells import Cells, word_of
from planner.usage.engine import ask
from planner.usage.outcomes import CANCELLED, FAILED, FAILED_KIND, FINE, NO, STOPPED_KIND, UNFINISHED, YES
from planner.usage.values import literal

if TYPE_CHECKING:
    from planner.usage.plain_table import PlainTable

MOST_DIFFERENT = 2_000
TABLE = "judged_words"
TOLD_FIELDS = ("status", "success", "error", "cancelled", "cache_hit", "kind", "context")
SUMMED = (
    "total", "totals", "grand total", "sum", "subtotal", "gesamt", "average", "mean", "all models", "overall", "summe",
    "count",
)  # fmt: skip
_NO_CALL = "span|event|trace|chain|agent|tool|retriever|function|workflow|task|evaluator|guardrail|http|db|unknown|invoke_agent|execute_tool|create_agent|internal|server|user|system|summary|.*chunk"
_NO_ANSWER = (
    "embed|rerank|moderation|whisper|tts-|dall-e|imagen|transcri|speech|text-similarity|bge-|e5-|gte-|voyage"
)


def words_of(cells: Cells) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return the columns of words: the name of each, its SQL, and the fields that it is made of."""
    signs = tuple(f"nullif(currency_of({cell.sql}), '')" for cell in cells.get("cost", ()) if cell.is_text)
    named = f"upper({word_of(cells, 'currency')})" if "currency" in cells else "NULL"
    currency = f"coalesce({', '.join([*signs, named, literal('')])})"
    told = [(f"{field}_w", f"lower({word_of(cells, field)})", (field,)) for field in TOLD_FIELDS]
    return [
        *told,
        ("model", f"coalesce({word_of(cells, 'model')}, '')", ("model",)),
        ("seller", f"coalesce({word_of(cells, 'seller')}, '')", ("seller",)),
        ("tier", f"lower(coalesce({word_of(cells, 'tier')}, ''))", ("tier",)),
        ("currency", currency, ("currency", "cost") if signs else ("currency",)),
    ]


def judged(words: str) -> str:
    """Return SQL that adds to rows with the columns of `words_of` what each of them means.

    `fine` and `faulty` are what a status says of a call, `limited` whether a limit of rate refused it, `stopped` and
    `unfinished` how it ended early, `from_cache` whether an earlier answer was given again, `no_answer` whether such a
    model gives none, `no_call` whether the row's kind is none of a call, `totals` whether it sums up others, `above` the
    length that every prompt of the row exceeds.
    """
    coded = f"""
        SELECT *, coalesce(TRY_CAST(status_w AS INT), TRY_CAST(regexp_extract(status_w, '^(\\d{{3}})\\s', 1) AS INT)) AS code, {_above()} AS above, lower(model) IN {SUMMED} AS totals,
               coalesce(regexp_full_match(kind_w, '([$]ai_)?({_NO_CALL})'), FALSE) AS no_call,
               coalesce(cache_hit_w IN {YES}, FALSE) AS from_cache, coalesce(status_w IN {UNFINISHED}, FALSE) AS unfinished,
               coalesce(status_w IN {CANCELLED} OR cancelled_w IN {YES} OR regexp_full_match(kind_w, '{STOPPED_KIND}'), FALSE) AS stopped,
               coalesce(regexp_matches(lower(model), '{_NO_ANSWER}') OR regexp_matches(kind_w, 'embed|rerank|moderation|transcri|speech|image'),
                        FALSE) AS no_answer
        FROM ({words})
    """
    limited = "code = 429 OR regexp_matches(concat_ws(' ', status_w, error_w), 'rate.?limit|throttl|too.?many|quota')"
    fine = f"""
        SELECT *, coalesce(status_w IN {FINE} OR code BETWEEN 200 AND 399, FALSE) AS fine, coalesce({limited}, FALSE) AS limited
        FROM ({coded})
    """
    error = "error_w NOT IN ('', 'none', 'null', 'false', '0', '{}', '[]') AND NOT fine"
    return f"""
        SELECT *, coalesce(status_w IN {FAILED} OR code BETWEEN 400 AND 599 OR code < 0 OR success_w IN {NO} OR status_w LIKE 'error%'
                           OR status_w LIKE 'fail%' OR regexp_full_match(kind_w, '{FAILED_KIND}') AND NOT fine OR ({error}), FALSE) AS faulty
        FROM ({fine})
    """


def _above() -> str:
    """Return SQL for the length that every prompt of a row exceeds, by a column such as `200k-1M` or `> 200k`."""
    over = r"regexp_matches(context_w, '^\s*(>|over|above)|long')"
    ranged = r"regexp_matches(context_w, '^\s*\d+\s*k\s*(-|–|to|\+)') AND NOT regexp_matches(context_w, '^\s*0\s*k?\s*(-|–|to)')"  # noqa: RUF001 - as people write it
    length = r"coalesce(TRY_CAST(regexp_extract(context_w, '(\d+)\s*k', 1) AS DOUBLE) * 1000, 200000)"
    return f"CASE WHEN {over} OR ({ranged}) THEN {length} ELSE 0 END"


def look_up(table: "PlainTable", cells: Cells, sample: str, connection: Any) -> list[str]:
    """Judge the words of a table once each; return the columns to find a row's by, none where they differ too much."""
    read = [cell.sql for _, _, fields in words_of(cells) for field in fields for cell in cells.get(field, ())]
    columns = list(dict.fromkeys(name for sql in read for name in re.findall(r'"(?:[^"]|"")*"', sql)))
    few = bool(columns) and all(
        _different(table, columns, relation, connection) <= MOST_DIFFERENT
        for relation in (sample, table.relation)
    )
    if not few:
        return []
    keys = ", ".join(f"{column} AS key_{place}" for place, column in enumerate(columns))
    listed = ", ".join(f"{sql} AS {name}" for name, sql, _ in words_of(cells))
    words = judged(f"SELECT {keys}, {listed} FROM {TABLE}_found")
    ask(connection, f"CREATE OR REPLACE TEMP TABLE {TABLE} AS {words}", name=table.name, kind=table.kind)
    return columns


def _different(table: "PlainTable", columns: list[str], relation: str, connection: Any) -> float:
    """Keep the different rows of some columns; return how many there are, infinity where memory does not hold them."""
    found = f"SELECT DISTINCT {', '.join(columns)} FROM {relation}"
    try:
        made = ask(
            connection, f"CREATE OR REPLACE TEMP TABLE {TABLE}_found AS {found}", table.arguments,
            name=table.name, kind=table.kind,
        )  # fmt: skip
    except ScenarioError:
        return math.inf
    return float(made[0][0])


def with_words(values: str, relation: str, columns: Sequence[str]) -> str:
    """Return SQL for values of a relation's rows, with the judged words of each."""
    keys = ", ".join(f"{column} AS row_key_{place}" for place, column in enumerate(columns))
    same = " AND ".join(f"row_key_{place} IS NOT DISTINCT FROM key_{place}" for place in range(len(columns)))
    return f"SELECT * FROM (SELECT {values}, {keys} FROM {relation}) JOIN {TABLE} ON {same}"
