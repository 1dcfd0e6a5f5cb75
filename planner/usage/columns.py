"""Which column of a log says what: by guess, by format and by the user's word."""

import json
from typing import Any

from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.records import dataclass
from planner.usage.guesses import CONTENT, GUESSES, NESTED, OUTPUT_WITHOUT_REASONING, beside, guess, plain
from planner.usage.logs import Log, ask, shown_names

FIELDS = tuple(GUESSES)
SAMPLE_ROWS = 2_000
DEEPEST = 6
MOST_NAMES = 2_000
_OF_ROW = "json_extract_string(j, "
_SPANS = "'$.resourceSpans[*].scopeSpans[*].spans[*]'"

Name = tuple[str, ...]


@dataclass(frozen=True)
class Columns:
    """The rows of a log as SQL, and for each of the planner's fields the SQL that reads it.

    `names` says which column each field was found in, `form` what kind of log it is. `beside` says that cached tokens
    are counted beside the prompt's.
    """

    relation: str
    sql: dict[str, str]
    types: dict[str, str]
    names: dict[str, str]
    form: str
    beside: bool


def find_columns(log: Log, chosen: dict[str, str]) -> Columns:
    """Return which column says what; `chosen` maps fields to columns by the user's word.

    Raises ScenarioError where a column is not there, or none holds prompt or output tokens.
    """
    relation, prefix = _relation(log)
    readers = _readers(log, relation, prefix)
    if log.kind == "csv" and _headless(list(log.columns)):
        what = "has no line of column names: the first line holds values."
        raise ScenarioError([Problem("the file", what)], source=inert(str(log.path)))
    found = guess(list(readers)) | _chosen(log, chosen, list(readers))
    found = {field: name for field, name in found.items() if not _excluded(field, name, found)}
    if problem := _missing(found, list(readers)):
        raise ScenarioError([problem], source=inert(str(log.path)))
    sql = _at_once({field: readers[name][0] for field, name in found.items()})
    if plain("".join(found["output_tokens"])) == OUTPUT_WITHOUT_REASONING and "reasoning_tokens" in sql:
        parts = (sql["output_tokens"], f"coalesce({sql['reasoning_tokens']}, '0')")
        sql["output_tokens"] = " + ".join(f"TRY_CAST({part} AS DOUBLE)" for part in parts)
    return Columns(
        relation=relation,
        sql=sql,
        types={field: readers[name][1] for field, name in found.items()},
        names={field: inert(".".join(name)) for field, name in found.items()},
        form=_form(readers),
        beside="uncached_prompt_tokens" in found or beside(found),
    )


def _at_once(sql: dict[str, str]) -> dict[str, str]:
    """Return the same SQL with all that is read of a row of JSON read in one go: a row is parsed for each call."""
    paths = [
        text.removeprefix(_OF_ROW).removesuffix(")") for text in sql.values() if text.startswith(_OF_ROW)
    ]
    whole = f"json_extract_string(j, [{', '.join(paths)}])"
    return {
        field: f"{whole}[{paths.index(text.removeprefix(_OF_ROW).removesuffix(')')) + 1}]"
        if text.startswith(_OF_ROW)
        else text
        for field, text in sql.items()
    }


def _excluded(field: str, name: Name, found: dict[str, Name]) -> bool:
    """Whether a guess says no more than a surer one."""
    if field == "prompt_tokens":
        return "uncached_prompt_tokens" in found and plain(name[-1]) not in GUESSES[field][:1]
    return field == "status" and plain(name[-1]) == "level" and len(name) > 1


