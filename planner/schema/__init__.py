"""The contents of a plan file: sections, fields and rules."""

from planner.arrays import Array, Flags, Number
from planner.schema.company import Company, Decline, Demand, Revenue
from planner.schema.deployment import ApiDeployment, Deployment, HostedDeployment
from planner.schema.paths import (
    Field,
    declared,
    fields,
    holding,
    replaced,
    replaced_many,
    spec_at,
    unknown_sources,
)
from planner.schema.ranges import Range, read_number, read_range, some
from planner.schema.scenario import READABLE, SCHEMA, Scenario
from planner.schema.segment import Segment
from planner.schema.spec import Spec
from planner.schema.steps import path_of, step_text, steps_of
from planner.schema.workload import Workload

__all__ = [
    "READABLE",
    "SCHEMA",
    "ApiDeployment",
    "Array",
    "Company",
    "Decline",
    "Demand",
    "Deployment",
    "Field",
    "Flags",
    "HostedDeployment",
    "Number",
    "Range",
    "Revenue",
    "Scenario",
    "Segment",
    "Spec",
    "Workload",
    "declared",
    "fields",
    "holding",
    "path_of",
    "read_number",
    "read_range",
    "replaced",
    "replaced_many",
    "some",
    "spec_at",
    "step_text",
    "steps_of",
    "unknown_sources",
]  # fmt: skip
