"""All panels by their names."""

from planner.tui.widgets.panels.money import CASH, COSTS, SWINGS
from planner.tui.widgets.panels.tables import MONTHS, WORKLOADS
from planner.tui.widgets.panels.use import HOURS, SESSION, TENTHS

PANELS = {panel.name: panel for panel in (CASH, COSTS, SWINGS, MONTHS, WORKLOADS, TENTHS, SESSION, HOURS)}