def _relation(log: Log) -> tuple[str, str]:
    """Return SQL for the rows, with lists of rows inside of a row taken apart, and what form they have."""
    if log.kind in ("csv", "parquet"):
        return log.relation, ""
    keys = {row[0] for row in ask(log, f"SELECT DISTINCT unnest(json_keys(j)) FROM (SELECT j FROM {log.relation} "
                                       f"WHERE json_type(j) = 'OBJECT' LIMIT 100)", log.arguments)}  # fmt: skip
    if "resourceSpans" in keys:
        spans = f"CASE WHEN j IS NOT NULL THEN json_extract(j, {_SPANS}) END"
        return _taken_apart(log.relation, spans, "NULL::JSON"), "spans"
    if "results" in keys:
        return _taken_apart(log.relation, "json_extract(j, '$.results[*]')", "j"), "buckets"
    if "data" not in keys:
        return f"(SELECT j, NULL::JSON AS b FROM {log.relation})", "rows"
    page = _taken_apart(log.relation, "json_extract(j, '$.data[*]')", "NULL::JSON")
    inner = ask(log, f"SELECT count(*) FROM (SELECT j FROM {page} LIMIT 100) WHERE json_exists(j, '$.results')",
                log.arguments)  # fmt: skip
    if inner[0][0]:
        return _taken_apart(page, "json_extract(j, '$.results[*]')", "j"), "buckets"
    return page, "rows"


def _taken_apart(relation: str, items: str, bucket: str) -> str:
    """Return SQL with a row for each item; a row that can't be read stays as one without an item."""
    return (
        f"(SELECT unnest(CASE WHEN j IS NULL THEN [NULL::JSON] ELSE {items} END) AS j, b FROM "
        f"(SELECT j, {bucket} AS b FROM {relation}))"
    )


def _readers(log: Log, relation: str, form: str) -> dict[Name, tuple[str, str]]:
    """Return for each column, nested ones included, the SQL that reads it and its type."""
    if log.kind in ("csv", "parquet"):
        return _table_readers(log)
    sample = f"(SELECT j, b FROM {relation} WHERE json_type(j) = 'OBJECT' LIMIT {SAMPLE_ROWS})"
    structures = ask(
        log, f"SELECT json_group_structure(j), json_group_structure(b) FROM {sample}", log.arguments
    )
    rows, bucket = (_structure(text) for text in structures[0])
    out = {
        name: (f"json_extract_string(j, '{_path(name)}')", "VARCHAR")
        for name in _leaves(rows, ())
        if _sound(name)
    }
    for name in _leaves(bucket, ()):
        if _sound(name) and name[0] not in ("results", "data"):
            out.setdefault(name, (f"json_extract_string(b, '{_path(name)}')", "VARCHAR"))
    if form == "spans" or isinstance(rows.get("attributes"), list):
        keys = ask(log, f"SELECT DISTINCT unnest(json_extract_string(j, '$.attributes[*].key')) FROM {sample} "
                        f"LIMIT {MOST_NAMES}", log.arguments)  # fmt: skip
        out |= {(key,): (_attribute(key), "VARCHAR") for (key,) in keys if key and _sound((key,))}
    return out


