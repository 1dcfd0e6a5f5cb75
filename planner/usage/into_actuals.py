"""Ledgers, bills and usage logs merged into the actuals of a plan: what happened, month by month, and who says so."""

import math
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.analysis.actuals import check
from planner.errors import Problem, ScenarioError
from planner.files import inert
from planner.files.actuals import LoadedActuals, actuals_text
from planner.files.preview import changed_lines
from planner.records import dataclass
from planner.schema import Scenario
from planner.schema.actuals import WHOLE_MONTH, Actuals
from planner.units import counted
from planner.usage.booked import Booked, line_of, read_booked
from planner.usage.containers import LogFile, shown, sources

if TYPE_CHECKING:
    from planner.usage.log_summary import LogSummary

ENGINE = "duckdb"
Amounts = dict[tuple[str, str], float]


@dataclass(frozen=True)
class BookedFile:
    """The name of one file, and what it books."""

    name: str
    booked: Booked

    @property
    def words(self) -> str:
        """What was read of it, in a sentence."""
        return f"{self.name}: {self.booked.form}, {counted(len(self.booked.amounts), 'number')}."


@dataclass(frozen=True)
class WithFiles:
    """Actuals with what files say in place of what was there, not yet written."""

    before: LoadedActuals
    after: Actuals
    files: tuple[BookedFile, ...]

    def preview(self) -> list[str]:
        """Return what would change in the file of actuals, as the lines of a unified diff; none where nothing would."""
        after = actuals_text(self.before, self.after)
        return changed_lines(self.before.text, after, self.before.path.name, with_what="with these files")


def with_files(
    scenario: Scenario,
    actuals: LoadedActuals,
    files: Iterable[Path],
    *,
    workload: str = "",
    deployment: str = "",
    named: Mapping[str, str] | None = None,
) -> WithFiles:
    """Return the actuals of a plan with what ledgers, bills and usage logs say of its months; nothing is written.

    `workload` is the one that usage logs are of, `deployment` the one that bills are for; "" where the files tell. `named`
    gives the lines of a ledger's accounts. Raises
    ScenarioError in words where a file can't be read, or says what the plan does not have.
    """
    read = _read(scenario, files, (workload, deployment), named or {})
    amounts, origins = _summed(read)
    if not amounts:
        said = "; ".join(words for each in read for words in (each.words, *each.booked.remarks))
        raise ScenarioError([Problem("These files", "give nothing that can be used.", said)])
    merged = with_amounts(actuals.actuals, amounts, origins)
    check(scenario, merged, source="These files")
    return WithFiles(actuals, merged, tuple(read))


def _read(
    scenario: Scenario, files: Iterable[Path], whose: tuple[str, str], named: Mapping[str, str]
) -> list[BookedFile]:
    workload, deployment = whose
    return [
        BookedFile(
            inert(Path(source.name).name),
            read_booked(source, scenario, deployment=deployment, named=named)
            or _of_log(source, scenario, workload, deployment),
        )
        for source in sources([*files])
    ]


def _summed(files: Iterable[BookedFile]) -> tuple[Amounts, dict[tuple[str, str], str]]:
    """Return the sums of all files, and where each is from."""
    amounts, origins = Amounts(), dict[tuple[str, str], str]()
    for each in files:
        for key, value in each.booked.amounts.items():
            amounts[key] = amounts.get(key, 0.0) + value
            said = f"{each.name}, {each.booked.form}"
            origins[key] = "; ".join(filter(None, [origins.get(key, ""), said]))
    return amounts, origins


def _of_log(source: LogFile, scenario: Scenario, workload: str, deployment: str) -> Booked:
    """Return requests and costs of a usage log, month by month."""
    if find_spec(ENGINE) is None or source.plain is None:
        what = "is neither a ledger (month, line, amount) nor a bill."
        raise ScenarioError(
            [Problem(shown(source), what, 'Usage logs need a plain file and the extra "usage".')]
        )
    from planner.usage import read_months  # noqa: PLC0415 - loads duckdb

    try:
        months = read_months(source.plain)
    except ScenarioError as error:
        what = "is no ledger and no bill that is known; read as a usage log it has a problem:"
        hint = "A ledger has a month or a date, a line or an account, and an amount, or a debit and a credit."
        raise ScenarioError(
            [Problem(shown(source), what, hint), *error.problems], source=error.source
        ) from None
    workload = workload or (next(iter(scenario.workloads)) if len(scenario.workloads) == 1 else "")
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
        for line, usd in _costs(found, scenario, deployment):
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
