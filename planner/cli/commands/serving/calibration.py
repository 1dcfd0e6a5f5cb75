"""`planner serving --calibrate`: a team's own benchmark as factors, printed or written into a plan."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from planner.analysis.serving_fit.benchmarks import Benchmark, read_benchmark
from planner.analysis.serving_fit.benchmarks.asked import filled, missing
from planner.analysis.serving_fit.benchmarks.run import FAILED
from planner.analysis.serving_fit.calibrate import METRIC_WORDS, Calibration, calibrate
from planner.analysis.serving_fit.cells import Row
from planner.analysis.serving_fit.rows import Named
from planner.catalog import hardware
from planner.cli.commands.serving.table import text_of
from planner.cli.io import json_output, model_input
from planner.cli.io.output_formats import csv_text
from planner.cli.io.scenario_input import read
from planner.errors import Problem, ScenarioError
from planner.files import Loaded, inert, save
from planner.records import dataclass
from planner.schema import HostedDeployment, replaced_many, step_text

COLUMNS = {
    "model": "model", "gpu": "gpu", "tp": "tp", "pp": "pp", "attn_dp": "attn_dp", "ep": "ep", "gpus": "n_gpu",
    "weights": "precision_weights", "kv": "precision_kv", "engine": "engine", "memory_share": "memory_share",
    "input_tokens": "isl_mean", "output_tokens": "osl_mean", "concurrency": "concurrency_or_batch",
}  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """The deployment of a plan that a benchmark is of."""

    loaded: Loaded
    name: str
    deployment: HostedDeployment


def report(
    source: Path, given: Mapping[str, Any], *, into: str | None, deployment: str | None, style: str | None
) -> str:
    """Return the factors of a benchmark as a section of a plan; write them into the plan `into`, if named.

    `given` are the options that the user gave, by name: they say what the file can't, and win over it.
    """
    target = None if into is None else _target(into, deployment)
    said = {COLUMNS[name]: _word(value) for name, value in given.items() if name in COLUMNS}
    name = inert(str(source))
    try:
        bench = read_benchmark(text_of(source))
        own, served = _without_served_names(bench.rows, target)
        rows, replaced = filled(own, said, {} if target is None else _usual(target))
        found = _calibrated(rows, bench, _named(rows, bench, target))
    except ScenarioError as error:
        raise ScenarioError(error.problems, source=error.source or name) from None
    remarks = (
        *served,
        *replaced,
        *bench.remarks,
        *found.remarks,
        *(f"left out: {each}" for each in bench.problems),
    )
    remarks += _unmeasured(found)
    written = "" if target is None else _write(target, rows, found)
    if style == "json":
        return json_output.as_json(vars(found) | {"client": bench.client, "remarks": remarks})
    if style == "csv":
        return csv_text(
            [_factors("all", found), *(_factors(each.concurrency, each) for each in found.by_concurrency)]
        )
    head = _head(source, bench, rows, found, "NAME" if target is None else target.name)
    return "\n".join([*head, *(f"# {inert(remark)}" for remark in remarks), *([written] if written else [])])


def _calibrated(rows: Sequence[Row], bench: Benchmark, named: Named) -> Calibration:
    if asked := missing(rows, client=bench.noun == "run"):
        raise ScenarioError([*bench.problems, *asked])
    return calibrate(rows, named=named)


def _head(source: Path, bench: Benchmark, rows: Sequence[Row], found: Calibration, name: str) -> list[str]:
    used, noun = max(found.rows.values()), "run" if bench.noun == "run" else "row"
    client = "" if noun == "row" else f" of {bench.client}"
    plural = noun if used == 1 else f"{noun}s"
    return [
        f"# {inert(source.name)}: {used:,} {plural}{client}",
        *(f"# {inert(line)}" for line in _settings(rows)),
        f"[deployments.{step_text(name)}.calibration]",
        *(f"{metric}_x = {getattr(found, f'{metric}_x'):.4g}" for metric in METRIC_WORDS),
        *(
            f"{name} = [{', '.join(f'{each:.4g}' for each in values)}]"
            for name, values in _by_load(found).items()
        ),
    ]


def _settings(rows: Sequence[Row]) -> list[str]:
    """Return what the runs are taken to be of, in a line; none where they differ."""
    columns = ("model", "gpu", "n_gpu", "precision_weights", "precision_kv", "engine")
    cells = [{row.get(column) or "" for row in rows} for column in columns]
    if any(len(each) > 1 for each in cells):
        return []
    model, gpu, gpus, weights, kv, engine = (next(iter(each)) for each in cells)
    cache = f"{kv} cache" if kv else "16-bit cache (--kv says otherwise)"
    return [f"{model} on {float(gpus or 1):g} {gpu}, {weights} weights, {cache}, {engine or 'vllm'}"]


def _word(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _factors(load: object, found: Any) -> dict[str, object]:
    return {"concurrency": load} | {f"{metric}_x": getattr(found, f"{metric}_x") for metric in METRIC_WORDS}


_LISTS = ("at_concurrency", *(f"{metric}_x_at" for metric in METRIC_WORDS))


def _by_load(found: Calibration) -> dict[str, list[float]]:
    """Return the factors by load where one factor misleads, in the fields of a plan; else nothing.

    A load at which the metric was not measured has the factor of all loads.
    """
    lists = {
        f"{metric}_x_at": [
            float(f"{factor if math.isfinite(factor) else getattr(found, f'{metric}_x'):.4g}")
            for factor in (getattr(each, f"{metric}_x") for each in found.by_concurrency)
        ]
        for metric in found.misled
    }
    return {"at_concurrency": [each.concurrency for each in found.by_concurrency], **lists} if lists else {}


def _target(into: str, name: str | None) -> Measured:
    """Return the deployment to write to: the one that is named, or the only one on GPUs."""
    loaded = read(into)
    hosted = {
        key: each for key, each in loaded.scenario.deployments.items() if isinstance(each, HostedDeployment)
    }
    if name is None and len(hosted) == 1:
        name = next(iter(hosted))
    if name is None or name not in hosted:
        what = (
            "is missing." if name is None else f"is {name!r}, which is no self-hosted deployment of the plan."
        )
        known = f"It has: {', '.join(hosted)}." if hosted else "It has none."
        raise ScenarioError([Problem("--deployment", what, known)], source=inert(into))
    return Measured(loaded, name, hosted[name])


def _usual(target: Measured) -> dict[str, str]:
    """Return what the deployment says of its setting, for what a file leaves out."""
    d = target.deployment
    return {
        "model": d.model, "gpu": d.gpu, "tp": _word(d.tensor_parallel), "pp": _word(d.pipeline_parallel),
        "attn_dp": _word(d.attention_data_parallel), "precision_weights": d.weights,
        "precision_kv": d.kv_cache, "engine": d.engine,
    }  # fmt: skip


def _without_served_names(rows: Sequence[Row], target: Measured | None) -> tuple[list[Row], tuple[str, ...]]:
    """Return the rows without names that only the server knows: the deployment's model stands for them."""
    if target is None:
        return [*rows], ()
    named = {row.get("model") or "" for row in rows} - {"", *target.loaded.scenario.models}
    unknown = sorted(name for name in named if not name.endswith(".json") and not hardware.is_llm(name))
    remarks = tuple(
        f"model: {name} is no model that is known; taken as {target.deployment.model}, as {target.name} runs."
        for name in unknown
    )
    return [{**row, "model": None} if row.get("model") in unknown else row for row in rows], remarks


