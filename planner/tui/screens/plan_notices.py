"""What the plan's screen says: in its title, of the field or number under the cursor, of prices and edits left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.readout.field_values import rule_text, value_text
from planner.schema import unknown_sources
from planner.tui.session import row_edits
from planner.tui.session.field_list import without_effect
from planner.tui.session.month_marks import words_by_month
from planner.tui.session.months import told
from planner.tui.session.price_age import old_prices
from planner.tui.widgets.headline_numbers import reading
from planner.tui.widgets.status import Notice

if TYPE_CHECKING:
    from datetime import date

    from planner.model import Result
    from planner.schema import Field, Scenario
    from planner.tui.session.field_list import Line
    from planner.tui.session.outlook import Outlook
    from planner.tui.state import Plan
    from planner.tui.widgets.inputs import InputPane
    from planner.tui.widgets.outputs import Outputs


def title(plan: Plan, *, around: str, left_over: bool) -> tuple[str, str]:
    """Return what is open, and its file: whether it is saved, and who else is at it."""
    name = plan.file.path.name if plan.file else "not in a file yet"
    marks = " [unsaved]" * plan.unsaved + " [R: edits left over]" * left_over
    against = f"against {plan.other_name} (d, then b: back to its own)  " * plan.against_another
    return plan.scenario.title, f"{against}{name}{marks}" + (f" [{around}]" if around else "")


def of_result(result: Result, explain_key: str) -> Notice | None:
    """Return the first warning of a plan's result and how many more there are; None without one."""
    if not result.warnings:
        return None
    first, more = result.warnings[0], len(result.warnings) - 1
    others = f"and {more} more; " if more else ""
    return Notice(
        f"{first[:1].upper()}{first[1:]}.", f"{others}{explain_key} on a number lists all warnings", "error"
    )


def warning(scenario: Scenario, today: date, prices_key: str) -> Notice | None:
    """Return a warning of old prices or of sources for fields that do not exist; None without either."""
    if old := old_prices(scenario, today):
        return Notice(old, f"{prices_key} shows how old each is, and reads newer ones from a file", "error")
    if lost := unknown_sources(scenario):
        more = f"and {len(lost) - 1} more sources without a field" if len(lost) > 1 else ""
        return Notice(str(lost[0]), more, "error")
    return None


def left_over(count: int) -> Notice:
    """Return the offer of edits that a screen left unsaved when it died."""
    what, verb = (f"{count} edits", "were") if count > 1 else ("An edit", "was")
    text = f"{what} of this file {verb} not saved when the planner ended."
    return Notice(text, "R: restore or discard")


def of_section(line: Line) -> Notice:
    """Return what is said of a section's header."""
    return Notice(line.label, "A adds a part, D takes it out; space folds; J K: next section, section before")


def of_number(outputs: Outputs, chosen: str) -> Notice:
    """Return what is said of a headline number, or of a cost; and, of a chart alone, how to leave it."""
    outlook, alone = outputs.outlook, "z shows the next one alone, esc all again" if outputs.large else ""
    if chosen.startswith("cost:"):
        month = outlook.result.month if outlook.result is not None else 1
        return Notice(f"{chosen.removeprefix('cost:')}: a cost of month {month}", alone or "e explains it")
    now = reading(outlook, chosen)
    more = f", {now.change} than the baseline" if now.change else ""
    explains = "e explains it: formula, inputs, line items, sources"
    return Notice(f"{now.label}: {now.value}{more}", alone or explains)


def of_month(outlook: Outlook, month: int) -> Notice:
    """Return what is said of a month that is looked at: what happens in it, and its cash."""
    if outlook.result is None:
        return Notice()
    said = words_by_month(outlook.result, outlook.scenario).get(month, ())
    happens = f"{', '.join(said)}. " if said else ""
    look = "bad" if "cash runs out" in said else "label"
    more = "esc goes back to month 1" if month > 1 else "> looks at a later one"
    return Notice(f"Month {month}: {happens}{told(outlook.result, month)}", more, look)


def of_field(plan: Plan, inputs: InputPane, field: Field, switch_key: str) -> Notice:
    """Return what is said of a field: its value, the baseline's, what it means, and what it may be."""
    spec = field.spec
    follows = inputs.line.settled
    words = [f"{inputs.line.label}: {follows.value if follows else value_text(field.value, spec)}."]
    if inputs.line.changed:
        before = inputs.baseline_value(field.path)
        words.append(
            "* not in the baseline." if before is None else f"* Baseline: {value_text(before, spec)}."
        )
    idle = without_effect(plan.scenario, field.path)
    moves = "; e: what it moves" if spec.numeric and not idle else ""
    return Notice(" ".join([*words, idle or spec.help]), f"{_rule(plan.scenario, field, switch_key)}{moves}")


def _rule(scenario: Scenario, field: Field, switch_key: str) -> str:
    kind = "Your choice" if field.spec.role == "lever" else "Assumption"
    if field.spec.kind == "flag":
        return f"{kind}: on or off; {switch_key} switches it"
    choices = row_edits.choices(scenario, field)
    rule = "one of " + ", ".join(choices) if 0 < len(choices) < 9 else rule_text(field.spec)
    if choices and field.spec.kind == "names":
        rule = "deployments, cheapest first: " + ", ".join(scenario.deployments)
    return f"{kind}: {rule}"
