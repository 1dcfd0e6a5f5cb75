"""Claims about inference economics, recomputed; those about a lever can be tried on the open plan."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult

from planner.analysis.claims import EFFECTS, ClaimResult, apply, claims
from planner.errors import ScenarioError
from planner.model import Result, evaluate
from planner.readout import change_text, long_label, metric_text, verdict
from planner.readout.field_values import value_text
from planner.readout.quantity_text import quantity_name, quantity_text
from planner.schema import Field, Scenario, Spec
from planner.schema.steps import steps_of
from planner.tui.config.keys import CLAIM, CLAIMS
from planner.tui.screens.page import bindings
from planner.tui.screens.sheet_page import SheetPage
from planner.tui.session.outlook import HEADLINE
from planner.tui.state import Plan, differing, value_at
from planner.tui.widgets.charts import Span
from planner.tui.widgets.headline_numbers import LOOKS
from planner.tui.widgets.hint import HintLine
from planner.tui.widgets.sheet import BLANK, ScrollSheet, SheetRow, heading, pair, text
from planner.tui.widgets.status import Notice, Status, Title

_SHOWN = (*HEADLINE, "usd_per_request", "success_share", "p95_latency_s", "gpus")
_LONGEST_WORDS = 110  # columns from a claim to its verdict, however wide the screen
_VERDICT = 13
_LEAST_CHANGE = 1e-9
_MOST_CHANGES = 12
_NO_PLAN = "No plan is open to try it on: go back, and press enter on one."


class ClaimsScreen(SheetPage):
    """All claims with their verdicts; the one under the cursor in more words below."""

    page = CLAIMS
    BINDINGS: ClassVar = bindings(CLAIMS)

    def __init__(self) -> None:
        super().__init__()
        self._claims: dict[str, ClaimResult] = {}

    def compose(self) -> ComposeResult:
        """Lay out the list over what the chosen claim comes to."""
        yield Title()
        yield ScrollSheet()
        yield ScrollSheet(id="why")
        yield Status()
        yield HintLine()

    @property
    def sheet(self) -> ScrollSheet:
        """The list."""
        return self.query(ScrollSheet).first()

    def show(self) -> None:
        """List the claims."""
        self.query_one("#why", ScrollSheet).can_focus = False
        plan = "this plan" if self.showing_plan else "a plan"
        self.query_one(Title).title = ("Rules of thumb, recomputed", f"+ can be tried on {plan}")
        self._claims = {each.id: each for each in claims()}
        self.sheet.fill(self._entries)
        self.moved()

    def _entries(self, width: int) -> list[SheetRow]:
        return [_line(each, width) for each in self._claims.values()]

    @property
    def chosen(self) -> ClaimResult | None:
        """The claim under the cursor."""
        return self._claims.get(self.sheet.chosen)

    def moved(self) -> None:
        """Show what the claim under the cursor comes to."""
        if each := self.chosen:
            self.query_one("#why", ScrollSheet).fill(lambda width: _brief(each, width))
            counts = f"{list(self._claims).index(each.id) + 1} of {len(self._claims)}"
            lever = EFFECTS.get(each.id)
            tries = "a tries it here" if self.showing_plan else "With a plan open, a tries it there"
            self.say(Notice(f"{tries}: {lever.words}." if lever else "It is not about a lever.", counts))

    def action_type(self) -> None:
        """Show the full claim."""
        if each := self.chosen:
            self.tell(self.Opened(ClaimScreen(each)))

    def action_try(self) -> None:
        """Apply the claim to the open plan, and show what changes."""
        if not self.showing_plan:
            self.say(Notice(_NO_PLAN))
        elif each := self.chosen:
            self.tell(self.Opened(ClaimScreen(each, at_once=True)))


class ClaimScreen(SheetPage):
    """One claim: what it says, from which numbers, what they give, its sources, what it does to the plan."""

    page = CLAIM
    BINDINGS: ClassVar = bindings(CLAIM)

    def __init__(self, claim: ClaimResult, *, at_once: bool = False) -> None:
        super().__init__()
        self._claim = claim
        self._at_once = at_once
        self._before: Scenario | None = None

    def show(self) -> None:
        """Fill the sheet."""
        self.query_one(Title).title = (f"{self._claim.id}: {self._claim.verdict}", "")
        self.sheet.fill(self._entries, keep=True)
        if self._at_once:
            self._at_once = False
            self.action_try()

    def _entries(self, width: int) -> list[SheetRow]:
        each = self._claim
        tried = self._tried(width)
        if self._before is not None:
            return [*tried, BLANK, *_whole(each, width)]
        return [*_whole(each, width), *([BLANK, *tried] if tried else [])]

    def _tried(self, width: int) -> list[SheetRow]:
        """Return what the claim does to the open plan: fields, then numbers."""
        effect = EFFECTS.get(self._claim.id)
        if effect is None or not self.showing_plan:
            return []
        done = self._before is not None
        title = (
            "Applied to the plan; u undoes it" if done else "What it would change in this plan; a applies it"
        )
        opening = [heading(title, width), *text(f"{effect.words}.", width)]
        try:
            before = self._before or self.plan.scenario
            after = self.plan.scenario if done else apply(self._claim.id, before)[0]
            return opening + _effects(before, after, width)
        except ScenarioError as error:
            return opening + text(f"It can't be tried here: {error.problems[0]}", width, look="muted")

    def watch_plan(self, before: Plan, after: Plan) -> None:
        """Show what the claim does to the plan now."""
        if before is not after:
            self.sheet.fill(self._entries)

    def action_try(self) -> None:
        """Apply the claim to the open plan."""
        if not self.showing_plan:
            self.say(Notice(_NO_PLAN))
            return
        before = self.plan.scenario
        try:
            after, changes = apply(self._claim.id, before)
            evaluate(after)
        except ScenarioError as error:
            self.say(Notice(str(error.problems[0]), look="error"))
            return
        if after == before:
            self.say(Notice("The plan already matches the claim."))
            return
        self._before = before
        self.tell(self.Changed(self.plan.became(after, changes[0][0])))
        self.say(Notice(f"Taken into the plan: {EFFECTS[self._claim.id].words}.", "u takes it back"))

    def action_take_back(self) -> None:
        """Undo the claim in the plan."""
        if self._before is None:
            self.say(Notice("The claim is not applied; a applies it."))
            return
        undone = self.plan.past and self.plan.past[-1].scenario is self._before
        self._before = None
        if undone:
            self.tell(self.Changed(self.plan.undone()))
        else:
            self.sheet.fill(self._entries)
        self.say(Notice("Taken back: the plan is as it was."))


def _line(each: ClaimResult, width: int) -> SheetRow:
    room = min(width - _VERDICT - 7, _LONGEST_WORDS)
    words = each.paraphrase if len(each.paraphrase) <= room else each.paraphrase[: max(room - 1, 0)] + "…"
    lever = "+" if each.id in EFFECTS else " "
    return SheetRow(
        [
            Span(f" {each.id}", "muted"),
            Span(f"{lever} ", "mark"),
            Span(words.ljust(max(room, 0)), "label"),
            Span(f" {each.verdict}".ljust(_VERDICT), _look(each.verdict)),
        ],
        each.id,
    )


def _look(verdict: str) -> str:
    return {"contradicted": "bad", "inconsistent": "bad", "consistent": "good", "plausible": "good"}.get(
        verdict, "label"
    )


def _brief(each: ClaimResult, width: int) -> list[SheetRow]:
    given = ", ".join(
        f"{quantity_name(name)} {quantity_text(name, value)}" for name, value in each.computed.items()
    )
    said = ", ".join(
        f"{quantity_name(name)} {quantity_text(name, value)}" for name, value in each.claimed.items()
    )
    entries = [heading(f"{each.id}: {each.verdict}", width), *text(each.paraphrase, width)]
    if said:
        entries += text(f"Claimed: {said}.", width, look="muted")
    if given:
        entries += text(f"The numbers give: {given}.", width, look="value")
    return entries + text(each.note, width)


def _whole(each: ClaimResult, width: int) -> list[SheetRow]:
    entries = [heading("What is claimed", width), *text(each.paraphrase, width)]
    entries += _pairs(each.claimed, width)
    if each.equation:
        entries += text(each.equation, width, look="muted")
    for title, table in (("Its own numbers", each.inputs), ("What was measured", each.measured)):
        if table:
            entries += [BLANK, heading(title, width), *_pairs(table, width)]
    entries += [BLANK, heading("What the numbers give", width), *_pairs(each.computed, width)]
    entries += [BLANK, heading("Verdict", width)]
    entries += [pair("Agrees with itself", each.arithmetic, width), pair("Findings", each.reality, width)]
    entries += [pair("Verdict", each.verdict, width, look=_look(each.verdict))]
    entries += [*text(f"Decided by: {each.rule}", width), *text(each.note, width)]
    if each.sources:
        entries += [BLANK, heading("Sources, and how each was read", width)]
    for source in each.sources:
        entries += text(f"{source.finding}: {source.source}", width)
        entries += text(f"{source.how_read}; confidence {source.confidence}", width, look="muted", indent=3)
    return entries


def _pairs(table: Mapping[str, Any], width: int) -> list[SheetRow]:
    return [pair(quantity_name(name), quantity_text(name, value), width) for name, value in table.items()]


def _effects(before: Scenario, after: Scenario, width: int) -> list[SheetRow]:
    """Return which fields differ between two plans, and what that does to their numbers."""
    changed = list(differing(before, after))
    rows = [_field(field, before, width) for field in changed[:_MOST_CHANGES]]
    if len(changed) > _MOST_CHANGES:
        rows += text(f"and {len(changed) - _MOST_CHANGES} more fields", width, look="muted")
    results = evaluate(before), evaluate(after)
    numbers = [_metric(name, *results, width) for name in _SHOWN]
    head = _compared(("", "before", "then", "change"), width, look="muted")
    return [head, *rows, BLANK, *(each for each in numbers if each is not None)]


def _field(field: Field, before: Scenario, width: int) -> SheetRow:
    was = _value(value_at(before, field.path), field.spec)
    return _compared((_place(field.path), was, _value(field.value, field.spec), ""), width)


def _value(value: Any, spec: Spec) -> str:
    return "-" if value is None else value_text(value, spec)


def _place(path: str) -> str:
    parts = list(steps_of(path))
    return " ".join(parts[1:] if parts[0] in ("workloads", "deployments", "segments") else parts).replace(
        "_", " "
    )


def _metric(name: str, before: Result, after: Result, width: int) -> SheetRow | None:
    """Return a row of one number before and after; nothing where neither can be computed."""
    old, new = float(before.metrics[name]), float(after.metrics[name])
    if math.isnan(old) and math.isnan(new) and name != "runway_months":
        return None
    change, look = "", ""
    if not math.isnan(new - old) and abs(new - old) > _LEAST_CHANGE * max(abs(old), abs(new)):
        word = verdict(name, new - old)
        look = LOOKS[word]
        change = f"{change_text(name, new - old, brief=True)} {word}"
    cells = (
        long_label(name),
        metric_text(before, name, brief=True),
        metric_text(after, name, brief=True),
        change,
    )
    return _compared(cells, width, last=look)


def _compared(cells: tuple[str, str, str, str], width: int, *, look: str = "", last: str = "") -> SheetRow:
    side = max(min((width - 24) // 3, 18), 8)
    label = max(width - 3 * side - 4, 8)
    return SheetRow(
        [
            Span(f" {cells[0][: label - 2]}".ljust(label), look or "label"),
            Span(cells[1][: side - 1].rjust(side - 1), look or "muted"),
            Span(cells[2][: side - 1].rjust(side), look or "value"),
            Span(f"  {cells[3]}"[: side + 4], look or last),
        ]
    )
