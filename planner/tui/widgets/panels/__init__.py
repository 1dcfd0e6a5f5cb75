"""What stands beside the form: panels that each draw one thing, and where each goes on a screen of some size."""

from planner.tui.widgets.panels.arrange import Area, Room, arranged
from planner.tui.widgets.panels.every import ABSENT, FOUND_BY, PANELS
from planner.tui.widgets.panels.scene import Panel, Scene

__all__ = ["ABSENT", "FOUND_BY", "PANELS", "Area", "Panel", "Room", "Scene", "arranged"]
