"""Actuals of past months: the contents of the file beside a plan."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from planner.errors import Problem, ScenarioError
from planner.schema.declare import month, ratio, real, share, text
from planner.schema.findings import in_words, without_findings
from planner.schema.ranges import Range
from planner.schema.section import Section
from planner.schema.spec import Spec

ACTUALS_SCHEMA = 1
MOST_MONTHS = 120
WHOLE_MONTH = "all"  # in `source`: every line without an entry of its own
_MONTH = month("Month")


def _usd(label: str, help: str = "") -> Spec:
    """Declare a booked amount in USD; credits make it negative."""
    return real(label, help, lo=-1e12, hi=1e12, step=100, unit="USD")


class ActualMonth(Section):
    """One past month. Anything left out was not measured and isn't compared.

    Costs are stated as in the plan: by deployment, and others. All costs together are the gross burn.
    """

    customers: Annotated[float | None, ratio("Customers", "At the start of the month.", unit="", hi=1e10)] = (
        None
    )
    revenue_usd: Annotated[float | None, _usd("Revenue")] = None
    requests: dict[str, Annotated[float, ratio("Requests", "Per workload.", unit="", hi=1e15)]] = {}
    success_share: dict[str, Annotated[float, share("Success", "Per workload, where measured.")]] = {}
    deployment_usd: dict[str, Annotated[float, _usd("Cost of a deployment", "Including its staff.")]] = {}
    other_serving_usd: Annotated[
        float | None, _usd("Other serving", "People, stores and failures paid; not tied to a deployment.")
    ] = None
    revenue_costs_usd: Annotated[
        float | None, _usd("Costs that follow revenue", "Payment fees and other cost of revenue.")
    ] = None
    fixed_costs_usd: Annotated[float | None, _usd("Fixed costs", "Including hires.")] = None
    acquisition_usd: Annotated[float | None, _usd("New customers", "Cost to acquire them.")] = None
    one_off_usd: Annotated[float | None, _usd("One-off spend", "Including GPU purchases.")] = None
    unplanned_usd: dict[
        str, Annotated[float, _usd("Unplanned cost", "Not covered by any line of the plan.")]
    ] = {}
    funding_usd: Annotated[float | None, _usd("Money raised")] = None
    cash_usd: Annotated[float | None, _usd("Cash", "At the end of the month.")] = None
    source: dict[str, Annotated[str, text("Source", "By line; all: for every other line.")]] = {}

    def lines(self) -> dict[str, float]:
        """Return every number stated for the month, by line: "revenue_usd", "requests.chat"."""
        return dict(_lines(self))

    def source_of(self, line: str) -> str:
        """Return the source of a line's number, or "" if the file gives none."""
        return self.source.get(line, self.source.get(WHOLE_MONTH, ""))


class Actuals(Section):
    """Past months, by calendar month."""

    schema_version: int = Field(default=ACTUALS_SCHEMA, alias="schema")
    months: dict[str, ActualMonth] = {}

    @classmethod
    def from_table(cls, table: dict[str, Any], *, source: str = "") -> "Actuals":
        """Return the actuals in a parsed file; raise ScenarioError with every problem in it."""
        try:
            found = cls.model_validate(table)
        except ValidationError as error:
            rest = cls._readable(without_findings(table, error))
            others = [] if rest is None else _problems(rest)
            raise ScenarioError([*in_words(error, cls), *others], source=source) from None
        if problems := _problems(found):
            raise ScenarioError(problems, source=source)
        return found.model_copy(update={"months": dict(sorted(found.months.items()))})

    @classmethod
    def _readable(cls, table: dict[str, Any]) -> Self | None:
        try:
            return cls.model_validate(table)
        except ValidationError:
            return None

    @model_validator(mode="after")
    def _known_schema(self) -> Self:
        if self.schema_version != ACTUALS_SCHEMA:
            raise ValueError(f"schema {self.schema_version} is unknown; this planner reads {ACTUALS_SCHEMA}")
        return self


def line_names() -> tuple[str, ...]:
    """Return the names of a month's lines; those of a workload or deployment end in NAME."""
    declared = ActualMonth.model_fields
    return tuple(
        f"{name}.NAME" if str(info.annotation).startswith("dict") else name
        for name, info in declared.items()
        if name != "source"
    )


def _lines(month: ActualMonth) -> Iterator[tuple[str, float]]:
    for name in ActualMonth.model_fields:
        held = getattr(month, name)
        if name == "source" or held is None:
            continue
        if isinstance(held, Mapping):
            yield from ((f"{name}.{key}", value) for key, value in held.items())
        else:
            yield name, held


def _problems(actuals: Actuals) -> list[Problem]:
    """Return problems across fields: invalid months, ranges, and sources for lines that aren't there."""
    found = []
    if len(actuals.months) > MOST_MONTHS:
        found.append(Problem("months", f"has {len(actuals.months):,} entries; at most {MOST_MONTHS}."))
    for name, each in actuals.months.items():
        try:
            _MONTH.read(name)
        except ValueError:
            found.append(Problem(f"months.{name}", f"is not a month; it must be {_MONTH.rule()}."))
        lines = each.lines()
        found += [
            Problem(f"months.{name}.{line}", f"is the range {value}; an actual is a single number.")
            for line, value in lines.items()
            if isinstance(value, Range)
        ]
        found += [
            Problem(f"months.{name}.source.{line}", "names a line that the month doesn't have.")
            for line in each.source
            if line != WHOLE_MONTH and line not in lines
        ]
    return found
