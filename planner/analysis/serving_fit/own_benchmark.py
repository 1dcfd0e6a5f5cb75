"""Compare a team's own benchmark with the measured deployment of a plan, and put its factors into the plan."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from planner.analysis.serving_fit.benchmarks import Benchmark, read_benchmark
from planner.analysis.serving_fit.benchmarks.asked import Unsaid, filled, unsaid
from planner.analysis.serving_fit.benchmarks.run import FAILED
from planner.analysis.serving_fit.calibrate import METRIC_WORDS, CalibrationFactors, calibrate
from planner.analysis.serving_fit.cells import Row
from planner.analysis.serving_fit.rows import Named
from planner.catalog import hardware
from planner.errors import Problem, ScenarioError
from planner.records import dataclass
from planner.schema import HostedDeployment, Scenario, replaced_many, step_text

if TYPE_CHECKING:
    from planner.catalog.hardware import Llm

LISTS = ("at_concurrency", *(f"{metric}_x_at" for metric in METRIC_WORDS))


@dataclass(frozen=True)
class MeasuredDeployment:
    """The deployment of a plan that was benchmarked."""

    scenario: Scenario
    name: str

    @property
    def deployment(self) -> HostedDeployment:
        """The deployment as stated in the plan."""
        held = self.scenario.deployments[self.name]
        assert isinstance(held, HostedDeployment)
        return held


@dataclass(frozen=True)
class OwnRuns:
    """The runs of a benchmark with their settings; `remarks` say what was filled in or replaced."""

    bench: Benchmark
    rows: tuple[Row, ...]
    remarks: tuple[str, ...]
    named: Named

    @property
    def unsaid(self) -> list[Unsaid]:
        """Required settings given neither in the file nor by the user."""
        return unsaid(self.rows, client=self.bench.noun == "run")

    def calibration(self) -> CalibrationFactors:
        """Return measured over predicted; raise ScenarioError with what is unknown or can't be compared."""
        if asked := self.unsaid:
            raise ScenarioError([*self.bench.problems, *(each.problem for each in asked)])
        return calibrate(self.rows, named=self.named)

    @property
    def settings(self) -> str:
        """The assumed setting of the runs on one line; "" if they differ."""
        columns = ("model", "gpu", "n_gpu", "precision_weights", "precision_kv", "engine")
        cells = [{row.get(column) or "" for row in self.rows} for column in columns]
        if any(len(each) > 1 for each in cells):
            return ""
        model, gpu, gpus, weights, kv, engine = (next(iter(each)) for each in cells)
        cache = f"{kv} cache" if kv else "16-bit cache (--kv says otherwise)"
        return f"{model} on {float(gpus or 1):g} {gpu}, {weights} weights, {cache}, {engine or 'vllm'}"

    def said(self, found: CalibrationFactors) -> tuple[str, ...]:
        """Return notes on these runs and their factors."""
        unmeasured = (
            f"{METRIC_WORDS[metric]}: no row measures it; its factor stays 1."
            for metric, count in found.rows.items()
            if count == 0
        )
        left_out = (f"left out: {each}" for each in self.bench.problems)
        return (*self.remarks, *self.bench.remarks, *found.remarks, *left_out, *unmeasured)


def hosted(scenario: Scenario) -> list[str]:
    """Return the names of a plan's deployments on GPUs, which can be benchmarked."""
    return [name for name, each in scenario.deployments.items() if isinstance(each, HostedDeployment)]


def own_runs(
    text: str,
    given: Mapping[str, str],
    *,
    target: MeasuredDeployment | None = None,
    llm_of_file: Callable[[str], "Llm"] | None = None,
) -> OwnRuns:
    """Return the runs of a benchmark file; raise ScenarioError if its shape is unknown.

    `given` are cells by serving-table column: they complete and override the file; anything missing from both is
    taken from the plan's `target`. `llm_of_file` reads a model that the file names by its config.json.
    """
    bench = read_benchmark(text)
    own, served = _without_served_names(bench.rows, target, files=llm_of_file is not None)
    rows, replaced = filled(own, given, {} if target is None else _usual(target.deployment))
    return OwnRuns(bench, tuple(rows), (*served, *replaced), _named(rows, bench, target, llm_of_file))


