"""Rules that involve two fields of a plan."""

from typing import TYPE_CHECKING

import numpy as np

from planner.errors import Problem
from planner.schema.commitment import commitment_problems
from planner.schema.ranges import Range, some
from planner.schema.reactions import reaction_problems
from planner.schema.segment import segment_problems
from planner.schema.session_rules import session_problems
from planner.schema.steps import step_text

if TYPE_CHECKING:
    from planner.schema.scenario import Scenario
    from planner.schema.workload import Workload


def cross_problems(scenario: "Scenario") -> list[Problem]:
    """Return every broken rule that involves two fields."""
    problems: list[Problem] = []
    known = ", ".join(scenario.deployments) or "none"
    for name, workload in scenario.workloads.items():
        problems += _routing_problems(scenario, name, workload, known)
    problems += [
        Problem(
            f"cash.credits.{index}.covers", f'names "{name}", which is not a deployment.', f"Known: {known}."
        )
        for index, credit in enumerate(scenario.cash.credits)
        for name in credit.covers
        if name not in scenario.deployments
    ]
    problems += [
        *_load_problems(scenario),
        *_teacher_problems(scenario),
        *commitment_problems(scenario),
        *session_problems(scenario),
    ]
    return [*problems, *segment_problems(scenario), *reaction_problems(scenario)]


def _routing_problems(scenario: "Scenario", name: str, workload: "Workload", known: str) -> list[Problem]:
    """Return the problems with the deployments that a workload lists."""
    tiers, routing = workload.routing.tiers, workload.routing
    passed, steps = len(routing.share_passed_on), max(len(tiers) - 2, 0)
    routes = np.any(np.asarray(routing.policy) == "route")
    there = tiers and all(tier in scenario.deployments for tier in tiers) and len(set(tiers)) == len(tiers)
    if there and (passed == steps or not routes) and workload.success.keys() <= set(tiers):
        return []
    where = f"workloads.{step_text(name)}.routing"
    problems = []
    if not tiers:
        problems.append(Problem(f"{where}.tiers", "is missing.", f"Deployments of this file: {known}."))
    problems += [
        Problem(f"{where}.tiers", f'names "{tier}", which is not a deployment.', f"Known: {known}.")
        for tier in tiers
        if tier not in scenario.deployments
    ]
    if len(set(tiers)) < len(tiers):
        problems.append(Problem(f"{where}.tiers", "names a deployment twice."))
    if routes and passed != steps:
        what = f"has {passed} entries; {len(tiers)} tiers need {steps}."
        hint = "Give one share for each tier before the last two: what it passes on, such as [0.5]."
        problems.append(Problem(f"{where}.share_passed_on", what, hint if steps else ""))
    return [
        *problems,
        *(
            Problem(
                f"workloads.{step_text(name)}.success.{step_text(tier)}", "is not a tier of this workload."
            )
            for tier in workload.success
            if tier not in tiers
        ),
    ]


def _load_problems(scenario: "Scenario") -> list[Problem]:
    """Return the lists of factors by load whose length differs from the list of loads."""
    problems = []
    for name, deployment in scenario.deployments.items():
        calibration = getattr(deployment, "calibration", None)
        if calibration is None:
            continue
        stated = calibration.at_concurrency
        loads = len(stated)
        if (
            any(np.ndim(load) or isinstance(load, Range) for load in stated)
            or len(set(map(str, stated))) < loads
        ):
            where = f"deployments.{step_text(name)}.calibration.at_concurrency"
            problems.append(Problem(where, "must list the measured loads: plain numbers, each once."))
        for factor in ("throughput_x_at", "ttft_x_at", "tpot_x_at"):
            given = len(getattr(calibration, factor, ()))
            if given not in (0, loads):
                where = f"deployments.{step_text(name)}.calibration.{factor}"
                problems.append(
                    Problem(
                        where,
                        f"has {given} entries; at_concurrency has {loads}.",
                        "Give one factor per load.",
                    )
                )
    return problems


def _teacher_problems(scenario: "Scenario") -> list[Problem]:
    problems = []
    for name, deployment in scenario.deployments.items():
        distillation = deployment.distillation
        if not some(distillation.on):
            continue
        where = f"deployments.{step_text(name)}.distillation.teacher"
        teacher = scenario.deployments.get(distillation.teacher)
        if teacher is None or distillation.teacher == name:
            problems.append(Problem(where, "must name another deployment of this file."))
        elif some(teacher.distillation.on):
            problems.append(Problem(where, "is itself distilled; use steps to distil again."))
    return problems
