"""Measurement rows as arrays, with messages on what can't be read."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import cache

import numpy as np

from planner.analysis.serving_fit.cells import (
    Row,
    engine_of,
    gap_is_median,
    kv_of,
    length_cv_of,
    number,
    offered_per_s,
    page_of,
    released_of,
    requests_of,
    source_of,
    weights_of,
)  # fmt: skip
from planner.analysis.serving_fit.sweeps import repeated_prompts
from planner.catalog import hardware
from planner.catalog.hardware import Described, Gpu, Llm
from planner.catalog.naming import near
from planner.errors import Problem, ScenarioError
from planner.formats import CACHES, ENGINES, WEIGHTS
from planner.model.serving.step_costs import Placement
from planner.records import dataclass

KINDS = (
    "offline_max", "closed_loop", "open_loop_qps", "static_batch", "prefill_bs1", "mlperf_offline",
    "mlperf_server", "mlperf_interactive",
)  # fmt: skip
_NAMED_LINES = 3  # lines named per problem
FIRST_LINE = 2  # line 1 is the header
MOST_GPUS = 4_096
_NOT_GIVEN = ("", "nan", "n/a", "na", "none", "null", "-")


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows that can be predicted: `at` are their indices in the table, everything else has shape (n,).

    A missing number is nan; `placed` is false if the row doesn't say how its GPUs are used.
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
    requests: np.ndarray
    length_cv: np.ndarray
    gap_is_median: np.ndarray
    repeated: np.ndarray
    source: np.ndarray
    page: np.ndarray
    derived: np.ndarray
    measured: Mapping[str, np.ndarray]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Named:
    """Models and GPUs besides the catalog's, and names of rows in messages: "run 1", "line 2"."""

    llms: Mapping[str, Llm]
    gpus: Mapping[str, Gpu]
    noun: str = "line"
    first: int = FIRST_LINE

    def llm(self, name: str) -> Llm:
        """Return a model by name."""
        return self.llms[name] if name in self.llms else hardware.llm(name)

    def gpu(self, name: str) -> Gpu:
        """Return a GPU by name."""
        return self.gpus[name] if name in self.gpus else hardware.gpu(name)


CATALOG = Named({}, {})


def read_rows(rows: Sequence[Row], named: Named = CATALOG) -> tuple[Rows, list[Problem]]:
    """Return the rows that can be predicted, and every unreadable cell."""
    problems: list[Problem] = []
    good = [i for i, row in enumerate(rows) if not _row_problems(row, i, problems, named)]
    kept = [rows[i] for i in good]
    llms = {name: named.llm(name) for name in {str(row["model"]) for row in kept}}
    gpus = {name: named.gpu(name) for name in {str(row["gpu"]) for row in kept}}
    model = np.array([str(row["model"]) for row in kept])
    gpu_name = np.array([str(row["gpu"]) for row in kept])
    gpu = _spread(gpus, gpu_name, hardware.gpu(hardware.gpu_names()[0]))
    placement, remarks = _placement(kept, gpu, np.array(good, dtype=int))
    return Rows(
        at=np.array(good, dtype=int),
        kind=np.array([str(row["kind"]) for row in kept]),
        model=model,
        gpu_name=gpu_name,
        llm=_spread(llms, model, hardware.llm(hardware.llm_names()[0])),
        gpu=gpu,
        placement=placement,
        placed=np.isfinite(_numbers(kept, "tp")),
        client=np.array([_client(row) for row in kept]),
        input_tokens=_either(kept, "isl_mean", "isl"),
        output_tokens=_either(kept, "osl_mean", "osl"),
        batch=_numbers(kept, "concurrency_or_batch"),
        requests_per_s=np.array([offered_per_s(row) for row in kept], dtype=float),
        requests=np.array([requests_of(row) for row in kept], dtype=float),
        length_cv=np.array([length_cv_of(row) for row in kept], dtype=float),
        gap_is_median=np.array([gap_is_median(row) for row in kept], dtype=bool),
        repeated=repeated_prompts(kept),
        derived=_numbers(kept, "tput_derived") == 1.0,
        source=np.array([source_of(row) for row in kept]),
        page=np.array([page_of(row) for row in kept]),
        measured={
            "throughput": _numbers(kept, "throughput_output_tok_s_total"),
            "ttft": _numbers(kept, "ttft_ms") / 1e3,
            "tpot": _numbers(kept, "tpot_ms") / 1e3,
        },
        remarks=remarks,
    ), together(problems, noun=named.noun)


def together(problems: Sequence[Problem], *, noun: str = "line") -> list[Problem]:
    """Return each problem once; a problem shared by several lines names them.

    >>> print(*map(str, together([Problem(f"line {n}, engine", "is 'x'.") for n in range(2, 7)])))
    lines 2, 3, 4 and 2 more, engine is 'x'.
    """
    lines: dict[tuple[str, str, str], list[str]] = {}
    for each in problems:
        line, _, column = each.where.removeprefix(f"{noun} ").partition(", ")
        lines.setdefault((column, each.what, each.hint), []).append(line)
    return [
        Problem(f"{_lines(found, noun)}, {column}", what, hint)
        for (column, what, hint), found in lines.items()
    ]


def _lines(found: Sequence[str], noun: str) -> str:
    if len(found) == 1:
        return f"{noun} {found[0]}"
    more = len(found) - _NAMED_LINES
    return f"{noun}s {', '.join(found[:_NAMED_LINES])}{f' and {more} more' if more > 0 else ''}"


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


