"""One step back in the history of a plan, or forward again; a step that wrote a file has it written again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.errors import ScenarioError
from planner.files import inert
from planner.records import dataclass
from planner.tui.session.refusal import Refusal, first_problem

if TYPE_CHECKING:
    from planner.files.actuals import LoadedActuals
    from planner.tui.state import Plan


@dataclass(frozen=True)
class HistoryStep:
    """The plan after a step, the word for it, the field that it is about and what that holds again, or words for it."""

    plan: Plan
    done: str
    path: str = ""
    value: Any = None
    words: str = ""


def undone(plan: Plan) -> HistoryStep:
    """Return the step that takes back the last edit; raise Refusal where there is none, or it can't be."""
    if not plan.past:
        raise Refusal("There is nothing to undo.")
    last, before = plan.past[-1], plan.undone()
    if last.written is not None:
        return _of_file(before, "Undone", seen=last.written.after, wanted=last.written.before)
    return HistoryStep(before, "Undone", last.edit.path, last.edit.before, last.edit.words)


def redone(plan: Plan) -> HistoryStep:
    """Return the step that makes an edit again; raise Refusal where none was taken back, or it can't be."""
    if not plan.future:
        raise Refusal("There is nothing to redo.")
    following, after = plan.future[0], plan.redone()
    if following.written is not None:
        return _of_file(after, "Redone", seen=following.written.before, wanted=following.written.after)
    return HistoryStep(after, "Redone", following.edit.path, following.edit.after, following.edit.words)


def _of_file(plan: Plan, done: str, *, seen: LoadedActuals, wanted: LoadedActuals) -> HistoryStep:
    from planner.files.actuals import put_back  # noqa: PLC0415 - few plans have actuals

    try:
        put_back(seen, wanted)
    except ScenarioError as error:
        raise Refusal(first_problem(error), look="error") from None
    return HistoryStep(plan, done, words=f"{inert(seen.path.name)} says again what it said.")
