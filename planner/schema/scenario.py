"""The scenario: one frozen value with every assumption of a plan."""

from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from planner.errors import Problem, ScenarioError
from planner.schema.change import Change, with_read_changes
from planner.schema.company import Cash, Company, Decline, Demand, Revenue
from planner.schema.cross import cross_problems
from planner.schema.declare import ratio, text
from planner.schema.deployment import ApiDeployment, HostedDeployment
from planner.schema.findings import in_words, without_findings
from planner.schema.goal import Goal
from planner.schema.paths import replaced, spec_at
from planner.schema.reactions import Reactions
from planner.schema.section import Section
from planner.schema.segment import Segment
from planner.schema.workload import Workload

SCHEMA = 2
READABLE = (1, SCHEMA)  # 2 only added sections, so a file means the same in both
MOST_NAMED = 200  # workloads, deployments, models or GPUs in one plan

AnyDeployment = Annotated[ApiDeployment | HostedDeployment, Field(discriminator="kind")]


class Correlation(Section):
    """Two ranges that move together."""

    a: Annotated[str, text("One field")]
    b: Annotated[str, text("The other field")]
    rank: Annotated[float, ratio("Rank correlation", lo=-0.99, hi=0.99)]


class Scenario(Section):
    """Every assumption of a plan. It never changes; an edit makes a new one."""

    schema_version: int = Field(default=SCHEMA, alias="schema", json_schema_extra={"enum": list(READABLE)})
    title: Annotated[str, text("Title")] = "Untitled plan"
    notes: Annotated[str, text("Notes")] = ""
    company: Company = Company()
    revenue: Revenue = Revenue()
    demand: Demand = Demand()
    cash: Cash = Cash()
    decline: Decline = Decline()
    goal: Goal = Goal()
    models: dict[str, dict[str, Any]] = {}
    gpus: dict[str, dict[str, Any]] = {}
    deployments: dict[str, AnyDeployment] = {}
    workloads: dict[str, Workload] = {}
    segments: dict[str, Segment] = {}
    change: tuple[Change, ...] = ()
    reactions: Reactions = Reactions()
    correlations: tuple[Correlation, ...] = ()
    source: dict[str, Annotated[str, text("Source")]] = {}

    @classmethod
    def from_table(cls, table: dict[str, Any], *, source: str = "") -> "Scenario":
        """Return the scenario in a parsed file; raise ScenarioError with every problem in it."""
        if problems := _too_many(table):
            raise ScenarioError(problems, source=source)
        try:
            scenario = cls.model_validate(table)
        except ValidationError as error:
            raise ScenarioError(
                [*in_words(error, cls), *_other_problems(cls, table, error)], source=source
            ) from None
        scenario, of_changes = with_read_changes(scenario)
        if problems := [*of_changes, *cross_problems(scenario)]:
            raise ScenarioError(problems, source=source)
        return scenario

    @classmethod
    def readable(cls, table: dict[str, Any]) -> Self | None:
        """Return the readable part of a table, skipping rules across fields; None if that isn't a scenario."""
        if _too_many(table):
            return None
        try:
            return cls.model_validate(table)
        except ValidationError as error:
            try:
                return cls.model_validate(without_findings(table, error))
            except ValidationError:
                return None

    def with_value(self, path: str, value: Any) -> Self:
        """Return a scenario that differs only in the field at `path`.

        `value` may be a number, text as a person types it ("0.5 to 0.8", "1.2M"), or an array for
        many plans. Raises ScenarioError when the path or the value can't be used.
        """
        changed = replaced(self, path, value)
        if problems := cross_problems(changed):
            raise ScenarioError(problems)
        return changed

    def value(self, path: str) -> Any:
        """Return the value of the field at `path`."""
        return spec_at(self, path)[1]

    @model_validator(mode="after")
    def _known_schema(self) -> Self:
        if self.schema_version not in READABLE:
            raise ValueError(f"schema {self.schema_version} is unknown; this planner reads schema 1 and 2")
        return self


def _too_many(table: dict[str, Any]) -> list[Problem]:
    """Return the sections with too many entries, before they are read."""
    return [
        Problem(name, f"has {len(section):,} entries; at most {MOST_NAMED}.")
        for name in ("workloads", "deployments", "segments", "models", "gpus")
        if isinstance(section := table.get(name), dict) and len(section) > MOST_NAMED
    ]


def _other_problems(cls: type[Scenario], table: dict[str, Any], error: ValidationError) -> list[Problem]:
    """Return the broken rules across fields, if the rest of the table can be read."""
    rest = cls.readable(without_findings(table, error))
    return [] if rest is None else cross_problems(rest)
