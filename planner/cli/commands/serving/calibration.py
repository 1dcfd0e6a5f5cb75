"""`planner serving --calibrate`: a team's own benchmark as factors, printed or written into a plan."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from planner.analysis.serving_fit.calibrate import METRIC_WORDS, CalibrationFactors
from planner.analysis.serving_fit.own_benchmark import (
    MeasuredDeployment,
    OwnRuns,
    by_load,
    hosted,
    own_runs,
    with_factors,
    word,
)
from planner.cli.io import json_output, model_input
from planner.cli.io.output_formats import csv_text
from planner.cli.io.scenario_input import read
from planner.errors import Problem, ScenarioError
from planner.files import Loaded, inert, save
from planner.files.measurements import measurements
from planner.schema import step_text
from planner.units import counted

COLUMNS = {
    "model": "model", "gpu": "gpu", "tp": "tp", "pp": "pp", "attn_dp": "attn_dp", "ep": "ep", "gpus": "n_gpu",
    "weights": "precision_weights", "kv": "precision_kv", "engine": "engine", "memory_share": "memory_share",
    "input_tokens": "isl_mean", "output_tokens": "osl_mean", "concurrency": "concurrency_or_batch",
}  # fmt: skip


def report(
    source: Path, given: Mapping[str, Any], *, into: str | None, deployment: str | None, style: str | None
) -> str:
    """Return a benchmark's factors as a section of a plan; write them into the plan `into`, if given.

    `given` holds the options the user gave, by name: they add to the file and override it.
    """
    loaded = None if into is None else read(into)
    target = None if loaded is None else _target(loaded, deployment)
    said = {COLUMNS[name]: word(value) for name, value in given.items() if name in COLUMNS}
    try:
        runs = own_runs(measurements(source), said, target=target, llm_of_file=model_input.llm)
        found = runs.calibration()
    except ScenarioError as error:
        raise ScenarioError(error.problems, source=error.source or inert(str(source))) from None
    remarks = runs.said(found)
    written = "" if loaded is None or target is None else _write(loaded, target, runs, found)
    if style == "json":
        return json_output.as_json(vars(found) | {"client": runs.bench.client, "remarks": remarks})
    if style == "csv":
        return csv_text(
            [_factors("all", found), *(_factors(each.concurrency, each) for each in found.by_concurrency)]
        )
    head = _head(source, runs, found, "NAME" if target is None else target.name)
    return "\n".join([*head, *(f"# {inert(remark)}" for remark in remarks), *([written] if written else [])])


def _head(source: Path, runs: OwnRuns, found: CalibrationFactors, name: str) -> list[str]:
    noun = "run" if runs.bench.noun == "run" else "row"
    client = "" if noun == "row" else f" of {runs.bench.client}"
    return [
        f"# {inert(source.name)}: {counted(max(found.rows.values()), noun)}{client}",
        *([f"# {inert(runs.settings)}"] if runs.settings else []),
        f"[deployments.{step_text(name)}.calibration]",
        *(f"{metric}_x = {getattr(found, f'{metric}_x'):.4g}" for metric in METRIC_WORDS),
        *(
            f"{name} = [{', '.join(f'{each:.4g}' for each in values)}]"
            for name, values in by_load(found).items()
        ),
    ]


def _factors(load: object, found: Any) -> dict[str, object]:
    return {"concurrency": load} | {f"{metric}_x": getattr(found, f"{metric}_x") for metric in METRIC_WORDS}


def _target(loaded: Loaded, name: str | None) -> MeasuredDeployment:
    """Return the deployment to write to: the named one, or the only one on own GPUs."""
    known = hosted(loaded.scenario)
    if name is None and len(known) == 1:
        name = known[0]
    if name is None or name not in known:
        what = (
            "is missing."
            if name is None
            else f"is {name!r}, which is not a self-hosted deployment of the plan."
        )
        has = f"It has: {', '.join(known)}." if known else "It has none."
        raise ScenarioError([Problem("--deployment", what, has)], source=inert(str(loaded.path)))
    return MeasuredDeployment(loaded.scenario, name)


def _write(loaded: Loaded, target: MeasuredDeployment, runs: OwnRuns, found: CalibrationFactors) -> str:
    """Write the measured factors into the plan and say so; its other lines stay as they are."""
    scenario, names = with_factors(target, runs, found)
    path = inert(str(loaded.path))
    if not isinstance(save(loaded, scenario), Loaded):
        what = "was changed by another program in the meantime; nothing written."
        raise ScenarioError([Problem("the file", what)], source=path)
    return f"# wrote {path}: {', '.join(names)} of {target.name}"
