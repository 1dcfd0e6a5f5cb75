"""Pictures of the screen: SVG and text. Run as a module, it draws the one of the README."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from planner.files import atomic_write, load

if TYPE_CHECKING:
    from planner.tui.app import PlannerApp

_RANDOM_ID = re.compile(r"terminal-\d+")
_SIZE = (120, 36)
_DAY = date(2026, 11, 24)  # by which the age of its prices is told
_KEYS = ("j", "space", "G", "home", "j", "j")


def screen_text(app: PlannerApp) -> str:
    """Return what the screen shows as plain text, without trailing blanks."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()  # noqa: SLF001 - Textual has no public way to the text
    return "\n".join(strip.crop(0, width).text.rstrip() for strip in lines[:height]) + "\n"


def stable(svg: str) -> str:
    """Return an SVG of Textual's without the random number in its names."""
    return _RANDOM_ID.sub("terminal-0", svg)


async def picture(path: Path) -> str:
    """Return the SVG of the screen with a plan open, RAG switched on."""
    from planner.tui.app import PlannerApp  # noqa: PLC0415 - the app imports this module
    from planner.tui.state import Plan  # noqa: PLC0415 - only the picture opens a plan

    with tempfile.TemporaryDirectory() as state:
        return await _drawn(
            PlannerApp(Plan.opened(load(path)), driver="plain", state=Path(state), today=_DAY)
        )


async def _drawn(app: PlannerApp) -> str:
    async with app.run_test(size=_SIZE) as pilot:
        await pilot.press(*_KEYS)
        await app.settling.settled.wait()
        await pilot.pause()
        return stable(app.export_screenshot(title="planner"))


def main() -> int:
    """Draw the picture of a scenario: `python -m planner.tui.session.screen_picture IN.toml OUT.svg`."""
    source, target = map(Path, sys.argv[1:3])
    atomic_write(target, asyncio.run(picture(source)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
