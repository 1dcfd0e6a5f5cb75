"""A deployment added from the screen, so that a plan with one tier gets a split to move."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planner.catalog.hardware import llm_names
from planner.errors import ScenarioError
from planner.model import evaluate
from planner.schema import ApiDeployment, Field, HostedDeployment, Scenario
from planner.tui.dialogs.catalog_choices import api_models
from planner.tui.dialogs.picker import Option, Picker

if TYPE_CHECKING:
    from planner.tui.app import PlannerApp

FIRST_GPU = "H100-SXM"  # of an open model just added; the next thing to choose
_NO_LETTERS = re.compile(r"[^a-z0-9]+")


def ask_deployment(app: PlannerApp, field: Field) -> None:
    """Ask for a model, and put it before the tiers of a workload as a new deployment."""
    options = [Option(name, name, f"open model, on {FIRST_GPU}") for name in llm_names()]
    options += [Option(name, name, "API") for name in api_models()]

    def chosen(model: str | None) -> None:
        if model:
            _add(app, field, model)

    app.visit(Picker("Which model? Type a few letters", options), chosen)


def _add(app: PlannerApp, field: Field, model: str) -> None:
    workload = field.path.split(".")[1]
    before = app.plan.scenario
    try:
        after, name = with_deployment(before, workload=workload, model=model)
        evaluate(after)
    except ScenarioError as error:
        app.say(str(error.problems[0]), look="error")
        return
    app.plan = app.plan.became(after, field.path)
    if before.workloads[workload].routing.tiers == after.workloads[workload].routing.tiers:
        app.say(f"Added the deployment {name}.", "enter puts it into the tiers; u takes it back")
        return
    app.plan_screen.go_to(f"workloads.{workload}.routing.share_to_last")
    last = after.workloads[workload].routing.tiers[-1]
    said = f"Added {name}, at a success rate of {after.deployments[name].success_share:.0%}: measure yours."
    app.say(said, f"All still go to {last}: H and h give {name} a share; u takes it back")


def with_deployment(scenario: Scenario, *, workload: str, model: str) -> tuple[Scenario, str]:
    """Return the scenario with one deployment more, and its name.

    A workload with one tier gets it as its first, with all requests still going where they go now.
    """
    stem = _NO_LETTERS.sub("-", re.split(r"[:/]", model)[-1].lower()).strip("-") or "model"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    name = next(each for each in names if each not in scenario.deployments)
    if model in llm_names():
        added: ApiDeployment | HostedDeployment = HostedDeployment(model=model, gpu=FIRST_GPU)
    else:
        added = ApiDeployment(model=model)
    grown = scenario.model_copy(update={"deployments": {**scenario.deployments, name: added}})
    tiers = scenario.workloads[workload].routing.tiers
    if len(tiers) > 1:
        return grown, name
    where = f"workloads.{workload}.routing"
    split = grown.with_value(f"{where}.tiers", f"{name}, {', '.join(tiers)}")
    return split.with_value(f"{where}.share_to_last", 1.0), name
