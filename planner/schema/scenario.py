"""The scenario: one frozen value that holds all that a plan assumes."""

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
READABLE = (1, SCHEMA)  # 2 added sections and changed none: a file of either means the same
MOST_NAMED = 200  # workloads, deployments, models or GPUs of one scenario

AnyDeployment = Annotated[ApiDeployment | HostedDeployment, Field(discriminator="kind")]


class Correlation(Section):
    """Two ranges that move together."""

    a: Annotated[str, text("One field")]
    b: Annotated[str, text("The other field")]
    rank: Annotated[float, ratio("Rank correlation", lo=-0.99, hi=0.99)]


class Scenario(Section):
    """All that a plan assumes. It never changes; an edit makes a new one."""

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
        """Return the scenario that a parsed file states; raise ScenarioError with every problem in it."""
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
        """Return what of a table can be read, without the rules that join fields; None where that is no scenario."""
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
        """Return a scenario that differs in the field at `path` only.

        `value` may be a number, text as a person types it ("0.5 to 0.8", "1.2M"), or an array for
        many plans. Raises ScenarioError when the path or the value can't be used.
        """
        changed = replaced(self, path, value)
        if problems := cross_problems(changed):
            raise ScenarioError(problems)
        return changed

    def value(self, path: str) -> Any:
        """Return what the field at `path` holds."""
        return spec_at(self, path)[1]

    @model_validator(mode="after")
    def _known_schema(self) -> Self:
        if self.schema_version not in READABLE:
            raise ValueError(f"schema {self.schema_version} is not known; this planner reads schema 1 and 2")
        return self


def _too_many(table: dict[str, Any]) -> list[Problem]:
    """Refuse before reading what would take long to compute."""
    return [
        Problem(name, f"has {len(section):,} entries; at most {MOST_NAMED}.")
        for name in ("workloads", "deployments", "segments", "models", "gpus")
        if isinstance(section := table.get(name), dict) and len(section) > MOST_NAMED
    ]


def _other_problems(cls: type[Scenario], table: dict[str, Any], error: ValidationError) -> list[Problem]:
    """Return the broken rules that join fields, where the rest of the table can be read."""
    rest = cls.readable(without_findings(table, error))
    return [] if rest is None else cross_problems(rest)
