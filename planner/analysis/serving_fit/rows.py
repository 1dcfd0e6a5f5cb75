"""Rows of measurements as arrays: what each cell means, and what can't be read, in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import cache

import numpy as np

from planner.catalog import hardware
from planner.catalog.hardware import Described, Gpu, Llm
from planner.errors import Problem, ScenarioError
from planner.model.serving.memory import KV_BYTES, WEIGHT_BYTES
from planner.model.serving.step_costs import Placement
from planner.records import dataclass

Row = Mapping[str, str | None]

KINDS = (
    "offline_max", "closed_loop", "open_loop_qps", "static_batch", "prefill_bs1", "mlperf_offline",
    "mlperf_server", "mlperf_interactive",
)  # fmt: skip
_WEIGHT_WORDS = {
    "nvfp4": "fp4", "w4a16": "int4", "w4a8": "int4", "awq": "int4", "gptq": "int4", "w8a8": "int8",
    "float16": "fp16", "bfloat16": "bf16",
}  # fmt: skip
FIRST_LINE = 2  # line 1 holds the names


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows that can be predicted: `at` are their places in the table, all else has shape (n,).

    A number that a row leaves out is nan; `placed` is false where the row does not say how its GPUs work together.
    """

    at: np.ndarray
    kind: np.ndarray
    model: np.ndarray
    gpu_name: np.ndarray
    llm: Llm
    gpu: Gpu
    placement: Placement
    placed: np.ndarray
    client: np.ndarray
    input_tokens: np.ndarray
    output_tokens: np.ndarray
    batch: np.ndarray
    requests_per_s: np.ndarray
    measured: Mapping[str, np.ndarray]
    remarks: tuple[str, ...]


def read_rows(rows: Sequence[Row]) -> tuple[Rows, list[Problem]]:
    """Return the rows that can be predicted, and every cell that can't be read."""
    problems: list[Problem] = []
    good = [i for i, row in enumerate(rows) if not _row_problems(row, i, problems)]
    kept = [rows[i] for i in good]
    llms = {name: hardware.llm(name) for name in {str(row["model"]) for row in kept}}
    gpus = {name: hardware.gpu(name) for name in {str(row["gpu"]) for row in kept}}
    model = np.array([str(row["model"]) for row in kept])
    gpu_name = np.array([str(row["gpu"]) for row in kept])
    gpu = _spread(gpus, gpu_name, hardware.gpu(next(iter(hardware.gpus()))))
    placement, remarks = _placement(kept, gpu, np.array(good, dtype=int))
    return Rows(
        at=np.array(good, dtype=int),
        kind=np.array([str(row["kind"]) for row in kept]),
        model=model,
        gpu_name=gpu_name,
        llm=_spread(llms, model, hardware.llm(next(iter(hardware.llms())))),
        gpu=gpu,
        placement=placement,
        placed=np.isfinite(_numbers(kept, "tp")),
        client=np.array([_client(row) for row in kept]),
        input_tokens=_either(kept, "isl_mean", "isl"),
        output_tokens=_either(kept, "osl_mean", "osl"),
        batch=_numbers(kept, "concurrency_or_batch"),
        requests_per_s=np.array([_number(row.get("qps_offered")) for row in kept], dtype=float),
        measured={
            "throughput": _numbers(kept, "throughput_output_tok_s_total"),
            "ttft": _numbers(kept, "ttft_ms") / 1e3,
            "tpot": _numbers(kept, "tpot_ms") / 1e3,
        },
        remarks=remarks,
    ), problems


def some_rows(rows: Rows, index: np.ndarray) -> Rows:
    """Return the rows at `index`, in its order; a row may be taken more than once."""
    arrays = {f.name: getattr(rows, f.name) for f in fields(Rows)}
    taken = {name: value[index] for name, value in arrays.items() if isinstance(value, np.ndarray)}
    placement = {
        name: np.asarray(value)[index] if np.ndim(value) else value
        for name, value in vars(rows.placement).items()
    }
    return Rows(
        **arrays
        | taken
        | {
            "llm": hardware.take(rows.llm, index),
            "gpu": hardware.take(rows.gpu, index),
            "placement": Placement(**placement),
            "measured": {name: value[index] for name, value in rows.measured.items()},
        }
    )


def engine_of(words: str | None) -> str:
    """Return which engine a row's words mean: trtllm, vllm or sglang; TensorRT-LLM where they say nothing."""
    lower = (words or "").lower()
    if "vllm" in lower or "llmboost" in lower:
        return "vllm"
    return "sglang" if "sglang" in lower else "trtllm"


def weights_of(words: str | None) -> str:
    """Return the weight format that a row's words mean.

    >>> weights_of("INT4_AWQ"), weights_of("nvfp4")
    ('int4', 'fp4')
    """
    lower = (words or "").strip().lower()
    if lower in WEIGHT_BYTES:
        return lower
    known = _WEIGHT_WORDS | {word: word for word in sorted(WEIGHT_BYTES, key=len, reverse=True)}
    return next((meant for word, meant in known.items() if word in lower), lower)


def kv_of(row: Row) -> str:
    """Return the cache format of a row.

    Where the row says that it only assumes one, and does not come from InferenceX, the cache is taken to be
    in 16 bit, the engines' own default: fits to the vendor's rows are 15 % too fast otherwise.
    """
    notes, source = row.get("notes") or "", row.get("source") or ""
    if "kv precision assumed" in notes and "InferenceX" not in source:
        return "bf16"
    named = (row.get("precision_kv") or "").lower()
    if named in KV_BYTES:
        return named
    return "bf16" if weights_of(row.get("precision_weights")) in ("bf16", "fp16", "int8", "int4") else "fp8"


