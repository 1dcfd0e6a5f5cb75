"""A plan, its result and the spread of its results: the basis of every report."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from planner.cli.io.scenario_input import read
from planner.errors import ScenarioError
from planner.files import Loaded, inert
from planner.model import Result, evaluate
from planner.records import dataclass
from planner.schema import Scenario

if TYPE_CHECKING:
    from planner.analysis.uncertainty import Spread
    from planner.readout import Percentiles


def today() -> date:
    """Return today's date in the local time zone."""
    return date.today()  # noqa: DTZ011 - a price is as old as the user's calendar says


@dataclass(frozen=True)
class EvaluatedPlan:
    """A loaded plan with its results."""

    loaded: Loaded
    result: Result
    samples: int
    seed: int

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.loaded.scenario

    @property
    def name(self) -> str:
        """The path of the file, safe to print."""
        return inert(str(self.loaded.path))

    @property
    def horizon_months(self) -> float:
        """The horizon of the plan, in months."""
        return float(np.max(self.scenario.company.horizon_months))

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """Warnings that readers of the numbers need, including stale prices."""
        from planner.readout.cautions import cautions  # noqa: PLC0415 - diff has no use for it

        return tuple(map(inert, cautions(self.scenario, self.result, on=today())))

    @cached_property
    def drawn(self) -> "Spread":
        """The plan under the ranges of its unknowns."""
        from planner.analysis.uncertainty import spread  # noqa: PLC0415 - only for reports with ranges

        return spread(self.scenario, n=self.samples, seed=self.seed, month=self.result.month)

    @property
    def ranges(self) -> Mapping[str, "Percentiles"]:
        """The 5th, 50th and 95th percentile of every metric."""
        return self.drawn.ranges


def opened(
    file: str,
    *,
    samples: int = 0,
    seed: int = 0,
    month: int = 1,
    at: Path | None = None,
    library: Path | None = None,
) -> EvaluatedPlan:
    """Return the plan in `file` as of a month; raise ScenarioError if it can't be used."""
    loaded = read(file, at=at, library=library)
    return evaluated(loaded, samples=samples, seed=seed, month=month)


def evaluated(loaded: Loaded, *, samples: int = 0, seed: int = 0, month: int = 1) -> EvaluatedPlan:
    """Return the result of a loaded plan as of a month, counted from 1."""
    with named_after(loaded):
        return EvaluatedPlan(loaded, evaluate(loaded.scenario).at_month(month), samples, seed)


@contextmanager
def named_after(loaded: Loaded) -> Iterator[None]:
    """Add the file's name to the problems found in a plan."""
    try:
        yield
    except ScenarioError as error:
        raise ScenarioError(error.problems, source=error.source or inert(str(loaded.path))) from None


def together(errors: Sequence[ScenarioError]) -> ScenarioError:
    """Return one error for several files, each problem with its file."""
    if len(errors) == 1:
        return errors[0]
    problems = [
        replace(problem, where=f"{error.source}: {problem.where}" if error.source else problem.where)
        for error in errors
        for problem in error.problems
    ]
    return ScenarioError(problems, source=f"{len(errors)} files")