def _structure(text: str | None) -> dict[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _leaves(structure: dict[str, Any], path: Name) -> list[Name]:
    """Return the paths to what is no object, at most `DEEPEST` steps down, content left alone."""
    out: list[Name] = []
    for key, below in structure.items():
        if isinstance(below, dict) and len(path) < DEEPEST and plain(key) not in CONTENT:
            out += _leaves(below, (*path, key))
        elif isinstance(below, str):
            out.append((*path, key))
        if len(out) > MOST_NAMES:
            break
    return out


def _sound(name: Name) -> bool:
    """Whether a name can stand inside a JSON path as it is."""
    return all(part and not set(part) & set("\"'\\*") and part.isprintable() for part in name)


def _path(name: Name) -> str:
    return "$" + "".join(f'."{part}"' for part in name)


def _attribute(key: str) -> str:
    """Return SQL for the value of one attribute of a span in OTLP's JSON: a list of keys with typed values."""
    place = f"list_position(json_extract_string(j, '$.attributes[*].key'), '{key}') - 1"
    value = f"json_extract(j, '$.attributes[' || ({place}) || '].value')"
    kinds = ", ".join(
        f"{value}->>'{kind}'" for kind in ("intValue", "stringValue", "doubleValue", "boolValue")
    )
    return f"coalesce({kinds})"


def _table_readers(log: Log) -> dict[Name, tuple[str, str]]:
    out: dict[Name, tuple[str, str]] = {}
    for name, kind in log.columns.items():
        quoted = '"' + name.replace('"', '""') + '"'
        nested = kind.startswith(("STRUCT", "MAP")) or kind in ("VARCHAR", "JSON")
        if nested and plain(name) in NESTED:
            whole = (
                f"to_json({quoted})" if kind.startswith(("STRUCT", "MAP")) else f"TRY_CAST({quoted} AS JSON)"
            )
            sample = f"(SELECT {quoted} FROM {log.relation} LIMIT {SAMPLE_ROWS})"
            text = ask(log, f"SELECT json_group_structure({whole}) FROM {sample}", log.arguments)[0][0]
            for below in _leaves(_structure(text), ()):
                if _sound(below):
                    out[name, *below] = (f"json_extract_string({whole}, '{_path(below)}')", "VARCHAR")
        elif not nested or not kind.startswith(("STRUCT", "MAP")):
            # the trim keeps duckdb from casting inside of its CSV reader, which would count as a broken line
            out[(name,)] = (f"nullif(trim({quoted}), '')" if kind == "VARCHAR" else quoted, kind)
    return out


def _headless(names: list[str]) -> bool:
    return any(name.replace(".", "").replace("-", "").replace(":", "").strip().isdigit() for name in names)


def _chosen(log: Log, chosen: dict[str, str], names: list[Name]) -> dict[str, Name]:
    problems, out = [], {}
    known = {".".join(name): name for name in names}
    for field, column in chosen.items():
        if field not in FIELDS:
            hint = f"Those are {', '.join(FIELDS)}."
            problems.append(Problem(f"--column {inert(field)[:60]}", "is not what a column can say.", hint))
        elif column not in known:
            hint = f"Columns of the log: {shown_names(list(known))}."
            problems.append(
                Problem(f"--column {field}", f'names "{inert(column)[:80]}", which is not there.', hint)
            )
        else:
            out[field] = known[column]
    if problems:
        raise ScenarioError(problems, source=inert(str(log.path)))
    return out


def _missing(found: dict[str, Name], names: list[Name]) -> Problem | None:
    lacking = [] if {"prompt_tokens", "uncached_prompt_tokens"} & set(found) else ["prompt_tokens"]
    lacking += [] if "output_tokens" in found else ["output_tokens"]
    if not lacking:
        return None
    listed = shown_names([".".join(name) for name in names]) or "none that can be named"
    what = f"has no column that is known to hold {' and '.join(lacking)}."
    hint = f"Say which with --column {lacking[0]}=NAME. Columns of the log: {listed}."
    return Problem("the file", what, hint)


def _form(readers: dict[Name, tuple[str, str]]) -> str:
    """Return what kind of log it is, in words, by the names that only one kind has."""
    names = {plain("".join(name)) for name in readers}
    forms = (
        ("OpenAI usage export", {"nummodelrequests"}),
        ("OpenAI usage export", {"ncontexttokenstotal"}),
        ("Anthropic usage report", {"uncachedinputtokens"}),
        ("Anthropic usage export", {"usageinputtokensnocache"}),
        ("LiteLLM spend log", {"spend", "calltype"}),
        ("Langfuse export", {"traceid", "parentobservationid"}),
        ("Langfuse export", {"usagedetailsinput"}),
    )
    known = next((form for form, marks in forms if marks <= names), "")
    if known:
        return known
    if any(name.removeprefix("attributes").startswith("genai") for name in names):
        return "OpenTelemetry GenAI spans"
    return "request log"
