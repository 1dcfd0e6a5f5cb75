"""Settings missing from a benchmark's file: filled in from the user's options, or asked for."""

import math
from collections.abc import Mapping, Sequence

from planner.analysis.serving_fit.cells import Row, number
from planner.catalog import hardware
from planner.errors import Problem, ScenarioError
from planner.records import dataclass


@dataclass(frozen=True)
class Unsaid:
    """A setting that no row states: its column, its meaning, and the command-line option for it."""

    column: str
    what: str
    option: str

    @property
    def problem(self) -> Problem:
        """The setting as text for command-line users."""
        return Problem(self.what, "is not in the file.", f"Give {self.option}.")


ASKED = (
    Unsaid("model", "the model", "--model NAME, or its config.json"),
    Unsaid("gpu", "the GPU", "--gpu NAME"),
    Unsaid("tp", "how many GPUs share each layer", "--tp N"),
    Unsaid("precision_weights", "the format of the weights", "--weights FORMAT"),
    Unsaid("engine", "the engine", "--engine NAME"),
    Unsaid("isl_mean", "the length of a prompt", "--input TOKENS"),
    Unsaid("osl_mean", "the length of an answer", "--output TOKENS"),
    Unsaid("concurrency_or_batch", "how many requests were open at once", "--concurrency N"),
)
_SAID_BY = {
    "tp": ("tp", "n_gpu"), "isl_mean": ("isl_mean", "isl"), "osl_mean": ("osl_mean", "osl"),
    "concurrency_or_batch": ("concurrency_or_batch", "qps_offered"),
}  # fmt: skip
_NEED_NO_LOAD = ("offline_max", "prefill_bs1", "mlperf_offline", "mlperf_server", "mlperf_interactive")
_ALSO = {"isl_mean": ("isl",), "osl_mean": ("osl",)}  # alternative columns


def filled(
    rows: Sequence[Row], given: Mapping[str, str], usual: Mapping[str, str]
) -> tuple[list[Row], tuple[str, ...]]:
    """Return the rows with the user's settings, and notes where they override the file.

    `given` overrides the file; `usual` only fills gaps. Rows without a kind get
    it from their load.
    """
    replaced: dict[str, set[str]] = {}
    done: list[Row] = []
    for row in rows:
        for column, value in given.items():
            said = row.get(column) or ""
            if said and not _same(column, said, value):
                replaced.setdefault(column, set()).add(said)
        done.append(_filled(row, given, usual))
    remarks = [
        f"{column}: {given[column]}, as given, not {', '.join(sorted(said)[:3])}, as the file says."
        for column, said in replaced.items()
    ]
    return done, tuple(remarks)


def _same(column: str, said: str, value: str) -> bool:
    """Say whether two cells are equivalent: the same number, or the same catalog model or GPU."""
    if said == value or number(said) == number(value):
        return True
    look_up = {"model": hardware.llm_name, "gpu": hardware.gpu_name}.get(column)
    try:
        return look_up is not None and look_up(said) == look_up(value)
    except ScenarioError:
        return False


def _filled(row: Row, given: Mapping[str, str], usual: Mapping[str, str]) -> Row:
    whole: dict[str, str | None] = {**row, **given}
    for column in given:
        whole |= dict.fromkeys((other for other in _ALSO.get(column, ()) if other in row), None)
    for column, value in usual.items():
        if not any(whole.get(name) for name in _SAID_BY.get(column, (column,))):
            whole[column] = value
    if "concurrency_or_batch" in given:
        whole |= {"kind": "closed_loop"}
    elif not whole.get("kind"):
        by_rate = bool(whole.get("qps_offered")) and not whole.get("concurrency_or_batch")
        whole["kind"] = "open_loop_qps" if by_rate else "closed_loop"
    ways = [way for name in ("tp", "pp", "attn_dp") if (way := number(whole.get(name))) > 0]
    given_ways = bool(given.keys() & {"tp", "pp", "attn_dp"}) and "n_gpu" not in given
    if ways and (not whole.get("n_gpu") or (given_ways and number(whole.get("n_gpu")) < math.prod(ways))):
        whole["n_gpu"] = f"{math.prod(ways):g}"
    return whole


def unsaid(rows: Sequence[Row], *, client: bool) -> list[Unsaid]:
    """Return the required settings that no row states; a table's engine is vllm unless it names one."""
    found = []
    for each in ASKED:
        if each.column == "engine" and not client:
            continue
        if each.column == "concurrency_or_batch" and all(row.get("kind") in _NEED_NO_LOAD for row in rows):
            continue
        names = _SAID_BY.get(each.column, (each.column,))
        if not any(row.get(name) for row in rows for name in names):
            found.append(each)
    return found
