"""Open the screen from the command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import ScenarioError
from planner.files import Loaded, load
from planner.files.confined import confine
from planner.files.library import shipped_folder
from planner.startup import at_rest
from planner.tui.app import PlannerApp
from planner.tui.config.keymap import keymap
from planner.tui.config.settings import settings_folder
from planner.tui.config.themes import default_theme
from planner.tui.state import Plan
from planner.tui.terminal.ascii import needs_ascii

if TYPE_CHECKING:
    from collections.abc import Mapping


FAILED = 1  # a screen that falls over gives no code of its own
_DRIVER_VARIABLE = "TEXTUAL_DRIVER"  # set where a browser stands in for the terminal


def without_terminal(environ: Mapping[str, str]) -> str:
    """Say what keeps the screen from opening: an input or output that is no terminal; empty where all are."""
    if environ.get(_DRIVER_VARIABLE):
        return ""
    streams = {"stdin": sys.__stdin__, "stdout": sys.__stdout__, "stderr": sys.__stderr__}
    lost = [
        name for name, stream in streams.items() if stream is None or stream.closed or not stream.isatty()
    ]
    if not lost:
        return ""
    return (
        f"The screen needs a terminal; what is none here: {', '.join(lost)}. "
        "planner show PLAN prints the plan without one."
    )


def keep_to(folder: Path, *, read_only: bool) -> None:
    """Keep who looks at this screen to a folder, and to what the planner itself came with."""
    also = (shipped_folder("saved"), shipped_folder("themes"), settings_folder())
    confine(folder, also=also, read_only=read_only)


def run(
    path: str | Path | None,
    *,
    library: Path | None = None,
    driver: str | None = None,
    theme: str | None = None,
    ascii_only: bool | None = None,
) -> int:
    """Open the screen on a file, or on the library without one. Return the exit code."""
    if lost := without_terminal(os.environ):
        print(lost, file=sys.stderr)  # noqa: T201 - there is no screen to say it on
        return 2
    loaded: Loaded | None = None
    if path is not None:
        try:
            loaded = load(path, library=library)
        except ScenarioError as error:
            print(error, file=sys.stderr)  # noqa: T201 - the terminal is still the shell's
            return 2
    keys, problems = keymap()
    app = PlannerApp(
        Plan.opened(loaded) if loaded else Plan.blank,
        library=library,
        driver=driver or "cells",
        theme=theme or "",
        from_library=path is None,
        keys=keys,
    )
    app.problems = problems
    app.looks.suits = default_theme(os.environ)
    app.looks.ascii_only, app.looks.suits_ascii = ascii_only, needs_ascii(os.environ)
    app.call_after_refresh(at_rest)
    code = app.run()
    return FAILED if code is None else code
