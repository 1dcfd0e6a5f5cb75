"""A usage log merged into a plan that is there: what the log tells replaces what the plan said, all else stays."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.catalog.api_offers import NotListed, look_up
from planner.errors import Problem, ScenarioError
from planner.files import Loaded, inert, table_of
from planner.files.bounds import parse
from planner.files.preview import changed_lines
from planner.files.saving import edited_text
from planner.records import dataclass
from planner.schema import Scenario, path_of, step_text, steps_of
from planner.usage.written_plan import assumed_success, written_plan

if TYPE_CHECKING:
    from planner.usage.log_summary import LogSummary

Table = dict[str, Any]

OF_THE_LOG = {"routing": ("tiers", "share_to_last", "share_passed_on"), "meters": (), "cache": (
    "prefix_hit_share", "prefix_write_share", "lifetime", "write_1h_share", "semantic_hit_share")}  # fmt: skip
LENGTHS = (
    "prompt_tokens",
    "context_tokens",
    "history_tokens",
    "output_tokens",
    "reasoning_tokens",
    "prompt_cv",
)
LEVERS = ("rag", "compression", "output_control")
CONTEXT_LINES = 2


@dataclass(frozen=True)
class Merged:
    """A plan with a log merged into it, not yet written. `remarks` are sentences for a reader."""

    loaded: Loaded
    scenario: Scenario
    text: str
    remarks: tuple[str, ...]

    def preview(self) -> list[str]:
        """Return what would change in the file, as the lines of a unified diff."""
        before, name = self.loaded.text, self.loaded.path.name
        return changed_lines(before, self.text, name, with_what="with the log", around=CONTEXT_LINES)


@dataclass(frozen=True)
class LogPreview:
    """What a log would make of a plan, for a screen to show before it is taken.

    `lines` are what a reader sees: what the log says (`said`, each row's parts apart), then what would change in the file,
    then what to know of it. `merged` holds the plan (`merged.scenario`) and the text of its file (`merged.text`) after that; it is None, and `problems` say why,
    where the log can't be read or the plan can't hold it.
    """

    lines: tuple[str, ...] = ()
    merged: Merged | None = None
    problems: tuple[Problem, ...] = ()
    said: tuple[tuple[str, ...], ...] = ()


def preview_of_log(
    loaded: Loaded,
    logs: str | Path | Iterable[str | Path],
    workload: str,
    *,
    progress: Callable[[float, float], None] | None = None,
    **reading: Any,
) -> LogPreview:
    """Return what the usage log at `logs` (a file, a folder, an archive, or several) would make of a plan; nothing is written.

    `loaded` is the plan as its file states it; a plan with edits that are not saved yet is given as
    `load_text(edited_text(loaded, scenario), path=loaded.path)`. `workload` is the one whose numbers are replaced, or the name of
    a new one. `progress` is told the share done and the seconds left; raising in it ends the reading. `reading` are the
    options of `read_log`: columns, time_format, no_time. Reading takes seconds for large logs and holds no lock on the
    plan, so a screen calls this from a thread. It raises nothing for bad input.
    """
    from planner.usage.read_log import read_log  # noqa: PLC0415 - loads numpy's friends, for a log only

    name = workload.strip()
    if not name:
        return LogPreview(problems=(Problem("workload", "has no name.", "Say which one the log is of."),))
    try:
        found = read_log(logs, workload=name, progress=progress, **reading)
        merged = merged_into(loaded, found, name)
    except ScenarioError as error:
        return LogPreview(problems=error.problems)
    rows = tuple(
        tuple(inert(row[name]) for name in ("what", "value", "range", "note")) for row in found.summary()
    )
    said = [f"{what}: {value} {note}".rstrip() for what, value, _, note in rows]
    return LogPreview((*said, "", *merged.preview(), "", *merged.remarks), merged, said=rows)


def merged_into(loaded: Loaded, found: "LogSummary", workload: str) -> Merged:
    """Return the plan with what the log tells of one workload (or of several, where the log needs them).

    Comments and order of the file stay. Raises ScenarioError in words, with nothing written.
    """
    plan = written_plan(found, workload)
    table = table_of(loaded.scenario)
    read = _under_its_name(parse(plan.text, source=inert(str(found.path))), workload, table)
    names = _deployments(table, read, first=_tiers(table, workload))
    remarks = list(plan.remarks)
    sections = table.setdefault("workloads", {})
    model = sections.get(workload, {})  # what the log can't tell is the same for all of its workloads
    for name, told in read["workloads"].items():
        before = sections.get(name, model)
        sections[name] = _workload(before, _renamed(told, names))
        remarks += [f"{name} is new in the plan."] if name not in loaded.scenario.workloads else []
        remarks += _said(name, before, sections[name], table)
    remarks += assumed_success(
        [name for name in dict.fromkeys(names.values()) if not _success_told(table, read, name)]
    )
    table["source"] = {**table.get("source", {}), **read.get("source", {})}
    whole = _volumes(table, read, loaded.scenario, workload)
    scenario = Scenario.from_table(whole, source=inert(str(loaded.path)))
    if scenario == loaded.scenario:
        raise ScenarioError([Problem("the plan", "says already what the log tells: nothing would change.")])
    return Merged(loaded, scenario, edited_text(loaded, scenario), tuple(remarks))


def _success_told(table: Table, read: Table, deployment: str) -> bool:
    """Whether the plan says how often a deployment succeeds: itself, or by a workload of the log."""
    by_workload = any(deployment in table["workloads"][name].get("success", {}) for name in read["workloads"])
    return by_workload or "success_share" in table["deployments"][deployment]


def _under_its_name(read: Table, workload: str, table: Table) -> Table:
    """Return the log's plan with its first workload under the name that the plan has already: it takes that one's place."""
    first = next(iter(read["workloads"]))
    if workload not in table.get("workloads", {}) or workload in read["workloads"]:
        return read
    workloads = {workload if name == first else name: told for name, told in read["workloads"].items()}
    source = {_renamed_path(path, first, workload): words for path, words in read.get("source", {}).items()}
    return read | {"workloads": workloads, "source": source}


def _renamed_path(path: str, workload: str, name: str) -> str:
    """Return the path of a field of a workload, once that has another name."""
    section, *rest = steps_of(path)
    return path_of((section, name, *rest[1:])) if (section, *rest[:1]) == ("workloads", workload) else path


def _tiers(table: Table, workload: str) -> list[str]:
    """Return the deployments that a workload of the plan uses already."""
    return list(table["workloads"].get(workload, {}).get("routing", {}).get("tiers", ()))


def _deployments(table: Table, read: Table, *, first: list[str]) -> dict[str, str]:
    """Add the deployments of the log to those of the plan; return what each is called there.

    Of several with the model of the log it is the one that the workload uses already.
    """
    there = table.setdefault("deployments", {})
    names: dict[str, str] = {}
    for name, told in read["deployments"].items():
        usable = sorted(there, key=lambda one: one not in first)
        same = next((one for one in usable if _same(there[one], told)), None)
        if same is None:
            same, count = name, 1
            while same in there:
                count += 1
                same = f"{name}-{count}"
            there[same] = dict(told)
        names[name] = same
    return names


def _same(held: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    """Whether a deployment of the plan is the one that the log used, at the same price."""
    if held.get("kind") != "api" or "price" in held or "price" in told:
        return False
    one, other = look_up(str(held.get("model", ""))), look_up(str(told["model"]))
    if isinstance(one, NotListed) or isinstance(other, NotListed):
        return False
    tiers = [table.get("processing", "standard") for table in (held, told)]
    return one.name == other.name and tiers[0] == tiers[1]


def _renamed(told: Table, names: Mapping[str, str]) -> Table:
    routing = dict(told["routing"]) | {"tiers": [names[one] for one in told["routing"]["tiers"]]}
    return told | {"routing": routing}


def _workload(before: Table, told: Table) -> Table:
    """Return a workload with the log's numbers in place of its own; what a log can't tell stays."""
    out = {key: value for key, value in before.items() if key not in LENGTHS}
    out |= {key: value for key, value in told.items() if not isinstance(value, dict)}
    for section, fields in OF_THE_LOG.items():
        kept = {key: value for key, value in before.get(section, {}).items() if fields and key not in fields}
        out[section] = kept | told.get(section, {})
    tiers = out["routing"]["tiers"]
    if "success" in before:
        out["success"] = {tier: value for tier, value in before["success"].items() if tier in tiers}
    return {key: value for key, value in out.items() if value != {}}


def _volumes(table: Table, read: Table, scenario: Scenario, workload: str) -> Table:
    """Return the plan with the log's requests tied to its customers where the plan's were; they count once."""
    customers = float(scenario.demand.customers)
    for name in read["workloads"]:
        told, held = table["workloads"][name], scenario.workloads.get(name, scenario.workloads.get(workload))
        tied = held is not None and float(held.requests_per_customer_per_month) > 0
        if "requests_per_month" not in told or not tied or customers <= 0:
            continue
        ends = [
            float(part.replace("_", "")) / customers
            for part in str(told.pop("requests_per_month")).split(" to ")
        ]
        each = " to ".join(f"{end:.6g}" for end in ends) if len(ends) > 1 else ends[0]
        told["requests_per_customer_per_month"] = each
        words = table["source"].pop(f"workloads.{step_text(name)}.requests_per_month")
        path = f"workloads.{step_text(name)}.requests_per_customer_per_month"
        table["source"][path] = f"{words}; over {customers:,.0f} customers"
    return table


def _said(name: str, before: Table, after: Table, table: Table) -> list[str]:
    """Return what a reader must know of the merge of one workload."""
    on = [lever for lever in LEVERS if before.get(lever, {}).get("on")]
    out = [
        f"{lever.replace('_', ' ')} is on in {name}: the log's lengths may hold its effect already."
        for lever in on
    ]
    hits = before.get("cache", {}).get("prefix_hit_share", 0)
    if hits != 0 and "prefix_hit_share" not in after.get("cache", {}):
        out.append(
            f"The log tells of no tokens read from a cache: {name} has none now, and had hits of {hits}."
        )
    gone = sorted(set(before.get("success", {})) - set(after["routing"]["tiers"]))
    out += [f"The success of {tier} in {name} goes: the log did not use it." for tier in gone]
    unused = [
        tier
        for tier in before.get("routing", {}).get("tiers", ())
        if not any(tier in one.get("routing", {}).get("tiers", ()) for one in table["workloads"].values())
    ]
    return out + [f"No workload uses the deployment {tier} any more." for tier in unused]
