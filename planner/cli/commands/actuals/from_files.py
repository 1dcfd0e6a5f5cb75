"""`planner actuals PLAN --from FILE...`: ledgers, bills and usage logs into the file of actuals."""

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.analysis.actuals import check
from planner.cli.commands.actuals.text import ActualsAsked, opened
from planner.cli.io.layout import wrapped
from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.files.actuals import LoadedActuals, actuals_text, save_actuals
from planner.records import dataclass
from planner.schema import Scenario
from planner.schema.actuals import WHOLE_MONTH, Actuals
from planner.usage.booked import Booked, line_of, read_booked
from planner.usage.containers import Source, shown, sources

if TYPE_CHECKING:
    from planner.usage.log_summary import LogSummary

ENGINE = "duckdb"
CONTEXT_LINES = 1
Amounts = dict[tuple[str, str], float]


@dataclass(frozen=True)
class FilesAsked:
    """The files to read, the workload of logs and the deployment of bills, "" where the file tells."""

    files: tuple[Path, ...]
    workload: str
    deployment: str


def report(asked: ActualsAsked, told: FilesAsked, *, write: bool) -> str:
    """Return what the files say and would change; with `write`, the file of actuals says so."""
    loaded, actuals = opened(asked)
    _check_names(loaded.scenario, told)
    amounts, origins, lines = _read(loaded.scenario, told)
    merged = with_amounts(actuals.actuals, amounts, origins)
    check(loaded.scenario, merged, source="These files")
    name = inert(str(actuals.path))
    lines += ["", *_preview(actuals, merged), ""]
    if not write:
        return "\n".join([*lines, f"Nothing is written. --write puts it into {name}."])
    save_actuals(actuals, merged)
    return "\n".join([*lines, f"{name} is written."])


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


def _read(scenario: Scenario, told: FilesAsked) -> tuple[Amounts, dict[tuple[str, str], str], list[str]]:
    """Return the sums of all files, where each is from, and what to say of the files."""
    amounts, origins, lines = Amounts(), dict[tuple[str, str], str](), list[str]()
    for source in sources([*told.files]):
        booked = read_booked(source, scenario, deployment=told.deployment) or _of_log(source, scenario, told)
        name = inert(Path(source.name).name)
        lines += wrapped(f"{name}: {booked.form}, {len(booked.amounts)} numbers.", indent=0)
        lines += [line for words in booked.remarks for line in wrapped(words)]
        for key, value in booked.amounts.items():
            amounts[key] = amounts.get(key, 0.0) + value
            origins[key] = "; ".join(filter(None, [origins.get(key, ""), f"{name}, {booked.form}"]))
    if not amounts:
        raise ScenarioError([Problem("--from", "gives nothing that can be used.", "; ".join(lines))])
    return amounts, origins, lines


def _of_log(source: Source, scenario: Scenario, told: FilesAsked) -> Booked:
    """Return requests and costs of a usage log, month by month."""
    if find_spec(ENGINE) is None or source.plain is None:
        what = "is neither a ledger (month, line, amount) nor a bill."
        raise ScenarioError(
            [Problem(shown(source), what, 'Usage logs need a plain file and the extra "usage".')]
        )
    from planner.usage import read_months  # noqa: PLC0415 - loads duckdb

    months = read_months(source.plain)
    workload = told.workload or (next(iter(scenario.workloads)) if len(scenario.workloads) == 1 else "")
    problems = []
    if not workload:
        what = "is a usage log of some workload."
        problems.append(Problem(shown(source), what, "Say which: --workload NAME."))
    if not months:
        problems.append(Problem(shown(source), "has no dates: nothing says which months it is of."))
    if problems:
        raise ScenarioError(problems)
    amounts: Amounts = {}
    for month, found in months.items():
        amounts[month, f"requests.{workload}"] = found.requests
        for line, usd in _costs(found, scenario, told.deployment):
            amounts[month, line] = amounts.get((month, line), 0.0) + usd
    remarks = tuple(f"{month}: {found.dates}, and counts as it is." for month, found in months.items())
    form = next(iter(months.values())).form
    return Booked(f"a usage log ({form})", amounts, remarks)


def _costs(found: "LogSummary", scenario: Scenario, deployment: str) -> Iterator[tuple[str, float]]:
    """Yield what each model cost, as logged or at list price, by line; what has no price is left out."""
    for used in found.mix:
        line = f"deployment_usd.{deployment}" if deployment else line_of({"model": used.model}, scenario)
        usd = used.list_usd if math.isnan(used.logged_usd) else used.logged_usd
        if not math.isnan(usd):
            yield line, usd


def with_amounts(
    actuals: Actuals, amounts: Mapping[tuple[str, str], float], origins: Mapping[tuple[str, str], str]
) -> Actuals:
    """Return actuals with these amounts, by (month, line), in place of what was there, and their origins."""
    months: dict[str, dict[str, Any]] = {
        name: month.model_dump(exclude_defaults=True) for name, month in actuals.months.items()
    }
    for (month, line), value in sorted(amounts.items()):
        table = months.setdefault(month, {})
        section, dot, name = line.partition(".")
        if dot:
            table[section] = {**table.get(section, {}), name: value}
        else:
            table[section] = value
        table["source"] = {**table.get("source", {}), line: origins.get((month, line), "")}
    return Actuals.from_table(
        {"schema": actuals.schema_version, "months": {k: _tidy(v) for k, v in months.items()}}
    )


def _tidy(month: dict[str, Any]) -> dict[str, Any]:
    """Return a month whose sources say once what they all say."""
    said: dict[str, str] = month.get("source", {})
    if WHOLE_MONTH not in said and len({*said.values()}) == 1 and len(said) == _count(month.items()):
        return month | {"source": {WHOLE_MONTH: next(iter(said.values()))}}
    return month


def _count(fields: Iterable[tuple[str, Any]]) -> int:
    return sum(len(value) if isinstance(value, dict) else 1 for name, value in fields if name != "source")


def _preview(before: LoadedActuals, after: Actuals) -> list[str]:
    name = inert(before.path.name)
    lines = difflib.unified_diff(
        before.text.splitlines(), actuals_text(before, after).splitlines(), name, f"{name} with these files",
        n=CONTEXT_LINES, lineterm="",
    )  # fmt: skip
    return [inert(line) for line in lines] or ["It says all of this already."]