def _named(rows: Sequence[Row], bench: Benchmark, target: Measured | None) -> Named:
    """Return the models and GPUs of the plan, and the models that are given as a config.json."""
    models = {} if target is None else target.loaded.scenario.models
    gpus = {} if target is None else target.loaded.scenario.gpus
    llms = {name: hardware.llm_from_table(each, where=f"models.{name}") for name, each in models.items()}
    files = {name for row in rows if (name := row.get("model") or "").endswith(".json")} - llms.keys()
    return Named(
        llms | {name: model_input.llm(name) for name in sorted(files)},
        {name: hardware.gpu_from_table(table, where=f"gpus.{name}") for name, table in gpus.items()},
        noun=bench.noun,
        first=bench.first,
    )


def _unmeasured(found: Calibration) -> tuple[str, ...]:
    return tuple(
        f"{METRIC_WORDS[metric]}: no row measures it; its factor stays 1."
        for metric, count in found.rows.items()
        if count == 0
    )


def _write(target: Measured, rows: Sequence[Row], found: Calibration) -> str:
    """Write the factors that were measured into the plan, and say so; its other lines stay as they are."""
    if any(row.get("quality") == FAILED for row in rows):
        raise ScenarioError(
            [Problem("the benchmark", "has a run of which most requests failed; nothing is written.")]
        )
    scenario = target.loaded.scenario
    measured = [metric for metric in METRIC_WORDS if found.rows[metric] > 0]
    place = f"deployments.{step_text(target.name)}.calibration"
    for metric in measured:
        value = float(f"{getattr(found, f'{metric}_x'):.4g}")
        scenario = scenario.with_value(f"{place}.{metric}_x", value)
    lists = _by_load(found)
    now = {name: getattr(target.deployment.calibration, name) for name in _LISTS}
    changed = {f"{place}.{name}": tuple(lists.get(name, ())) for name in _LISTS if now[name] or name in lists}
    scenario = replaced_many(scenario, changed)  # all at once: one has as many entries as the other
    path = target.loaded.path
    if not isinstance(save(target.loaded, scenario), Loaded):
        what = "was changed by another program meanwhile; nothing is written."
        raise ScenarioError([Problem("the file", what)], source=inert(str(path)))
    names = ", ".join([*(f"{metric}_x" for metric in measured), *lists])
    return f"# {inert(str(path))} is written: {names} of {target.name}"
