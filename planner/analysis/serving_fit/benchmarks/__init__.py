"""Read a team's own benchmark, recognised by its shape: files of load clients, and serving tables."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from planner.analysis.serving_fit.benchmarks import (
    aiperf,
    genai_perf,
    guidellm,
    inference_perf,
    inferencex,
    llama_bench,
    llmperf,
    own_prediction,
    sglang_serving,
    trtllm_bench,
    unit_metrics,
    vllm_serve,
)  # fmt: skip
from planner.analysis.serving_fit.benchmarks.run import as_row
from planner.analysis.serving_fit.cells import Row
from planner.errors import Problem, ScenarioError
from planner.records import dataclass

READERS = (
    guidellm, inferencex, vllm_serve, sglang_serving, aiperf, genai_perf, llmperf, inference_perf, trtllm_bench, llama_bench,
    own_prediction,
)  # fmt: skip
FORMATS = ", ".join(reader.NAME for reader in READERS if reader not in (llama_bench, own_prediction))
_OWN_COLUMNS = {
    "kind", "isl", "isl_mean", "osl", "osl_mean", "n_gpu", "precision_weights", "concurrency_or_batch", "ttft_ms",
    "tpot_ms", "throughput_output_tok_s_total",
}  # fmt: skip
_FEWEST_OWN = 2  # minimum columns that identify a table of measurements


@dataclass(frozen=True)
class Benchmark:
    """The runs of a file as serving-table rows, and notes on what could not be read.

    `client` wrote the file; `noun` and `first` say how messages call and count its rows.
    """

    client: str
    rows: tuple[Row, ...]
    remarks: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    noun: str = "run"
    first: int = 1


def read_benchmark(text: str) -> Benchmark:
    """Return the runs of a benchmark file; raise ScenarioError if its shape is unknown."""
    if text.lstrip()[:1] in ("{", "["):
        found, problems = _objects(text)
        return _from_clients(found, problems)
    return _from_csv(text)


def _objects(text: str) -> tuple[list[Any], list[Problem]]:
    """Return the objects of JSON or JSON lines, and the lines that aren't valid."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return _lines(text)
    return (whole if isinstance(whole, list) else [whole]), []


def _lines(text: str) -> tuple[list[Any], list[Problem]]:
    found: list[Any] = []
    problems: list[Problem] = []
    for line, words in enumerate(text.splitlines(), start=1):
        try:
            found += [json.loads(words)] if words.strip() else []
        except (ValueError, RecursionError):
            problems.append(Problem(f"line {line}", "is no JSON."))
    if not found:
        raise ScenarioError([Problem("the file", "is no JSON and no lines of JSON.", _hint())])
    return found, problems


def _from_clients(found: Sequence[Any], problems: Sequence[Problem]) -> Benchmark:
    """Return the runs of the tables written by a client; others are named and counted."""
    rows: list[Row] = []
    remarks: list[str] = []
    clients: list[str] = []
    unknown: list[int] = []
    odd: list[Problem] = []
    for place, each in enumerate(found, start=1):
        reader = next((r for r in READERS if isinstance(each, Mapping) and r.reads(each)), None)
        if reader is None:
            unknown.append(place)
            continue
        clients.append(reader.NAME)
        for run in reader.runs(each):
            if run.unlike:
                odd.append(Problem(f"object {place}", f"{run.unlike}: it is not compared."))
                continue
            row, doubts = as_row(run)
            rows.append(row)
            remarks += [f"run {len(rows)}: {doubt}." for doubt in doubts]
    if not rows:
        if odd:
            raise ScenarioError([*problems, *odd])
        raise ScenarioError([*problems, Problem("the file", "is in no shape that is read.", _hint())])
    named = ", ".join(map(str, unknown[:3])) + (" ..." if len(unknown) > 3 else "")
    others = [Problem(f"object {named}", f"({len(unknown)} of {len(found)}) is in no shape that is read.")]
    return Benchmark(
        " and ".join(dict.fromkeys(clients)), tuple(rows), tuple(remarks),
        (*problems, *odd, *(others if unknown else ())),
    )  # fmt: skip


def _from_csv(text: str) -> Benchmark:
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        rows = [{key: value for key, value in row.items() if key is not None} for row in reader]
    except csv.Error as error:
        raise ScenarioError([Problem("the file", f"is neither JSON nor CSV: {error}.", _hint())]) from None
    columns = set(reader.fieldnames or ())
    if reader.fieldnames and reader.fieldnames[0].strip().lower() == "metric":
        return _from_clients([unit_metrics.from_csv(csv.reader(io.StringIO(text, newline="")))], [])
    if len(columns & _OWN_COLUMNS) >= _FEWEST_OWN:
        if not rows:
            raise ScenarioError([Problem("the table", "has no rows.")])
        return Benchmark("table", tuple(rows), noun="line", first=2)
    return _from_clients(rows, [])


def _hint() -> str:
    return f"Read are the JSON of {FORMATS}, and the CSV table of serving measurements (docs/formats.md)."
