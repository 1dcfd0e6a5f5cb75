"""The goal of a search: the result to improve, and the rules that an answer must keep."""

from collections.abc import Sequence

from planner.analysis.policy import Bound, Policy, read_bound, result_named
from planner.analysis.verdicts import PlanResults, judge
from planner.errors import Problem, ScenarioError
from planner.readout import METRICS
from planner.readout.rule_text import rule_text
from planner.records import dataclass
from planner.schema import Scenario

BURN = "net_burn_usd_per_month"


@dataclass(frozen=True)
class Objective:
    """The headline number to improve, and bounds to keep."""

    best: str = BURN
    keep: tuple[Bound, ...] = ()

    def broken(self, plan: PlanResults) -> tuple[str, ...]:
        """Return the bounds that a plan breaks, each with the value found."""
        found = judge(Policy(bounds=self.keep), plan)
        return tuple(f"{rule_text(each.rule)}: {each.words}" for each in found if not each.kept)


def objective(
    scenario: Scenario, *, best: str = "", keep: Sequence[str] = (), option: str = "--keep"
) -> Objective:
    """Return the requested goal, or else the file's [goal]; raise ScenarioError with everything that can't be read.

    `best` replaces the file's; `keep` is added to the file's.
    """
    problems: list[Problem] = []
    metric = _metric(best or scenario.goal.best, "--best" if best else "goal.best", problems)
    bounds = []
    asked = [(f"goal.keep, rule {at}", rule) for at, rule in enumerate(scenario.goal.keep, 1)]
    for where, rule in (*asked, *((option, rule) for rule in keep)):
        try:
            bounds.append(read_bound(rule))
        except ValueError as error:
            problems.append(Problem(where, str(error)))
    if problems:
        raise ScenarioError(problems)
    return Objective(metric, tuple(bounds))


def _metric(name: str, where: str, problems: list[Problem]) -> str:
    try:
        found = result_named(name) if name else BURN
    except ValueError as error:
        problems.append(Problem(where, str(error)))
        return BURN
    if found not in METRICS:
        problems.append(Problem(where, f'names "{found}"; a goal is a headline number.'))
    return found
