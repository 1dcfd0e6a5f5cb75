"""One step back in the history of a plan, or forward again; a step that wrote a file has it written again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.errors import ScenarioError
from planner.files import inert
from planner.readout import label_in
from planner.readout.field_labels import part_label
from planner.readout.field_values import value_text
from planner.readout.setting_words import setting_meaning
from planner.records import dataclass
from planner.schema import spec_at
from planner.tui.session.refusal import Refusal, first_problem

if TYPE_CHECKING:
    from planner.files.actuals import LoadedActuals
    from planner.schema import Scenario
    from planner.tui.state import FieldEdit, Plan


@dataclass(frozen=True)
class HistoryStep:
    """The plan after a step, what is as it was again, which fields these are if several, and a field to go to."""

    plan: Plan
    words: str
    more: str = ""
    at: str = ""


def undone(plan: Plan) -> HistoryStep:
    """Return the step that takes back the last edit; raise Refusal where there is none, or it can't be."""
    if not plan.past:
        raise Refusal("There is nothing to undo.")
    last, before = plan.past[-1], plan.undone()
    if last.written is not None:
        return _of_file(before, "Undone", seen=last.written.after, wanted=last.written.before)
    return _of_fields(before, "Undone", seen=plan.scenario, edit=last.edit)


def redone(plan: Plan) -> HistoryStep:
    """Return the step that makes an edit again; raise Refusal where none was taken back, or it can't be."""
    if not plan.future:
        raise Refusal("There is nothing to redo.")
    following, after = plan.future[0], plan.redone()
    if following.written is not None:
        return _of_file(after, "Redone", seen=following.written.before, wanted=following.written.after)
    return _of_fields(after, "Redone", seen=plan.scenario, edit=following.edit)


def _of_fields(plan: Plan, done: str, *, seen: Scenario, edit: FieldEdit) -> HistoryStep:
    if not edit.alone:
        from planner.tui.session.step_words import step_words  # noqa: PLC0415 - most steps change one field

        words, more, at = step_words(seen, plan.scenario, edit.words)
        return HistoryStep(plan, f"{done}: {words}", more, at)
    spec, value = spec_at(plan.scenario, edit.path)
    label = part_label(edit.path, label_in(plan.scenario, edit.path, spec.label))
    meaning = setting_meaning(plan.scenario, edit.path, value)
    again = f"{label} is {value_text(value, spec)} again" + (f" ({meaning})" if meaning else "")
    return HistoryStep(plan, f"{done}: {again}.", at=edit.path)


def _of_file(plan: Plan, done: str, *, seen: LoadedActuals, wanted: LoadedActuals) -> HistoryStep:
    from planner.files.actuals import put_back  # noqa: PLC0415 - few plans have actuals

    try:
        put_back(seen, wanted)
    except ScenarioError as error:
        raise Refusal(first_problem(error), look="error") from None
    return HistoryStep(plan, f"{done}: {inert(seen.path.name)} is as it was before.")
