"""Put ranges re-weighted by actuals into the plan."""

from planner.analysis.actuals.refit import Refit
from planner.errors import ScenarioError
from planner.records import dataclass
from planner.schema import Scenario

MOVED_SHARE = 0.1  # share of a range's width: smaller moves of its ends are ignored
FIGURES = 4


@dataclass(frozen=True)
class NewRanges:
    """A plan with its new ranges. `moved` are the changed fields; `refused` says why others keep theirs."""

    scenario: Scenario
    moved: tuple[str, ...]
    refused: dict[str, str]


def moves(found: Refit, path: str) -> bool:
    """Whether the actuals move an end of a range by more than a tenth of its width."""
    before, after = found.before[path], found.after[path]
    width = before.p95 - before.p5
    return max(abs(after.p5 - before.p5), abs(after.p95 - before.p95)) > MOVED_SHARE * width


def with_new_ranges(scenario: Scenario, found: Refit, *, until: str) -> NewRanges:
    """Return the plan with its ranges set to the 5th to 95th percentiles given the actuals up to `until`."""
    moved, refused, out = list[str](), dict[str, str](), scenario
    for path in found.after:
        if not moves(found, path):
            continue
        try:
            out = out.with_value(path, range_of(found, path))
        except ScenarioError as error:
            refused[path] = error.problems[0].what
            continue
        moved.append(path)
    words = f"re-weighted by what happened to {until}"
    source = {path: _with_words(scenario.source.get(path, ""), words) for path in moved}
    return NewRanges(out.model_copy(update={"source": {**scenario.source, **source}}), tuple(moved), refused)


def range_of(found: Refit, path: str) -> str:
    """Return the new range as text for a file, or a single number if there is no spread left."""
    after = found.after[path]
    low, high = (f"{float(f'{end:.{FIGURES}g}'):.12g}" for end in (after.p5, after.p95))
    return f"{low} to {high}" if low != high else low


def _with_words(source: str, words: str) -> str:
    before = source.partition("; re-weighted by")[0]
    return f"{before}; {words}" if before else words
