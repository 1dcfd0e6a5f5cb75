"""Draw the picture of the README: python tests/readme_picture.py IN.toml OUT.svg."""

import asyncio
import sys
import tempfile
from datetime import date
from pathlib import Path

from planner.files import atomic_write, load
from planner.tui.app import PlannerApp
from planner.tui.state import Plan
from planner.tui.terminal.screen_text import stable

SIZE = (120, 36)
DAY = date(2026, 11, 24)  # by which the age of its prices is told
KEYS = ("j", "space", "G", "home", "j", "j")


async def picture(path):
    """Return the SVG of the screen with a plan open, RAG switched on."""
    with tempfile.TemporaryDirectory() as state:
        app = PlannerApp(Plan.opened(load(path)), driver="plain", state=Path(state), today=DAY)
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press(*KEYS)
            await app.settling.settled.wait()
            await pilot.pause()
            return stable(app.export_screenshot(title="planner"))


if __name__ == "__main__":
    source, goal = map(Path, sys.argv[1:3])
    atomic_write(goal, asyncio.run(picture(source)))
