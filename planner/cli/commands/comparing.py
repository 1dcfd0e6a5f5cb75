"""The work behind `planner diff`: two plans and what lies between them."""

import math
from pathlib import Path

from planner.analysis.compare import Change, Comparison, compare
from planner.cli.io.evaluated_plans import named_after, together
from planner.cli.io.scenario_input import STDIN, STDIN_NAME, read
from planner.errors import ScenarioError
from planner.files import Loaded, inert
from planner.records import dataclass

NOISE_SHARE = 1e-12


@dataclass(frozen=True)
class Compared:
    """Two plans and their comparison."""

    a: Loaded
    b: Loaded
    comparison: Comparison

    @property
    def names(self) -> tuple[str, str]:
        """The two files, fit to be shown."""
        return _shown(self.a.path), _shown(self.b.path)

    @property
    def horizon_months(self) -> tuple[float, float]:
        """How far each plan looks ahead."""
        ahead = (float(each.scenario.company.horizon_months) for each in (self.a, self.b))
        first, second = ahead
        return first, second

    @property
    def changed(self) -> list[Change]:
        """The results that differ."""
        return [change for change in self.comparison.outputs if _differs(change)]


def compared(
    a: str, b: str, *, at: Path | None = None, samples: int = 0, seed: int = 0, library: Path | None = None
) -> Compared:
    """Return what differs from plan `a` to plan `b`; raise ScenarioError with the problems of both at once."""
    found: list[Loaded] = []
    errors: list[ScenarioError] = []
    for name, other in ((a, b), (b, a)):
        beside = at or (Path(other) if name == STDIN else None)
        try:
            found.append(read(name, at=beside, library=library))
        except ScenarioError as error:
            errors.append(error)
    if errors:
        raise together(errors)
    first, second = found
    with named_after(second), named_after(first):
        return Compared(first, second, compare(first.scenario, second.scenario, n=samples, seed=seed))


def _shown(path: Path) -> str:
    return STDIN_NAME if path.name == STDIN_NAME else inert(str(path))


def _differs(change: Change) -> bool:
    if math.isnan(change.a) or math.isnan(change.b):
        return math.isnan(change.a) != math.isnan(change.b)
    return abs(change.change) > NOISE_SHARE * max(abs(change.a), abs(change.b))
