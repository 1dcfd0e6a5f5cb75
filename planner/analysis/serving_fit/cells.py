"""Interpret the cells of a measurement: engine, formats, age, requests, lengths, source."""

import math
import re
from collections.abc import Mapping

from planner.catalog import engines
from planner.formats import CACHE_WORDS, CACHES, ENGINE_WORDS, ENGINES, WEIGHT_WORDS, WEIGHTS, meant

Row = Mapping[str, str | None]

DEFAULT_ENGINE, DEFAULT_KV = "vllm", "bf16"
LARGEST = 1e15  # no measurement has a larger number
# Sources' names for engines: MLPerf names the underlying library, NIM is TensorRT-LLM, LLMBoost is built on vLLM.
_ENGINE_WORDS = {
    "vllm": "vllm", "llmboost": "vllm", "pytorch rocm": "vllm", "sglang": "sglang", "trt": "trtllm",
    "tensorrt": "trtllm",
}  # fmt: skip
# How far rows that are not `ok` are trusted in a fit: bursts and saturated queues measure less than they say, rows that may
# draft tokens are taken where the engine's other rows are few; all else, and drafting that is sure, not at all.
_TRUST = {
    "ok": 1.0, "": 1.0, "burst_of_prompts": 0.4, "saturated_queue": 0.4, "spec_decode_maybe": 0.3,
    "burst_variable_lengths": 0.15,
}  # fmt: skip
_YEAR = re.compile(r"(20\d\d)(?:-(\d\d))?")
_REQUESTS = re.compile(r"\b(\d[\d,]*) (?:requests|prompts)\b")
_LENGTH_CVS = (("lengths uniform 1..N", 0.577), ("uniform in [0.8,1]", 0.064), ("ShareGPT", 1.0))


def engine_of(words: str | None) -> str:
    """Return a row's engine: trtllm, vllm or sglang; the default if none is given.

    >>> engine_of("TensorRT 10.11, CUDA 12.9"), engine_of(""), engine_of("llama.cpp")
    ('trtllm', 'vllm', 'llama.cpp')
    """
    lower = (words or "").strip().lower()
    if not lower:
        return DEFAULT_ENGINE
    named = meant(lower, known=ENGINES, words=ENGINE_WORDS)
    return (
        named if named in ENGINES else next((e for word, e in _ENGINE_WORDS.items() if word in lower), lower)
    )


def released_of(row: Row) -> float:
    """Return the year of a row's engine, from its version or else the measurement date; 0 if unknown.

    A round of MLPerf dates its engine.
    """
    version = row.get("engine_version") or ""
    of = "mlperf" if "mlperf" in version.lower() else engine_of(row.get("engine"))
    known = engines.released(of, version)
    said = _YEAR.match(row.get("measured_date") or "")
    if known > 0 or said is None:
        return known
    return float(said.group(1)) + (float(said.group(2) or 7.0) - 0.5) / 12.0


def weights_of(words: str | None) -> str:
    """Return a row's weight format.

    >>> weights_of("INT4_AWQ"), weights_of("nvfp4")
    ('int4', 'fp4')
    """
    lower = (words or "").strip().lower()
    named = meant(lower, known=WEIGHTS, words=WEIGHT_WORDS)
    if named in WEIGHTS:
        return named
    inside = WEIGHT_WORDS | {word: word for word in sorted(WEIGHTS, key=len, reverse=True)}
    return next((one for word, one in inside.items() if word in lower), lower)


def kv_of(row: Row) -> str:
    """Return a row's cache format; 16 bit, the engines' default, if it names none.

    If the row says that the format is assumed, and it isn't from InferenceX, the cache is taken to be
    in 16 bit too: fits to the vendor's rows are 15 % too fast otherwise.
    """
    notes, source = row.get("notes") or "", row.get("source") or ""
    if "kv precision assumed" in notes and "InferenceX" not in source:
        return DEFAULT_KV
    said = (row.get("precision_kv") or "").strip()
    return meant(said, known=CACHES, words=CACHE_WORDS) if said else DEFAULT_KV