def _cell(row: Row, column: str) -> str:
    """Return a cell's content as quoted in a message."""
    if column not in row:
        return "missing: the table has no such column"
    return repr(row[column]) if row[column] else "empty"


def _row_problems(row: Row, index: int, problems: list[Problem], named: Named) -> bool:
    where = f"{named.noun} {index + named.first}"
    found: list[Problem] = []
    for column, look_up, own in (("model", hardware.llm, named.llms), ("gpu", hardware.gpu, named.gpus)):
        name = str(row.get(column) or "")
        hint = None if name in own else _unknown(look_up, name)
        if hint is not None:
            what = f"is {_cell(row, column)}, which is not in the catalog."
            found.append(Problem(f"{where}, {column}", what, hint))
    if row.get("kind") not in KINDS:
        found.append(
            Problem(f"{where}, kind", f"is {_cell(row, 'kind')}.", f"Known are: {', '.join(KINDS)}.")
        )
    if weights_of(row.get("precision_weights")) not in WEIGHTS:
        hint = near(str(row.get("precision_weights")), WEIGHTS)
        found.append(Problem(f"{where}, precision_weights", f"is {_cell(row, 'precision_weights')}.", hint))
    if engine_of(row.get("engine")) not in ENGINES:
        hint = near(str(row.get("engine")), ENGINES)
        found.append(Problem(f"{where}, engine", f"is {_cell(row, 'engine')}.", hint))
    if kv_of(row) not in CACHES:
        hint = near(str(row.get("precision_kv")), CACHES)
        found.append(Problem(f"{where}, precision_kv", f"is {_cell(row, 'precision_kv')}.", hint))
    found += _parallel_problems(row, where) or _split_problems(row, where)
    found += [
        Problem(f"{where}, {names[0]}", f"is {_cell(row, names[0])}; it must be a number above 0.")
        for names in _needed(row)
        if not any(number(row.get(name)) > 0 for name in names)
        and not ("qps_offered" in names and offered_per_s(row) > 0)
    ]
    problems += found
    return bool(found)


def _parallel_problems(row: Row, where: str) -> list[Problem]:
    """Return the problems with a row's parallelism."""
    return [
        Problem(f"{where}, {name}", f"is {_cell(row, name)}; it must be a number from 1 to {MOST_GPUS:,}.")
        for name in ("tp", "pp", "attn_dp", "ep")
        if str(row.get(name) or "").strip().lower() not in _NOT_GIVEN
        and not 1 <= number(row.get(name)) <= MOST_GPUS
        and not (name == "ep" and number(row.get(name)) == 0)
    ]


def _split_problems(row: Row, where: str) -> list[Problem]:
    """Return the problem of a row with fewer GPUs than its parallelism needs.

    Experts may share the attention's GPUs: some tables count them twice.
    """
    gpus, tp, pp, attn_dp, ep = (number(row.get(name)) for name in ("n_gpu", "tp", "pp", "attn_dp", "ep"))
    needed = math.prod(1.0 if math.isnan(each) else each for each in (tp, pp, attn_dp))
    if not 0 < gpus < needed or ep > 1:
        return []
    return [Problem(f"{where}, n_gpu", f"is {gpus:g}; tp * pp * attn_dp needs {needed:g}.")]


@cache
def _unknown(look_up: Callable[[str], Llm | Gpu], name: str) -> str | None:
    """Return a hint for a name missing from the catalog; None if it is there."""
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
    """Return the rows' placements; a parallelism that counts GPUs twice is read as one node's.

    Some tables give `tp * ep` or `attn_dp * ep` as GPUs although the experts share the attention's GPUs.
    """
    gpus = _numbers(rows, "n_gpu")
    pp, attn_dp = _numbers(rows, "pp", 1.0), _numbers(rows, "attn_dp", 1.0)
    ep = _numbers(rows, "ep")
    ep = np.where(ep >= 1, ep, attn_dp)
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
        memory_share=_numbers(rows, "memory_share", 0.0),
        released=np.array([released_of(row) for row in rows], dtype=float),
    )  # fmt: skip
    return placement, remarks


def _client(row: Row) -> str:
    engine = engine_of(row.get("engine"))
    return f"{engine} in-house" if "in-house" in (row.get("source") or "") else engine


def _spread(known: Mapping[str, Described], names: np.ndarray, blank: Described) -> Described:
    order = sorted(known)
    if not order:  # no rows: empty arrays, with the fields of any entry
        return hardware.take(hardware.stack([blank]), np.zeros(0, dtype=int))
    index = np.array([order.index(name) for name in names.tolist()], dtype=int)
    return hardware.take(hardware.stack([known[name] for name in order]), index)


def _is_kind(rows: list[Row], kind: str) -> np.ndarray:
    return np.array([row["kind"] == kind for row in rows], dtype=bool)


def _either(rows: list[Row], first: str, second: str) -> np.ndarray:
    values = _numbers(rows, first)
    return np.where(np.isfinite(values), values, _numbers(rows, second))


def _numbers(rows: list[Row], column: str, default: float = np.nan) -> np.ndarray:
    values = np.array([number(row.get(column)) for row in rows], dtype=float)
    return np.where(np.isfinite(values), values, default)
