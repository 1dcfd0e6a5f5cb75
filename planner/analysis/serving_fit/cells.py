"""What the cells of a measurement mean: engine, formats, age, requests, lengths, source."""

import math
import re
from collections.abc import Mapping

from planner.catalog import engines
from planner.formats import CACHE_WORDS, CACHES, ENGINE_WORDS, ENGINES, WEIGHT_WORDS, WEIGHTS, meant

Row = Mapping[str, str | None]

DEFAULT_ENGINE, DEFAULT_KV = "vllm", "bf16"
LARGEST = 1e15  # a larger number is none of a measurement
# What sources call engines: MLPerf names the library below, NIM is TensorRT-LLM, LLMBoost is built on vLLM.
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
    """Return which engine a row's words mean: trtllm, vllm or sglang; the default where they say nothing.

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
    """Return the year of the engine that a row was measured with: of its version, else of the measurement; 0 unknown.

    A round of MLPerf stands for the engine of its time.
    """
    version = row.get("engine_version") or ""
    of = "mlperf" if "mlperf" in version.lower() else engine_of(row.get("engine"))
    known = engines.released(of, version)
    said = _YEAR.match(row.get("measured_date") or "")
    if known > 0 or said is None:
        return known
    return float(said.group(1)) + (float(said.group(2) or 7.0) - 0.5) / 12.0


def weights_of(words: str | None) -> str:
    """Return the weight format that a row's words mean.

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
    """Return the cache format of a row; 16 bit where it names none, the engines' own default.

    Where the row says that it only assumes one, and does not come from InferenceX, the cache is taken to be
    in 16 bit too: fits to the vendor's rows are 15 % too fast otherwise.
    """
    notes, source = row.get("notes") or "", row.get("source") or ""
    if "kv precision assumed" in notes and "InferenceX" not in source:
        return DEFAULT_KV
    said = (row.get("precision_kv") or "").strip()
    return meant(said, known=CACHES, words=CACHE_WORDS) if said else DEFAULT_KV


def requests_of(row: Row) -> float:
    """Return how many requests a run sent: the column `requests`, else what its notes say; nan where neither does.

    >>> requests_of({"notes": "1000 requests at once; ShareGPT"}), requests_of({"notes": "320 prompts"})
    (1000.0, 320.0)
    """
    said = number(row.get("requests"))
    found = None if said > 0 else _REQUESTS.search(row.get("notes") or "")
    return float(found.group(1).replace(",", "")) if found else said


def length_cv_of(row: Row) -> float:
    """Return the spread of a run's answer lengths over their mean: the column `length_cv`, else what its notes say.

    Lengths drawn evenly from 1 to N have 1 / sqrt(3), from 0.8 N to N 0.064; ShareGPT's about 1 (from memory).
    """
    said = number(row.get("length_cv"))
    if said >= 0:
        return said
    notes = (row.get("notes") or "").replace("unless ShareGPT", "")
    if "variable_lengths" in (row.get("quality") or ""):
        notes += " ShareGPT"
    return next((cv for words, cv in _LENGTH_CVS if words in notes), 0.0)


def gap_is_median(row: Row) -> bool:
    """Return whether a row's time per token is the median gap between tokens, which steps with prompts don't move."""
    return "median inter-token latency" in (row.get("notes") or "")


def source_of(row: Row) -> str:
    """Return who measured a row, in few words: a repository or site; of a collection, whose runs it holds and which engine.

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
    """Return which page of a source, and which model there, a row is of."""
    path = (row.get("source") or "").split("@")[0].split(":")[-1]
    return f"{source_of(row)} {row.get('model') or ''} {path if path.endswith('.md') else ''}".strip()


def is_ok(row: Row) -> bool:
    """Return whether a row's figures can be relied on, as its column `quality` says."""
    return (row.get("quality") or "ok") == "ok"


def trust_of(row: Row) -> float:
    """Return how much a row counts in a fit: 1 for one that can be relied on, 0 for one that tells nothing."""
    quality = row.get("quality") or "ok"
    if (row.get("spec_decode") or "") == "mtp" and not is_ok(row):
        return 0.0
    few = quality != "spec_decode_maybe" or (
        engine_of(row.get("engine")) == "sglang" and row.get("gpu") != "GB200"
    )
    return _TRUST.get(quality, 0.0) if few else 0.0


def offered_per_s(row: Row) -> float:
    """Return the requests that a run offers a second; inf where all come at once.

    >>> offered_per_s({"qps_offered": "4"}), offered_per_s({"qps_offered": "inf"})
    (4.0, inf)
    """
    cell = (row.get("qps_offered") or "").strip().lower()
    return math.inf if cell == "inf" else number(cell)


def number(cell: str | None) -> float:
    """Return the number in a cell; nan where there is none, or none of a size in use."""
    try:
        found = float(cell) if cell not in (None, "") else math.nan
    except ValueError:
        return math.nan
    return found if abs(found) <= LARGEST else math.nan
