"""All panels by their names, and the words that people find them by."""

from planner.tui.widgets.panels.money import CASH, COSTS, SWINGS
from planner.tui.widgets.panels.tables import MONTHS, WORKLOADS
from planner.tui.widgets.panels.use import CALLS, HOURS, TENTHS

PANELS = {panel.name: panel for panel in (CASH, COSTS, SWINGS, MONTHS, WORKLOADS, TENTHS, CALLS, HOURS)}
FOUND_BY = {
    "cash": ("Chart: cash by month", "runway curve raise cash-out burn"),
    "costs": ("Chart: costs of the month", "breakdown bill line items spend"),
    "swings": ("Chart: what matters most", "tornado sensitivity unknown assumption range uncertainty driver"),
    "months": ("Table: months", "actuals was month by month cash revenue"),
    "workloads": ("Table: workloads", "success latency requests cost per request"),
    "tenths": (
        "Chart: customers of a segment by use",
        "segments tenths deciles heaviest lightest margin free overage lose losing unprofitable users",
    ),
    "session": ("Chart: a session, call by call", "sessions calls compaction compacted cache prompt agent history"),
    "hours": ("Chart: GPUs by hour of the day", "fleet hours peak day night utilisation"),
}  # fmt: skip
ABSENT = {
    "swings": "No field of this plan is a range: type one, such as 5k to 9k.",
    "tenths": "In this plan, customers of a segment all use alike: Spread of use makes some heavier.",
    "session": "Every request of this plan takes one call: Calls per request sets more (a shows every field).",
    "hours": "No fleet of own GPUs in this plan has known hours.",
}  # fmt: skip
"""What is said of a panel that a plan has no use for."""