def requests_of(row: Row) -> float:
    """Return the number of requests in a run, from the column `requests` or else its notes; nan if neither says.

    >>> requests_of({"notes": "1000 requests at once; ShareGPT"}), requests_of({"notes": "320 prompts"})
    (1000.0, 320.0)
    """
    said = number(row.get("requests"))
    found = None if said > 0 else _REQUESTS.search(row.get("notes") or "")
    return float(found.group(1).replace(",", "")) if found else said


def length_cv_of(row: Row) -> float:
    """Return the coefficient of variation of a run's answer lengths, from the column `length_cv` or else its notes.

    Uniform lengths from 1 to N have 1 / sqrt(3), from 0.8 N to N 0.064; ShareGPT's have about 1 (from memory).
    """
    said = number(row.get("length_cv"))
    if said >= 0:
        return said
    notes = (row.get("notes") or "").replace("unless ShareGPT", "")
    if "variable_lengths" in (row.get("quality") or ""):
        notes += " ShareGPT"
    return next((cv for words, cv in _LENGTH_CVS if words in notes), 0.0)


def gap_is_median(row: Row) -> bool:
    """Return whether a row's time per token is the median gap between tokens, unaffected by prefill steps."""
    return "median inter-token latency" in (row.get("notes") or "")


def source_of(row: Row) -> str:
    """Return a short name for a row's source: a repository or site; for a collection, also the engine.

    >>> source_of({"source": "sgl-project/sgl-cookbook:docs/Qwen3.md@7b5b"})
    'sgl-cookbook'
    >>> source_of({"source": "ai-dynamo/aiconfigurator:silicon_sample.csv@66ec <- SemiAnalysis InferenceX db", "engine": "vllm"})
    'SemiAnalysis InferenceX db vllm'
    """
    whole = (row.get("source") or "").strip()
    first, _, origin = whole.partition("<-")
    if origin:
        return f"{origin.strip()} {engine_of(row.get('engine'))}"
    if "://" in first:
        return "/".join(first.split("://")[1].split("/")[:3])
    repository = re.split(r"[@: (]", first.strip(), maxsplit=1)[0]
    name = repository.split("/")[1] if repository.count("/") == 1 else repository
    return f"TensorRT-LLM docs {row.get('engine_version') or ''}".strip() if "TensorRT-LLM" in name else name


def page_of(row: Row) -> str:
    """Return a row's page of its source, and the model there."""
    path = (row.get("source") or "").split("@")[0].split(":")[-1]
    return f"{source_of(row)} {row.get('model') or ''} {path if path.endswith('.md') else ''}".strip()


def is_ok(row: Row) -> bool:
    """Return whether a row's figures are reliable, by its column `quality`."""
    return (row.get("quality") or "ok") == "ok"


def trust_of(row: Row) -> float:
    """Return a row's weight in a fit: 1 if reliable, 0 if uninformative."""
    quality = row.get("quality") or "ok"
    if (row.get("spec_decode") or "") == "mtp" and not is_ok(row):
        return 0.0
    few = quality != "spec_decode_maybe" or (
        engine_of(row.get("engine")) == "sglang" and row.get("gpu") != "GB200"
    )
    return _TRUST.get(quality, 0.0) if few else 0.0


def offered_per_s(row: Row) -> float:
    """Return a run's offered requests per second; inf if all come at once.

    >>> offered_per_s({"qps_offered": "4"}), offered_per_s({"qps_offered": "inf"})
    (4.0, inf)
    """
    cell = (row.get("qps_offered") or "").strip().lower()
    return math.inf if cell == "inf" else number(cell)


def number(cell: str | None) -> float:
    """Return the number in a cell; nan if there is none, or none of a sensible size."""
    try:
        found = float(cell) if cell not in (None, "") else math.nan
    except ValueError:
        return math.nan
    return found if abs(found) <= LARGEST else math.nan
