"""Rules of thumb: what each claims, what its own numbers give, and what it would do to the open plan."""

from typing import ClassVar

from planner.analysis.claims import EFFECTS, ClaimResult, apply, claims
from planner.errors import ScenarioError
from planner.model import evaluate
from planner.tui.charts import Span
from planner.tui.keys import CLAIMS, EXPLAIN
from planner.tui.numbers import HEADLINE, LABELS, Outlook, metric_text, reading
from planner.tui.page import Notice, Title, bindings
from planner.tui.sheet import BLANK, Entry, SheetPage, heading, pair, text
from planner.tui.state import Plan
from planner.units import show

_LOOKS = {"contradicted": "bad", "inconsistent": "bad", "consistent": "good", "plausible": ""}
_VERDICT = 15


class ClaimsScreen(SheetPage):
    """All claims with their verdicts."""

    page = CLAIMS
    BINDINGS: ClassVar = bindings(CLAIMS)

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan
        self._claims: dict[str, ClaimResult] = {}

    def show(self) -> None:
        """List the claims."""
        self._claims = {each.id: each for each in claims()}
        self.query_one(Title).title = (
            f"{len(self._claims)} rules of thumb, recomputed",
            "enter: one in full",
        )
        self.sheet.fill(self._entries)
        self.moved()

    def _entries(self, width: int) -> list[Entry]:
        return [_row(each, width) for each in self._claims.values()]

    def moved(self) -> None:
        """Say what decides the verdict of the claim under the cursor."""
        each = self._claims[self.sheet.chosen]
        self.say(Notice(each.paraphrase, each.rule))

    def action_type(self) -> None:
        """Show the claim under the cursor in full."""
        self.planner.visit(ClaimScreen(self._claims[self.sheet.chosen], self._plan))


def _row(each: ClaimResult, width: int) -> Entry:
    room = width - _VERDICT - 6
    said = each.paraphrase if len(each.paraphrase) <= room else each.paraphrase[: room - 1] + "…"
    verdict = Span(each.verdict.ljust(_VERDICT), _LOOKS.get(each.verdict, ""))
    return Entry([Span(f" {each.id}  ", "muted"), verdict, Span(said, "label")], each.id)


class ClaimScreen(SheetPage):
    """One claim in full."""

    page = EXPLAIN
    BINDINGS: ClassVar = bindings(EXPLAIN)

    def __init__(self, claim: ClaimResult, plan: Plan) -> None:
        super().__init__()
        self._claim, self._plan = claim, plan

    def show(self) -> None:
        """Fill the sheet."""
        self.query_one(Title).title = (f"Claim {self._claim.id}: {self._claim.verdict}", "")
        self.sheet.fill(self._entries)

    def _entries(self, width: int) -> list[Entry]:
        claim = self._claim
        entries = text(claim.paraphrase, width, look="title")
        entries += [pair("Verdict", claim.verdict, width), pair("Its arithmetic", claim.arithmetic, width)]
        entries += [
            pair("Against what is measured", claim.reality, width),
            *text(claim.rule, width, look="muted"),
        ]
        entries += [
            BLANK,
            *text(claim.note, width),
            BLANK,
            heading("Equation", width),
            *text(claim.equation, width),
        ]
        parts = (
            ("From", claim.inputs),
            ("Claimed", claim.claimed),
            ("Measured", claim.measured),
            ("Computed", claim.computed),
        )
        for title, numbers in parts:
            if numbers:
                entries += [
                    BLANK,
                    heading(title, width),
                    *(pair(name, _value(name, value), width) for name, value in numbers.items()),
                ]
        entries += [
            BLANK,
            heading("On this plan", width),
            *self._on_plan(width),
            BLANK,
            heading("Sources", width),
        ]
        for source in claim.sources:
            entries += text(f"{source.source}. {source.how_read}.", width)
        return entries

    def _on_plan(self, width: int) -> list[Entry]:
        """Return what the plan would be if the claim held in it."""
        try:
            scenario, changes = apply(self._claim.id, self._plan.scenario)
            outlook = Outlook(scenario, evaluate(scenario), evaluate(self._plan.scenario))
        except ScenarioError as error:
            return text(str(error.problems[0]), width, look="muted")
        assert outlook.result is not None
        entries = text(EFFECTS[self._claim.id].words, width)
        entries += [pair(path, _changed(value), width) for path, value in changes]
        return entries + [
            pair(LABELS[name], metric_text(outlook.result, name), width, more=reading(outlook, name).change)
            for name in HEADLINE
        ]


def _value(name: str, value: object) -> str:
    return show(float(value), name) if isinstance(value, int | float) else str(value)


def _changed(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)
