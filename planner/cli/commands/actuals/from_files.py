"""`planner actuals PLAN --from FILE...`: read ledgers, bills and usage logs into the file of actuals."""

from pathlib import Path

from planner.cli.commands.actuals.text import ActualsAsked, opened
from planner.cli.io.layout import wrapped
from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.files.actuals import save_actuals
from planner.records import dataclass
from planner.schema import Scenario
from planner.usage.into_actuals import with_files


@dataclass(frozen=True)
class FilesAsked:
    """The files to read, the workload of logs and the deployment of bills; "" if the file says so itself."""

    files: tuple[Path, ...]
    workload: str
    deployment: str


def report(asked: ActualsAsked, told: FilesAsked, *, write: bool) -> str:
    """Return the files' contents and the changes they would make; with `write`, save them."""
    loaded, actuals = opened(asked)
    _check_names(loaded.scenario, told)
    found = with_files(
        loaded.scenario, actuals, told.files, workload=told.workload, deployment=told.deployment
    )
    lines = []
    for each in found.files:
        lines += wrapped(each.words, indent=0)
        lines += [line for words in each.booked.remarks for line in wrapped(words)]
    name = inert(str(actuals.path))
    lines += ["", *(found.preview() or ["The file of actuals has all of this already."]), ""]
    if not write:
        return "\n".join([*lines, f"Nothing written. --write puts this into {name}."])
    save_actuals(actuals, found.after)
    return "\n".join([*lines, f"Wrote {name}."])


def _check_names(scenario: Scenario, told: FilesAsked) -> None:
    problems = [
        Problem(option, f'is "{inert(name)}"; the plan has {", ".join(map(inert, known)) or "none"}.')
        for option, name, known in (
            ("--workload", told.workload, scenario.workloads),
            ("--deployment", told.deployment, scenario.deployments),
        )
        if name and name not in known
    ]
    if problems:
        raise ScenarioError(problems)
