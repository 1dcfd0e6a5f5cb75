"""What the mouse does on the plan's screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.tui.screens import plan_panels

if TYPE_CHECKING:
    from planner.tui.screens.plan import PlanScreen
    from planner.tui.widgets.mouse import Pointable


def pointed(screen: PlanScreen, at: Pointable.Pressed) -> bool:
    """Give up what is being typed; look from the month that was clicked, if one was."""
    if screen.inputs.typing:
        screen.on_typing_left()
    outputs = screen.outputs
    month = outputs.month_at(at.x, at.y) if at.pane is outputs else None
    if month is not None:
        screen.look_from(month)
        return True
    stop = outputs.stop_at(at.x, at.y) if at.pane is outputs else None
    if at.pane is not outputs:
        return False
    if stop is not None:
        screen.go_to_number(stop)
        if at.twice:
            screen.action_type()
        else:
            plan_panels.of_clicked(screen)
    return True


def after(screen: PlanScreen, at: Pointable.Pressed) -> None:
    """Fold or unfold a section whose head was clicked."""
    inputs = screen.inputs
    if at.pane is inputs and inputs.line.is_header and at.y == inputs.cursor - inputs.top and not at.twice:
        screen.action_fold()


def wheeled(screen: PlanScreen, at: Pointable.Wheeled) -> None:
    """Go down or up the form; over the months, or cash by month, look from a later or an earlier one."""
    outputs = screen.outputs
    if at.pane is screen.inputs:
        screen.inputs.move(at.rows)
        screen.describe()
    elif at.pane is outputs and outputs.month_at(at.x, at.y) is not None:
        screen.look_from((outputs.scene.month or 1) + (1 if at.rows > 0 else -1))
