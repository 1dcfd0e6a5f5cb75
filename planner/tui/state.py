"""What is open: the scenario, its file, its baseline and its history; and where the user works."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from planner.errors import ScenarioError
from planner.records import dataclass
from planner.schema import Field, Scenario, fields, replaced_many
from planner.schema.cross import cross_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from planner.files import Loaded
    from planner.files.actuals import LoadedActuals


@dataclass(frozen=True)
class Workplace:
    """Where plans and unsaved edits are kept (None: in the user's own folders), and which day it is."""

    library: Path | None = None
    state: Path | None = None
    today: date = date.min


@dataclass(frozen=True)
class FieldEdit:
    """One change of one field: enough to say it, and to take it back."""

    path: str
    before: Any
    after: Any
    steps: int = 0  # a nudge's steps; 0 for a value that was typed or chosen
    words: str = ""  # what was done, where more than a value changed
    alone: bool = True  # whether no other field changed with it


@dataclass(frozen=True)
class ActualsWritten:
    """What the file of actuals said before a step that wrote it, and after."""

    before: LoadedActuals
    after: LoadedActuals


@dataclass(frozen=True)
class PlanStep:
    """One step of the history: the scenario before an edit, and the edit; `written` if it wrote the file of actuals."""

    scenario: Scenario
    edit: FieldEdit
    written: ActualsWritten | None = None


@dataclass(frozen=True, eq=False)
class Plan:
    """An open scenario. It never changes; each method returns the next one.

    `own` is its own baseline while another plan stands in that place, `other_name` what that one is called.
    `actuals` are those that were written last beside its file, None where none were.
    """

    blank: ClassVar[Plan]

    scenario: Scenario
    baseline: Scenario
    saved: Scenario
    file: Loaded | None = None
    past: tuple[PlanStep, ...] = ()
    future: tuple[PlanStep, ...] = ()
    last: FieldEdit | None = None
    actuals: LoadedActuals | None = None
    own: Scenario | None = None
    other_name: str = ""

    @classmethod
    def opened(cls, loaded: Loaded) -> Plan:
        """Return the plan of a file just loaded; what it extends is its baseline, else it is its own."""
        scenario = loaded.scenario
        return cls(scenario, loaded.baseline or scenario, scenario, loaded)

    @classmethod
    def of(cls, scenario: Scenario) -> Plan:
        """Return the plan of a scenario that stands in no file yet."""
        return cls(scenario, scenario, scenario)

    @property
    def unsaved(self) -> bool:
        """Whether the scenario differs from what the file holds."""
        return self.scenario is not self.saved and self.scenario != self.saved

    def leads_as(self, other: Plan) -> bool:
        """Whether it leads where another one does, and what it is held against is the same."""
        return (
            self.scenario is other.scenario
            and self.baseline is other.baseline
            and self.actuals is other.actuals
        )

    def edited(self, path: str, value: Any, *, steps: int = 0) -> Plan:
        """Return the plan with one field changed; raise ScenarioError in words if it can't be.

        An edit that changes nothing returns the plan itself.
        """
        after = self.scenario.with_value(path, value)
        edit = FieldEdit(path, self.scenario.value(path), after.value(path), steps)
        if same(edit.before, edit.after):
            return self
        past = (*self.past, PlanStep(self.scenario, edit))
        return replace(self, scenario=after, past=past, future=(), last=edit)

    def changed(self, changes: Mapping[str, Any]) -> Plan:
        """Return the plan with several fields changed in one step; raise ScenarioError if they don't go together.

        The values are as the model computes with them. The edit told is that of the first field.
        """
        after = replaced_many(self.scenario, changes)
        if problems := cross_problems(after):
            raise ScenarioError(problems)
        path = next(iter(changes))
        edit = FieldEdit(path, self.scenario.value(path), after.value(path), alone=False)
        past = (*self.past, PlanStep(self.scenario, edit))
        return replace(self, scenario=after, past=past, future=(), last=edit)

    def became(self, scenario: Scenario, path: str = "", *, words: str = "") -> Plan:
        """Return the plan with another scenario in place of its own, in one step.

        `path` is a field that differs; `words` say what was done, for who takes it back.
        """
        if scenario == self.scenario:
            return self
        if not path:
            path = next((field.path for field in differing(self.scenario, scenario)), "title")
        before, after = value_at(self.scenario, path), value_at(scenario, path)
        edit = FieldEdit(path, before, after, alone=False, words=words)
        past = (*self.past, PlanStep(self.scenario, edit))
        return replace(self, scenario=scenario, past=past, future=(), last=None)

    def with_actuals(self, before: LoadedActuals, after: LoadedActuals) -> Plan:
        """Return the plan after its file of actuals was written, which is a step of its history."""
        step = PlanStep(self.scenario, FieldEdit("", None, None, alone=False), ActualsWritten(before, after))
        return replace(self, actuals=after, past=(*self.past, step), future=(), last=None)

    def undone(self) -> Plan:
        """Return the plan before its last edit; itself when there is none."""
        if not self.past:
            return self
        step = self.past[-1]
        ahead = replace(step, scenario=self.scenario)
        actuals = step.written.before if step.written else self.actuals
        return replace(
            self, scenario=step.scenario, actuals=actuals, past=self.past[:-1], future=(ahead, *self.future)
        )

    def redone(self) -> Plan:
        """Return the plan with the edit that was taken back last made again; itself when there is none."""
        if not self.future:
            return self
        step = self.future[0]
        back = replace(step, scenario=self.scenario)
        actuals = step.written.after if step.written else self.actuals
        return replace(
            self, scenario=step.scenario, actuals=actuals, past=(*self.past, back), future=self.future[1:]
        )

    def with_baseline(self) -> Plan:
        """Return the plan compared with what it holds now."""
        return replace(self, baseline=self.scenario, own=None, other_name="")

    @property
    def against_another(self) -> bool:
        """Whether it is compared with another plan, not with its own baseline."""
        return self.own is not None

    def against(self, other: Scenario, name: str) -> Plan:
        """Return the plan compared with another one; its own baseline is kept."""
        own = self.baseline if self.own is None else self.own
        return replace(self, baseline=other, own=own, other_name=name)

    def against_own(self) -> Plan:
        """Return the plan compared with its own baseline again."""
        return self if self.own is None else replace(self, baseline=self.own, own=None, other_name="")

    def moved(self, path: Path) -> Plan:
        """Return the plan with its file at another path."""
        return self if self.file is None else replace(self, file=replace(self.file, path=path))

    def stored(self, loaded: Loaded) -> Plan:
        """Return the plan after its scenario was written to a file."""
        return replace(self, file=loaded, saved=self.scenario)


Plan.blank = Plan.of(Scenario())


def same(one: Any, other: Any) -> bool:
    """Say whether two values of a field are the same: ranges by their ends, numbers as numbers."""
    return (type(one) is type(other) and bool(one == other)) or (
        _number(one) and _number(other) and one == other
    )


def differing(before: Scenario, after: Scenario) -> Iterator[Field]:
    """Yield the fields of `after` that hold something else in `before`, or are not there."""
    old = {field.path: field.value for field in fields(before)}
    for field in fields(after):
        if field.path not in old or not same(field.value, old[field.path]):
            yield field


def value_at(scenario: Scenario, path: str) -> Any:
    """Return what a field holds; None where the scenario has no such field."""
    return next((field.value for field in fields(scenario) if field.path == path), None)


def _number(value: Any) -> bool:
    return type(value) in (int, float)
