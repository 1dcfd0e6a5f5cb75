"""Charts and tables beside the form: how they are reached, shown alone, explained and chosen in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.schema.steps import steps_of
from planner.tui.screens import plan_notices
from planner.tui.widgets.panels import ABSENT, PANELS
from planner.tui.widgets.panels.scene import COST, PANEL, SEGMENT, UNKNOWN, WORKLOAD
from planner.tui.widgets.status import Notice

if TYPE_CHECKING:
    from planner.tui.screens.plan import PlanScreen

_EXPLAINED = {
    "cash": "runway_months",
    "months": "runway_months",
    "hours": "gpus",
}  # panels that draw a number


_PARTS = {"workloads": WORKLOAD, "segments": SEGMENT}  # whose heads in the form are explained


def explain(screen: PlanScreen) -> None:
    """Explain the number, the field or the part of the plan under the cursor, or say where there is none."""
    outputs, line = screen.outputs, screen.inputs.line
    in_form = _of_head(line.path) if line.is_header else line.path
    what = _explained(outputs.chosen) if outputs.has_focus else in_form
    if what:
        screen.tell(screen.PageAsked("explain", what))
    elif not outputs.has_focus:
        screen.say(Notice(f"{line.label} is a section: e explains the fields in it.", "j goes to the first"))


def to_number(screen: PlanScreen, name: str) -> None:
    """Put the cursor on a headline number; explain one that has no place in the headline."""
    if name not in screen.outputs.numbers:
        screen.tell(screen.PageAsked("explain", name))
        return
    if screen.outputs.large:
        screen.show_large("")
    screen.go_to_number(screen.outputs.items().index(name))


def across(screen: PlanScreen, steps: int) -> None:
    """Go to the headline number beside; in a chart or a table say what moves there."""
    outputs = screen.outputs
    if not outputs.has_focus:
        return
    if outputs.panel:
        screen.say(
            Notice(
                "Nothing stands beside: j and k move here, < and > look from another month.", "tab goes on"
            )
        )
        return
    last = len(outputs.numbers) - 1
    screen.go_to_number(min(max(outputs.at + steps, 0), last))


def _of_head(path: str) -> str:
    """Return the part of the plan that the head of a section is of, where it is explained as a whole."""
    kind, *name = steps_of(path) if path else ("",)
    return f"{_PARTS[kind]}{name[0]}" if kind in _PARTS and name else ""


def _explained(stop: str) -> str:
    """Return the number, the field or the part of the plan that is explained where the cursor of the results is."""
    kind, _, name = stop.partition(":")
    if f"{kind}:" == PANEL:
        return _EXPLAINED.get(name, "")
    return name if f"{kind}:" == UNKNOWN else stop


def enter(screen: PlanScreen) -> None:
    """Go to the field of a row of what matters most, to the months from theirs; explain what else the cursor is on."""
    stop = screen.outputs.chosen
    if stop.startswith(UNKNOWN):
        screen.go_to(stop.removeprefix(UNKNOWN))
    elif stop in (f"{PANEL}months", f"{PANEL}cash"):
        screen.action_months()
    else:
        screen.action_explain()


def next_pane(screen: PlanScreen, step: int) -> None:
    """Go to the next pane, or the one before: the form, the headline numbers, each chart and table."""
    outputs = screen.outputs
    if not outputs.has_focus:
        screen.set_focus(outputs)
        outputs.enter("" if step > 0 else list(outputs.groups())[-1])
    elif not outputs.move_panel(step):
        screen.show_large("")
        return
    screen.describe()


def next_alone(screen: PlanScreen) -> None:
    """Show the panel under the cursor alone, then the next one at each press, then all again."""
    outputs = screen.outputs
    names = outputs.names()
    if not names:
        return
    after = dict(zip(names, [*names[1:], ""], strict=True))
    screen.show_large(after.get(outputs.large, outputs.panel or names[0]))


def show(screen: PlanScreen, name: str) -> None:
    """Show one panel alone, or say why there is nothing to show."""
    if name in screen.outputs.names():
        screen.show_large(name)
    else:
        screen.say(Notice(ABSENT.get(name, f"{PANELS[name].name}: nothing to show.")))


def of_clicked(screen: PlanScreen) -> None:
    """Show the session of a workload whose row was clicked, where its picture is out of sight."""
    outputs = screen.outputs
    stop = outputs.chosen
    if not stop.startswith(WORKLOAD) or outputs.large or not outputs.has_session(stop.removeprefix(WORKLOAD)):
        return
    if "session" not in {each.name for each in outputs.places(*outputs.size)}:
        screen.show_large("session")


def described(screen: PlanScreen, stop: str) -> Notice:
    """Return what is said of a number, a row or a panel under the cursor."""
    outputs = screen.outputs
    if stop in outputs.numbers or stop.startswith(COST):
        return plan_notices.of_number(outputs, stop)
    kind, _, name = stop.partition(":")
    if f"{kind}:" == UNKNOWN:
        return Notice(
            f"{outputs.label_of(name)} moves it: enter goes to the field.", "e explains it; m: another number"
        )
    if f"{kind}:" == WORKLOAD:
        return Notice(
            f"Workload {name}", "e shows its figures, and its session where requests take several calls"
        )
    title = PANELS[outputs.panel].title(outputs.scene) if outputs.panel else stop
    several = len(outputs.groups()[outputs.panel]) > 1
    ways = ["j and k show another one"] if several else []
    if outputs.panel in ("cash", "months"):
        ways.append("< and > move the month, enter shows all")
    return Notice(
        f"{title}.",
        "; ".join([*ways, f"z: {'the next one' if outputs.large else 'it'} alone; tab goes on"]),
    )