def _cell(row: Row, column: str) -> str:
    """Return what a cell holds, as a message quotes it."""
    if column not in row:
        return "missing: the table has no such column"
    return repr(row[column]) if row[column] else "empty"


def _row_problems(row: Row, index: int, problems: list[Problem]) -> bool:
    where = f"line {index + FIRST_LINE}"
    found: list[Problem] = []
    for column, look_up in (("model", hardware.llm), ("gpu", hardware.gpu)):
        hint = _unknown(look_up, str(row.get(column) or ""))
        if hint is not None:
            what = f"is {_cell(row, column)}, which is not in the catalog."
            found.append(Problem(f"{where}, {column}", what, hint))
    if row.get("kind") not in KINDS:
        found.append(
            Problem(f"{where}, kind", f"is {_cell(row, 'kind')}.", f"Known are: {', '.join(KINDS)}.")
        )
    if weights_of(row.get("precision_weights")) not in WEIGHT_BYTES:
        hint = f"Known are: {', '.join(WEIGHT_BYTES)}."
        found.append(Problem(f"{where}, precision_weights", f"is {_cell(row, 'precision_weights')}.", hint))
    found += [
        Problem(f"{where}, {names[0]}", f"is {_cell(row, names[0])}; it must be a number above 0.")
        for names in _needed(row)
        if not any(_number(row.get(name)) > 0 for name in names)
    ]
    problems += found
    return bool(found)


@cache
def _unknown(look_up: Callable[[str], Llm | Gpu], name: str) -> str | None:
    """Return the hint about a name that the catalog doesn't have; None where it has it."""
    try:
        look_up(name)
    except ScenarioError as error:
        return error.problems[0].hint
    return None


def _needed(row: Row) -> list[tuple[str, ...]]:
    needed: list[tuple[str, ...]] = [("isl_mean", "isl"), ("osl_mean", "osl"), ("n_gpu",)]
    if row.get("kind") in ("closed_loop", "static_batch"):
        needed.append(("concurrency_or_batch",))
    return [*needed, ("qps_offered",)] if row.get("kind") == "open_loop_qps" else needed


def _placement(rows: list[Row], gpu: Gpu, lines: np.ndarray) -> tuple[Placement, tuple[str, ...]]:
    """Return the rows' placements; a parallelism that counts its GPUs twice is read as one node's.

    Some tables give `tp * ep` or `attn_dp * ep` as GPUs where the experts sit on the same GPUs as the attention.
    """
    gpus = _numbers(rows, "n_gpu")
    pp, attn_dp = _numbers(rows, "pp", 1.0), _numbers(rows, "attn_dp", 1.0)
    ep = _numbers(rows, "ep", 1.0)
    tp = np.where(np.isfinite(_numbers(rows, "tp")), _numbers(rows, "tp"), gpus / (pp * attn_dp))
    twice = (tp * attn_dp * pp > np.asarray(gpu.domain_gpus)) & (ep > 1) & _is_kind(rows, "closed_loop")
    by_tp = twice & (tp > np.asarray(gpu.domain_gpus))
    by_rank = twice & ~by_tp & (attn_dp > 1)
    tp = np.where(by_tp, tp / ep, tp)
    attn_dp = np.where(by_rank, np.maximum(1.0, attn_dp / ep), attn_dp)
    remarks = tuple(
        f"line {line + FIRST_LINE}: {int(n)} GPUs count its experts twice; read as tp {t:g}, attn_dp {d:g}"
        for line, n, t, d in zip(lines[twice], gpus[twice], tp[twice], attn_dp[twice], strict=True)
    )
    placement = Placement(
        gpus=np.where(twice, tp * attn_dp * pp, gpus), tp=tp, pp=pp, attn_dp=attn_dp,
        ep=np.where(by_rank, np.minimum(ep, tp * attn_dp), ep),
        weights=np.array([weights_of(row.get("precision_weights")) for row in rows]),
        kv=np.array([kv_of(row) for row in rows]),
        engine=np.array([engine_of(row.get("engine")) for row in rows]),
    )  # fmt: skip
    return placement, remarks


def _client(row: Row) -> str:
    engine = engine_of(row.get("engine"))
    return f"{engine} in-house" if "in-house" in (row.get("source") or "") else engine


def _spread(known: Mapping[str, Described], names: np.ndarray, blank: Described) -> Described:
    order = sorted(known)
    if not order:  # of no rows: arrays of no elements, in the fields of any entry
        return hardware.take(hardware.stack([blank]), np.zeros(0, dtype=int))
    index = np.array([order.index(name) for name in names.tolist()], dtype=int)
    return hardware.take(hardware.stack([known[name] for name in order]), index)


def _is_kind(rows: list[Row], kind: str) -> np.ndarray:
    return np.array([row["kind"] == kind for row in rows], dtype=bool)


def _either(rows: list[Row], first: str, second: str) -> np.ndarray:
    values = _numbers(rows, first)
    return np.where(np.isfinite(values), values, _numbers(rows, second))


def _numbers(rows: list[Row], column: str, default: float = np.nan) -> np.ndarray:
    values = np.array([_number(row.get(column)) for row in rows], dtype=float)
    return np.where(np.isfinite(values), values, default)


def _number(cell: str | None) -> float:
    try:
        return float(cell) if cell not in (None, "") else float("nan")
    except ValueError:
        return float("nan")
