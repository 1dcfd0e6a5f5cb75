"""`planner actuals PLAN --from FILE...`: read ledgers, bills and usage logs into the file of actuals."""

from pathlib import Path

from planner.analysis.actuals.planned import is_line
from planner.cli.commands.actuals.text import ActualsAsked, opened
from planner.cli.io.layout import wrapped
from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.files.actuals import save_actuals
from planner.records import dataclass
from planner.schema import Scenario
from planner.usage.into_actuals import with_files
from planner.usage.ledger import LEFT_OUT

_LINES = (
    f'LINE is one of the actuals, such as fixed_costs_usd or deployment_usd.NAME; "{LEFT_OUT}" leaves it out.'
)


@dataclass(frozen=True)
class FilesAsked:
    """The files to read, the workload of logs and the deployment of bills; "" if the file says so itself."""

    files: tuple[Path, ...]
    workload: str
    deployment: str
    lines: tuple[str, ...] = ()

    def named(self) -> dict[str, str]:
        """Return the lines of a ledger's accounts, as given. Raises ScenarioError for what is no line."""
        told = [each.rpartition("=") for each in self.lines]
        problems = [
            Problem("--line", f'is "{inert(account + equals + line)}"; it must be ACCOUNT=LINE.', _LINES)
            for account, equals, line in told
            if not (account and (line == LEFT_OUT or is_line(line)))
        ]
        if problems:
            raise ScenarioError(problems)
        return {account.strip(): line for account, _, line in told}


def report(asked: ActualsAsked, told: FilesAsked, *, write: bool) -> str:
    """Return the files' contents and the changes they would make; with `write`, save them."""
    loaded, actuals = opened(asked)
    _check_names(loaded.scenario, told)
    found = with_files(
        loaded.scenario, actuals, told.files,
        workload=told.workload, deployment=told.deployment, named=told.named(),
    )  # fmt: skip
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