def with_factors(
    target: MeasuredDeployment, runs: OwnRuns, found: CalibrationFactors
) -> tuple[Scenario, list[str]]:
    """Return the plan with the measured factors, and the names of the fields set."""
    if any(row.get("quality") == FAILED for row in runs.rows):
        what = "has a run of which most requests failed; nothing is written."
        raise ScenarioError([Problem("the benchmark", what)])
    scenario, calibration = target.scenario, target.deployment.calibration
    measured = [metric for metric in METRIC_WORDS if found.rows[metric] > 0]
    place = f"deployments.{step_text(target.name)}.calibration"
    for metric in measured:
        value = float(f"{getattr(found, f'{metric}_x'):.4g}")
        scenario = scenario.with_value(f"{place}.{metric}_x", value)
    lists = by_load(found)
    now = {name: getattr(calibration, name) for name in LISTS}
    changed = {f"{place}.{name}": tuple(lists.get(name, ())) for name in LISTS if now[name] or name in lists}
    scenario = replaced_many(scenario, changed)  # all at once, since the lists must have equal lengths
    return scenario, [*(f"{metric}_x" for metric in measured), *lists]


def by_load(found: CalibrationFactors) -> dict[str, list[float]]:
    """Return the factors by load as plan fields, if a single factor misleads; else nothing.

    A load at which the metric was not measured gets the overall factor.
    """
    lists = {
        f"{metric}_x_at": [
            float(f"{factor if math.isfinite(factor) else getattr(found, f'{metric}_x'):.4g}")
            for factor in (getattr(each, f"{metric}_x") for each in found.by_concurrency)
        ]
        for metric in found.misled
    }
    return {"at_concurrency": [each.concurrency for each in found.by_concurrency], **lists} if lists else {}


def word(value: Any) -> str:
    """Return a value as a serving-table cell.

    >>> word(4.0), word("fp8")
    ('4', 'fp8')
    """
    return f"{value:g}" if isinstance(value, float) else str(value)


def _usual(d: HostedDeployment) -> dict[str, str]:
    """Return a deployment's settings, to fill gaps in a file."""
    return {
        "model": d.model, "gpu": d.gpu, "tp": word(d.tensor_parallel), "pp": word(d.pipeline_parallel),
        "attn_dp": word(d.attention_data_parallel), "precision_weights": d.weights,
        "precision_kv": d.kv_cache, "engine": d.engine,
    }  # fmt: skip


def _without_served_names(
    rows: Sequence[Row], target: MeasuredDeployment | None, *, files: bool
) -> tuple[list[Row], tuple[str, ...]]:
    """Return the rows without names that only the server knows; the deployment's model replaces them."""
    if target is None:
        return [*rows], ()
    named = {row.get("model") or "" for row in rows} - {"", *target.scenario.models}
    unknown = sorted(
        name for name in named if not (files and name.endswith(".json")) and not hardware.is_llm(name)
    )
    remarks = tuple(
        f"model: {name} is no model that is known; taken as {target.deployment.model}, as {target.name} runs."
        for name in unknown
    )
    return [{**row, "model": None} if row.get("model") in unknown else row for row in rows], remarks


def _named(
    rows: Sequence[Row],
    bench: Benchmark,
    target: MeasuredDeployment | None,
    llm_of_file: Callable[[str], "Llm"] | None,
) -> Named:
    """Return the models and GPUs of the plan, and the models given as a config.json."""
    models = {} if target is None else target.scenario.models
    gpus = {} if target is None else target.scenario.gpus
    llms = {name: hardware.llm_from_table(each, where=f"models.{name}") for name, each in models.items()}
    files = {name for row in rows if (name := row.get("model") or "").endswith(".json")} - llms.keys()
    read = {} if llm_of_file is None else {name: llm_of_file(name) for name in sorted(files)}
    return Named(
        llms | read,
        {name: hardware.gpu_from_table(table, where=f"gpus.{name}") for name, table in gpus.items()},
        noun=bench.noun,
        first=bench.first,
    )
